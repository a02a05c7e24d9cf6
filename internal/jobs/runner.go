package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// Handler does one attempt. It ends early when ctx is cancelled, whose cause
// says why. A result is stored in one transaction with Board.Finish; without
// a result it just returns the outcome, and the runner finishes the row.
type Handler func(ctx context.Context, l Lease) Outcome

// Causes of a handler's cancelled context.
var (
	errStopping = errors.New("the server stops")
	errAsked    = errors.New("cancelled")
)

// RunnerOptions of NewRunner; the zero value works.
type RunnerOptions struct {
	Workers   int           // at once; default 64
	PerSite   int           // at once a site; default 16
	AckWait   time.Duration // a worker without a heartbeat for so long is lost; default 30 s
	Beat      time.Duration // default AckWait / 3
	Reconcile time.Duration // rows and queue are compared so often; default 1 min
	MaxTime   time.Duration // of one attempt; default 1 h
	Poll      time.Duration // rows that other processes planned are looked for so often; default 1 s
	Log       *slog.Logger
	// Hold says that nothing may be begun now, such as while the rows cannot be
	// written: no job is taken and none loses an attempt. nil: never.
	Hold func() bool
}

// Runner publishes what is due, hands it to workers of this process, and
// keeps rows and queue in step.
type Runner struct {
	board    *Board
	queue    Queue
	handlers map[Kind]Handler
	opt      RunnerOptions
	worker   string // this run of this process

	wg    sync.WaitGroup
	freed chan struct{} // a worker ended, or a message was published
	slots chan struct{}

	mu      sync.Mutex
	sites   []string // that consumers exist for
	busy    map[string]int
	running map[string]context.CancelCauseFunc // by job
	stopped bool
	empty   map[string]time.Time // when a site's queue last had nothing to give
	filled  map[string]time.Time // when a job's message was sent anew
}

// NewRunner joins a board, a queue and the handlers of the kinds.
func NewRunner(board *Board, queue Queue, handlers map[Kind]Handler, opt RunnerOptions) *Runner {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	if opt.Workers <= 0 {
		opt.Workers = 64
	}
	if opt.PerSite <= 0 {
		opt.PerSite = 16
	}
	set(&opt.AckWait, 30*time.Second)
	set(&opt.Beat, opt.AckWait/3)
	set(&opt.Reconcile, time.Minute)
	set(&opt.MaxTime, time.Hour)
	set(&opt.Poll, time.Second)
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Hold == nil {
		opt.Hold = func() bool { return false }
	}
	return &Runner{board: board, queue: queue, handlers: handlers, opt: opt, worker: "local-" + ulid.Make().String(),
		freed: make(chan struct{}, 1), slots: make(chan struct{}, opt.Workers), busy: map[string]int{}, running: map[string]context.CancelCauseFunc{},
		empty: map[string]time.Time{}, filled: map[string]time.Time{}}
}

// Run works until ctx ends, then stops the handlers, waits for them and gives
// what they did not finish back to the rows. It does not close the queue. Only
// one Runner may run over a database.
func (r *Runner) Run(ctx context.Context) error {
	if err := r.takeOver(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("start jobs: %w", err)
	}
	var loops sync.WaitGroup
	loops.Go(func() { r.publishLoop(ctx) })
	loops.Go(func() { r.reconcileLoop(ctx) })
	loops.Go(func() { r.cancelLoop(ctx) })
	r.dispatchLoop(ctx)
	r.mu.Lock()
	r.stopped = true
	for _, cancel := range r.running {
		cancel(errStopping)
	}
	r.mu.Unlock()
	r.wg.Wait()
	loops.Wait()
	return nil
}

func (r *Runner) nudge() {
	select {
	case r.freed <- struct{}{}:
	default:
	}
}

// A message that was just published may not be there for its consumer yet:
// after a nudge the queue is asked again soon, then less and less. Asking at
// last every idlePoll finds messages that the queue gives back.
const (
	soonPoll = 20 * time.Millisecond
	idlePoll = 5 * time.Second
)

// dispatchLoop gives each site in turn one job as long as there is room, so
// that a site with a thousand jobs does not hold up one with a single job.
func (r *Runner) dispatchLoop(ctx context.Context) {
	wait := soonPoll
	poll := time.NewTimer(wait)
	defer poll.Stop()
	for turn, taken := 0, 0; ctx.Err() == nil; {
		worked := false
		for _, site := range r.sitesFrom(turn) {
			turn++
			// Every tenth job comes from the bottom, so that nothing starves.
			took, err := r.take(ctx, site, taken%10 == 9)
			if err != nil && ctx.Err() == nil {
				r.opt.Log.ErrorContext(ctx, "take a job", "site", site, "error", err)
			}
			if took {
				taken++
				worked = true
			}
		}
		if worked {
			wait = soonPoll
			continue
		}
		poll.Reset(wait)
		select {
		case <-ctx.Done():
		case <-r.freed:
			wait = soonPoll
		case <-poll.C:
			wait = min(wait*4, idlePoll, r.opt.AckWait)
		}
	}
}

func (r *Runner) sitesFrom(turn int) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sites) == 0 {
		return nil
	}
	at := turn % len(r.sites)
	return slices.Concat(r.sites[at:], r.sites[:at])
}

// take gives a free worker the next job of a site; false where there is no
// room or no job.
func (r *Runner) take(ctx context.Context, site string, fromBottom bool) (bool, error) {
	if r.opt.Hold() || !r.reserve(site) {
		return false, nil
	}
	d, err := r.queue.Next(ctx, site, fromBottom)
	if err != nil || d == nil {
		r.free(site)
		if err == nil {
			r.mu.Lock()
			r.empty[site] = r.board.now()
			r.mu.Unlock()
		}
		return false, err
	}
	r.wg.Go(func() {
		defer r.nudge()
		defer r.free(site)
		r.work(context.WithoutCancel(ctx), d)
	})
	return true, nil
}

func (r *Runner) reserve(site string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[site] >= r.opt.PerSite {
		return false
	}
	select {
	case r.slots <- struct{}{}:
	default:
		return false
	}
	r.busy[site]++
	return true
}

func (r *Runner) free(site string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy[site]--
	<-r.slots
}

// addSite makes the consumers of a site once.
func (r *Runner) addSite(ctx context.Context, site string) error {
	r.mu.Lock()
	known := slices.Contains(r.sites, site)
	r.mu.Unlock()
	if known {
		return nil
	}
	if err := r.queue.Site(ctx, site, r.opt.PerSite); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.sites, site) {
		r.sites = append(r.sites, site)
	}
	return nil
}
