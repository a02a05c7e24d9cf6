package drift

import (
	"errors"
	"fmt"
	"time"
)

// State of a finding; "" is one that never was.
type State string

// The states of a finding.
const (
	Open         State = "open"
	Acknowledged State = "acknowledged" // somebody knows; open again when Until passes or it differs otherwise
	Resolved     State = "resolved"
)

// Happening is what can happen to a finding.
type Happening string

// What happens to findings. Seen and Gone are decided by a reading that was
// judged, the others by people.
const (
	Seen        Happening = "seen"
	Gone        Happening = "gone"
	Acknowledge Happening = "acknowledge"
	Withdraw    Happening = "withdraw" // an acknowledgement is taken back
)

// Why says what moved a finding.
type Why string

// The reasons of an edge.
const (
	Appeared       Why = "appeared"
	Returned       Why = "returned"
	Otherwise      Why = "differs-otherwise" // it was acknowledged with another value
	Acked          Why = "acknowledged"
	Withdrawn      Why = "withdrawn"
	Expired        Why = "expired"
	TextMoved      Why = "text-changed"     // the device was changed
	ReferenceMoved Why = "reference-moved"  // saved, or approved
	BothMoved      Why = "both-changed"     // text and reference
	ReadOtherwise  Why = "read-differently" // neither: the rulebook reads them in another way now
)

// Event is one thing that happened to a finding.
type Event struct {
	What      Happening
	At        time.Time
	By        string // who; "" for a reading
	Note      string
	Until     time.Time // of Acknowledge; zero: until it is gone
	Change    Change    // of Seen
	Reference string    // revision ids of Seen and Gone; "" for the known one
	Revision  string
}

// Edge is one step of the history of a finding.
type Edge struct {
	ID
	Group     string // of GroupKey
	From, To  State
	At        time.Time
	By        string // who; "" for a reading
	Why       Why
	Note      string
	Until     time.Time // of an acknowledgement
	Reference string
	Revision  string
}

// ErrState is returned for what cannot be said of a finding in its state.
var ErrState = errors.New("not possible in this state")

// Step gives the finding after an event, and the edges it went along: none
// where the state lasts. The identity never changes. An event that is not
// possible leaves everything as it was.
func (f Finding) Step(e Event) (Finding, []Edge, error) {
	was := f
	f, edges := f.expire(e.At)
	switch e.What {
	case Seen:
		f, edges = f.seen(e, edges)
	case Gone:
		f, edges = f.gone(e, edges)
	case Acknowledge:
		switch {
		case !f.Live():
			return was, nil, fmt.Errorf("acknowledge what is %s: %w", f.word(), ErrState)
		case !e.Until.IsZero() && !e.Until.After(e.At):
			return was, nil, fmt.Errorf("acknowledge until a time that is over: %w", ErrState)
		}
		edge := f.edge(Acknowledged, e, Acked)
		edge.Until = e.Until
		f.State, f.By, f.Note, f.Until = Acknowledged, e.By, e.Note, e.Until
		edges = append(edges, edge)
	case Withdraw:
		if f.State != Acknowledged {
			return was, nil, fmt.Errorf("take back the acknowledgement of what is %s: %w", f.word(), ErrState)
		}
		edges = append(edges, f.edge(Open, e, Withdrawn))
		f = f.opened()
	default:
		return was, nil, fmt.Errorf("%q: %w", e.What, ErrState)
	}
	return f, edges, nil
}

// At gives the finding as it stands at now: an acknowledgement that has ended
// is open again, and the state of a stale device is frozen.
func (f Finding) At(now time.Time, stale bool) Finding {
	if stale {
		f.AsOf = f.Seen
		if f.State == Resolved {
			f.AsOf = f.Ended
		}
		return f
	}
	f, _ = f.expire(now)
	return f
}

func (f Finding) expire(now time.Time) (Finding, []Edge) {
	if f.State != Acknowledged || f.Until.IsZero() || f.Until.After(now) {
		return f, nil
	}
	edge := f.edge(Open, Event{At: f.Until}, Expired)
	return f.opened(), []Edge{edge}
}

func (f Finding) seen(e Event, edges []Edge) (Finding, []Edge) {
	was := f
	f.Change, f.Seen, f.AsOf = e.Change, e.At, time.Time{}
	f.Reference, f.Revision = known(e.Reference, f.Reference), known(e.Revision, f.Revision)
	switch {
	case f.State == "":
		edges = append(edges, f.edge(Open, e, Appeared))
		f.State, f.Since = Open, e.At
	case f.State == Resolved:
		edges = append(edges, f.edge(Open, e, Returned))
		f.State, f.Since, f.Ended = Open, e.At, time.Time{}
		f.Returns++
	case f.State == Acknowledged && !was.Change.same(e.Change):
		edges = append(edges, f.edge(Open, e, Otherwise))
		f = f.opened()
	}
	return f, edges
}

func (f Finding) gone(e Event, edges []Edge) (Finding, []Edge) {
	if !f.Live() {
		return f, edges
	}
	why := ReadOtherwise
	text, ref := e.Revision != "" && e.Revision != f.Revision, e.Reference != "" && e.Reference != f.Reference
	switch {
	case text && ref:
		why = BothMoved
	case text:
		why = TextMoved
	case ref:
		why = ReferenceMoved
	}
	f.Reference, f.Revision = known(e.Reference, f.Reference), known(e.Revision, f.Revision)
	edge := f.edge(Resolved, e, why)
	f = f.opened()
	f.State, f.Ended, f.AsOf = Resolved, e.At, time.Time{}
	return f, append(edges, edge)
}

// opened takes an acknowledgement away; the history keeps it.
func (f Finding) opened() Finding {
	f.State, f.By, f.Note, f.Until = Open, "", "", time.Time{}
	return f
}

func (f Finding) edge(to State, e Event, why Why) Edge {
	return Edge{ID: f.ID, Group: GroupKey(f.Kind, f.Change), From: f.State, To: to, At: e.At, By: e.By, Why: why, Note: e.Note, Reference: f.Reference, Revision: f.Revision}
}

func (f Finding) word() string {
	if f.State == "" {
		return "not there"
	}
	return string(f.State)
}

func known(now, before string) string {
	if now == "" {
		return before
	}
	return now
}

// same says whether two changes differ in nothing but their lines.
func (c Change) same(d Change) bool { return c.digest() == d.digest() }
