package drift_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-net/plumbline/configstore/drift"
)

var (
	noon    = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	ntp     = drift.Change{Op: "change", Path: []string{"ntp server"}, Old: "ntp server 192.0.2.1", New: "ntp server 192.0.2.9", NewLine: 12}
	ntpElse = drift.Change{Op: "change", Path: []string{"ntp server"}, Old: "ntp server 192.0.2.1", New: "ntp server 192.0.2.66", NewLine: 12}
	id      = drift.ID{Device: "D1", Source: "running", Kind: drift.Baseline, Key: "baseline | change | ntp server"}
)

func hour(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }

func seen(at int, rev, ref string, c drift.Change) drift.Event {
	return drift.Event{What: drift.Seen, At: hour(at), Revision: rev, Reference: ref, Change: c}
}

func gone(at int, rev, ref string) drift.Event {
	return drift.Event{What: drift.Gone, At: hour(at), Revision: rev, Reference: ref}
}

func ack(at, until int) drift.Event {
	e := drift.Event{What: drift.Acknowledge, At: hour(at), By: "anna", Note: "known, BER-114"}
	if until > 0 {
		e.Until = hour(until)
	}
	return e
}

// Each case plays a history and names the edges it must have gone along.
func TestEveryEdge(t *testing.T) {
	withdraw := drift.Event{What: drift.Withdraw, At: hour(3), By: "ben", Note: "not any more"}
	tests := map[string]struct {
		history []drift.Event
		state   drift.State
		returns int
		edges   []string // from to why by hour
	}{
		"appears": {[]drift.Event{seen(1, "r2", "r1", ntp)}, drift.Open, 0, []string{"→open appeared  1"}},
		"seen-again-is-no-edge": {[]drift.Event{seen(1, "r2", "r1", ntp), seen(2, "r2", "r1", ntp), seen(3, "r3", "r1", ntp)}, drift.Open, 0,
			[]string{"→open appeared  1"}},
		"an-open-one-may-change-its-value": {[]drift.Event{seen(1, "r2", "r1", ntp), seen(2, "r3", "r1", ntpElse)}, drift.Open, 0, []string{"→open appeared  1"}},
		"gone-by-a-change-of-the-device": {[]drift.Event{seen(1, "r2", "r1", ntp), gone(2, "r3", "r1")}, drift.Resolved, 0,
			[]string{"→open appeared  1", "open→resolved text-changed  2"}},
		"gone-by-a-moved-reference": {[]drift.Event{seen(1, "r2", "r1", ntp), gone(2, "r2", "r2")}, drift.Resolved, 0,
			[]string{"→open appeared  1", "open→resolved reference-moved  2"}},
		"gone-by-both": {[]drift.Event{seen(1, "r2", "r1", ntp), gone(2, "r3", "r3")}, drift.Resolved, 0,
			[]string{"→open appeared  1", "open→resolved both-changed  2"}},
		"gone-by-neither": {[]drift.Event{seen(1, "r2", "r1", ntp), gone(2, "r2", "r1")}, drift.Resolved, 0,
			[]string{"→open appeared  1", "open→resolved read-differently  2"}},
		"gone-twice-is-one-edge": {[]drift.Event{seen(1, "r2", "r1", ntp), gone(2, "r3", "r1"), gone(3, "r3", "r1")}, drift.Resolved, 0,
			[]string{"→open appeared  1", "open→resolved text-changed  2"}},
		"gone-and-never-there": {[]drift.Event{gone(2, "r3", "r1")}, "", 0, nil},
		"returns": {[]drift.Event{seen(1, "r2", "r1", ntp), gone(2, "r3", "r1"), seen(3, "r4", "r1", ntp)}, drift.Open, 1,
			[]string{"→open appeared  1", "open→resolved text-changed  2", "resolved→open returned  3"}},
		"acknowledged": {[]drift.Event{seen(1, "r2", "r1", ntp), ack(2, 0), seen(9, "r2", "r1", ntp)}, drift.Acknowledged, 0,
			[]string{"→open appeared  1", "open→acknowledged acknowledged anna 2"}},
		"acknowledged-again-says-something-else": {[]drift.Event{seen(1, "r2", "r1", ntp), ack(2, 5), ack(3, 9), seen(6, "r2", "r1", ntp)}, drift.Acknowledged, 0,
			[]string{"→open appeared  1", "open→acknowledged acknowledged anna 2", "acknowledged→acknowledged acknowledged anna 3"}},
		"other-lines-are-the-same-thing": {[]drift.Event{seen(1, "r2", "r1", ntp), ack(2, 0), seen(3, "r3", "r1", drift.Change{Op: ntp.Op, Path: ntp.Path, Old: ntp.Old, New: ntp.New, NewLine: 99})},
			drift.Acknowledged, 0, []string{"→open appeared  1", "open→acknowledged acknowledged anna 2"}},
		"an-acknowledgement-does-not-cover-another-value": {[]drift.Event{seen(1, "r2", "r1", ntp), ack(2, 0), seen(3, "r3", "r1", ntpElse)}, drift.Open, 0,
			[]string{"→open appeared  1", "open→acknowledged acknowledged anna 2", "acknowledged→open differs-otherwise  3"}},
		"a-moved-reference-keeps-what-is-still-true": {[]drift.Event{seen(1, "r2", "r1", ntp), ack(2, 0), seen(3, "r3", "r2", ntp)}, drift.Acknowledged, 0,
			[]string{"→open appeared  1", "open→acknowledged acknowledged anna 2"}},
		"taken-back": {[]drift.Event{seen(1, "r2", "r1", ntp), ack(2, 0), withdraw}, drift.Open, 0,
			[]string{"→open appeared  1", "open→acknowledged acknowledged anna 2", "acknowledged→open withdrawn ben 3"}},
		"expires-when-it-says": {[]drift.Event{seen(1, "r2", "r1", ntp), ack(2, 4), seen(9, "r2", "r1", ntp)}, drift.Open, 0,
			[]string{"→open appeared  1", "open→acknowledged acknowledged anna 2", "acknowledged→open expired  4"}},
		"expires-before-it-is-gone": {[]drift.Event{seen(1, "r2", "r1", ntp), ack(2, 4), gone(9, "r3", "r1")}, drift.Resolved, 0,
			[]string{"→open appeared  1", "open→acknowledged acknowledged anna 2", "acknowledged→open expired  4", "open→resolved text-changed  9"}},
		"gone-while-acknowledged": {[]drift.Event{seen(1, "r2", "r1", ntp), ack(2, 0), gone(3, "r3", "r1"), seen(4, "r4", "r1", ntp)}, drift.Open, 1,
			[]string{"→open appeared  1", "open→acknowledged acknowledged anna 2", "acknowledged→resolved text-changed  3", "resolved→open returned  4"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := drift.Finding{ID: id}
			var got []string
			for i, e := range tt.history {
				next, edges, err := f.Step(e)
				if err != nil {
					t.Fatalf("event %d: %v", i, err)
				}
				for _, e := range edges {
					got = append(got, fmt.Sprintf("%s→%s %s %s %d", e.From, e.To, e.Why, e.By, int(e.At.Sub(noon).Hours())))
				}
				f = next
			}
			if d := cmp.Diff(got, tt.edges); d != "" || f.State != tt.state || f.Returns != tt.returns || f.ID != id {
				t.Errorf("%s with %d returns, want %s with %d; edges:\n%s", f.State, f.Returns, tt.state, tt.returns, d)
			}
		})
	}
}

