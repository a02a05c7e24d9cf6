package db

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/blob"
	"github.com/plumbline-net/plumbline/netdev"
)

// Fence implements configstore.Rows.
func (d *DB) Fence(ctx context.Context, dev netdev.DeviceID) (int64, error) {
	return d.fence(ctx, dev, "SELECT fence FROM device WHERE id = ?")
}

// BumpFence implements configstore.Rows.
func (d *DB) BumpFence(ctx context.Context, dev netdev.DeviceID) (int64, error) {
	return d.fence(ctx, dev, "UPDATE device SET fence = fence + 1 WHERE id = ? RETURNING fence")
}

func (d *DB) fence(ctx context.Context, dev netdev.DeviceID, statement string) (int64, error) {
	var n []int64
	if err := d.conn(ctx).Raw(statement, string(dev)).Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("fence of %s: %w", dev, err)
	}
	if len(n) != 1 {
		return 0, fmt.Errorf("%w: %.40q", configstore.ErrNoDevice, dev)
	}
	return n[0], nil
}

type headRow struct {
	Device      string `gorm:"primaryKey"`
	Source      string `gorm:"primaryKey"`
	Revision    string
	Seq         int
	Link        string
	ConfirmedAt int64
}

func (headRow) TableName() string { return "head" }

func (row headRow) head() configstore.Head {
	return configstore.Head{Device: netdev.DeviceID(row.Device), Source: configstore.Source(row.Source),
		Revision: configstore.RevisionID(row.Revision), Seq: row.Seq, Link: row.Link, ConfirmedAt: unstamp(row.ConfirmedAt)}
}

// Head implements configstore.Rows.
func (d *DB) Head(ctx context.Context, dev netdev.DeviceID, src configstore.Source) (configstore.Head, error) {
	var row headRow
	err := d.conn(ctx).Take(&row, "device = ? AND source = ?", string(dev), string(src)).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return configstore.Head{}, fmt.Errorf("%w: %s of %.40q", configstore.ErrNoRevision, src, dev)
	}
	if err != nil {
		return configstore.Head{}, fmt.Errorf("head: %w", err)
	}
	return row.head(), nil
}

// Heads implements configstore.Rows.
func (d *DB) Heads(ctx context.Context, dev netdev.DeviceID) ([]configstore.Head, error) {
	q := d.conn(ctx).Order("device, source")
	if dev != "" {
		q = q.Where("device = ?", string(dev))
	}
	var rows []headRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list heads: %w", err)
	}
	out := make([]configstore.Head, len(rows))
	for i, row := range rows {
		out[i] = row.head()
	}
	return out, nil
}

// SaveHead implements configstore.Rows.
func (d *DB) SaveHead(ctx context.Context, h configstore.Head) error {
	res := d.conn(ctx).Exec(`INSERT INTO head (device, source, revision, seq, link, confirmed_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (device, source) DO UPDATE
		SET revision = excluded.revision, seq = excluded.seq, link = excluded.link, confirmed_at = excluded.confirmed_at
		WHERE excluded.seq >= head.seq`,
		string(h.Device), string(h.Source), string(h.Revision), h.Seq, h.Link, stamp(h.ConfirmedAt))
	if res.Error != nil {
		return fmt.Errorf("save head: %w", res.Error)
	}
	if res.RowsAffected != 1 {
		return fmt.Errorf("save head: %s of %s would go back to revision %d", h.Source, h.Device, h.Seq)
	}
	return nil
}

// Stats implements configstore.Rows.
func (d *DB) Stats(ctx context.Context) (configstore.Stats, error) {
	var s configstore.Stats
	row := d.conn(ctx).Raw(`SELECT
		(SELECT count(*) FROM device),
		(SELECT count(*) FROM revision),
		(SELECT coalesce(sum(bytes), 0) FROM revision),
		(SELECT coalesce(sum(length(body)), 0) FROM blob),
		(SELECT count(*) FROM blob WHERE class = ? AND kind = ?),
		(SELECT count(*) FROM blob WHERE class = ? AND kind = ?)`, blob.Text, blob.Whole, blob.Text, blob.Delta).Row()
	if err := row.Scan(&s.Devices, &s.Revisions, &s.RawBytes, &s.StoredBytes, &s.Whole, &s.Deltas); err != nil {
		return s, fmt.Errorf("count the store: %w", err)
	}
	return s, nil
}

// Orphans implements configstore.Rows.
func (d *DB) Orphans(ctx context.Context) ([]string, error) {
	var faults []string
	var page []string
	if err := d.conn(ctx).Raw("PRAGMA integrity_check(20)").Scan(&page).Error; err != nil {
		return nil, fmt.Errorf("check the file: %w", err)
	}
	for _, p := range page {
		if p != "ok" {
			faults = append(faults, "database file: "+p)
		}
	}
	var lost []string
	err := d.conn(ctx).Raw(`SELECT 'revision ' || id || ' has no head' FROM revision r
			WHERE NOT EXISTS (SELECT 1 FROM head h WHERE h.device = r.device AND h.source = r.source)
		UNION ALL SELECT 'blob of revision ' || revision || ' has no revision' FROM blob b
			WHERE NOT EXISTS (SELECT 1 FROM revision r WHERE r.id = b.revision)
		UNION ALL SELECT 'attempt ' || id || ' names revision ' || revision || ', which is gone' FROM attempt a
			WHERE revision <> '' AND a.source NOT LIKE 'command:%' AND NOT EXISTS (SELECT 1 FROM revision r WHERE r.id = a.revision)`).Scan(&lost).Error
	if err != nil {
		return nil, fmt.Errorf("look for orphans: %w", err)
	}
	return append(faults, lost...), nil
}
