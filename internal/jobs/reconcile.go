package jobs

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/plumbline-net/plumbline/netdev"
)

const publishBatch = 500

// publishLoop sends what is due: at once when this process planned it, at the
// next poll when another did or when its time has come.
func (r *Runner) publishLoop(ctx context.Context) {
	tick := time.NewTicker(r.opt.Poll)
	defer tick.Stop()
	for ctx.Err() == nil {
		var n int
		var err error
		if !r.opt.Hold() {
			n, err = r.publishDue(ctx)
			if late, lerr := r.board.Expire(ctx); lerr != nil && ctx.Err() == nil {
				r.opt.Log.ErrorContext(ctx, "end jobs whose window has closed", "error", lerr)
			} else if late == publishBatch {
				n = publishBatch
			}
		}
		if err != nil && ctx.Err() == nil {
			r.opt.Log.ErrorContext(ctx, "publish jobs", "error", err)
			r.unstick(ctx, err)
		}
		if n == publishBatch && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-r.board.kick:
		}
	}
}

func (r *Runner) publishDue(ctx context.Context) (int, error) {
	due, err := r.board.rows.DueJobs(ctx, r.board.now(), publishBatch)
	if err != nil {
		return 0, err
	}
	sent := 0
	for _, j := range due {
		if err = r.publish(ctx, j.message()); err != nil {
			break
		}
		sent++
	}
	// Marked in one transaction after all are sent: what is sent and not marked
	// is sent once more, and the queue keeps it once.
	if sent > 0 {
		err = errors.Join(err, r.board.queued(ctx, due[:sent]))
	}
	return sent, err
}

func (r *Runner) publish(ctx context.Context, m Message) error {
	if err := r.addSite(ctx, m.Site); err != nil {
		return err
	}
	if err := r.queue.Publish(ctx, m); err != nil {
		return err
	}
	r.nudge()
	return nil
}

// refill sends the message of a queued job that the queue has lost. The queue
// may remember the id of the lost one, so it gets another.
func (r *Runner) refill(ctx context.Context, id string) error {
	j, err := r.board.rows.Job(ctx, id)
	if err != nil || j.State != Queued {
		return err // it moved on while we looked
	}
	m := j.message()
	m.Again = ulid.Make().String()
	r.mu.Lock()
	r.filled[id] = r.board.now()
	r.mu.Unlock()
	return r.publish(ctx, m)
}

// unstick starts the queue anew where it takes no messages any more.
func (r *Runner) unstick(ctx context.Context, err error) {
	if !errors.Is(err, ErrStuck) {
		return
	}
	r.opt.Log.WarnContext(ctx, "the queue is stuck: it is started empty and filled from the rows")
	if err := r.queue.Reset(ctx); err != nil {
		r.opt.Log.ErrorContext(ctx, "start the queue anew", "error", err)
		return
	}
	r.reconcile(ctx, false)
}

// takeOver is the reconciler at the start. What an earlier run of this process
// had in its hands is lost, whatever its heartbeat says. What the queue has
// kept is not looked at: after a crash its index may name messages that it can
// never deliver, and filling it from the rows takes no longer than checking.
func (r *Runner) takeOver(ctx context.Context) error {
	if err := r.queue.Clear(ctx); err != nil {
		r.opt.Log.WarnContext(ctx, "the queue does not let itself be emptied: it is started anew", "error", err)
		if err := r.queue.Reset(ctx); err != nil {
			return err
		}
	}
	return r.compare(ctx, true)
}

func (r *Runner) reconcileLoop(ctx context.Context) {
	tick := time.NewTicker(r.opt.Reconcile)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.reconcile(ctx, false)
		case id := <-r.queue.Exhausted():
			r.opt.Log.WarnContext(ctx, "a job took its worker down", "job", id)
			r.reconcile(ctx, false)
		}
	}
}

