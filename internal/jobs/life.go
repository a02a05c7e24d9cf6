package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

const maxDelivered = 3

// errNotNow says that a message leads to nothing to do: the job is finished,
// cancelled, in another attempt, or runs elsewhere. The message can go.
var errNotNow = errors.New("nothing to do for this message")

// start makes an attempt this worker's: in one transaction the fence grows,
// and the job runs. alive is how old a heartbeat may be before its worker
// counts as lost.
func (b *Board) start(ctx context.Context, id string, attempt int, worker string, alive time.Duration) (Lease, error) {
	var l Lease
	err := b.rows.InTx(ctx, func(ctx context.Context) error {
		l = Lease{}
		j, err := b.rows.Job(ctx, id)
		if errors.Is(err, ErrNoJob) {
			return nil
		}
		if err != nil {
			return err
		}
		now := b.now()
		switch {
		case j.Attempt != attempt || j.State.Finished():
			return nil
		case j.late(now) && (j.State != Running || now.Sub(j.Heartbeat) >= alive):
			return b.expire(ctx, j)
		case j.State == Planned && j.NotBefore.After(now):
			return nil // placed anew since this message was sent
		case j.State == Cancelling:
			if now.Sub(j.Heartbeat) < alive {
				return nil
			}
			return b.end(ctx, j, Outcome{State: Cancelled, Reason: netdev.Cancelled, Detail: j.Detail})
		case j.State == Running && now.Sub(j.Heartbeat) < alive:
			return nil // delivered twice, and the first is at work
		case j.Delivered >= maxDelivered:
			return b.end(ctx, j, lost(j))
		}
		fence := j.Fence + 1
		if j.Class == CLI {
			if fence, err = b.rows.BumpFence(ctx, j.Device); err != nil {
				// The device is gone; if it is the database, this cannot be
				// written either, and the message comes back.
				return b.end(ctx, j, Outcome{State: Failed, Reason: netdev.Internal, Detail: err.Error()})
			}
		}
		j.State, j.Worker, j.Fence, j.Heartbeat, j.Started = Running, worker, fence, now, now
		j.Delivered++
		if err := b.rows.SaveJob(ctx, j); err != nil {
			return err
		}
		t := Try{Job: j.ID, Attempt: j.Attempt, Fence: fence, Worker: worker, Started: now, State: Running}
		if err := b.rows.SaveTry(ctx, t); err != nil {
			return err
		}
		b.changed(ctx, j)
		l = Lease{Job: j.ID, Attempt: j.Attempt, Fence: fence, Worker: worker, Kind: j.Kind, Class: j.Class, Device: j.Device,
			Site: j.Site, Batch: j.Batch, By: j.By, Params: j.Params}
		return nil
	})
	if err != nil {
		return Lease{}, fmt.Errorf("start job %s: %w", id, err)
	}
	if l.Job == "" {
		return Lease{}, errNotNow
	}
	return l, nil
}

func lost(j Job) Outcome {
	return Outcome{State: Dead, Reason: netdev.Internal, Detail: fmt.Sprintf("worker lost %d times, last %s", j.Delivered, j.Worker)}
}

// beat notes that an attempt is alive; it gives up after patience.
func (b *Board) beat(ctx context.Context, l Lease, patience time.Duration) (state State, held bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = b.rows.InTx(ctx, func(ctx context.Context) (err error) {
		state, held, err = b.rows.Beat(ctx, l, b.now())
		return err
	})
	return state, held, err
}

// Finish ends an attempt. Call it in the transaction that stores the result:
// ErrSuperseded there takes the result back. A failure that may go away is
// planned again as the next attempt. Finishing what this lease finished
// already is no error.
func (b *Board) Finish(ctx context.Context, l Lease, o Outcome) error {
	return b.rows.InTx(ctx, func(ctx context.Context) error {
		t, known, err := b.rows.Try(ctx, l.Job, l.Attempt)
		if err != nil {
			return err
		}
		if known && t.Fence == l.Fence && t.State.Finished() {
			return nil
		}
		j, err := b.held(ctx, l)
		if err != nil {
			return err
		}
		return b.end(ctx, j, o)
	})
}

// held gives the job if the lease still holds.
func (b *Board) held(ctx context.Context, l Lease) (Job, error) {
	j, err := b.rows.Job(ctx, l.Job)
	if err != nil {
		return Job{}, err
	}
	if (j.State != Running && j.State != Cancelling) || j.Attempt != l.Attempt || j.Fence != l.Fence {
		return Job{}, fmt.Errorf("job %s, attempt %d: %w", l.Job, l.Attempt, ErrSuperseded)
	}
	if l.Class == CLI {
		fence, err := b.rows.Fence(ctx, l.Device)
		if err != nil {
			return Job{}, err
		}
		if fence != l.Fence {
			return Job{}, fmt.Errorf("job %s: device %s: %w", l.Job, l.Device, ErrSuperseded)
		}
	}
	return j, nil
}

