package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/plumbline-net/plumbline/netdev"
)

// Options of NewBoard; the zero value works.
type Options struct {
	Now    func() time.Time
	Random func() float64 // in [0,1), for the jitter of retries
	Log    *slog.Logger
	// Changed is told each job whose state changed, once that is committed. It
	// must not block.
	Changed func(j Job)
}

// Board is where jobs are planned, looked up, cancelled and finished. It needs
// no queue, so that a command line beside a server can use it.
type Board struct {
	rows Rows
	opt  Options
	kick chan struct{} // something is due

	cancelled chan string // ids of running jobs that were asked to stop
}

// NewBoard makes a Board over rows.
func NewBoard(rows Rows, opt Options) *Board {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Random == nil {
		opt.Random = rand.Float64
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Changed == nil {
		opt.Changed = func(Job) {}
	}
	return &Board{rows: rows, opt: opt, kick: make(chan struct{}, 1), cancelled: make(chan string, 64)}
}

func (b *Board) now() time.Time { return b.opt.Now().UTC() }

// changed tells of a job whose row was written.
func (b *Board) changed(ctx context.Context, j Job) {
	b.rows.AfterCommit(ctx, func() {
		b.opt.Changed(j)
		if j.State == Planned {
			b.wake()
		}
	})
}

func (b *Board) wake() {
	select {
	case b.kick <- struct{}{}:
	default:
	}
}

// Enqueue plans a job: its row is there when the transaction commits, the
// message follows. A job that waits for its time, or is less urgent and waits,
// gives way; one that is under way does not: *BusyError tells which.
func (b *Board) Enqueue(ctx context.Context, j Job) (Job, error) {
	err := b.rows.InTx(ctx, func(ctx context.Context) (err error) {
		j, err = b.add(ctx, j)
		return err
	})
	if err != nil {
		return Job{}, err
	}
	return j, nil
}

func (b *Board) add(ctx context.Context, j Job) (Job, error) {
	if err := j.complete(); err != nil {
		return Job{}, err
	}
	now := b.now()
	if j.Device != "" {
		was, busy, err := b.rows.ActiveJob(ctx, j.Device, j.Class)
		if err != nil {
			return Job{}, err
		}
		if busy && !was.yields(j, now) {
			return Job{}, &BusyError{was}
		}
		if busy {
			o := Outcome{State: Cancelled, Reason: was.Reason, Detail: "a newer job took its place, of " + j.By}
			if err := b.end(ctx, was, o); err != nil {
				return Job{}, err
			}
		}
	}
	j.ID, j.State, j.Attempt, j.Created = ulid.Make().String(), Planned, 1, now
	if j.NotBefore.IsZero() {
		j.NotBefore = now
	}
	j.Delivered, j.Fence, j.Worker, j.Reason, j.Detail = 0, 0, "", "", ""
	if err := b.rows.AddJob(ctx, j); err != nil {
		return Job{}, fmt.Errorf("plan a %s: %w", j.Kind, err)
	}
	b.changed(ctx, j)
	return j, nil
}

// Job gives one job; ErrNoJob when there is none.
func (b *Board) Job(ctx context.Context, id string) (Job, error) { return b.rows.Job(ctx, id) }

// Jobs lists jobs, newest first.
func (b *Board) Jobs(ctx context.Context, f Filter) ([]Job, error) { return b.rows.Jobs(ctx, f) }

// Tries lists the attempts of a job in their order.
func (b *Board) Tries(ctx context.Context, id string) ([]Try, error) { return b.rows.Tries(ctx, id) }

// Active gives the unfinished job of a device and class, if any.
func (b *Board) Active(ctx context.Context, dev netdev.DeviceID, class Class) (Job, bool, error) {
	return b.rows.ActiveJob(ctx, dev, class)
}

// Cancel ends a job that waits, and asks one that runs to stop; it gives the
// job as it is then. A finished job stays as it is.
func (b *Board) Cancel(ctx context.Context, id, by string) (Job, error) {
	var j Job
	err := b.rows.InTx(ctx, func(ctx context.Context) (err error) {
		if j, err = b.rows.Job(ctx, id); err != nil {
			return err
		}
		switch j.State {
		case Planned, Queued:
			err = b.end(ctx, j, Outcome{State: Cancelled, Reason: netdev.Cancelled, Detail: "by " + by})
			j.State = Cancelled
		case Running:
			j.State, j.Detail = Cancelling, "by "+by
			if err = b.rows.SaveJob(ctx, j); err == nil {
				b.changed(ctx, j)
				b.rows.AfterCommit(ctx, func() { b.stop(id) })
			}
		}
		return err
	})
	if err != nil {
		return Job{}, fmt.Errorf("cancel: %w", err)
	}
	return j, nil
}

// stop is the quick way to a running job; its next heartbeat is the sure one.
func (b *Board) stop(id string) {
	select {
	case b.cancelled <- id:
	default:
	}
}
