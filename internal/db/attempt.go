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

type attemptRow struct {
	ID         string `gorm:"primaryKey"`
	Device     string
	Source     string
	Job        string
	Try        int
	Started    int64
	Ended      int64
	Outcome    string
	Reason     string
	Detail     string
	Bytes      int
	Revision   string
	Credential string
	HostKey    string
	Flags      string
	Checks     int
}

func (attemptRow) TableName() string { return "attempt" }

func (row attemptRow) attempt() (configstore.Attempt, error) {
	flags, err := unlist[string](row.Flags)
	return configstore.Attempt{ID: row.ID, Device: netdev.DeviceID(row.Device), Source: configstore.Source(row.Source),
		Job: row.Job, Try: row.Try, Started: unstamp(row.Started), Ended: unstamp(row.Ended),
		Outcome: configstore.Outcome(row.Outcome), Reason: netdev.Reason(row.Reason), Detail: row.Detail, Bytes: row.Bytes,
		Revision: configstore.RevisionID(row.Revision), Credential: row.Credential, HostKey: row.HostKey, Flags: flags, Checks: row.Checks}, err
}

// AddAttempt implements configstore.Rows.
func (d *DB) AddAttempt(ctx context.Context, a configstore.Attempt) error {
	flags, err := list(a.Flags)
	if err != nil {
		return err
	}
	err = d.conn(ctx).Create(&attemptRow{ID: a.ID, Device: string(a.Device), Source: string(a.Source), Job: a.Job, Try: a.Try,
		Started: stamp(a.Started), Ended: stamp(a.Ended), Outcome: string(a.Outcome), Reason: string(a.Reason), Detail: a.Detail,
		Bytes: a.Bytes, Revision: string(a.Revision), Credential: a.Credential, HostKey: a.HostKey, Flags: flags, Checks: a.Checks}).Error
	switch {
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return fmt.Errorf("%w: %.40q", configstore.ErrNoDevice, a.Device)
	case err != nil:
		return fmt.Errorf("add attempt: %w", err)
	}
	return nil
}

// FoldAttempts implements configstore.Rows.
func (d *DB) FoldAttempts(ctx context.Context, dev netdev.DeviceID, before time.Time) error {
	var old []attemptRow
	err := d.conn(ctx).Where("device = ? AND ended < ? AND outcome = ?", string(dev), stamp(before), configstore.UnchangedText).
		Order("ended, id").Find(&old).Error
	if err != nil {
		return fmt.Errorf("fold attempts: %w", err)
	}
	first := map[string]attemptRow{} // of a revision
	for _, row := range old {
		into, ok := first[row.Revision]
		if !ok {
			first[row.Revision] = row
			continue
		}
		// The newest row stays: it says how the last check was made.
		row.Started, row.Checks = into.Started, row.Checks+into.Checks
		err := d.conn(ctx).Exec("DELETE FROM attempt WHERE id = ?", into.ID).Error
		if err == nil {
			err = d.conn(ctx).Exec("UPDATE attempt SET started = ?, checks = ? WHERE id = ?", row.Started, row.Checks, row.ID).Error
		}
		if err != nil {
			return fmt.Errorf("fold attempts: %w", err)
		}
		first[row.Revision] = row
	}
	return nil
}

// Attempt implements configstore.Rows.
func (d *DB) Attempt(ctx context.Context, id string) (configstore.Attempt, bool, error) {
	found, err := d.attempts(d.conn(ctx).Where("id = ?", id))
	if err != nil || len(found) == 0 {
		return configstore.Attempt{}, false, err
	}
	return found[0], true, nil
}

// Attempts implements configstore.Rows.
func (d *DB) Attempts(ctx context.Context, dev netdev.DeviceID, limit int) ([]configstore.Attempt, error) {
	q := d.conn(ctx).Order("ended DESC, id DESC").Limit(limit)
	if dev != "" {
		q = q.Where("device = ?", string(dev))
	}
	return d.attempts(q)
}

// LastAttempts implements configstore.Rows.
func (d *DB) LastAttempts(ctx context.Context) (map[netdev.DeviceID]configstore.Attempt, error) {
	found, err := d.attempts(d.conn(ctx).Where(`id IN (SELECT (SELECT id FROM attempt a WHERE a.device = device.id
		ORDER BY a.ended DESC, a.id DESC LIMIT 1) FROM device)`))
	if err != nil {
		return nil, err
	}
	out := make(map[netdev.DeviceID]configstore.Attempt, len(found))
	for _, a := range found {
		out[a.Device] = a
	}
	return out, nil
}

func (d *DB) attempts(q *gorm.DB) ([]configstore.Attempt, error) {
	var rows []attemptRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list attempts: %w", err)
	}
	out := make([]configstore.Attempt, len(rows))
	for i, row := range rows {
		var err error
		if out[i], err = row.attempt(); err != nil {
			return nil, fmt.Errorf("attempt %s: %w", row.ID, err)
		}
	}
	return out, nil
}

type quarantineRow struct {
	Attempt string `gorm:"primaryKey"`
	Device  string
	Rule    string
	Size    int
	At      int64
	Expires int64
	Body    []byte
}

func (quarantineRow) TableName() string { return "quarantine" }

// AddQuarantined implements configstore.Rows.
func (d *DB) AddQuarantined(ctx context.Context, q configstore.Quarantined) error {
	err := d.conn(ctx).Create(&quarantineRow{Attempt: q.Attempt, Device: string(q.Device), Rule: q.Rule, Size: q.Size,
		At: stamp(q.At), Expires: stamp(q.Expires), Body: q.Body}).Error
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	return nil
}

// PruneQuarantine implements configstore.Rows.
func (d *DB) PruneQuarantine(ctx context.Context, dev netdev.DeviceID, keep int, now time.Time) error {
	err := d.conn(ctx).Exec(`DELETE FROM quarantine WHERE expires <= ? OR device = ? AND attempt NOT IN
		(SELECT attempt FROM quarantine WHERE device = ? ORDER BY at DESC, attempt DESC LIMIT ?)`,
		stamp(now), string(dev), string(dev), keep).Error
	if err != nil {
		return fmt.Errorf("prune quarantine: %w", err)
	}
	return nil
}

// QuarantinedBody implements configstore.Rows.
func (d *DB) QuarantinedBody(ctx context.Context, attempt string) (configstore.Quarantined, bool, error) {
	var rows []quarantineRow
	if err := d.conn(ctx).Where("attempt = ?", attempt).Find(&rows).Error; err != nil {
		return configstore.Quarantined{}, false, fmt.Errorf("read quarantine: %w", err)
	}
	if len(rows) == 0 {
		return configstore.Quarantined{}, false, nil
	}
	return rows[0].quarantined(), true, nil
}

func (r quarantineRow) quarantined() configstore.Quarantined {
	return configstore.Quarantined{Attempt: r.Attempt, Device: netdev.DeviceID(r.Device), Rule: r.Rule, Size: r.Size,
		At: unstamp(r.At), Expires: unstamp(r.Expires), Body: r.Body}
}

// Quarantined implements configstore.Rows.
func (d *DB) Quarantined(ctx context.Context, dev netdev.DeviceID) ([]configstore.Quarantined, error) {
	var rows []quarantineRow
	err := d.conn(ctx).Omit("body").Where("device = ?", string(dev)).Order("at DESC, attempt DESC").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list quarantine: %w", err)
	}
	out := make([]configstore.Quarantined, len(rows))
	for i, r := range rows {
		out[i] = r.quarantined()
	}
	return out, nil
}