// end writes the outcome of the job's present attempt, and plans the next one
// where the reason may go away.
func (b *Board) end(ctx context.Context, j Job, o Outcome) error {
	if !o.State.Finished() {
		return fmt.Errorf("job %s cannot end as %q", j.ID, o.State)
	}
	now := b.now()
	o.Detail = strings.ToValidUTF8(o.Detail[:min(len(o.Detail), maxDetail)], "")
	if err := b.endTry(ctx, j, o); err != nil {
		return err
	}
	after, again := retryAfter(j.Kind, j.Attempt, o, b.opt.Random())
	again = again && o.State == Failed && j.State != Cancelling
	if again && !j.NotAfter.IsZero() && !now.Add(after).Before(j.NotAfter) {
		again, o.Detail = false, o.Detail+"; its window closes before another try"
	}
	j.State, j.Reason, j.Detail, j.Ended, j.Worker = o.State, o.Reason, o.Detail, now, ""
	if again {
		j.State, j.Attempt, j.Delivered, j.NotBefore, j.Ended = Planned, j.Attempt+1, 0, now.Add(after), time.Time{}
	}
	if err := b.rows.SaveJob(ctx, j); err != nil {
		return err
	}
	b.changed(ctx, j)
	return nil
}

// endTry writes the outcome of the present attempt, also of one that never
// began: each has exactly one.
func (b *Board) endTry(ctx context.Context, j Job, o Outcome) error {
	t, known, err := b.rows.Try(ctx, j.ID, j.Attempt)
	if err != nil {
		return err
	}
	if !known {
		t = Try{Job: j.ID, Attempt: j.Attempt}
	}
	t.State, t.Reason, t.Detail, t.Ended = o.State, o.Reason, o.Detail, b.now()
	return b.rows.SaveTry(ctx, t)
}

// late says that no attempt of the job may start any more.
func (j Job) late(now time.Time) bool { return !j.NotAfter.IsZero() && !now.Before(j.NotAfter) }

// expire ends a job whose window closed before its attempt began. Where an
// earlier attempt had failed, the job keeps that as its end.
func (b *Board) expire(ctx context.Context, j Job) error {
	o := Outcome{State: Skipped, Reason: netdev.WindowClosed, Detail: "its window closed at " + j.NotAfter.UTC().Format("2006-01-02 15:04 UTC")}
	switch {
	case j.State == Cancelling:
		return b.end(ctx, j, Outcome{State: Cancelled, Reason: netdev.Cancelled, Detail: j.Detail})
	case j.Attempt == 1 || j.Reason == "":
		return b.end(ctx, j, o)
	}
	if err := b.endTry(ctx, j, o); err != nil {
		return err
	}
	j.State, j.Worker, j.Ended = Failed, "", b.now()
	j.Detail += "; its window closed before another try"
	if err := b.rows.SaveJob(ctx, j); err != nil {
		return err
	}
	b.changed(ctx, j)
	return nil
}

// Expire ends the jobs that wait and may not start any more, at most a batch
// of them; it gives how many.
func (b *Board) Expire(ctx context.Context) (int, error) {
	n := 0
	err := b.rows.InTx(ctx, func(ctx context.Context) error {
		n = 0
		list, err := b.rows.ExpiredJobs(ctx, b.now(), publishBatch)
		if err != nil {
			return err
		}
		for _, j := range list {
			if err := b.expire(ctx, j); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// release gives an attempt back that did not come to its end because the
// server stops: it is queued as it was.
func (b *Board) release(ctx context.Context, l Lease) error {
	return b.rows.InTx(ctx, func(ctx context.Context) error {
		j, err := b.held(ctx, l)
		if err != nil {
			return err
		}
		if j.State == Cancelling {
			return b.end(ctx, j, Outcome{State: Cancelled, Reason: netdev.Cancelled, Detail: j.Detail})
		}
		j.State, j.Worker = Queued, ""
		j.Delivered--
		if err := b.rows.SaveJob(ctx, j); err != nil {
			return err
		}
		b.changed(ctx, j)
		return nil
	})
}

// queued notes that messages of these jobs are in the queue.
func (b *Board) queued(ctx context.Context, sent []Job) error {
	return b.rows.InTx(ctx, func(ctx context.Context) error {
		for _, s := range sent {
			j, err := b.rows.Job(ctx, s.ID)
			if err != nil {
				return err
			}
			if j.State != Planned || j.Attempt != s.Attempt {
				continue // a worker was quicker, or somebody cancelled it
			}
			j.State = Queued
			if err := b.rows.SaveJob(ctx, j); err != nil {
				return err
			}
			b.changed(ctx, j)
		}
		return nil
	})
}
