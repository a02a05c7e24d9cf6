package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Batches says what only the jobs know of a batch.
type Batches interface {
	// Over says whether nothing of the batch is under way or planned.
	Over(ctx context.Context, batch string) (bool, error)
	// Failed lists the failed jobs of a batch as events.
	Failed(ctx context.Context, batch string) ([]Event, error)
}

// Outbox takes events in the transaction of what happened: both are there, or
// neither.
type Outbox struct {
	rows Rows
	now  func() time.Time
}

// NewOutbox makes an Outbox over rows; now may be nil.
func NewOutbox(rows Rows, now func() time.Time) *Outbox {
	if now == nil {
		now = time.Now
	}
	return &Outbox{rows: rows, now: now}
}

// Add keeps an event to be told. Where no webhook is set, or it does not ask
// for the kind, nothing is kept.
func (o *Outbox) Add(ctx context.Context, e Event) error {
	return o.rows.InTx(ctx, func(ctx context.Context) error {
		hook, err := o.rows.Webhook(ctx)
		if err != nil {
			return err
		}
		if hook.Host == "" || !slices.Contains(hook.Events, e.Kind) {
			return nil
		}
		k := Kept{ID: o.rows.NewID(), Event: e, At: o.now().UTC()}
		if k.Key == "" {
			k.Key = k.ID
		}
		if err := o.rows.KeepEvent(ctx, k); err != nil {
			return fmt.Errorf("keep a notice: %w", err)
		}
		return nil
	})
}

// Watch says that a job of the batch ended: when the batch is over, its failed
// jobs are told in one message.
func (o *Outbox) Watch(ctx context.Context, batch string) error {
	if batch == "" {
		return nil
	}
	return o.Add(ctx, Event{Kind: BackupFailed, Batch: batch, Key: watchKey(batch)})
}

func watchKey(batch string) string { return "batch|" + batch }

// gather is how long events without a batch wait for others.
const gather = 2 * time.Minute

// digest makes messages of the batches that are over: one a kind.
func (o *Outbox) digest(ctx context.Context, jobs Batches) error {
	pending, err := o.rows.PendingBatches(ctx)
	if err != nil {
		return err
	}
	for _, p := range pending {
		over := o.now().Sub(p.Oldest) >= gather
		if p.Batch != "" {
			if over, err = jobs.Over(ctx, p.Batch); err != nil {
				return err
			}
		}
		if !over {
			continue
		}
		if err := o.rows.InTx(ctx, func(ctx context.Context) error { return o.tell(ctx, jobs, p.Batch) }); err != nil {
			return fmt.Errorf("notices of batch %.40q: %w", p.Batch, err)
		}
	}
	return nil
}

// tell turns the events of one batch into messages, in one transaction.
func (o *Outbox) tell(ctx context.Context, jobs Batches, batch string) error {
	events, err := o.rows.PendingEvents(ctx, batch)
	if err != nil {
		return err
	}
	of := map[Kind][]Event{}
	for _, e := range events {
		if e.Key != watchKey(batch) {
			of[e.Kind] = append(of[e.Kind], e)
			continue
		}
		failed, err := jobs.Failed(ctx, batch)
		if err != nil {
			return err
		}
		of[e.Kind] = append(of[e.Kind], failed...)
	}
	for _, kind := range Kinds() {
		if len(of[kind]) == 0 {
			continue
		}
		now := o.now().UTC()
		m := compose(o.rows.NewID(), kind, batch, now, of[kind])
		body, err := json.Marshal(m)
		if err != nil {
			return err
		}
		n := Notice{ID: m.ID, Kind: kind, Batch: batch, Body: body, Created: now, State: Waiting, Due: now}
		if err := o.rows.SaveNotice(ctx, n); err != nil {
			return err
		}
	}
	if err := o.rows.EventsTold(ctx, batch); err != nil {
		return err
	}
	return o.rows.PruneNotices(ctx, o.now().Add(-keepFor), keepMost)
}
