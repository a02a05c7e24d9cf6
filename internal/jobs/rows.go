package jobs

import (
	"context"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Rows keeps jobs; internal/db implements it. Every method works in the
// transaction of its context.
type Rows interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error

	// AfterCommit does f once the transaction of ctx is committed.
	AfterCommit(ctx context.Context, f func())

	// AddJob keeps a new job: ErrDuplicate where its device has an unfinished
	// one of the class.
	AddJob(ctx context.Context, j Job) error
	Job(ctx context.Context, id string) (Job, error) // ErrNoJob
	SaveJob(ctx context.Context, j Job) error
	// ActiveJob gives the unfinished job of a device and class, if any.
	ActiveJob(ctx context.Context, dev netdev.DeviceID, class Class) (Job, bool, error)
	// DueJobs lists planned jobs whose time has come, the longest due first.
	DueJobs(ctx context.Context, now time.Time, limit int) ([]Job, error)
	// OpenJobs lists what is queued, running or cancelling.
	OpenJobs(ctx context.Context) ([]Job, error)
	// Jobs lists newest first.
	Jobs(ctx context.Context, f Filter) ([]Job, error)
	// Beat notes that an attempt is alive; it gives the job's state, and false
	// where the attempt is not the running one under that fence.
	Beat(ctx context.Context, l Lease, at time.Time) (State, bool, error)
	CountBatch(ctx context.Context, batch string) ([]Count, error)

	SaveTry(ctx context.Context, t Try) error
	Try(ctx context.Context, job string, attempt int) (Try, bool, error)
	Tries(ctx context.Context, job string) ([]Try, error)

	// BumpFence adds one to a device's fence and gives it.
	BumpFence(ctx context.Context, dev netdev.DeviceID) (int64, error)
	// Fence gives a device's fence.
	Fence(ctx context.Context, dev netdev.DeviceID) (int64, error)
}

// Filter chooses jobs; the zero value takes all.
type Filter struct {
	Device netdev.DeviceID
	Batch  string
	States []State
	Before string // only ids before this one: the next page
	Limit  int    // default 100
}

// Count is a number of jobs of a batch.
type Count struct {
	State  State
	Reason netdev.Reason
	Retry  bool // a new attempt is planned
	N      int
}

// Batch is how far a group of jobs has come. Total = Waiting + Retrying +
// Running + Done + Failed + Cancelled.
type Batch struct {
	ID        string
	Total     int
	Waiting   int
	Retrying  int // failed, and planned again
	Running   int
	Done      int
	Failed    int // dead ones too
	Cancelled int
	Reasons   map[netdev.Reason]int // of the failed ones
}

// Finished says whether nothing of the batch is left to do.
func (b Batch) Finished() bool { return b.Waiting+b.Retrying+b.Running == 0 }
