package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/netdev"
)

type jobRow struct {
	ID        string `gorm:"primaryKey"`
	Batch     string
	Kind      string
	Class     string
	Device    string
	Site      string
	Priority  string
	PlannedBy string
	Params    []byte
	State     string
	NotBefore int64
	NotAfter  int64
	Attempt   int
	Delivered int
	Fence     int64
	Worker    string
	Heartbeat int64
	Reason    string
	Detail    string
	Created   int64
	Started   int64
	Ended     int64
}

func (jobRow) TableName() string { return "job" }

func rowOfJob(j jobs.Job) jobRow {
	return jobRow{ID: j.ID, Batch: j.Batch, Kind: string(j.Kind), Class: string(j.Class), Device: string(j.Device), Site: j.Site,
		Priority: string(j.Priority), PlannedBy: j.By, Params: append([]byte{}, j.Params...), State: string(j.State), NotBefore: stamp(j.NotBefore), NotAfter: stamp(j.NotAfter),
		Attempt: j.Attempt, Delivered: j.Delivered, Fence: j.Fence, Worker: j.Worker, Heartbeat: stamp(j.Heartbeat),
		Reason: string(j.Reason), Detail: j.Detail, Created: stamp(j.Created), Started: stamp(j.Started), Ended: stamp(j.Ended)}
}

func (r jobRow) job() jobs.Job {
	return jobs.Job{ID: r.ID, Batch: r.Batch, Kind: jobs.Kind(r.Kind), Class: jobs.Class(r.Class), Device: netdev.DeviceID(r.Device), Site: r.Site,
		Priority: jobs.Priority(r.Priority), By: r.PlannedBy, Params: r.Params, State: jobs.State(r.State), NotBefore: unstamp(r.NotBefore), NotAfter: unstamp(r.NotAfter),
		Attempt: r.Attempt, Delivered: r.Delivered, Fence: r.Fence, Worker: r.Worker, Heartbeat: unstamp(r.Heartbeat),
		Reason: netdev.Reason(r.Reason), Detail: r.Detail, Created: unstamp(r.Created), Started: unstamp(r.Started), Ended: unstamp(r.Ended)}
}

func jobsOf(rows []jobRow) []jobs.Job {
	out := make([]jobs.Job, len(rows))
	for i, r := range rows {
		out[i] = r.job()
	}
	return out
}

// AddJob keeps a new job.
func (d *DB) AddJob(ctx context.Context, j jobs.Job) error {
	r := rowOfJob(j)
	err := d.conn(ctx).Create(&r).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fmt.Errorf("device %s: %w", j.Device, jobs.ErrDuplicate)
	}
	if err != nil {
		return fmt.Errorf("keep job %s: %w", j.ID, err)
	}
	return nil
}

// SaveJob updates a job.
func (d *DB) SaveJob(ctx context.Context, j jobs.Job) error {
	r := rowOfJob(j)
	res := d.conn(ctx).Model(&jobRow{}).Where("id = ?", j.ID).Select("*").Updates(&r)
	if errors.Is(res.Error, gorm.ErrDuplicatedKey) {
		return fmt.Errorf("device %s: %w", j.Device, jobs.ErrDuplicate)
	}
	return onlyOne(jobs.ErrNoJob, "keep job "+j.ID, res)
}

// Job gives one job.
func (d *DB) Job(ctx context.Context, id string) (jobs.Job, error) {
	var r jobRow
	err := d.conn(ctx).Take(&r, "id = ?", id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return jobs.Job{}, fmt.Errorf("%w: %.40q", jobs.ErrNoJob, id)
	}
	if err != nil {
		return jobs.Job{}, fmt.Errorf("job %s: %w", id, err)
	}
	return r.job(), nil
}

// ActiveJob gives the unfinished job of a device and class; false for none.
func (d *DB) ActiveJob(ctx context.Context, dev netdev.DeviceID, class jobs.Class) (jobs.Job, bool, error) {
	var rows []jobRow
	err := d.conn(ctx).Where("device = ? AND class = ? AND device <> '' AND state IN ('planned', 'queued', 'running', 'cancelling')",
		string(dev), string(class)).Limit(1).Find(&rows).Error
	if err != nil {
		return jobs.Job{}, false, fmt.Errorf("job of device %s: %w", dev, err)
	}
	if len(rows) == 0 {
		return jobs.Job{}, false, nil
	}
	return rows[0].job(), true, nil
}

