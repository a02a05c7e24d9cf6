package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/internal/health"
)

type selfCheckRow struct {
	Kind   string `gorm:"primaryKey"`
	At     int64
	Seen   int64
	Faults int64
	Detail string
}

func (selfCheckRow) TableName() string { return "self_check" }

// SaveSelfCheck keeps the newest check of its kind.
func (d *DB) SaveSelfCheck(ctx context.Context, c health.SelfCheck) error {
	row := selfCheckRow{Kind: c.Kind, At: stamp(c.At), Seen: c.Seen, Faults: c.Faults, Detail: c.Detail}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("keep the check of %s: %w", c.Kind, err)
	}
	return nil
}

// SelfChecks gives the newest check of each kind.
func (d *DB) SelfChecks(ctx context.Context) (map[string]health.SelfCheck, error) {
	var rows []selfCheckRow
	if err := d.conn(ctx).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list checks: %w", err)
	}
	out := map[string]health.SelfCheck{}
	for _, r := range rows {
		out[r.Kind] = health.SelfCheck{Kind: r.Kind, At: unstamp(r.At), Seen: r.Seen, Faults: r.Faults, Detail: r.Detail}
	}
	return out, nil
}

// keptDays is how many days of sizes are kept.
const keptDays = 90

// SaveSize notes how large the database is today.
func (d *DB) SaveSize(ctx context.Context, at time.Time, bytes int64) error {
	day := at.UTC().Unix() / 86400
	return d.InTx(ctx, func(ctx context.Context) error {
		if err := d.conn(ctx).Exec(`INSERT INTO size_day (day, bytes) VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET bytes = excluded.bytes`, day, bytes).Error; err != nil {
			return fmt.Errorf("note the size: %w", err)
		}
		return d.conn(ctx).Exec(`DELETE FROM size_day WHERE day < ?`, day-keptDays).Error
	})
}

// Growth says how many bytes the database grew between the first and the last
// day that are noted, and how many days lie between.
func (d *DB) Growth(ctx context.Context) (bytes int64, days int, err error) {
	var rows []struct{ Day, Bytes int64 }
	if err := d.conn(ctx).Raw(`SELECT day, bytes FROM size_day ORDER BY day`).Scan(&rows).Error; err != nil {
		return 0, 0, fmt.Errorf("growth: %w", err)
	}
	if len(rows) < 2 {
		return 0, 0, nil
	}
	first, last := rows[0], rows[len(rows)-1]
	return last.Bytes - first.Bytes, int(last.Day - first.Day), nil
}

// QueueState counts what waits and runs. A running job whose last sign of life
// is before silent is silent.
func (d *DB) QueueState(ctx context.Context, now, silent time.Time) (health.Queue, error) {
	var row struct{ Waiting, Running, Silent, Oldest int64 }
	err := d.conn(ctx).Raw(`SELECT
		count(*) FILTER (WHERE state IN ('planned', 'queued')) AS waiting,
		count(*) FILTER (WHERE state IN ('running', 'cancelling')) AS running,
		count(*) FILTER (WHERE state IN ('running', 'cancelling') AND heartbeat < ?) AS silent,
		coalesce(min(not_before) FILTER (WHERE state IN ('planned', 'queued') AND not_before <= ?), 0) AS oldest
		FROM job WHERE state IN ('planned', 'queued', 'running', 'cancelling')`, stamp(silent), stamp(now)).Scan(&row).Error
	if err != nil {
		return health.Queue{}, fmt.Errorf("count jobs: %w", err)
	}
	return health.Queue{Waiting: int(row.Waiting), Running: int(row.Running), Silent: int(row.Silent), Oldest: unstamp(row.Oldest)}, nil
}

// CountRevisions counts what is kept.
func (d *DB) CountRevisions(ctx context.Context) (int, error) {
	var n int64
	if err := d.conn(ctx).Model(&revisionRow{}).Count(&n).Error; err != nil {
		return 0, fmt.Errorf("count revisions: %w", err)
	}
	return int(n), nil
}
