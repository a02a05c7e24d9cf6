package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/discovery"
)

type runRow struct {
	ID      string `gorm:"primaryKey"`
	State   string
	Started int64
	Body    string
}

func (runRow) TableName() string { return "run" }

// SaveRun inserts or updates a run by its id.
func (d *DB) SaveRun(ctx context.Context, r discovery.Run) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("save run %s: %w", r.ID, err)
	}
	row := runRow{ID: string(r.ID), State: string(r.State), Started: stamp(r.Started), Body: string(body)}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("save run %s: %w", r.ID, err)
	}
	return nil
}

// Run gives one run.
func (d *DB) Run(ctx context.Context, id discovery.RunID) (discovery.Run, error) {
	var row runRow
	err := d.conn(ctx).Take(&row, "id = ?", string(id)).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return discovery.Run{}, fmt.Errorf("%w: %.40q", discovery.ErrNoRun, id)
	}
	if err != nil {
		return discovery.Run{}, fmt.Errorf("run %s: %w", id, err)
	}
	return row.run()
}

// Runs lists the newest runs first.
func (d *DB) Runs(ctx context.Context, limit int) ([]discovery.Run, error) {
	var rows []runRow
	if err := d.conn(ctx).Order("started DESC, id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	runs := make([]discovery.Run, len(rows))
	for i, row := range rows {
		var err error
		if runs[i], err = row.run(); err != nil {
			return nil, err
		}
	}
	return runs, nil
}

func (row runRow) run() (discovery.Run, error) {
	var r discovery.Run
	if err := json.Unmarshal([]byte(row.Body), &r); err != nil {
		return r, fmt.Errorf("run %s: %w", row.ID, err)
	}
	return r, nil
}
