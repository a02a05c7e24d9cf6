package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/plumbline-net/plumbline/netdev"
)

// Batch is a group of jobs that were asked for together, and how far it has
// come. Total = Waiting + Retrying + Running + Done + Failed + Cancelled +
// Skipped.
type Batch struct {
	ID       string
	What     string // backup, discovery, verify
	By       string // who asked
	Schedule string // id of the schedule that did; "" for a person
	Title    string // what it is called: the name of its schedule, the ranges of a discovery
	Planned  time.Time
	Until    time.Time // nothing of it starts from then on; zero for no end
	RetryOf  string    // the batch whose failures it takes up again
	Created  time.Time

	Total     int
	Waiting   int
	Retrying  int // failed, and planned again
	Running   int
	Done      int
	Failed    int // dead ones too
	Cancelled int
	Skipped   int
	Reasons   map[netdev.Reason]int // of the failed and skipped ones
	Began     time.Time             // of the first attempt; zero before it
	Ended     time.Time             // of the last end; zero where nothing has ended
}

// Count is a number of jobs of a batch that stand alike.
type Count struct {
	State  State
	Reason netdev.Reason
	Retry  bool // a new attempt is planned
	N      int
	Began  time.Time // the earliest start of one
	Ended  time.Time // the latest end of one
}

// BatchFilter chooses batches; the zero value takes all.
type BatchFilter struct {
	What     string
	Schedule string
	RetryOf  string
	Before   string // only ids before this one: the next page
	Limit    int    // default 50
}

// Finished says whether nothing of the batch is left to do.
func (b Batch) Finished() bool { return b.Waiting+b.Retrying+b.Running == 0 }

// Over counts what has come to its end.
func (b Batch) Over() int { return b.Done + b.Failed + b.Cancelled + b.Skipped }

// Left estimates how long the rest takes at the rate at which jobs have ended
// so far; false while too few have to tell, and where everything that is left
// waits for its next try.
func (b Batch) Left(now time.Time) (time.Duration, bool) {
	touched := b.Done + b.Failed
	rest := b.Waiting + b.Running
	if rest == 0 || touched < 3 || b.Began.IsZero() || !now.After(b.Began) {
		return 0, false
	}
	return time.Duration(float64(now.Sub(b.Began)) / float64(touched) * float64(rest)), true
}

// add enters a count.
func (b *Batch) add(c Count) {
	b.Total += c.N
	switch c.State {
	case Planned, Queued:
		if c.Retry {
			b.Retrying += c.N
		} else {
			b.Waiting += c.N
		}
	case Running, Cancelling:
		b.Running += c.N
	case Done:
		b.Done += c.N
	case Cancelled:
		b.Cancelled += c.N
	case Skipped:
		b.Skipped += c.N
		b.Reasons[c.Reason] += c.N
	default:
		b.Failed += c.N
		b.Reasons[c.Reason] += c.N
	}
	if !c.Began.IsZero() && (b.Began.IsZero() || c.Began.Before(b.Began)) {
		b.Began = c.Began
	}
	if c.Ended.After(b.Ended) {
		b.Ended = c.Ended
	}
}

// yields says whether a job gives way to a newer one of its device: it waits
// for its time, or waits and is less urgent.
func (j Job) yields(to Job, now time.Time) bool {
	if j.State == Planned && j.NotBefore.After(now) {
		return true
	}
	urgency := func(p Priority) int { return slices.Index(priorities(), p) }
	return (j.State == Planned || j.State == Queued) && urgency(to.Priority) < urgency(j.Priority)
}

// EnqueueAll plans a group of jobs in one transaction and gives the group with
// its id. A device that is busy is left out of a group that a person asked for,
// and counted; in one of a schedule it has a job that was skipped, so that each
// device of a night has its outcome.
func (b *Board) EnqueueAll(ctx context.Context, group Batch, list []Job) (out Batch, planned []Job, busy int, err error) {
	if group.ID == "" {
		group.ID = ulid.Make().String()
	}
	err = b.rows.InTx(ctx, func(ctx context.Context) error {
		planned, busy = nil, 0
		group.Created = b.now()
		if group.Planned.IsZero() {
			group.Planned = group.Created
		}
		if err := b.rows.AddBatch(ctx, group); err != nil {
			return err
		}
		for _, j := range list {
			j.Batch, j.NotAfter = group.ID, group.Until
			made, err := b.add(ctx, j)
			if taken, ok := errors.AsType[*BusyError](err); ok {
				busy++
				if group.Schedule == "" {
					continue
				}
				if err = b.skip(ctx, j, taken.Job); err != nil {
					return err
				}
				continue
			}
			if err != nil {
				return err
			}
			planned = append(planned, made)
		}
		return nil
	})
	if err != nil {
		return Batch{}, nil, 0, err
	}
	return group, planned, busy, nil
}

