package db

import (
	"context"
	"fmt"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/netdev"
)

type approvalRow struct {
	ID       int64 `gorm:"primaryKey"`
	Device   string
	Source   string
	Revision string
	Actor    string
	At       int64
	Comment  string
}

func (approvalRow) TableName() string { return "approval" }

// AddApproval implements configstore.Rows.
func (d *DB) AddApproval(ctx context.Context, a configstore.Approval) error {
	row := approvalRow{Device: string(a.Device), Source: string(a.Source), Revision: string(a.Revision), Actor: a.By, At: stamp(a.At), Comment: a.Comment}
	if err := d.conn(ctx).Create(&row).Error; err != nil {
		return fmt.Errorf("keep an approval: %w", err)
	}
	return nil
}

// Approvals implements configstore.Rows.
func (d *DB) Approvals(ctx context.Context, dev netdev.DeviceID) ([]configstore.Approval, error) {
	var rows []approvalRow
	if err := d.conn(ctx).Where("device = ?", string(dev)).Order("id DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list approvals: %w", err)
	}
	return approvals(rows), nil
}

// Baselines implements configstore.Rows.
func (d *DB) Baselines(ctx context.Context, dev netdev.DeviceID) ([]configstore.Approval, error) {
	newest := "SELECT max(id) FROM approval GROUP BY device, source"
	var args []any
	if dev != "" {
		newest, args = "SELECT max(id) FROM approval WHERE device = ? GROUP BY device, source", []any{string(dev)}
	}
	var rows []approvalRow
	if err := d.conn(ctx).Where("id IN ("+newest+")", args...).Order("device, source").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list baselines: %w", err)
	}
	return approvals(rows), nil
}

func approvals(rows []approvalRow) []configstore.Approval {
	out := make([]configstore.Approval, len(rows))
	for i, r := range rows {
		out[i] = configstore.Approval{Device: netdev.DeviceID(r.Device), Source: configstore.Source(r.Source),
			Revision: configstore.RevisionID(r.Revision), By: r.Actor, At: unstamp(r.At), Comment: r.Comment}
	}
	return out
}

type edgeRow struct {
	ID        int64 `gorm:"primaryKey"`
	Device    string
	Source    string
	Kind      string
	Key       string
	Grp       string
	FromState string
	ToState   string
	At        int64
	Actor     string
	Why       string
	Note      string
	Until     int64
	Reference string
	Revision  string
}

func (edgeRow) TableName() string { return "finding_edge" }

// AddEdges implements configstore.Rows.
func (d *DB) AddEdges(ctx context.Context, edges []drift.Edge) error {
	if len(edges) == 0 {
		return nil
	}
	rows := make([]edgeRow, len(edges))
	for i, e := range edges {
		rows[i] = edgeRow{Device: string(e.Device), Source: e.Source, Kind: string(e.Kind), Key: e.Key, Grp: e.Group, FromState: string(e.From),
			ToState: string(e.To), At: stamp(e.At), Actor: e.By, Why: string(e.Why), Note: e.Note, Until: stamp(e.Until), Reference: e.Reference, Revision: e.Revision}
	}
	if err := d.conn(ctx).CreateInBatches(rows, batch).Error; err != nil {
		return fmt.Errorf("keep the history of findings: %w", err)
	}
	return nil
}

// Edges implements configstore.Rows.
func (d *DB) Edges(ctx context.Context, f configstore.EdgeFilter, limit int) ([]drift.Edge, error) {
	q := where(d.conn(ctx), map[string]string{"device": string(f.Device), "grp": f.Group})
	var rows []edgeRow
	if err := q.Order("id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("history of findings: %w", err)
	}
	out := make([]drift.Edge, len(rows))
	for i, r := range rows {
		out[i] = drift.Edge{ID: drift.ID{Device: netdev.DeviceID(r.Device), Source: r.Source, Kind: drift.Kind(r.Kind), Key: r.Key}, Group: r.Grp,
			From: drift.State(r.FromState), To: drift.State(r.ToState), At: unstamp(r.At), By: r.Actor, Why: drift.Why(r.Why), Note: r.Note,
			Until: unstamp(r.Until), Reference: r.Reference, Revision: r.Revision}
	}
	return out, nil
}
