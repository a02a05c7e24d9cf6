package web

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
)

// addJobs gives the world one batch of all its devices that ended five ways,
// and two schedules.
func (w *world) addJobs(n int) {
	w.schedules = []schedule.Schedule{
		{ID: "S1", Name: "Nightly backup", What: schedule.Backup, Cron: "30 2 * * *", Zone: "Europe/Berlin", Closes: "06:00", Ramp: 30 * time.Minute, Enabled: true, By: "m.admin", Changed: testNow},
		{ID: "S2", Name: "Weekly look", What: schedule.Discovery, Choice: "192.0.2.0/24", Cron: "0 4 * * sun", Zone: "UTC", Blackouts: []string{"2026-12-24 – 2027-01-02"}},
	}
	w.firings = []jobs.Firing{{Schedule: "S1", Planned: testNow.Add(-8 * time.Hour), Outcome: jobs.Fired, Batch: "B1", At: testNow.Add(-8 * time.Hour)},
		{Schedule: "S1", Planned: testNow.Add(-32 * time.Hour), Outcome: jobs.Missed, Detail: "not in time", At: testNow.Add(-9 * time.Hour)}}
	b := jobs.Batch{ID: "B1", What: "backup", By: "schedule", Schedule: "S1", Title: "Nightly backup", Planned: testNow.Add(-time.Minute), Until: testNow.Add(3 * time.Hour), Created: testNow.Add(-time.Minute),
		Began: testNow.Add(-50 * time.Second), Ended: testNow, Total: n, Reasons: map[netdev.Reason]int{}}
	for i, d := range w.devices {
		j := jobs.Job{ID: fmt.Sprintf("J%04d", i), Batch: "B1", Kind: jobs.Pull, Class: jobs.CLI, Device: d.ID, By: "schedule", Attempt: 1, Created: b.Created}
		switch i % 6 {
		case 0:
			j.State, j.Detail, j.Ended = jobs.Done, string(configstore.Changed), testNow
			b.Done++
		case 1:
			j.State, j.Detail, j.Ended = jobs.Done, string(configstore.UnchangedText), testNow
			b.Done++
		case 2:
			j.State, j.Reason, j.Detail, j.Ended = jobs.Failed, netdev.AuthFailed, "login: refused", testNow
			b.Failed++
			b.Reasons[j.Reason]++
		case 3:
			j.State = jobs.Running
			b.Running++
		case 4:
			j.State, j.Reason, j.Attempt, j.NotBefore = jobs.Planned, netdev.Timeout, 2, testNow.Add(time.Minute)
			b.Retrying++
		case 5:
			j.State, j.Reason, j.Ended = jobs.Skipped, netdev.WindowClosed, testNow
			b.Skipped++
			b.Reasons[j.Reason]++
		}
		w.jobs = append(w.jobs, j)
	}
	slices.Reverse(w.jobs)
	w.batches = []jobs.Batch{b}
	w.paused = map[netdev.DeviceID]time.Time{w.devices[0].ID: testNow.Add(40 * time.Minute)}
}

func (w *world) Batches(_ context.Context, f jobs.BatchFilter) ([]jobs.Batch, error) {
	var out []jobs.Batch
	for _, b := range w.batches {
		if (f.What == "" || f.What == b.What) && (f.RetryOf == "" || f.RetryOf == b.RetryOf) && (f.Before == "" || b.ID < f.Before) {
			out = append(out, b)
		}
	}
	return out[:min(len(out), f.Limit)], nil
}

func (w *world) Batch(_ context.Context, id string) (jobs.Batch, error) {
	for _, b := range w.batches {
		if b.ID == id {
			return b, nil
		}
	}
	return jobs.Batch{}, jobs.ErrNoJob
}

func (w *world) CountDetail(_ context.Context, batch, detail string) (n int, err error) {
	for _, j := range w.jobs {
		if j.Batch == batch && j.State == jobs.Done && j.Detail == detail {
			n++
		}
	}
	return n, nil
}

func (w *world) Jobs(_ context.Context, f jobs.Filter) ([]jobs.Job, error) {
	var out []jobs.Job
	for _, j := range w.jobs {
		if j.Batch == f.Batch && (f.Before == "" || j.ID < f.Before) && (len(f.States) == 0 || slices.Contains(f.States, j.State)) && (len(f.Reasons) == 0 || slices.Contains(f.Reasons, j.Reason)) {
			out = append(out, j)
		}
	}
	return out[:min(len(out), f.Limit)], nil
}

func (w *world) Job(_ context.Context, id string) (jobs.Job, error) {
	for _, j := range w.jobs {
		if j.ID == id {
			return j, nil
		}
	}
	return jobs.Job{}, jobs.ErrNoJob
}

func (w *world) Tries(ctx context.Context, id string) ([]jobs.Try, error) {
	j, err := w.Job(ctx, id)
	if err != nil || j.State == jobs.Planned && j.Attempt == 1 {
		return nil, err
	}
	return []jobs.Try{{Job: id, Attempt: 1, State: jobs.Failed, Reason: netdev.Timeout, Detail: "connect", Started: testNow.Add(-time.Minute), Ended: testNow}}, nil
}

func (w *world) CancelBatch(ctx context.Context, id, by string) (int, error) {
	b, err := w.Batch(ctx, id)
	w.asked = append(w.asked, "cancel "+id+" by "+by)
	return b.Running + b.Waiting + b.Retrying, err
}

func (w *world) RetryBatch(ctx context.Context, id, by string, reason netdev.Reason) (jobs.Batch, int, int, error) {
	b, err := w.Batch(ctx, id)
	n := b.Failed
	if reason != "" {
		n = b.Reasons[reason]
	}
	w.asked = append(w.asked, "retry "+id+" by "+by+" for "+string(reason))
	return jobs.Batch{ID: "B2"}, n, 0, err
}

func (w *world) Schedules(context.Context) ([]schedule.Schedule, error) { return w.schedules, nil }

func (w *world) Schedule(_ context.Context, id string) (schedule.Schedule, error) {
	for _, s := range w.schedules {
		if s.ID == id {
			return s, nil
		}
	}
	return schedule.Schedule{}, schedule.ErrNone
}

func (w *world) SaveSchedule(_ context.Context, s schedule.Schedule, by string) (schedule.Schedule, error) {
	if _, err := schedule.Compile(s); err != nil {
		return s, err
	}
	s.By = by
	if s.ID == "" {
		s.ID = fmt.Sprintf("S%d", len(w.schedules)+1)
		w.schedules = append(w.schedules, s)
	}
	for i := range w.schedules {
		if w.schedules[i].ID == s.ID {
			w.schedules[i] = s
		}
	}
	return s, nil
}

func (w *world) DeleteSchedule(ctx context.Context, id string) error {
	_, err := w.Schedule(ctx, id)
	w.schedules = slices.DeleteFunc(w.schedules, func(s schedule.Schedule) bool { return s.ID == id })
	return err
}

func (w *world) RunNow(ctx context.Context, id, by string) (string, error) {
	_, err := w.Schedule(ctx, id)
	w.asked = append(w.asked, "run "+id+" by "+by)
	return "B1", err
}

func (w *world) Firings(_ context.Context, id string, limit int) ([]jobs.Firing, error) {
	out := slices.DeleteFunc(slices.Clone(w.firings), func(f jobs.Firing) bool { return f.Schedule != id })
	return out[:min(len(out), limit)], nil
}

func (w *world) PausedDevices(context.Context) (map[netdev.DeviceID]time.Time, error) {
	return w.paused, nil
}
