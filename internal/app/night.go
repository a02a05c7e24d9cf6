package app

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/web"
)

// bySchedule is who asked for what a schedule started.
const bySchedule = "schedule"

// nights is what pages do with jobs and schedules.
type nights struct {
	*jobs.Board
	*jobs.Planner
	w *work
}

// NewPlanner gives the schedules of a data directory to commands, which list
// and change them and start nothing.
func (a *Appliance) NewPlanner() *jobs.Planner {
	return jobs.NewPlanner(a.DB, nil, jobs.PlannerOptions{Now: a.now, Log: a.log})
}

// planner joins the schedules with what they start.
func (w *work) planner() *jobs.Planner {
	return jobs.NewPlanner(w.a.DB, map[schedule.What]jobs.Start{
		schedule.Backup: w.startBackup, schedule.Discovery: w.startScan, schedule.Verify: w.startVerify,
	}, jobs.PlannerOptions{Now: w.now, Log: w.log})
}

// group is the batch of a firing, or of a person who runs a schedule now.
func group(s schedule.Schedule, f schedule.Firing) (jobs.Batch, jobs.Priority) {
	g := jobs.Batch{What: string(s.What), By: bySchedule, Schedule: s.ID, Title: s.Name, Planned: f.Planned, Until: f.Until}
	if f.Planned.IsZero() {
		g.By, g.Schedule = s.By, ""
		return g, jobs.High
	}
	return g, jobs.Normal
}

// ChooseDevices gives the devices that a schedule means.
func (d *Data) ChooseDevices(ctx context.Context, s schedule.Schedule) ([]netdev.Device, error) {
	all, err := d.DB.Devices(ctx)
	if err != nil {
		return nil, err
	}
	holds := func(netdev.Device) bool { return true }
	if strings.TrimSpace(s.Choice) != "" {
		if holds, err = discovery.Where(s.Choice); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(all, func(dev netdev.Device) bool {
		return !holds(dev) || dev.ByController() || slices.Contains(s.Exclude, dev.ID)
	}), nil
}

// CheckSchedule finds the fault of a schedule that only the inventory and the
// readers of targets can find.
func (d *Data) CheckSchedule(ctx context.Context, s schedule.Schedule) error {
	switch {
	case s.What == schedule.Backup:
		if _, err := d.ChooseDevices(ctx, s); err != nil {
			return &schedule.FieldError{Field: "choice", Text: err.Error()}
		}
	case s.What == schedule.Discovery && s.Choice != "":
		if _, err := readTargets(rangesOf(s.Choice)); err != nil {
			return &schedule.FieldError{Field: "choice", Text: err.Error()}
		}
	}
	return nil
}

// SaveSchedule keeps a schedule that every check lets pass.
func (n nights) SaveSchedule(ctx context.Context, s schedule.Schedule, by string) (schedule.Schedule, error) {
	if err := n.w.a.CheckSchedule(ctx, s); err != nil {
		return s, err
	}
	return n.Planner.SaveSchedule(ctx, s, by)
}

// startBackup queues a backup of each device that a schedule means.
func (w *work) startBackup(ctx context.Context, s schedule.Schedule, f schedule.Firing) (string, error) {
	devs, err := w.a.ChooseDevices(ctx, s)
	if err != nil || len(devs) == 0 {
		return "", err
	}
	g, priority := group(s, f)
	now := w.now().UTC()
	ramp := s.Ramp
	if !g.Until.IsZero() { // late starts have less time
		ramp = min(ramp, g.Until.Sub(now)/2)
	}
	var list []jobs.Job
	for _, d := range devs {
		j := backupJob(d, priority, g.By)
		j.NotBefore = now.Add(spread(d.ID, ramp))
		list = append(list, j)
	}
	return w.enqueue(ctx, g, list)
}

func backupJob(d netdev.Device, p jobs.Priority, by string) jobs.Job {
	return jobs.Job{Kind: jobs.Pull, Class: jobs.CLI, Device: d.ID, Site: siteWord(d.Site), Priority: p, By: by}
}

// spread gives a device its place in a ramp: the same each night.
func spread(id netdev.DeviceID, ramp time.Duration) time.Duration {
	if ramp < time.Second {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	return time.Duration(h.Sum64()%uint64(ramp/time.Second)) * time.Second
}

// enqueue plans a batch and names it. Where each device of a person's batch is
// in hand, web.ErrBusy says so and nothing is kept.
func (w *work) enqueue(ctx context.Context, g jobs.Batch, list []jobs.Job) (string, error) {
	var id string
	err := w.a.DB.InTx(ctx, func(ctx context.Context) error {
		made, planned, busy, err := w.board.EnqueueAll(ctx, g, list)
		if err == nil && g.Schedule == "" && len(planned) == 0 && busy > 0 {
			return fmt.Errorf("%w: %d", web.ErrBusy, busy)
		}
		id = made.ID
		return err
	})
	if err != nil {
		return "", err
	}
	w.a.DB.AfterCommit(ctx, func() { w.publish("job", id) })
	return id, nil
}

// rangesOf reads the choice of a discovery: entries as on its page, those that
// begin with "-" are never asked.
func rangesOf(choice string) web.DiscoveryRequest {
	var req web.DiscoveryRequest
	for _, e := range strings.Fields(strings.ReplaceAll(choice, ",", " ")) {
		if not, ok := strings.CutPrefix(e, "-"); ok {
			req.Excludes = append(req.Excludes, not)
		} else {
			req.Targets = append(req.Targets, e)
		}
	}
	return req
}

// overlaps says whether what a schedule started before is still at work.
func (w *work) overlaps(ctx context.Context, s schedule.Schedule) error {
	last, err := w.board.Batches(ctx, jobs.BatchFilter{Schedule: s.ID, Limit: 1})
	if err == nil && len(last) > 0 && !last[0].Finished() {
		return jobs.ErrOverlap
	}
	return err
}

// startScan queues the discovery of a schedule: its ranges, or the addresses
// of the inventory.
func (w *work) startScan(ctx context.Context, s schedule.Schedule, f schedule.Firing) (string, error) {
	req := rangesOf(s.Choice)
	if len(req.Targets) == 0 {
		devs, err := w.a.DB.Devices(ctx)
		if err != nil {
			return "", err
		}
		for _, d := range devs {
			if d.Address.IsValid() {
				req.Targets = append(req.Targets, d.Address.String())
			}
		}
	}
	if len(req.Targets) == 0 {
		return "", nil
	}
	g, priority := group(s, f)
	if err := w.overlaps(ctx, s); err != nil && g.Schedule != "" {
		return "", err
	}
	return w.startDiscovery(ctx, g, priority, req)
}

// startVerify queues the reading back of everything that is kept.
func (w *work) startVerify(ctx context.Context, s schedule.Schedule, f schedule.Firing) (string, error) {
	g, priority := group(s, f)
	if err := w.overlaps(ctx, s); err != nil && g.Schedule != "" {
		return "", err
	}
	return w.enqueue(ctx, g, []jobs.Job{{Kind: jobs.Verify, Class: jobs.Local, Priority: priority, By: g.By}})
}

// verify is the handler of verify jobs.
func (w *work) verify(ctx context.Context, _ jobs.Lease) jobs.Outcome {
	faults, _, err := w.a.VerifyStore(ctx, w.now().UTC())
	switch {
	case err != nil:
		return jobs.OutcomeOf(err)
	case len(faults) > 0:
		w.log.ErrorContext(ctx, "what is kept is damaged", "faults", len(faults), "first", faults[0])
		return jobs.Outcome{State: jobs.Failed, Reason: netdev.Internal, Detail: fmt.Sprintf("%d faults in the store, the first: %s; see plumbline admin verify", len(faults), faults[0])}
	}
	return jobs.Outcome{State: jobs.Done, Detail: "all readable"}
}

// settleRuns ends discoveries whose job is over without having told so: it was
// cancelled or its window closed before it began, or it took its worker down.
func (w *work) settleRuns(ctx context.Context) error {
	runs, err := w.a.DB.Runs(ctx, 20)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.State != discovery.RunRunning {
			continue
		}
		b, err := w.board.Batch(ctx, string(r.ID))
		if errors.Is(err, jobs.ErrNoJob) || err == nil && !b.Finished() {
			continue // not of a batch, or at work
		}
		if err != nil {
			return err
		}
		state, why := discovery.RunFailed, "its job ended before it could tell"
		switch {
		case b.Cancelled > 0:
			state, why = discovery.RunCancelled, ""
		case b.Skipped > 0:
			state, why = discovery.RunCancelled, "its window closed before it began"
		}
		// It may have ended between our two looks.
		err = w.a.DB.InTx(ctx, func(ctx context.Context) error {
			now, err := w.a.DB.Run(ctx, r.ID)
			if err != nil || now.State != discovery.RunRunning {
				return err
			}
			return w.endRun(ctx, now, state, why)
		})
		if err != nil {
			return err
		}
		w.publish("run", string(r.ID))
	}
	return nil
}

// settle does settleRuns every few seconds until ctx ends.
func (w *work) settle(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := w.settleRuns(ctx); err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "discoveries without a job were not ended", "error", err)
		}
	}
}

