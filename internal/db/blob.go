package db

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/plumbline-net/plumbline/configstore/blob"
)

type blobRow struct {
	Revision string     `gorm:"primaryKey"`
	Class    blob.Class `gorm:"primaryKey"`
	Kind     blob.Kind
	Base     string
	Tail     int
	Size     int
	Body     []byte
}

func (blobRow) TableName() string { return "blob" }

// Blob implements blob.Rows.
func (d *DB) Blob(ctx context.Context, revision string, class blob.Class) (blob.Row, error) {
	var row blobRow
	err := d.conn(ctx).Take(&row, "revision = ? AND class = ?", revision, class).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return blob.Row{}, fmt.Errorf("%w: %s of revision %.40q", blob.ErrNone, class, revision)
	}
	if err != nil {
		return blob.Row{}, fmt.Errorf("read blob: %w", err)
	}
	return blob.Row(row), nil
}

// SaveBlob implements blob.Rows. A whole copy lives until the next revision, a
// delta for ever: they go to opposite ends of the table, so that what a copy
// leaves behind is whole pages, which are used again, and not holes between
// deltas (measured: 1.4 KB instead of 4 KB a revision).
func (d *DB) SaveBlob(ctx context.Context, r blob.Row) error {
	place := "NULL" // after the last
	if r.Kind == blob.Whole {
		place = "(SELECT min(coalesce(min(rowid), 0), 0) - 1 FROM blob)"
	}
	if err := d.conn(ctx).Exec("DELETE FROM blob WHERE revision = ? AND class = ?", r.Revision, r.Class).Error; err != nil {
		return fmt.Errorf("keep blob: %w", err)
	}
	err := d.conn(ctx).Exec("INSERT INTO blob (rowid, revision, class, kind, base, tail, size, body) VALUES ("+place+", ?, ?, ?, ?, ?, ?, ?)",
		r.Revision, r.Class, r.Kind, r.Base, r.Tail, r.Size, r.Body).Error
	if err != nil {
		return fmt.Errorf("keep blob: %w", err)
	}
	return nil
}
