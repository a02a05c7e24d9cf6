package jobs

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/plumbline-net/plumbline/netdev"
)

const (
	publishEvery = time.Second // for jobs that other processes planned
	publishBatch = 500
)

// publishLoop sends what is due: at once when this process planned it, within
// a second when another did.
func (r *Runner) publishLoop(ctx context.Context) {
	tick := time.NewTicker(publishEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		n, err := r.publishDue(ctx)
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
			// Whoever planned may still be in the transaction: take its place in
			// the line of writers, and it is over.
			if err := r.board.rows.InTx(ctx, func(context.Context) error { return nil }); err != nil && ctx.Err() == nil {
				r.opt.Log.ErrorContext(ctx, "publish jobs", "error", err)
			}
		}
	}
}

func (r *Runner) publishDue(ctx context.Context) (int, error) {
	due, err := r.board.rows.DueJobs(ctx, r.board.now(), publishBatch)
	if err != nil {
		return 0, err
	}
	for _, j := range due {
		if err := r.publish(ctx, j.message()); err != nil {
			return 0, err
		}
		if err := r.board.queued(ctx, j.ID, j.Attempt); err != nil {
			return 0, err
		}
	}
	return len(due), nil
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

// takeOver is the reconciler at the start: what an earlier run of this
// process had in its hands is lost, whatever its heartbeat says.
func (r *Runner) takeOver(ctx context.Context) error {
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
		case j.State == Queued && there:
			err = r.addSite(ctx, j.Site)
		case j.State == Queued:
			err = r.refill(ctx, j.ID)
		case r.workerLost(j, first):
			err = r.again(ctx, j)
		}
		if err != nil {
			return err
		}
	}
	for id := range present {
		if err := r.dropFinished(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) workerLost(j Job, first bool) bool {
	if first && strings.HasPrefix(j.Worker, "local-") && j.Worker != r.worker {
		return true
	}
	return r.board.now().Sub(j.Heartbeat) > 3*r.opt.AckWait
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
			return r.board.end(ctx, now, lost(now))
		}
		now.State, now.Worker = Queued, ""
		return r.board.rows.SaveJob(ctx, now)
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
