package db

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/netdev"
)

type waiverRow struct {
	ID        string `gorm:"primaryKey"`
	Rule      string
	Device    string
	Reason    string
	Requester string
	Approver  string
	Ticket    string
	Created   int64
	Expires   int64
	Revoked   int64
	RevokedBy string
}

func (waiverRow) TableName() string { return "waiver" }

// Waivers implements configstore.Rows.
func (d *DB) Waivers(ctx context.Context) ([]compliance.Waiver, error) {
	var rows []waiverRow
	if err := d.conn(ctx).Order("created DESC, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list waivers: %w", err)
	}
	out := make([]compliance.Waiver, len(rows))
	for i, r := range rows {
		out[i] = compliance.Waiver{ID: r.ID, Rule: r.Rule, Device: r.Device, Reason: r.Reason, Requester: r.Requester, Approver: r.Approver,
			Ticket: r.Ticket, Created: unstamp(r.Created), Expires: unstamp(r.Expires), Revoked: unstamp(r.Revoked), RevokedBy: r.RevokedBy}
	}
	return out, nil
}

// SaveWaiver implements configstore.Rows.
func (d *DB) SaveWaiver(ctx context.Context, w compliance.Waiver) error {
	row := waiverRow{ID: w.ID, Rule: w.Rule, Device: w.Device, Reason: w.Reason, Requester: w.Requester, Approver: w.Approver, Ticket: w.Ticket,
		Created: stamp(w.Created), Expires: stamp(w.Expires), Revoked: stamp(w.Revoked), RevokedBy: w.RevokedBy}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("keep waiver: %w", err)
	}
	return nil
}

// JudgedBy implements configstore.Rows.
func (d *DB) JudgedBy(ctx context.Context) (map[netdev.DeviceID]string, error) {
	var rows []struct{ Device, Rules string }
	if err := d.conn(ctx).Raw("SELECT device, rules FROM judged_by").Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("rules of verdicts: %w", err)
	}
	out := make(map[netdev.DeviceID]string, len(rows))
	for _, r := range rows {
		out[netdev.DeviceID(r.Device)] = r.Rules
	}
	return out, nil
}

// SaveJudgedBy implements configstore.Rows.
func (d *DB) SaveJudgedBy(ctx context.Context, dev netdev.DeviceID, rules string) error {
	err := d.conn(ctx).Exec("INSERT INTO judged_by (device, rules) VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET rules = excluded.rules", string(dev), rules).Error
	if err != nil {
		return fmt.Errorf("keep the rules of verdicts: %w", err)
	}
	return nil
}

// TallyVerdicts implements configstore.Rows.
func (d *DB) TallyVerdicts(ctx context.Context, by configstore.TallyBy, only configstore.TallyFilter) ([]configstore.Tally, error) {
	key, ok := map[configstore.TallyBy]string{configstore.BySite: "device.site", configstore.ByRole: "device.role",
		configstore.ByDevice: "verdict.device", configstore.ByRule: "verdict.rule"}[by]
	if !ok {
		return nil, fmt.Errorf("count verdicts by %q: not a way to count", by)
	}
	q := d.conn(ctx).Table("verdict").Joins("JOIN device ON device.id = verdict.device AND device.controller = ''").
		Select(key + " AS key, verdict.pack AS pack, verdict.verdict AS verdict, count(*) AS n")
	if only.Site != nil {
		q = q.Where("device.site = ?", *only.Site)
	}
	if only.Role != nil {
		q = q.Where("device.role = ?", *only.Role)
	}
	if only.Pack != "" {
		q = q.Where("verdict.pack = ?", only.Pack)
	}
	var out []configstore.Tally
	if err := q.Group(key + ", verdict.pack, verdict.verdict").Order("1, 2, 3").Scan(&out).Error; err != nil {
		return nil, fmt.Errorf("count verdicts: %w", err)
	}
	return out, nil
}
