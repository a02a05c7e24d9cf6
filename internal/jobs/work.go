package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// closing is how long the end of an attempt may take to be written; after it
// the job is left to another worker.
const closing = 25 * time.Second

// work does one message from start to acknowledgement. ctx does not end with
// the server: what is done must be written.
func (r *Runner) work(ctx context.Context, d Delivery) {
	m := d.Message()
	l, err := r.board.start(ctx, m.Job, m.Attempt, r.worker, r.opt.AckWait)
	if errors.Is(err, errNotNow) {
		r.ack(ctx, d)
		return
	}
	if err != nil { // the message comes back after AckWait
		r.opt.Log.ErrorContext(ctx, "start a job", "job", m.Job, "error", err)
		return
	}
	o, cause := r.attempt(ctx, l, d)
	cctx, cancel := context.WithTimeout(ctx, closing)
	defer cancel()
	if errors.Is(cause, errStopping) && o.State != Done {
		r.handBack(cctx, l, d)
		return
	}
	if err := r.finish(cctx, l, o); err != nil {
		// The row is another's, or could not be written: either way the message
		// is not ours to remove.
		r.opt.Log.WarnContext(ctx, "a job's end was not stored", "job", l.Job, "attempt", l.Attempt, "error", err)
		return
	}
	r.ack(cctx, d)
}

// handBack queues the attempt again and takes its message out, so that the
// next start sends it at once and does not wait for AckWait.
func (r *Runner) handBack(ctx context.Context, l Lease, d Delivery) {
	if err := r.board.release(ctx, l); err != nil && !errors.Is(err, ErrSuperseded) {
		r.opt.Log.ErrorContext(ctx, "give a job back", "job", l.Job, "error", err)
		return
	}
	r.ack(ctx, d)
}

func (r *Runner) ack(ctx context.Context, d Delivery) {
	if err := d.Ack(ctx); err != nil {
		r.opt.Log.WarnContext(ctx, "a message was not removed, the reconciler will", "job", d.Message().Job, "error", err)
	}
}

// finish writes the end, again where the database is busy.
func (r *Runner) finish(ctx context.Context, l Lease, o Outcome) error {
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		err := r.board.Finish(ctx, l, o)
		if err == nil || errors.Is(err, ErrSuperseded) || errors.Is(err, ErrNoJob) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// attempt runs the handler with a heartbeat beside it and gives its outcome,
// and why it was stopped, if it was.
func (r *Runner) attempt(ctx context.Context, l Lease, d Delivery) (Outcome, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if !r.enter(l.Job, cancel) {
		return Outcome{State: Cancelled}, errStopping
	}
	defer r.leave(l.Job)
	hctx, stop := context.WithTimeoutCause(ctx, r.opt.MaxTime,
		&netdev.OpError{Reason: netdev.Timeout, Op: string(l.Kind), Detail: "total " + r.opt.MaxTime.String()})
	defer stop()
	var beats sync.WaitGroup
	beats.Go(func() { r.beat(hctx, l, d, cancel) })
	o := r.call(hctx, l)
	cause := context.Cause(hctx)
	stop()
	beats.Wait()
	return o, cause
}

func (r *Runner) call(ctx context.Context, l Lease) (o Outcome) {
	// A second wall: one bad device must not take the server down.
	defer func() {
		if p := recover(); p != nil {
			r.opt.Log.ErrorContext(ctx, "a handler panicked", "job", l.Job, "kind", l.Kind, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			o = Outcome{State: Failed, Reason: netdev.Internal, Detail: "fault of the program, see the log"}
		}
	}()
	h, ok := r.handlers[l.Kind]
	if !ok {
		return Outcome{State: Failed, Reason: netdev.Unsupported, Detail: "no handler for " + string(l.Kind)}
	}
	if o = h(ctx, l); !o.State.Finished() {
		return Outcome{State: Failed, Reason: netdev.Internal, Detail: "the handler gave no outcome"}
	}
	if errors.Is(context.Cause(ctx), errAsked) && o.State == Failed {
		o = Outcome{State: Cancelled, Reason: netdev.Cancelled, Detail: o.Detail}
	}
	return o
}

// beat says every now and then that the attempt is alive, and stops it when
// the row says so. Without an answer it stops before another worker may begin.
func (r *Runner) beat(ctx context.Context, l Lease, d Delivery, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(r.opt.Beat)
	defer tick.Stop()
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		state, held, err := r.board.beat(ctx, l, r.opt.Beat)
		switch {
		case err != nil:
			if time.Since(last) > r.opt.AckWait*5/6 {
				cancel(fmt.Errorf("no heartbeat could be written: %w", err))
				return
			}
		case !held:
			cancel(ErrSuperseded)
			return
		case state == Cancelling:
			cancel(errAsked)
			return
		default:
			last = time.Now()
			if err := d.Alive(); err != nil {
				r.opt.Log.WarnContext(ctx, "queue was not told of a running job", "job", l.Job, "error", err)
			}
		}
	}
}

// enter notes a running job, so that it can be stopped; false where the server
// stops already.
func (r *Runner) enter(job string, cancel context.CancelCauseFunc) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return false
	}
	r.running[job] = cancel
	return true
}

func (r *Runner) leave(job string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, job)
}

func (r *Runner) cancelLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-r.board.cancelled:
			r.mu.Lock()
			cancel := r.running[id]
			r.mu.Unlock()
			if cancel != nil {
				cancel(errAsked)
			}
		}
	}
}
