package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
)

// FiringOutcome is what became of one planned time.
type FiringOutcome string

// The outcomes of planned times.
const (
	Fired    FiringOutcome = "fired"
	Late     FiringOutcome = "late"     // started after its time: the appliance was down
	Missed   FiringOutcome = "missed"   // not started before its window closed or a later time came
	Blackout FiringOutcome = "blackout" // not started: a blackout forbade it
	Empty    FiringOutcome = "empty"    // nothing was to be done: no device is meant
)

// Firing is one planned time of a schedule and what became of it.
type Firing struct {
	Schedule string
	Planned  time.Time
	Outcome  FiringOutcome
	Batch    string // "" where nothing was started
	Detail   string
	At       time.Time // when it was dealt with
}

// ScheduleRows keeps schedules; internal/db implements it. Every method works
// in the transaction of its context.
type ScheduleRows interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	Schedules(ctx context.Context) ([]schedule.Schedule, error)          // by name
	Schedule(ctx context.Context, id string) (schedule.Schedule, error)  // schedule.ErrNone
	SaveSchedule(ctx context.Context, s schedule.Schedule) error         // schedule.ErrDuplicate
	DeleteSchedule(ctx context.Context, id string) error                 // schedule.ErrNone
	MoveCursor(ctx context.Context, id string, from, to time.Time) error // schedule.ErrFired where it is not at from
	AddFiring(ctx context.Context, f Firing) error                       // schedule.ErrFired
	SaveFiring(ctx context.Context, f Firing) error
	Firings(ctx context.Context, schedule string, limit int) ([]Firing, error) // newest first
}

// ErrOverlap is returned by a Start where what the schedule started before is
// still at work: the time is told as missed.
var ErrOverlap = errors.New("what it started before is still at work")

// Start begins what a schedule is there for, in the transaction of its
// context, and names the batch; "" where nothing was to be done.
type Start func(ctx context.Context, s schedule.Schedule, f schedule.Firing) (batch string, err error)

// PlannerOptions of NewPlanner; the zero value works.
type PlannerOptions struct {
	Now  func() time.Time
	Log  *slog.Logger
	Poll time.Duration // how often the clock is looked at; default 5 s
}

// Planner starts what is due by the clock. Two of them over one database start
// nothing twice: a planned time has one row.
type Planner struct {
	rows  ScheduleRows
	start map[schedule.What]Start
	opt   PlannerOptions
}

// NewPlanner joins the schedules with what they start.
func NewPlanner(rows ScheduleRows, start map[schedule.What]Start, opt PlannerOptions) *Planner {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Poll <= 0 {
		opt.Poll = 5 * time.Second
	}
	return &Planner{rows: rows, start: start, opt: opt}
}

