package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/netdev"
)

type revisionRow struct {
	ID           string `gorm:"primaryKey"`
	Device       string
	Source       string
	Seq          int
	FirstSeen    int64
	LastSeen     int64
	TextHash     string
	Sum          []byte
	Bytes        int
	Lines        int
	UnknownLines int
	Added        int
	Removed      int
	BookVersion  string
	Flags        string
	ChangedBy    string
	ChangedAt    string
	PrevHash     string
	ChangeKey    string
}

func (revisionRow) TableName() string { return "revision" }

func fromRevision(r configstore.RevisionRow) (revisionRow, error) {
	flags, err := list(r.Flags)
	if r.Sum == nil {
		r.Sum = []byte{}
	}
	return revisionRow{ID: string(r.ID), Device: string(r.Device), Source: string(r.Source), Seq: r.Seq,
		FirstSeen: stamp(r.FirstSeen), LastSeen: stamp(r.LastSeen), TextHash: r.TextHash, Sum: r.Sum,
		Bytes: r.Bytes, Lines: r.Lines, UnknownLines: r.UnknownLines, Added: r.Added, Removed: r.Removed,
		BookVersion: r.BookVersion, Flags: flags, ChangedBy: r.ChangedBy, ChangedAt: r.ChangedAt, PrevHash: r.PrevHash, ChangeKey: r.ChangeKey}, err
}

func (row revisionRow) revision() (configstore.RevisionRow, error) {
	flags, err := unlist[string](row.Flags)
	return configstore.RevisionRow{Sum: row.Sum, Revision: configstore.Revision{
		ID: configstore.RevisionID(row.ID), Device: netdev.DeviceID(row.Device), Source: configstore.Source(row.Source), Seq: row.Seq,
		FirstSeen: unstamp(row.FirstSeen), LastSeen: unstamp(row.LastSeen), TextHash: row.TextHash,
		Bytes: row.Bytes, Lines: row.Lines, UnknownLines: row.UnknownLines, Added: row.Added, Removed: row.Removed,
		BookVersion: row.BookVersion, Flags: flags, ChangedBy: row.ChangedBy, ChangedAt: row.ChangedAt, PrevHash: row.PrevHash, ChangeKey: row.ChangeKey}}, err
}

// AddRevision implements configstore.Rows.
func (d *DB) AddRevision(ctx context.Context, r configstore.RevisionRow) error {
	row, err := fromRevision(r)
	if err != nil {
		return err
	}
	err = d.conn(ctx).Create(&row).Error
	switch {
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return fmt.Errorf("%w: %.40q", configstore.ErrNoDevice, r.Device)
	case err != nil:
		return fmt.Errorf("add revision: %w", err)
	}
	return nil
}

// SaveRevision implements configstore.Rows.
func (d *DB) SaveRevision(ctx context.Context, r configstore.RevisionRow) error {
	row, err := fromRevision(r)
	if err != nil {
		return err
	}
	res := d.conn(ctx).Model(&row).Select("LastSeen", "Sum", "Bytes", "Lines").Updates(&row)
	if res.Error != nil {
		return fmt.Errorf("save revision: %w", res.Error)
	}
	if res.RowsAffected != 1 {
		return fmt.Errorf("save revision %s: %w", r.ID, configstore.ErrNoRevision)
	}
	return nil
}

// DropRevision implements configstore.Rows.
func (d *DB) DropRevision(ctx context.Context, id configstore.RevisionID) error {
	return d.InTx(ctx, func(ctx context.Context) error {
		var approved int64
		if err := d.conn(ctx).Model(&approvalRow{}).Where("revision = ?", string(id)).Count(&approved).Error; err != nil {
			return fmt.Errorf("drop revision: %w", err)
		}
		if approved > 0 {
			return fmt.Errorf("drop revision %.40q: %w", id, configstore.ErrPinned)
		}
		if err := d.conn(ctx).Exec("DELETE FROM blob WHERE revision = ?", string(id)).Error; err != nil {
			return fmt.Errorf("drop revision: %w", err)
		}
		if err := d.conn(ctx).Exec("DELETE FROM revision WHERE id = ?", string(id)).Error; err != nil {
			return fmt.Errorf("drop revision: %w", err)
		}
		return nil
	})
}

