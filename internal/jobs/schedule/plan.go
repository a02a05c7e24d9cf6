package schedule

import (
	"regexp"
	"time"

	"github.com/robfig/cron/v3"
)

// Plan is a schedule that was found right, ready to be asked.
type Plan struct {
	Schedule
	loc       *time.Location
	spec      cron.Schedule
	opens     clock
	closes    clock
	blackouts []blackout
}

// Firing is one planned time.
type Firing struct {
	Planned time.Time // the instant
	Until   time.Time // nothing of it starts from then on; zero for no end
	// Night says that clocks change over the time: "skipped" where it did not
	// exist and the next valid moment was taken, "repeated" where it exists
	// twice and the first was taken.
	Night    string
	Blackout string // the blackout it falls into; "" for none

	wall time.Time
}

// The cron library reads a zone out of the text and panics at some; we give it
// nothing but fields.
var fields = regexp.MustCompile(`^[0-9A-Za-z*/,?-]+( +[0-9A-Za-z*/,?-]+){4}$`)

// Compile checks a schedule. Errors are *FieldError.
func Compile(s Schedule) (*Plan, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	p := &Plan{Schedule: s}
	var err error
	if !fields.MatchString(s.Cron) {
		return nil, wrong("cron", "%.60q: five fields: minute, hour, day of the month, month, day of the week; 0 2 * * * is each day at 02:00", s.Cron)
	}
	if p.spec, err = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(s.Cron); err != nil {
		return nil, wrong("cron", "%.60q: %v", s.Cron, err)
	}
	if p.loc, err = time.LoadLocation(s.Zone); err != nil || s.Zone == "" || s.Zone == "Local" {
		return nil, wrong("zone", "%.60q is no time zone: write a name such as Europe/Berlin or UTC", s.Zone)
	}
	if p.opens, err = readClock(s.Opens); err != nil {
		return nil, wrong("opens", "%v", err)
	}
	if p.closes, err = readClock(s.Closes); err != nil {
		return nil, wrong("closes", "%v", err)
	}
	switch {
	case p.opens >= 0 && p.closes < 0:
		return nil, wrong("closes", "say when the window closes, or leave both ends empty")
	case p.opens >= 0 && p.opens == p.closes:
		return nil, wrong("closes", "the window closes when it opens; leave both ends empty for no window")
	}
	for _, line := range s.Blackouts {
		b, err := readBlackout(line)
		if err != nil {
			return nil, wrong("blackouts", "%v", err)
		}
		p.blackouts = append(p.blackouts, b)
	}
	return p, p.firesAtAll()
}

// firesAtAll refuses a schedule whose times never come, or never in its window.
func (p *Plan) firesAtAll() error {
	w := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	if p.spec.Next(w).IsZero() {
		return wrong("cron", "%.60q: that day never comes", p.Cron)
	}
	for range 24*60 + 1 { // one day on which it fires has each time of day that it ever has
		if w = p.spec.Next(w); w.IsZero() || p.inWindow(w) {
			break
		}
	}
	if w.IsZero() || !p.inWindow(w) {
		return wrong("opens", "no time of %s is between %s and %s: nothing would ever start", p.Cron, p.Opens, p.Closes)
	}
	return nil
}

// Location is the schedule's zone.
func (p *Plan) Location() *time.Location { return p.loc }

func (p *Plan) inWindow(w time.Time) bool {
	return p.opens < 0 || clockOf(w).between(p.opens, p.closes)
}

// Next is the first planned time after an instant; false where none comes
// within five years.
func (p *Plan) Next(after time.Time) (Firing, bool) {
	// No time that the clock shows earlier than now comes later than now: the
	// search begins at what the clock shows. Times of a gap fall onto one
	// moment, and count once.
	for w := wallOf(after, p.loc); ; {
		if w = p.spec.Next(w); w.IsZero() {
			return Firing{}, false
		}
		if !p.inWindow(w) {
			continue
		}
		t, n := instantOf(w, p.loc)
		if !t.After(after) {
			continue
		}
		f := Firing{Planned: t.UTC(), Night: string(n), wall: w, Until: p.until(t, w)}
		for _, b := range p.blackouts {
			if b.holds(w) {
				f.Blackout = b.text
			}
		}
		return f, true
	}
}

// until is when what began at t, at w by the clock, starts nothing more: when
// the window closes or a blackout begins.
func (p *Plan) until(t, w time.Time) (end time.Time) {
	if p.closes >= 0 {
		shut := p.closes.on(w)
		if !shut.After(w) {
			shut = shut.AddDate(0, 0, 1)
		}
		end, _ = instantOf(shut, p.loc)
		if !end.After(t) { // begin and end fell into one gap
			end = t.Add(shut.Sub(w))
		}
	}
	for _, b := range p.blackouts {
		if next := b.nextStart(w); !next.IsZero() {
			if at, _ := instantOf(next, p.loc); at.After(t) && (end.IsZero() || at.Before(end)) {
				end = at
			}
		}
	}
	if end.IsZero() {
		return end
	}
	return end.UTC()
}

// Decision is what is to be done about the planned times of a span.
type Decision struct {
	Fire     *Firing // to be started now; nil for nothing
	Late     time.Duration
	Missed   []Firing // too late to be started, the oldest first, at most 100
	MissedN  int      // how many they were
	Blackout []Firing // not started because of a blackout, at most 100
}

const maxTold = 100

// Decide says what to do about the times in (after, now]: the newest is
// started, late where the appliance was down, as long as its window is open;
// of older ones it is told that they were missed.
func (p *Plan) Decide(after, now time.Time) Decision {
	var d Decision
	if oldest := now.AddDate(-1, 0, 0); after.Before(oldest) {
		after = oldest
	}
	for {
		f, ok := p.Next(after)
		if !ok || f.Planned.After(now) {
			break
		}
		after = f.Planned
		if f.Blackout != "" {
			d.Blackout = capped(append(d.Blackout, f))
			continue
		}
		if d.Fire != nil {
			d.miss(*d.Fire)
		}
		d.Fire = &f
	}
	if d.Fire == nil {
		return d
	}
	if !d.Fire.Until.IsZero() && !now.Before(d.Fire.Until) {
		d.miss(*d.Fire)
		d.Fire = nil
		return d
	}
	d.Late = now.Sub(d.Fire.Planned)
	return d
}

func (d *Decision) miss(f Firing) {
	d.MissedN++
	d.Missed = capped(append(d.Missed, f))
}

// capped keeps the newest.
func capped(list []Firing) []Firing { return list[max(0, len(list)-maxTold):] }

// Upcoming lists the next n planned times.
func (p *Plan) Upcoming(after time.Time, n int) []Firing {
	var out []Firing
	for len(out) < n {
		f, ok := p.Next(after)
		if !ok {
			break
		}
		out = append(out, f)
		after = f.Planned
	}
	return out
}