// CancelBatch ends a batch; a discovery is told as cancelled at once.
func (n nights) CancelBatch(ctx context.Context, id, by string) (int, error) {
	k, err := n.Board.CancelBatch(ctx, id, by)
	if err == nil {
		err = n.w.settleRuns(ctx)
	}
	n.w.publish("job", id)
	return k, err
}

// RetryBatch takes up what failed of a batch. A discovery that is taken up is
// a run of its own.
func (n nights) RetryBatch(ctx context.Context, id, by string, reason netdev.Reason) (out jobs.Batch, planned, busy int, err error) {
	err = n.w.a.DB.InTx(ctx, func(ctx context.Context) error {
		out, planned, busy, err = n.retry(ctx, id, by, reason)
		if err == nil && planned == 0 && busy > 0 {
			err = fmt.Errorf("%w: %d", web.ErrBusy, busy)
		}
		return err
	})
	if err == nil {
		n.w.publish("job", out.ID)
	}
	return out, planned, busy, err
}

func (n nights) retry(ctx context.Context, id, by string, reason netdev.Reason) (jobs.Batch, int, int, error) {
	old, err := n.Board.Batch(ctx, id)
	if err != nil || old.What != string(schedule.Discovery) {
		if err != nil {
			return old, 0, 0, err
		}
		return n.Board.RetryBatch(ctx, id, by, reason)
	}
	list, err := n.Board.Jobs(ctx, jobs.Filter{Batch: id, States: []jobs.State{jobs.Failed, jobs.Dead, jobs.Cancelled, jobs.Skipped}, Limit: 1})
	if err != nil || len(list) == 0 {
		return jobs.Batch{}, 0, 0, err
	}
	p, err := readSweep(list[0].Params)
	if err != nil {
		return jobs.Batch{}, 0, 0, err
	}
	again := jobs.Batch{What: old.What, By: by, Title: old.Title, RetryOf: id}
	again.ID, err = n.w.startDiscovery(ctx, again, jobs.High, p.Request)
	return again, 1, 0, err
}
