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
	// ExpiredJobs lists jobs that wait and may not start any more.
	ExpiredJobs(ctx context.Context, now time.Time, limit int) ([]Job, error)

	AddBatch(ctx context.Context, b Batch) error
	BatchRow(ctx context.Context, id string) (Batch, error) // ErrNoJob
	// BatchRows lists newest first.
	BatchRows(ctx context.Context, f BatchFilter) ([]Batch, error)
	// CountDetail counts the done jobs of a batch that ended with a word.
	CountDetail(ctx context.Context, batch, detail string) (int, error)
	// CountBatches counts the jobs of batches by how they stand.
	CountBatches(ctx context.Context, batches []string) (map[string][]Count, error)

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
	Device  netdev.DeviceID
	Batch   string
	States  []State
	Reasons []netdev.Reason
	Before  string // only ids before this one: the next page
	Limit   int    // default 100
}