// skip keeps a job that is over before it began, because another has its
// device in hand.
func (b *Board) skip(ctx context.Context, j, other Job) error {
	if err := j.complete(); err != nil {
		return err
	}
	now := b.now()
	j.ID, j.State, j.Attempt, j.Created, j.NotBefore, j.Ended = ulid.Make().String(), Skipped, 1, now, now, now
	j.Reason, j.Detail = netdev.DeviceBusy, fmt.Sprintf("%s has it in hand: job %s is %s", other.By, other.ID, other.State)
	if err := b.rows.AddJob(ctx, j); err != nil {
		return err
	}
	b.changed(ctx, j)
	return b.endTry(ctx, j, Outcome{State: Skipped, Reason: j.Reason, Detail: j.Detail})
}

// Batch gives one group with its counts; ErrNoJob when there is none.
func (b *Board) Batch(ctx context.Context, id string) (Batch, error) {
	group, err := b.rows.BatchRow(ctx, id)
	if err != nil {
		return Batch{}, err
	}
	return b.counted(ctx, group)
}

func (b *Board) counted(ctx context.Context, group Batch) (Batch, error) {
	list, err := b.count(ctx, []Batch{group})
	if err != nil {
		return Batch{}, err
	}
	return list[0], nil
}

func (b *Board) count(ctx context.Context, list []Batch) ([]Batch, error) {
	ids := make([]string, len(list))
	for i, group := range list {
		ids[i] = group.ID
	}
	counts, err := b.rows.CountBatches(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Reasons = map[netdev.Reason]int{}
		for _, c := range counts[list[i].ID] {
			list[i].add(c)
		}
	}
	return list, nil
}

// Batches lists groups with their counts, the newest first.
func (b *Board) Batches(ctx context.Context, f BatchFilter) ([]Batch, error) {
	list, err := b.rows.BatchRows(ctx, f)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return b.count(ctx, list)
}

// CountDetail counts the done jobs of a group that ended with a word, such as
// unchanged.
func (b *Board) CountDetail(ctx context.Context, batch, detail string) (int, error) {
	return b.rows.CountDetail(ctx, batch, detail)
}

// chunk is how many jobs of a group are ended in one transaction: others want
// to write too.
const chunk = 200

// CancelBatch ends what of a group waits and asks what runs to stop; it gives
// how many jobs that were.
func (b *Board) CancelBatch(ctx context.Context, id, by string) (int, error) {
	if _, err := b.rows.BatchRow(ctx, id); err != nil {
		return 0, err
	}
	n, before := 0, ""
	for {
		list, err := b.rows.Jobs(ctx, Filter{Batch: id, States: []State{Planned, Queued, Running}, Before: before, Limit: chunk})
		if err != nil || len(list) == 0 {
			return n, err
		}
		err = b.rows.InTx(ctx, func(ctx context.Context) error {
			for _, j := range list {
				if _, err := b.Cancel(ctx, j.ID, by); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n, before = n+len(list), list[len(list)-1].ID
	}
}

// RetryBatch takes up the failed jobs of a group in a new one that is linked
// to it, ahead of what is scheduled; with a reason the failed and skipped ones
// of that reason alone. Devices that are busy are left out and counted.
func (b *Board) RetryBatch(ctx context.Context, id, by string, reason netdev.Reason) (out Batch, planned, busy int, err error) {
	old, err := b.rows.BatchRow(ctx, id)
	if err != nil {
		return Batch{}, 0, 0, err
	}
	f := Filter{Batch: id, States: []State{Failed, Dead}, Limit: chunk}
	if reason != "" {
		f.States, f.Reasons = append(f.States, Skipped), []netdev.Reason{reason}
	}
	var again []Job
	for {
		list, err := b.rows.Jobs(ctx, f)
		if err != nil {
			return Batch{}, 0, 0, err
		}
		for _, j := range list {
			again = append(again, Job{Kind: j.Kind, Class: j.Class, Device: j.Device, Site: j.Site, Params: j.Params, Priority: High, By: by})
		}
		if len(list) < f.Limit {
			break
		}
		f.Before = list[len(list)-1].ID
	}
	if len(again) == 0 {
		return Batch{}, 0, 0, nil
	}
	slices.Reverse(again) // in the order in which they were asked for
	group, made, busy, err := b.EnqueueAll(ctx, Batch{What: old.What, By: by, Title: old.Title, RetryOf: id}, again)
	return group, len(made), busy, err
}
