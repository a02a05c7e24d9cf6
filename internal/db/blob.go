package db

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

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

// SaveBlob implements blob.Rows.
func (d *DB) SaveBlob(ctx context.Context, r blob.Row) error {
	row := blobRow(r)
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("keep blob: %w", err)
	}
	return nil
}
