package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
)

type scheduleRow struct {
	ID        string `gorm:"primaryKey"`
	Name      string
	What      string
	Choice    string
	Exclude   string
	Cron      string
	Zone      string
	Opens     string
	Closes    string
	Blackouts string
	Ramp      int64
	Enabled   bool
	ChangedBy string
	Changed   int64
	Cursor    int64
}

func (scheduleRow) TableName() string { return "schedule" }

func (r scheduleRow) schedule() (schedule.Schedule, error) {
	exclude, e1 := unlist[netdev.DeviceID](r.Exclude)
	blackouts, e2 := unlist[string](r.Blackouts)
	return schedule.Schedule{ID: r.ID, Name: r.Name, What: schedule.What(r.What), Choice: r.Choice, Exclude: exclude, Cron: r.Cron, Zone: r.Zone,
		Opens: r.Opens, Closes: r.Closes, Blackouts: blackouts, Ramp: time.Duration(r.Ramp), Enabled: r.Enabled, By: r.ChangedBy,
		Changed: unstamp(r.Changed), Cursor: unstamp(r.Cursor)}, errors.Join(e1, e2)
}

// Schedules lists schedules by name.
func (d *DB) Schedules(ctx context.Context) ([]schedule.Schedule, error) {
	var rows []scheduleRow
	if err := d.conn(ctx).Order("name, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list schedules: %w", err)
	}
	out := make([]schedule.Schedule, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.schedule(); err != nil {
			return nil, fmt.Errorf("schedule %s: %w", r.ID, err)
		}
	}
	return out, nil
}

// Schedule gives one schedule.
func (d *DB) Schedule(ctx context.Context, id string) (schedule.Schedule, error) {
	var r scheduleRow
	err := d.conn(ctx).Take(&r, "id = ?", id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return schedule.Schedule{}, fmt.Errorf("%w: %.40q", schedule.ErrNone, id)
	}
	if err != nil {
		return schedule.Schedule{}, fmt.Errorf("schedule %s: %w", id, err)
	}
	return r.schedule()
}

// SaveSchedule inserts or updates a schedule by its id.
func (d *DB) SaveSchedule(ctx context.Context, s schedule.Schedule) error {
	exclude, e1 := list(s.Exclude)
	blackouts, e2 := list(s.Blackouts)
	if err := errors.Join(e1, e2); err != nil {
		return err
	}
	r := scheduleRow{ID: s.ID, Name: s.Name, What: string(s.What), Choice: s.Choice, Exclude: exclude, Cron: s.Cron, Zone: s.Zone, Opens: s.Opens,
		Closes: s.Closes, Blackouts: blackouts, Ramp: int64(s.Ramp), Enabled: s.Enabled, ChangedBy: s.By, Changed: stamp(s.Changed), Cursor: stamp(s.Cursor)}
	err := d.conn(ctx).Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, UpdateAll: true}).Create(&r).Error
	switch {
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return schedule.ErrDuplicate
	case err != nil:
		return fmt.Errorf("keep schedule %q: %w", s.Name, err)
	}
	return nil
}

// DeleteSchedule removes a schedule and what became of its planned times.
func (d *DB) DeleteSchedule(ctx context.Context, id string) error {
	return onlyOne(schedule.ErrNone, "remove schedule "+id, d.conn(ctx).Delete(&scheduleRow{}, "id = ?", id))
}

// MoveCursor notes up to when the planned times of a schedule are dealt with,
// unless somebody else did, changed it or turned it off meanwhile.
func (d *DB) MoveCursor(ctx context.Context, id string, from, to time.Time) error {
	return onlyOne(schedule.ErrFired, "move schedule "+id,
		d.conn(ctx).Model(&scheduleRow{}).Where("id = ? AND cursor = ? AND enabled", id, stamp(from)).Update("cursor", stamp(to)))
}

type firingRow struct {
	Schedule string `gorm:"primaryKey"`
	Planned  int64  `gorm:"primaryKey;autoIncrement:false"`
	Outcome  string
	Batch    string
	Detail   string
	At       int64
}

func (firingRow) TableName() string { return "firing" }

func rowOfFiring(f jobs.Firing) firingRow {
	return firingRow{Schedule: f.Schedule, Planned: stamp(f.Planned), Outcome: string(f.Outcome), Batch: f.Batch, Detail: f.Detail, At: stamp(f.At)}
}

// AddFiring keeps that a planned time was dealt with, once.
func (d *DB) AddFiring(ctx context.Context, f jobs.Firing) error {
	r := rowOfFiring(f)
	return onlyOne(schedule.ErrFired, "keep a planned time of schedule "+f.Schedule, d.conn(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&r))
}

// SaveFiring keeps what became of a planned time.
func (d *DB) SaveFiring(ctx context.Context, f jobs.Firing) error {
	r := rowOfFiring(f)
	return onlyOne(schedule.ErrNone, "keep a planned time of schedule "+f.Schedule, d.conn(ctx).Select("*").Updates(&r))
}

// Firings lists planned times of a schedule, the newest first.
func (d *DB) Firings(ctx context.Context, id string, limit int) ([]jobs.Firing, error) {
	var rows []firingRow
	if err := d.conn(ctx).Where("schedule = ?", id).Order("planned DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("planned times of schedule %s: %w", id, err)
	}
	out := make([]jobs.Firing, len(rows))
	for i, r := range rows {
		out[i] = jobs.Firing{Schedule: r.Schedule, Planned: unstamp(r.Planned), Outcome: jobs.FiringOutcome(r.Outcome), Batch: r.Batch, Detail: r.Detail, At: unstamp(r.At)}
	}
	return out, nil
}

// SetFirstZone gives the schedule that a new database comes with its time
// zone, as long as nobody has changed it.
func (d *DB) SetFirstZone(ctx context.Context, zone string) error {
	return d.InTx(ctx, func(ctx context.Context) error {
		return d.conn(ctx).Exec("UPDATE schedule SET zone = ? WHERE id = 'nightly' AND changed = 0 AND zone <> ?", zone, zone).Error
	})
}
