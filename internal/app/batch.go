package app

import (
	"context"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/web"
)

// BackupDevices queues one backup a device, ahead of what is scheduled, and
// names the batch: a device that waits in a scheduled one is taken out of it.
// Devices that are being backed up already are left out, and those whose
// configuration a wireless controller keeps.
func (w *work) BackupDevices(ctx context.Context, by string, ids []netdev.DeviceID) (string, error) {
	var list []jobs.Job
	title := ""
	for _, id := range ids {
		d, err := w.a.DB.Device(ctx, id)
		if err != nil {
			return "", err
		}
		if d.ByController() {
			continue
		}
		title = d.Name
		list = append(list, backupJob(d, jobs.High, by))
	}
	if len(list) == 0 && len(ids) > 0 {
		return "", web.ErrManaged
	}
	if len(list) != 1 {
		title = ""
	}
	return w.enqueue(ctx, jobs.Batch{What: string(schedule.Backup), By: by, Title: title}, list)
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

// pull is the handler of backup jobs: the result and the end of the job are
// one transaction under the device's fence.
func (w *work) pull(b *configstore.Backup) jobs.Handler {
	return func(ctx context.Context, l jobs.Lease) jobs.Outcome {
		dev, err := w.a.DB.Device(ctx, l.Device)
		if err != nil {
			return jobs.OutcomeOf(err)
		}
		if dev.ByController() { // since it was planned
			return jobs.Outcome{State: jobs.Cancelled, Detail: "its configuration is kept by its controller " + dev.Managed.Name}
		}
		fence := configstore.Fence{Job: l.Job, Attempt: l.Attempt, Counter: l.Fence}
		var out jobs.Outcome
		began := w.now().UTC()
		rep, err := b.Device(ctx, dev, fence, func(ctx context.Context, r configstore.Report) error {
			out = outcomeOf(r)
			if err := w.board.Finish(ctx, l, out); err != nil {
				return err
			}
			return w.noteBackup(ctx, l, r, began)
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
	if r.Outcome == configstore.SkippedOutcome {
		return jobs.Outcome{State: jobs.Skipped, Reason: r.Reason, Detail: r.Detail}
	}
	if r.Reason == netdev.Cancelled {
		return jobs.Outcome{State: jobs.Cancelled, Reason: r.Reason, Detail: r.Detail}
	}
	return jobs.Outcome{State: jobs.Failed, Reason: r.Reason, Detail: r.Detail}
}