// SetChangeKey implements configstore.Rows.
func (d *DB) SetChangeKey(ctx context.Context, id configstore.RevisionID, key string) error {
	if err := d.conn(ctx).Exec("UPDATE revision SET change_key = ? WHERE id = ?", key, string(id)).Error; err != nil {
		return fmt.Errorf("keep what a revision changed: %w", err)
	}
	return nil
}

// Revision implements configstore.Rows.
func (d *DB) Revision(ctx context.Context, id configstore.RevisionID) (configstore.RevisionRow, error) {
	return d.oneRevision(ctx, fmt.Sprintf("%.40q", id), "id = ?", string(id))
}

// RevisionAt implements configstore.Rows.
func (d *DB) RevisionAt(ctx context.Context, dev netdev.DeviceID, src configstore.Source, t time.Time) (configstore.RevisionRow, error) {
	return d.oneRevision(ctx, fmt.Sprintf("%s of %s at %s", src, dev, t.UTC().Format(time.RFC3339)),
		"device = ? AND source = ? AND first_seen <= ?", string(dev), string(src), stamp(t))
}

func (d *DB) oneRevision(ctx context.Context, what, where string, args ...any) (configstore.RevisionRow, error) {
	var row revisionRow
	err := d.conn(ctx).Where(where, args...).Order("seq DESC").Limit(1).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return configstore.RevisionRow{}, fmt.Errorf("%w: %s", configstore.ErrNoRevision, what)
	}
	if err != nil {
		return configstore.RevisionRow{}, fmt.Errorf("revision: %w", err)
	}
	return row.revision()
}

// Revisions implements configstore.Rows.
func (d *DB) Revisions(ctx context.Context, dev netdev.DeviceID, src configstore.Source) ([]configstore.RevisionRow, error) {
	return d.revisions(d.conn(ctx).Where("device = ? AND source = ?", string(dev), string(src)).Order("seq DESC"))
}

// RecentRevisions implements configstore.Rows.
func (d *DB) RecentRevisions(ctx context.Context, since time.Time, limit int) ([]configstore.RevisionRow, error) {
	// What commands print is kept beside the configuration, and its change is none.
	return d.revisions(d.conn(ctx).Where("first_seen >= ? AND source NOT LIKE 'command:%'", stamp(since)).Order("first_seen DESC, id DESC").Limit(limit))
}

// HeadRevisions implements configstore.Rows.
func (d *DB) HeadRevisions(ctx context.Context) (map[configstore.RevisionID]configstore.RevisionRow, error) {
	rows, err := d.revisions(d.conn(ctx).Where("id IN (SELECT revision FROM head)"))
	if err != nil {
		return nil, err
	}
	out := make(map[configstore.RevisionID]configstore.RevisionRow, len(rows))
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, nil
}

// revisions reads rows without gorm's reflection, which took most of the time of
// a long history.
func (d *DB) revisions(q *gorm.DB) ([]configstore.RevisionRow, error) {
	rows, err := q.Model(&revisionRow{}).Select(`id, device, source, seq, first_seen, last_seen, text_hash, sum, bytes, lines,
		unknown_lines, added, removed, book_version, flags, changed_by, changed_at, prev_hash, change_key`).Rows()
	if err != nil {
		return nil, fmt.Errorf("list revisions: %w", err)
	}
	defer rows.Close()
	out := []configstore.RevisionRow{}
	for rows.Next() {
		var r revisionRow
		err := rows.Scan(&r.ID, &r.Device, &r.Source, &r.Seq, &r.FirstSeen, &r.LastSeen, &r.TextHash, &r.Sum, &r.Bytes, &r.Lines,
			&r.UnknownLines, &r.Added, &r.Removed, &r.BookVersion, &r.Flags, &r.ChangedBy, &r.ChangedAt, &r.PrevHash, &r.ChangeKey)
		if err != nil {
			return nil, fmt.Errorf("list revisions: %w", err)
		}
		v, err := r.revision()
		if err != nil {
			return nil, fmt.Errorf("revision %s: %w", r.ID, err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list revisions: %w", err)
	}
	return out, nil
}