func (r *Runner) reconcile(ctx context.Context, first bool) {
	if r.opt.Hold() {
		return // the next time comes soon
	}
	if err := r.compare(ctx, first); err != nil && ctx.Err() == nil {
		r.opt.Log.ErrorContext(ctx, "compare rows and queue", "error", err)
		r.unstick(ctx, err)
	}
}

// compare brings the queue to what the rows say: sends what is queued and not
// there, sends again what runs without a sign of life, removes what is
// finished.
func (r *Runner) compare(ctx context.Context, first bool) error {
	// Rows first: what is queued by then has been sent before.
	open, err := r.board.rows.OpenJobs(ctx)
	if err != nil {
		return err
	}
	present, err := r.queue.Present(ctx)
	if err != nil {
		return err
	}
	for _, j := range open {
		there := present[j.ID]
		delete(present, j.ID)
		switch {
		case j.State == Queued && there && !r.passedOver(j):
			err = r.addSite(ctx, j.Site)
		case j.State == Queued && there:
			r.opt.Log.WarnContext(ctx, "the queue names a message that it does not deliver", "job", j.ID)
			if err = r.queue.Drop(ctx, j.ID); err == nil {
				err = r.refill(ctx, j.ID)
			}
		case j.State == Queued:
			err = r.refill(ctx, j.ID)
		case r.workerLost(j, first):
			err = r.again(ctx, j)
		}
		if err != nil {
			return err
		}
	}
	r.forgetFilled(open)
	for id := range present {
		if err := r.dropFinished(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// passedOver says that the site's queue had nothing to give although this job
// had been in it for long: longer than a message stays with a worker that is
// lost. A damaged file does that.
func (r *Runner) passedOver(j Job) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.empty[j.Site].Sub(j.NotBefore) > 3*r.opt.AckWait && r.empty[j.Site].Sub(r.filled[j.ID]) > 3*r.opt.AckWait
}

func (r *Runner) workerLost(j Job, first bool) bool {
	if first && strings.HasPrefix(j.Worker, "local-") && j.Worker != r.worker {
		return true
	}
	return r.board.now().Sub(j.Heartbeat) > 3*r.opt.AckWait
}

func (r *Runner) forgetFilled(open []Job) {
	still := map[string]bool{}
	for _, j := range open {
		still[j.ID] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.filled, func(id string, _ time.Time) bool { return !still[id] })
}

// again makes a lost attempt ready to be started by another worker, or ends
// it where that happened too often.
func (r *Runner) again(ctx context.Context, j Job) error {
	ended := false
	err := r.board.rows.InTx(ctx, func(ctx context.Context) error {
		now, err := r.board.rows.Job(ctx, j.ID)
		if err != nil || now.Attempt != j.Attempt || now.Fence != j.Fence || now.State != j.State || !now.Heartbeat.Equal(j.Heartbeat) {
			ended = true // it moved on
			return err
		}
		ended = now.State == Cancelling || now.Delivered >= maxDelivered
		switch {
		case now.State == Cancelling:
			return r.board.end(ctx, now, Outcome{State: Cancelled, Reason: netdev.Cancelled, Detail: now.Detail})
		case ended:
			r.opt.Log.WarnContext(ctx, "a job took its worker down too often, it is dead", "job", now.ID, "kind", now.Kind, "device", now.Device)
			return r.board.end(ctx, now, lost(now))
		}
		now.State, now.Worker = Queued, ""
		if err := r.board.rows.SaveJob(ctx, now); err != nil {
			return err
		}
		r.board.changed(ctx, now)
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.queue.Drop(ctx, j.ID); err != nil || ended {
		return err
	}
	return r.refill(ctx, j.ID)
}

// dropFinished removes the messages of a job that is finished or gone. A
// planned one's message is on its way to be marked.
func (r *Runner) dropFinished(ctx context.Context, id string) error {
	j, err := r.board.rows.Job(ctx, id)
	if errors.Is(err, ErrNoJob) || (err == nil && j.State.Finished()) {
		return r.queue.Drop(ctx, id)
	}
	return err
}
