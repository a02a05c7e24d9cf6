package db

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/internal/notify"
)

type webhookRow struct {
	ID        int64 `gorm:"primaryKey"`
	URL       []byte
	Secret    []byte
	Host      string
	Events    string
	Plain     bool
	Disabled  int64
	Why       string
	Changed   int64
	ChangedBy string
}

func (webhookRow) TableName() string { return "webhook" }

// Webhook implements notify.Rows.
func (d *DB) Webhook(ctx context.Context) (notify.Row, error) {
	var rows []webhookRow
	if err := d.conn(ctx).Find(&rows).Error; err != nil {
		return notify.Row{}, fmt.Errorf("look up the webhook: %w", err)
	}
	if len(rows) == 0 {
		return notify.Row{}, nil
	}
	r := rows[0]
	events, err := unlist[notify.Kind](r.Events)
	out := notify.Row{View: notify.View{Host: r.Host, Signed: len(r.Secret) > 0, Events: events, Plain: r.Plain, Disabled: unstamp(r.Disabled),
		Why: r.Why, Changed: unstamp(r.Changed), ChangedBy: r.ChangedBy}}
	if len(r.URL) > 0 {
		out.URL = r.URL
	}
	if len(r.Secret) > 0 {
		out.Secret = r.Secret
	}
	return out, err
}

// SaveWebhook implements notify.Rows; the zero Row removes it.
func (d *DB) SaveWebhook(ctx context.Context, w notify.Row) error {
	if w.Host == "" {
		if err := d.conn(ctx).Delete(&webhookRow{}, "id = 1").Error; err != nil {
			return fmt.Errorf("remove the webhook: %w", err)
		}
		return nil
	}
	events, err := list(w.Events)
	if err != nil {
		return err
	}
	r := webhookRow{ID: 1, URL: append([]byte{}, w.URL...), Secret: append([]byte{}, w.Secret...), Host: w.Host, Events: events, Plain: w.Plain,
		Disabled: stamp(w.Disabled), Why: w.Why, Changed: stamp(w.Changed), ChangedBy: w.ChangedBy}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&r).Error; err != nil {
		return fmt.Errorf("keep the webhook: %w", err)
	}
	return nil
}

type noticeEventRow struct {
	ID     string `gorm:"primaryKey"`
	Key    string
	Kind   string
	Batch  string
	Device string
	Site   string
	Reason string
	Detail string
	At     int64
	Told   bool
}

func (noticeEventRow) TableName() string { return "notice_event" }

// KeepEvent implements notify.Rows.
func (d *DB) KeepEvent(ctx context.Context, k notify.Kept) error {
	r := noticeEventRow{ID: k.ID, Key: k.Key, Kind: string(k.Kind), Batch: k.Batch, Device: k.Device, Site: k.Site, Reason: k.Reason,
		Detail: k.Detail, At: stamp(k.At), Told: k.Told}
	return d.conn(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&r).Error
}

// PendingBatches implements notify.Rows.
func (d *DB) PendingBatches(ctx context.Context) ([]notify.Pending, error) {
	var rows []struct {
		Batch  string
		Oldest int64
	}
	err := d.conn(ctx).Raw("SELECT batch, min(at) AS oldest FROM notice_event WHERE told = 0 GROUP BY batch ORDER BY batch").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list events to tell: %w", err)
	}
	out := make([]notify.Pending, len(rows))
	for i, r := range rows {
		out[i] = notify.Pending{Batch: r.Batch, Oldest: unstamp(r.Oldest)}
	}
	return out, nil
}

// PendingEvents implements notify.Rows.
func (d *DB) PendingEvents(ctx context.Context, batch string) ([]notify.Event, error) {
	var rows []noticeEventRow
	if err := d.conn(ctx).Where("batch = ? AND told = 0", batch).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list events of a batch: %w", err)
	}
	out := make([]notify.Event, len(rows))
	for i, r := range rows {
		out[i] = notify.Event{Kind: notify.Kind(r.Kind), Batch: r.Batch, Key: r.Key, Device: r.Device, Site: r.Site, Reason: r.Reason, Detail: r.Detail}
	}
	return out, nil
}

// EventsTold implements notify.Rows.
func (d *DB) EventsTold(ctx context.Context, batch string) error {
	if err := d.conn(ctx).Model(&noticeEventRow{}).Where("batch = ? AND told = 0", batch).Update("told", true).Error; err != nil {
		return fmt.Errorf("mark events as told: %w", err)
	}
	return nil
}

type noticeRow struct {
	ID      string `gorm:"primaryKey"`
	Kind    string
	Batch   string
	Body    []byte
	Created int64
	State   string
	Tries   int
	Due     int64
	Last    string
	Ended   int64
}

func (noticeRow) TableName() string { return "notice" }

func (r noticeRow) notice() notify.Notice {
	return notify.Notice{ID: r.ID, Kind: notify.Kind(r.Kind), Batch: r.Batch, Body: r.Body, Created: unstamp(r.Created), State: notify.State(r.State),
		Tries: r.Tries, Due: unstamp(r.Due), Last: r.Last, Ended: unstamp(r.Ended)}
}

// SaveNotice implements notify.Rows.
func (d *DB) SaveNotice(ctx context.Context, n notify.Notice) error {
	r := noticeRow{ID: n.ID, Kind: string(n.Kind), Batch: n.Batch, Body: n.Body, Created: stamp(n.Created), State: string(n.State), Tries: n.Tries,
		Due: stamp(n.Due), Last: n.Last, Ended: stamp(n.Ended)}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&r).Error; err != nil {
		return fmt.Errorf("keep a notice: %w", err)
	}
	return nil
}

// DueNotices implements notify.Rows.
func (d *DB) DueNotices(ctx context.Context, now time.Time, limit int) ([]notify.Notice, error) {
	return d.notices(ctx, "state = ? AND due <= ?", "created, id", limit, notify.Waiting, stamp(now))
}

// Notices implements notify.Rows.
func (d *DB) Notices(ctx context.Context, limit int) ([]notify.Notice, error) {
	return d.notices(ctx, "id <> ?", "created DESC, id DESC", limit, "")
}

func (d *DB) notices(ctx context.Context, where, order string, limit int, args ...any) ([]notify.Notice, error) {
	var rows []noticeRow
	if err := d.conn(ctx).Where(where, args...).Order(order).Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list notices: %w", err)
	}
	out := make([]notify.Notice, len(rows))
	for i, r := range rows {
		out[i] = r.notice()
	}
	return out, nil
}

// PruneNotices implements notify.Rows.
func (d *DB) PruneNotices(ctx context.Context, before time.Time, most int) error {
	tx := d.conn(ctx)
	for _, err := range []error{
		tx.Exec("DELETE FROM notice WHERE state <> ? AND ended < ?", notify.Waiting, stamp(before)).Error,
		tx.Exec("DELETE FROM notice_event WHERE told = 1 AND at < ?", stamp(before)).Error,
		tx.Exec("DELETE FROM notice WHERE state = ? AND id NOT IN (SELECT id FROM notice WHERE state = ? ORDER BY created DESC, id DESC LIMIT ?)",
			notify.Waiting, notify.Waiting, most).Error,
	} {
		if err != nil {
			return fmt.Errorf("remove old notices: %w", err)
		}
	}
	return nil
}