// Run looks at the clock until ctx ends.
func (p *Planner) Run(ctx context.Context) error {
	tick := time.NewTicker(p.opt.Poll)
	defer tick.Stop()
	for {
		if err := p.Tick(ctx); err != nil && ctx.Err() == nil {
			p.opt.Log.ErrorContext(ctx, "plan what is due", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Tick starts what is due now. A schedule that fails does not keep the others
// from starting; it is tried again at the next tick, as long as its window is
// open.
func (p *Planner) Tick(ctx context.Context) error {
	list, err := p.rows.Schedules(ctx)
	if err != nil {
		return err
	}
	var errs error
	for _, s := range list {
		if !s.Enabled {
			continue
		}
		if err := p.one(ctx, s); err != nil && !errors.Is(err, schedule.ErrFired) {
			errs = errors.Join(errs, fmt.Errorf("schedule %q: %w", s.Name, err))
		}
	}
	return errs
}

// one deals with the planned times of a schedule since its cursor, all in one
// transaction: their rows, the jobs, and the cursor.
func (p *Planner) one(ctx context.Context, s schedule.Schedule) error {
	plan, err := schedule.Compile(s)
	if err != nil {
		return err
	}
	now := p.opt.Now().UTC()
	if s.Cursor.IsZero() { // it begins now: nothing before is owed
		return p.rows.InTx(ctx, func(ctx context.Context) error { return p.rows.MoveCursor(ctx, s.ID, s.Cursor, now) })
	}
	d := plan.Decide(s.Cursor, now)
	if d.Fire == nil && d.MissedN == 0 && len(d.Blackout) == 0 {
		return nil
	}
	err = p.rows.InTx(ctx, func(ctx context.Context) error {
		if err := p.rows.MoveCursor(ctx, s.ID, s.Cursor, now); err != nil {
			return err
		}
		if err := p.tell(ctx, s, d, now); err != nil {
			return err
		}
		if d.Fire == nil {
			return nil
		}
		return p.fire(ctx, s, d, now)
	})
	if err != nil {
		return err
	}
	if d.MissedN > 0 {
		p.opt.Log.WarnContext(ctx, "planned times were missed", "schedule", s.Name, "times", d.MissedN, "last", d.Missed[len(d.Missed)-1].Planned)
	}
	return nil
}

// lateAfter is how much later than planned a start is told to be late.
const lateAfter = 2 * time.Minute

// fire keeps the row of the planned time first: where it is there already, the
// time was dealt with, whatever the cursor says, and nothing is started.
func (p *Planner) fire(ctx context.Context, s schedule.Schedule, d schedule.Decision, now time.Time) error {
	start, ok := p.start[s.What]
	if !ok {
		return fmt.Errorf("nothing here starts a %s", s.What)
	}
	f := Firing{Schedule: s.ID, Planned: d.Fire.Planned, Outcome: Fired, At: now}
	err := p.rows.AddFiring(ctx, f)
	if errors.Is(err, schedule.ErrFired) {
		return nil
	}
	if err != nil {
		return err
	}
	f.Batch, err = start(ctx, s, *d.Fire)
	switch {
	case errors.Is(err, ErrOverlap):
		f.Outcome, f.Detail = Missed, err.Error()
	case err != nil:
		return err
	case f.Batch == "":
		f.Outcome, f.Detail = Empty, "no device is meant by it now"
	case d.Late > lateAfter:
		f.Outcome, f.Detail = Late, "started "+d.Late.Round(time.Minute).String()+" after its time"
	}
	if d.Fire.Night != "" {
		f.Detail = strings.TrimPrefix(f.Detail+"; clocks changed: the time was "+d.Fire.Night, "; ")
	}
	p.opt.Log.InfoContext(ctx, "schedule started", "schedule", s.Name, "planned", f.Planned, "outcome", f.Outcome, "batch", f.Batch)
	return p.rows.SaveFiring(ctx, f)
}

// tell keeps what became of the planned times that start nothing.
func (p *Planner) tell(ctx context.Context, s schedule.Schedule, d schedule.Decision, now time.Time) error {
	var list []Firing
	for i, m := range d.Missed {
		f := Firing{Schedule: s.ID, Planned: m.Planned, Outcome: Missed, At: now, Detail: "it was not started in time: the appliance was not running, or its log says why"}
		if unseen := d.MissedN - len(d.Missed); i == 0 && unseen > 0 {
			f.Detail += fmt.Sprintf("; %d earlier times were missed too", unseen)
		}
		list = append(list, f)
	}
	for _, b := range d.Blackout {
		list = append(list, Firing{Schedule: s.ID, Planned: b.Planned, Outcome: Blackout, At: now, Detail: b.Blackout})
	}
	for _, f := range list {
		if err := p.rows.AddFiring(ctx, f); err != nil && !errors.Is(err, schedule.ErrFired) {
			return err
		}
	}
	return nil
}

// RunNow starts a schedule out of its time, because somebody asked. It obeys
// no window: a person waits.
func (p *Planner) RunNow(ctx context.Context, id, by string) (batch string, err error) {
	err = p.rows.InTx(ctx, func(ctx context.Context) error {
		s, err := p.rows.Schedule(ctx, id)
		if err != nil {
			return err
		}
		start, ok := p.start[s.What]
		if !ok {
			return fmt.Errorf("nothing here starts a %s", s.What)
		}
		s.By, s.Ramp = by, 0
		batch, err = start(ctx, s, schedule.Firing{})
		return err
	})
	return batch, err
}

// SaveSchedule checks and keeps a schedule; without an id it is a new one.
// What it planned before the change is dealt with: it begins anew now.
func (p *Planner) SaveSchedule(ctx context.Context, s schedule.Schedule, by string) (schedule.Schedule, error) {
	if _, err := schedule.Compile(s); err != nil {
		return s, err
	}
	now := p.opt.Now().UTC()
	s.By, s.Changed, s.Cursor = by, now, now
	err := p.rows.InTx(ctx, func(ctx context.Context) error {
		if s.ID == "" {
			s.ID = ulid.Make().String()
		} else if _, err := p.rows.Schedule(ctx, s.ID); err != nil {
			return err
		}
		return p.rows.SaveSchedule(ctx, s)
	})
	if errors.Is(err, schedule.ErrDuplicate) {
		return s, &schedule.FieldError{Field: "name", Text: "there is a schedule of that name already"}
	}
	return s, err
}

// Schedules lists them by name.
func (p *Planner) Schedules(ctx context.Context) ([]schedule.Schedule, error) {
	return p.rows.Schedules(ctx)
}

// Schedule gives one; schedule.ErrNone when there is none.
func (p *Planner) Schedule(ctx context.Context, id string) (schedule.Schedule, error) {
	return p.rows.Schedule(ctx, id)
}

// DeleteSchedule removes one with what it remembers of its planned times; what
// it has started stays.
func (p *Planner) DeleteSchedule(ctx context.Context, id string) error {
	return p.rows.InTx(ctx, func(ctx context.Context) error { return p.rows.DeleteSchedule(ctx, id) })
}

// Firings lists what became of planned times, the newest first.
func (p *Planner) Firings(ctx context.Context, id string, limit int) ([]Firing, error) {
	return p.rows.Firings(ctx, id, limit)
}
