package db

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/internal/audit"
)

type auditRow struct {
	Seq       int64 `gorm:"primaryKey;autoIncrement:false"`
	At        int64
	ActorKind string
	Actor     string
	Address   string
	Request   string
	Verb      string
	Object    string
	Site      string
	Before    string
	After     string
	Outcome   string
	Prev      []byte
	MAC       []byte `gorm:"column:mac"`
}

func (auditRow) TableName() string { return "audit" }

type auditHeadRow struct {
	ID  int64 `gorm:"primaryKey"`
	Seq int64
	MAC []byte `gorm:"column:mac"`
}

func (auditHeadRow) TableName() string { return "audit_head" }

// AuditHead gives the end of the audit chain. A transaction is the only
// writer, so reading it there holds it.
func (d *DB) AuditHead(ctx context.Context) (audit.Head, error) {
	var rows []auditHeadRow
	if err := d.conn(ctx).Find(&rows).Error; err != nil {
		return audit.Head{}, fmt.Errorf("read the audit head: %w", err)
	}
	if len(rows) == 0 {
		return audit.Head{}, nil
	}
	return audit.Head{Seq: rows[0].Seq, MAC: rows[0].MAC}, nil
}

// SaveAuditHead moves the end of the audit chain.
func (d *DB) SaveAuditHead(ctx context.Context, h audit.Head) error {
	r := auditHeadRow{ID: 1, Seq: h.Seq, MAC: h.MAC}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&r).Error; err != nil {
		return fmt.Errorf("move the audit head: %w", err)
	}
	return nil
}

// AppendAudit keeps one audit record.
func (d *DB) AppendAudit(ctx context.Context, r audit.Record) error {
	row := auditRow{Seq: r.Seq, At: stamp(r.At), ActorKind: string(r.ActorKind), Actor: r.Actor, Address: r.Address, Request: r.Request,
		Verb: string(r.Verb), Object: r.Object, Site: r.Site, Before: r.Before, After: r.After, Outcome: r.Outcome, Prev: r.Prev, MAC: r.MAC}
	if err := d.conn(ctx).Create(&row).Error; err != nil {
		return fmt.Errorf("keep audit record %d: %w", r.Seq, err)
	}
	return nil
}

// AuditRecords lists audit records in their order, from a number on.
func (d *DB) AuditRecords(ctx context.Context, from int64, limit int) ([]audit.Record, error) {
	var rows []auditRow
	if err := d.conn(ctx).Where("seq >= ?", from).Order("seq").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list audit records: %w", err)
	}
	return auditRecords(rows), nil
}

// FindAudit lists the newest audit records first.
func (d *DB) FindAudit(ctx context.Context, f audit.Filter, before int64, limit int) ([]audit.Record, error) {
	q := filterAudit(d.conn(ctx), f).Order("seq DESC").Limit(limit)
	if before > 0 {
		q = q.Where("seq < ?", before)
	}
	var rows []auditRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list audit records: %w", err)
	}
	return auditRecords(rows), nil
}

// CountAudit counts audit records from a number on.
func (d *DB) CountAudit(ctx context.Context, f audit.Filter, from int64) (int, error) {
	var n int64
	if err := filterAudit(d.conn(ctx).Model(&auditRow{}), f).Where("seq >= ?", from).Count(&n).Error; err != nil {
		return 0, fmt.Errorf("count audit records: %w", err)
	}
	return int(n), nil
}

func filterAudit(q *gorm.DB, f audit.Filter) *gorm.DB {
	part := func(s string) string {
		return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
	}
	if f.Who != "" {
		q = q.Where(`(actor LIKE ? ESCAPE '\' OR address LIKE ? ESCAPE '\')`, part(f.Who), part(f.Who))
	}
	if f.Verb != "" {
		q = q.Where(`verb LIKE ? ESCAPE '\'`, part(f.Verb)[1:])
	}
	if f.Object != "" {
		q = q.Where(`(object LIKE ? ESCAPE '\' OR before LIKE ? ESCAPE '\' OR after LIKE ? ESCAPE '\')`, part(f.Object), part(f.Object), part(f.Object))
	}
	if !f.Since.IsZero() {
		q = q.Where("at >= ?", stamp(f.Since))
	}
	if !f.Until.IsZero() {
		q = q.Where("at <= ?", stamp(f.Until))
	}
	return q
}

func auditRecords(rows []auditRow) []audit.Record {
	out := make([]audit.Record, len(rows))
	for i, r := range rows {
		out[i] = audit.Record{Seq: r.Seq, At: unstamp(r.At), ActorKind: audit.ActorKind(r.ActorKind), Actor: r.Actor, Address: r.Address,
			Request: r.Request, Verb: audit.Verb(r.Verb), Object: r.Object, Site: r.Site, Before: r.Before, After: r.After,
			Outcome: r.Outcome, Prev: r.Prev, MAC: r.MAC}
	}
	return out
}