func TestWhatCannotBeSaidIsRefusedAndChangesNothing(t *testing.T) {
	open := drift.Finding{ID: id, State: drift.Open, Change: ntp, Since: hour(1), Seen: hour(1)}
	acked := drift.Finding{ID: id, State: drift.Acknowledged, By: "anna", Until: hour(9), Since: hour(1), Seen: hour(1)}
	tests := map[string]struct {
		f drift.Finding
		e drift.Event
	}{
		"acknowledge-nothing":         {drift.Finding{ID: id}, ack(2, 0)},
		"acknowledge-what-is-gone":    {drift.Finding{ID: id, State: drift.Resolved, Ended: hour(1)}, ack(2, 0)},
		"acknowledge-until-yesterday": {open, ack(9, 3)},
		"withdraw-what-is-open":       {open, drift.Event{What: drift.Withdraw, At: hour(2), By: "ben"}},
		"withdraw-what-has-expired":   {acked, drift.Event{What: drift.Withdraw, At: hour(10), By: "ben"}},
		"no-such-event":               {open, drift.Event{What: "explode", At: hour(2)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, edges, err := tt.f.Step(tt.e)
			if !errors.Is(err, drift.ErrState) || len(edges) > 0 || cmp.Diff(got, tt.f) != "" {
				t.Errorf("%+v, %d edges, %v", got, len(edges), err)
			}
		})
	}
}

