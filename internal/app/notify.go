package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/health"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/notify"
	"github.com/plumbline-net/plumbline/netdev"
)

// noteBackup puts what a backup brought into the outbox, in the transaction
// that ends its job. began is a time before the device was judged.
func (w *work) noteBackup(ctx context.Context, l jobs.Lease, r configstore.Report, began time.Time) error {
	if w.outbox == nil {
		return nil
	}
	if err := w.outbox.Watch(ctx, l.Batch); err != nil {
		return err
	}
	if r.Outcome != configstore.Changed && r.Outcome != configstore.UnchangedText {
		return nil // nothing was judged
	}
	e := notify.Event{Batch: l.Batch, Device: r.Device.Name, Site: r.Device.Site}
	if err := w.noteDrift(ctx, e, r.Device.ID, began); err != nil {
		return err
	}
	return w.noteVerdicts(ctx, e, r.Device.ID, began)
}

// noteDrift tells of findings that opened since began, one event a kind.
func (w *work) noteDrift(ctx context.Context, e notify.Event, dev netdev.DeviceID, began time.Time) error {
	open, err := w.a.Store.Findings(ctx, configstore.FindingFilter{Device: dev, State: drift.Open})
	if err != nil {
		return err
	}
	opened := map[drift.Kind]int{}
	for _, f := range open {
		if f.Kind != drift.Previous && !f.Since.Before(began) { // that is a change, not drift
			opened[f.Kind]++
		}
	}
	e.Kind = notify.DriftOpened
	for kind, n := range opened {
		e.Reason, e.Detail = string(kind), fmt.Sprintf("%d findings", n)
		if err := w.outbox.Add(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// noteVerdicts tells of rules that fail since began, in one event.
func (w *work) noteVerdicts(ctx context.Context, e notify.Event, dev netdev.DeviceID, began time.Time) error {
	failing, err := w.a.Store.Results(ctx, configstore.ResultFilter{Device: dev, Verdict: compliance.Fail})
	if err != nil {
		return err
	}
	var rules []string
	for _, r := range failing {
		if !r.Since.Before(began) {
			rules = append(rules, r.Rule)
		}
	}
	if len(rules) == 0 {
		return nil
	}
	e.Kind, e.Reason, e.Detail = notify.ComplianceFailing, "", fmt.Sprintf("%d rules: %s", len(rules), strings.Join(rules, ", "))
	return w.outbox.Add(ctx, e)
}

// maxBatch bounds the failures of a batch that are told.
const maxBatch = 10000

// batches answers what the outbox asks of jobs.
type batches struct {
	a     *Appliance
	board *jobs.Board
}

// Over implements notify.Batches.
func (b batches) Over(ctx context.Context, batch string) (bool, error) {
	n, err := b.board.Batch(ctx, batch)
	if errors.Is(err, jobs.ErrNoJob) {
		return true, nil
	}
	return n.Waiting+n.Retrying+n.Running == 0, err
}

// Failed implements notify.Batches.
func (b batches) Failed(ctx context.Context, batch string) ([]notify.Event, error) {
	list, err := b.board.Jobs(ctx, jobs.Filter{Batch: batch, States: []jobs.State{jobs.Failed, jobs.Dead}, Limit: maxBatch})
	if err != nil {
		return nil, err
	}
	var out []notify.Event
	for _, j := range list {
		d, err := b.a.DB.Device(ctx, j.Device)
		if err != nil && !errors.Is(err, discovery.ErrNoDevice) {
			return nil, err
		}
		out = append(out, notify.Event{Kind: notify.BackupFailed, Device: d.Name, Site: d.Site, Reason: string(j.Reason)})
	}
	return out, nil
}

const lookoutEvery = time.Hour

// lookout tells what no job tells: devices whose configuration went stale, and
// a disk that fills up. Each is told once: a device for each time it was
// confirmed last, the disk once a day.
func (w *work) lookout(ctx context.Context) error {
	tick := time.NewTicker(lookoutEvery)
	defer tick.Stop()
	for {
		if err := errors.Join(w.noteStale(ctx), w.noteDisk(ctx, room)); err != nil && ctx.Err() == nil {
			w.log.ErrorContext(ctx, "look for what to tell", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (w *work) noteStale(ctx context.Context) error {
	states, err := w.a.Store.States(ctx)
	if err != nil {
		return err
	}
	devices, err := w.a.DB.Devices(ctx)
	if err != nil {
		return err
	}
	return w.a.DB.InTx(ctx, func(ctx context.Context) error {
		for _, d := range devices {
			st := states[d.ID]
			if st.Freshness != configstore.Stale || st.Running == nil || d.ByController() {
				continue
			}
			at := st.Running.ConfirmedAt.UTC()
			e := notify.Event{Kind: notify.DeviceStale, Key: "stale|" + string(d.ID) + "|" + at.Format(time.RFC3339), Device: d.Name, Site: d.Site,
				Reason: "stale", Detail: "last confirmed " + at.Format(time.RFC3339)}
			if st.LastAttempt != nil && st.LastAttempt.Reason != "" {
				e.Reason = string(st.LastAttempt.Reason)
			}
			if err := w.outbox.Add(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *work) noteDisk(ctx context.Context, room func(dir string) (free, total int64, err error)) error {
	left, _, err := room(w.a.Dir)
	if err != nil || left >= health.FreeWarn {
		return err
	}
	return w.outbox.Add(ctx, notify.Event{Kind: notify.HealthAlarm, Key: "disk|" + w.now().UTC().Format(time.DateOnly), Reason: "disk-full",
		Detail: fmt.Sprintf("%d MiB are free in the data directory", left>>20)})
}