// DueJobs lists planned jobs whose time has come.
func (d *DB) DueJobs(ctx context.Context, now time.Time, limit int) ([]jobs.Job, error) {
	var rows []jobRow
	err := d.conn(ctx).Where("state = 'planned' AND not_before <= ?", stamp(now)).Order("not_before, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list due jobs: %w", err)
	}
	return jobsOf(rows), nil
}

// OpenJobs lists what is queued, running or cancelling.
func (d *DB) OpenJobs(ctx context.Context) ([]jobs.Job, error) {
	var rows []jobRow
	if err := d.conn(ctx).Where("state IN ('queued', 'running', 'cancelling')").Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list open jobs: %w", err)
	}
	return jobsOf(rows), nil
}

// Jobs lists jobs, newest first.
func (d *DB) Jobs(ctx context.Context, f jobs.Filter) ([]jobs.Job, error) {
	q := d.conn(ctx).Order("id DESC").Limit(100)
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	if f.Device != "" {
		q = q.Where("device = ?", string(f.Device))
	}
	if f.Batch != "" {
		q = q.Where("batch = ?", f.Batch)
	}
	if f.Before != "" {
		q = q.Where("id < ?", f.Before)
	}
	if len(f.States) > 0 {
		q = q.Where("state IN ?", f.States)
	}
	if len(f.Reasons) > 0 {
		q = q.Where("reason IN ?", f.Reasons)
	}
	var rows []jobRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	return jobsOf(rows), nil
}

// Beat notes that an attempt is alive, if its lease still holds.
func (d *DB) Beat(ctx context.Context, l jobs.Lease, at time.Time) (jobs.State, bool, error) {
	var states []string
	err := d.conn(ctx).Raw(`UPDATE job SET heartbeat = ? WHERE id = ? AND attempt = ? AND fence = ? AND state IN ('running', 'cancelling')
		RETURNING state`, stamp(at), l.Job, l.Attempt, l.Fence).Scan(&states).Error
	if err != nil {
		return "", false, fmt.Errorf("heartbeat of job %s: %w", l.Job, err)
	}
	if len(states) == 0 {
		return "", false, nil
	}
	return jobs.State(states[0]), true, nil
}

type jobTryRow struct {
	Job     string `gorm:"primaryKey"`
	Attempt int    `gorm:"primaryKey;autoIncrement:false"`
	Fence   int64
	Worker  string
	Started int64
	Ended   int64
	State   string
	Reason  string
	Detail  string
}

func (jobTryRow) TableName() string { return "job_try" }

func (r jobTryRow) try() jobs.Try {
	return jobs.Try{Job: r.Job, Attempt: r.Attempt, Fence: r.Fence, Worker: r.Worker, Started: unstamp(r.Started), Ended: unstamp(r.Ended),
		State: jobs.State(r.State), Reason: netdev.Reason(r.Reason), Detail: r.Detail}
}

// SaveTry inserts or updates an attempt of a job.
func (d *DB) SaveTry(ctx context.Context, t jobs.Try) error {
	r := jobTryRow{Job: t.Job, Attempt: t.Attempt, Fence: t.Fence, Worker: t.Worker, Started: stamp(t.Started), Ended: stamp(t.Ended),
		State: string(t.State), Reason: string(t.Reason), Detail: t.Detail}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&r).Error; err != nil {
		return fmt.Errorf("keep attempt %d of job %s: %w", t.Attempt, t.Job, err)
	}
	return nil
}

// Try gives one attempt of a job; false for none.
func (d *DB) Try(ctx context.Context, job string, attempt int) (jobs.Try, bool, error) {
	var rows []jobTryRow
	if err := d.conn(ctx).Where("job = ? AND attempt = ?", job, attempt).Limit(1).Find(&rows).Error; err != nil {
		return jobs.Try{}, false, fmt.Errorf("attempt %d of job %s: %w", attempt, job, err)
	}
	if len(rows) == 0 {
		return jobs.Try{}, false, nil
	}
	return rows[0].try(), true, nil
}

// Tries lists the attempts of a job in their order.
func (d *DB) Tries(ctx context.Context, job string) ([]jobs.Try, error) {
	var rows []jobTryRow
	if err := d.conn(ctx).Where("job = ?", job).Order("attempt").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("attempts of job %s: %w", job, err)
	}
	out := make([]jobs.Try, len(rows))
	for i, r := range rows {
		out[i] = r.try()
	}
	return out, nil
}
