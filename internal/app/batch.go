package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/web"
)

// BackupDevices queues one backup a device, ahead of what is scheduled, and
// names the batch. Devices that are being backed up already are left out.
func (w *work) BackupDevices(ctx context.Context, by string, ids []netdev.DeviceID) (string, error) {
	var list []jobs.Job
	for _, id := range ids {
		d, err := w.a.DB.Device(ctx, id)
		if err != nil {
			return "", err
		}
		list = append(list, jobs.Job{Kind: jobs.Pull, Class: jobs.CLI, Device: id, Site: siteWord(d.Site), Priority: jobs.High, By: by})
	}
	batch, planned, busy, err := w.board.EnqueueAll(ctx, list)
	if err != nil {
		return "", err
	}
	if len(planned) == 0 && busy > 0 {
		return "", fmt.Errorf("%w: %d", web.ErrBusy, busy)
	}
	w.publish("job", batch)
	return batch, nil
}

// siteWord makes a site's name fit for a queue subject: [a-z0-9-]{1,32}.
func siteWord(site string) string {
	var b []byte
	for _, c := range []byte(site) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-':
			b = append(b, c)
		case c >= 'A' && c <= 'Z':
			b = append(b, c+'a'-'A')
		default:
			b = append(b, '-')
		}
	}
	return string(b[:min(len(b), 32)])
}

// maxBatch bounds the rows of a batch that are shown.
const maxBatch = 10000

// Batch tells how far a batch is.
func (w *work) Batch(ctx context.Context, id string) (web.Batch, error) {
	list, err := w.board.Jobs(ctx, jobs.Filter{Batch: id, Limit: maxBatch})
	if err != nil {
		return web.Batch{}, err
	}
	out := web.Batch{ID: id, Total: len(list)}
	for _, j := range list {
		if out.Started.IsZero() || j.Created.Before(out.Started) {
			out.By, out.Started = j.By, j.Created
		}
		row := web.BatchRow{Device: j.Device, State: batchState(j.State), Reason: j.Reason, Detail: j.Detail, Ended: j.Ended}
		d, err := w.a.DB.Device(ctx, j.Device)
		if err != nil && !errors.Is(err, discovery.ErrNoDevice) {
			return web.Batch{}, err
		}
		row.Name = d.Name
		if j.State == jobs.Done {
			row.State = "stored"
			if j.Detail == string(configstore.UnchangedText) {
				row.State = "unchanged"
			}
			row.Detail = ""
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

func batchState(s jobs.State) string {
	switch s {
	case jobs.Running, jobs.Cancelling:
		return "running"
	case jobs.Failed, jobs.Dead:
		return "failed"
	case jobs.Cancelled:
		return "cancelled"
	default:
		return "waiting"
	}
}

// pull is the handler of backup jobs: the result and the end of the job are
// one transaction under the device's fence.
func (w *work) pull(b *configstore.Backup) jobs.Handler {
	return func(ctx context.Context, l jobs.Lease) jobs.Outcome {
		dev, err := w.a.DB.Device(ctx, l.Device)
		if err != nil {
			return jobs.OutcomeOf(err)
		}
		fence := configstore.Fence{Job: l.Job, Attempt: l.Attempt, Counter: l.Fence}
		var out jobs.Outcome
		rep, err := b.Device(ctx, dev, fence, func(ctx context.Context, r configstore.Report) error {
			out = outcomeOf(r)
			return w.board.Finish(ctx, l, out)
		})
		if err != nil {
			w.log.WarnContext(ctx, "backup was not stored", "device", dev.Name, "error", err)
			out := jobs.OutcomeOf(err)
			if why := w.a.OutageOf(err); why != "" {
				out.Detail, out.Again = "what was read could not be stored: "+why, true
			}
			return out
		}
		w.publish("config", string(rep.Device.ID))
		w.publish("job", l.Batch)
		return out
	}
}

// outcomeOf says a backup's end in the words of jobs.
func outcomeOf(r configstore.Report) jobs.Outcome {
	switch r.Outcome {
	case configstore.Changed, configstore.UnchangedText:
		return jobs.Outcome{State: jobs.Done, Detail: string(r.Outcome)}
	}
	if r.Reason == netdev.Cancelled {
		return jobs.Outcome{State: jobs.Cancelled, Reason: r.Reason, Detail: r.Detail}
	}
	return jobs.Outcome{State: jobs.Failed, Reason: r.Reason, Detail: r.Detail}
}