func TestTheStateOfAStaleDeviceIsFrozenAndSaysSo(t *testing.T) {
	f := drift.Finding{ID: id, State: drift.Acknowledged, Change: ntp, By: "anna", Since: hour(1), Seen: hour(3), Until: hour(5)}
	if got := f.At(hour(9), false); got.State != drift.Open || got.By != "" || !got.AsOf.IsZero() {
		t.Errorf("a fresh one after its time: %+v, want open again", got)
	}
	stale := f.At(hour(9), true)
	if stale.State != drift.Acknowledged || !stale.AsOf.Equal(hour(3)) {
		t.Errorf("a stale one: %+v, want acknowledged as of hour 3", stale)
	}
	read, edges, err := stale.Step(seen(10, "r2", "r1", ntp))
	if err != nil || !read.AsOf.IsZero() || read.State != drift.Open || len(edges) != 1 || edges[0].Why != drift.Expired {
		t.Errorf("read again: %+v, %+v, %v; want it thawed", read, edges, err)
	}
	done := drift.Finding{ID: id, State: drift.Resolved, Seen: hour(3), Ended: hour(4)}
	if got := done.At(hour(9), true); got.State != drift.Resolved || !got.AsOf.Equal(hour(4)) {
		t.Errorf("a stale resolved one: %+v", got)
	}
}

// TestNoHistoryReachesAStateThatIsNone plays random histories and asks after
// each event what must always hold.
func TestNoHistoryReachesAStateThatIsNone(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	for range 2000 {
		f := drift.Finding{ID: id}
		var all []drift.Edge
		returned, now := 0, 0
		for range 1 + r.IntN(30) {
			now += r.IntN(4)
			e := randomEvent(r, now)
			next, edges, err := f.Step(e)
			if err != nil {
				if !errors.Is(err, drift.ErrState) || len(edges) > 0 || cmp.Diff(next, f) != "" {
					t.Fatalf("refused %+v: %+v, %+v, %v", e, next, edges, err)
				}
				continue
			}
			for _, e := range edges {
				if n := len(all); n > 0 && (all[n-1].To != e.From || e.At.Before(all[n-1].At)) || n == 0 && (e.From != "" || e.To != drift.Open) {
					t.Fatalf("edge %+v does not follow %+v", e, all)
				}
				returned += map[bool]int{true: 1}[e.From == drift.Resolved]
				all = append(all, e)
			}
			f = next
			if fault := broken(f, all, returned); fault != "" {
				t.Fatalf("after %+v: %s: %+v, edges %+v", e, fault, f, all)
			}
		}
	}
}

func randomEvent(r *rand.Rand, now int) drift.Event {
	rev, ref := fmt.Sprint("r", r.IntN(3)), fmt.Sprint("r", r.IntN(3))
	switch r.IntN(5) {
	case 0:
		return gone(now, rev, ref)
	case 1:
		return ack(now, map[bool]int{true: now + 1 + r.IntN(5)}[r.IntN(2) == 0])
	case 2:
		return drift.Event{What: drift.Withdraw, At: hour(now), By: "ben"}
	}
	return seen(now, rev, ref, []drift.Change{ntp, ntpElse}[r.IntN(2)])
}

func broken(f drift.Finding, all []drift.Edge, returned int) string {
	switch {
	case f.ID != id:
		return "another identity"
	case len(all) > 0 && all[len(all)-1].To != f.State || len(all) == 0 && f.State != "":
		return "the state is not where the last edge led"
	case (f.State == drift.Resolved) == f.Ended.IsZero() && f.State != "":
		return "ended and resolved disagree"
	case (f.State == drift.Acknowledged) != (f.By != ""):
		return "acknowledged by nobody, or somebody for nothing"
	case f.State != drift.Acknowledged && (f.Note != "" || !f.Until.IsZero()):
		return "an acknowledgement outlived its state"
	case f.Returns != returned:
		return "returns are miscounted"
	case f.State != "" && f.Seen.Before(f.Since):
		return "seen before it opened"
	}
	return ""
}
