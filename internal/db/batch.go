package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/netdev"
)

type batchRow struct {
	ID       string `gorm:"primaryKey"`
	What     string
	AskedBy  string
	Schedule string
	Title    string
	Planned  int64
	Until    int64
	RetryOf  string
	Created  int64
}

func (batchRow) TableName() string { return "batch" }

func (r batchRow) batch() jobs.Batch {
	return jobs.Batch{ID: r.ID, What: r.What, By: r.AskedBy, Schedule: r.Schedule, Title: r.Title, Planned: unstamp(r.Planned),
		Until: unstamp(r.Until), RetryOf: r.RetryOf, Created: unstamp(r.Created)}
}

// AddBatch keeps a new group of jobs.
func (d *DB) AddBatch(ctx context.Context, b jobs.Batch) error {
	r := batchRow{ID: b.ID, What: b.What, AskedBy: b.By, Schedule: b.Schedule, Title: b.Title, Planned: stamp(b.Planned), Until: stamp(b.Until),
		RetryOf: b.RetryOf, Created: stamp(b.Created)}
	if err := d.conn(ctx).Create(&r).Error; err != nil {
		return fmt.Errorf("keep batch %s: %w", b.ID, err)
	}
	return nil
}

// BatchRow gives one group without its counts.
func (d *DB) BatchRow(ctx context.Context, id string) (jobs.Batch, error) {
	var r batchRow
	err := d.conn(ctx).Take(&r, "id = ?", id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return jobs.Batch{}, fmt.Errorf("batch %.40q: %w", id, jobs.ErrNoJob)
	}
	if err != nil {
		return jobs.Batch{}, fmt.Errorf("batch %s: %w", id, err)
	}
	return r.batch(), nil
}

// BatchRows lists groups without their counts, the newest first.
func (d *DB) BatchRows(ctx context.Context, f jobs.BatchFilter) ([]jobs.Batch, error) {
	q := d.conn(ctx).Order("id DESC").Limit(50)
	if f.Limit > 0 {
		q = q.Limit(f.Limit)
	}
	for column, value := range map[string]string{"what": f.What, "schedule": f.Schedule, "retry_of": f.RetryOf} {
		if value != "" {
			q = q.Where(column+" = ?", value)
		}
	}
	if f.Before != "" {
		q = q.Where("id < ?", f.Before)
	}
	var rows []batchRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list batches: %w", err)
	}
	out := make([]jobs.Batch, len(rows))
	for i, r := range rows {
		out[i] = r.batch()
	}
	return out, nil
}

// CountBatches counts the jobs of batches by how they stand.
func (d *DB) CountBatches(ctx context.Context, batches []string) (map[string][]jobs.Count, error) {
	var rows []struct {
		Batch  string
		State  string
		Reason string
		N      int
		Began  int64
		Ended  int64
	}
	err := d.conn(ctx).Model(&jobRow{}).Where("batch IN ? AND batch <> ''", batches).
		Select("batch, state, reason, count(*) AS n, coalesce(min(nullif(started, 0)), 0) AS began, max(ended) AS ended").
		Group("batch, state, reason").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count batches: %w", err)
	}
	out := map[string][]jobs.Count{}
	for _, r := range rows {
		// A job that waits and has a reason has failed before.
		retry := r.Reason != "" && (r.State == string(jobs.Planned) || r.State == string(jobs.Queued))
		out[r.Batch] = append(out[r.Batch], jobs.Count{State: jobs.State(r.State), Reason: netdev.Reason(r.Reason), Retry: retry, N: r.N,
			Began: unstamp(r.Began), Ended: unstamp(r.Ended)})
	}
	return out, nil
}

// CountDetail counts the done jobs of a batch that ended with a word.
func (d *DB) CountDetail(ctx context.Context, batch, detail string) (int, error) {
	var n int64
	err := d.conn(ctx).Model(&jobRow{}).Where("batch = ? AND batch <> '' AND state = 'done' AND detail = ?", batch, detail).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count batch %s: %w", batch, err)
	}
	return int(n), nil
}

// ExpiredJobs lists jobs that wait and may not start any more.
func (d *DB) ExpiredJobs(ctx context.Context, now time.Time, limit int) ([]jobs.Job, error) {
	var rows []jobRow
	err := d.conn(ctx).Where("not_after <> 0 AND state IN ('planned', 'queued') AND not_after <= ?", stamp(now)).Order("not_after, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list jobs whose window has closed: %w", err)
	}
	return jobsOf(rows), nil
}
