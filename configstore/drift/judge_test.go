package drift_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-net/plumbline/configstore/diff"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/netdev"
)

func of(dev netdev.DeviceID, kind drift.Kind, changes ...diff.Change) []drift.Finding {
	fs := drift.Findings(kind, "running", changes)
	for i := range fs {
		fs[i].Device = dev
	}
	return fs
}

func add(line string) diff.Change { return diff.Change{Op: diff.Add, Path: []string{line}, New: line} }

func judging(at int, rev, ref string) drift.Judging {
	return drift.Judging{At: hour(at), Revision: rev, References: map[drift.Kind]string{drift.Startup: ref}}
}

func TestJudgingTheSameTextsAgainChangesNothing(t *testing.T) {
	now := of("D1", drift.Startup, add("a"), add("b"))
	kept, edges, err := drift.Judge(nil, now, judging(1, "r2", "s1"))
	if err != nil || len(kept) != 2 || len(edges) != 2 {
		t.Fatalf("%+v, %+v, %v", kept, edges, err)
	}
	for i := range 3 {
		again, edges, err := drift.Judge(kept, now, judging(2+i, "r2", "s1"))
		for j := range again {
			if !again[j].Seen.Equal(hour(2 + i)) {
				t.Errorf("seen at %s", again[j].Seen)
			}
			again[j].Seen = kept[j].Seen
		}
		if d := cmp.Diff(again, kept); d != "" || len(edges) != 0 || err != nil {
			t.Errorf("judged again: %v, %d edges\n%s", err, len(edges), d)
		}
	}
}

func TestAKindThatWasNotJudgedIsLeftAlone(t *testing.T) {
	kept, _, err := drift.Judge(nil, of("D1", drift.Startup, add("a")), judging(1, "r2", "s1"))
	if err != nil {
		t.Fatal(err)
	}
	rows, edges, err := drift.Judge(kept, of("D1", drift.Baseline, add("a")), drift.Judging{At: hour(2), Revision: "r3", References: map[drift.Kind]string{drift.Baseline: "r1"}})
	if err != nil || len(rows) != 1 || len(edges) != 1 || rows[0].Kind != drift.Baseline || rows[0].Reference != "r1" {
		t.Errorf("%+v, %+v, %v: want the baseline's alone", rows, edges, err)
	}
	if _, _, err := drift.Judge(nil, of("D1", drift.Previous, add("a")), judging(1, "r2", "s1")); err == nil {
		t.Error("a finding of a kind that was not judged was taken")
	}
	twice := of("D1", drift.Startup, add("a"))
	if _, _, err := drift.Judge(nil, append(twice, twice...), judging(1, "r2", "s1")); err == nil {
		t.Error("a finding that is there twice was taken")
	}
}

func TestWhoMovedTheReferenceIsInTheHistory(t *testing.T) {
	kept, _, err := drift.Judge(nil, of("D1", drift.Startup, add("a")), judging(1, "r2", "r1"))
	if err != nil {
		t.Fatal(err)
	}
	j := judging(2, "r2", "r2")
	j.By, j.Note = "anna", "as planned"
	_, edges, err := drift.Judge(kept, nil, j)
	if err != nil || len(edges) != 1 || edges[0].By != "anna" || edges[0].Note != "as planned" || edges[0].Why != drift.ReferenceMoved || edges[0].Reference != "r2" {
		t.Errorf("%+v, %v", edges, err)
	}
}

func TestWhatMeansNothingIsNoDrift(t *testing.T) {
	got := drift.Findings(drift.Startup, "running", []diff.Change{
		{Op: diff.Comment, Old: "! saved by anna", New: "! saved by ben"},
		{Op: diff.Renumber, Path: []string{"ip access-list", "10"}, Old: "10", New: "20"},
		{Op: diff.Secret, Path: []string{"username a"}, Note: "encrypted anew at each read"},
		{Op: diff.Secret, Path: []string{"username b"}, Old: "<secret:1>", New: "<secret:2>"},
	})
	if len(got) != 1 || got[0].Change.Old != "<secret:1>" {
		t.Errorf("%+v: want the one secret that is another", got)
	}
}

// A device may print what looks like a numbered key of ours.
func TestKeysAreUniqueWhateverADeviceSays(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	words := []string{"x", "x #2", "x #3", "x #2 #2", "x#", "", " | ", "more"}
	for range 500 {
		var changes []diff.Change
		for range r.IntN(40) {
			changes = append(changes, diff.Change{Op: []string{diff.Add, diff.Remove, diff.Changed}[r.IntN(3)], Path: []string{words[r.IntN(len(words))]}, Old: words[r.IntN(len(words))], New: words[r.IntN(len(words))]})
		}
		fs := of("D1", drift.Startup, changes...)
		if _, _, err := drift.Judge(nil, fs, judging(1, "r2", "s1")); err != nil || len(fs) != len(changes) {
			t.Fatalf("%d of %d: %v", len(fs), len(changes), err)
		}
		again := of("D1", drift.Startup, changes...)
		if d := cmp.Diff(fs, again); d != "" {
			t.Fatalf("the same changes have other keys:\n%s", d)
		}
	}
}

func TestMoreDifferencesThanAreKeptAreCounted(t *testing.T) {
	var changes []diff.Change
	for i := range drift.MaxFindings + 500 {
		changes = append(changes, add(fmt.Sprint("line ", i)))
	}
	fs := drift.Findings(drift.Startup, "running", changes)
	if last := fs[len(fs)-1]; len(fs) != drift.MaxFindings+1 || last.Change.Op != drift.More || last.Change.New != "500 differences more" {
		t.Errorf("%d findings, the last %+v", len(fs), last)
	}
}

func TestGroupsDoNotDependOnOrder(t *testing.T) {
	var fs []drift.Finding
	for i := range 17 {
		dev := netdev.DeviceID(fmt.Sprintf("D%02d", i))
		fs = append(fs, of(dev, drift.Startup, diff.Change{Op: diff.Add, Path: []string{"ntp server x"}, New: "ntp server x", NewLine: i})...)
		fs = append(fs, of(dev, drift.Baseline, add("ntp server x"))...)
		if i%3 == 0 {
			fs = append(fs, of(dev, drift.Startup, diff.Change{Op: diff.Secret, Path: []string{"snmp"}, Old: "<secret:1>", New: fmt.Sprintf("<secret:%d>", i%2)}, add("a"), add("a"))...)
		}
	}
	want := drift.Groups(fs)
	if len(want) != 5 || len(want[0].Members) != 17 || len(want[1].Members) != 17 || want[0].Kind == want[1].Kind {
		t.Fatalf("%d groups, the first of %d: want the 17 as one of each kind, a secret that is another apart", len(want), len(want[0].Members))
	}
	if a := want[2]; len(a.Devices()) != 6 || len(a.Members) != 12 || a.Change.New != "a" {
		t.Errorf("%+v: what is there twice on a device is one device", a)
	}
	r := rand.New(rand.NewPCG(1, 9))
	for range 100 {
		shuffled := slices.Clone(fs)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if d := cmp.Diff(drift.Groups(shuffled), want); d != "" {
			t.Fatalf("another order, other groups:\n%s", d)
		}
	}
}

func TestNoTwoChangesShareAKey(t *testing.T) {
	keys := map[string]drift.Change{}
	words := []string{"", "a", "b", "ab", "a\x00b", "\x01a"}
	for _, kind := range drift.Kinds() {
		for _, p := range [][]string{nil, {"a"}, {"b"}, {"ab"}, {"a", "b"}, {"", "ab"}, {"a\x00b"}} {
			for _, o := range words {
				for _, n := range words {
					c := drift.Change{Op: "change", Path: p, Old: o, New: n}
					k := drift.GroupKey(kind, c)
					if other, ok := keys[k]; ok {
						t.Fatalf("%+v and %+v share %s", c, other, k)
					}
					keys[k] = c
				}
			}
		}
	}
}

func TestTheSameChangesInAnotherOrderAreTheSameSet(t *testing.T) {
	a, b := of("D1", drift.Previous, add("x"), add("y")), of("D2", drift.Previous, add("y"), add("x"))
	if drift.SetKey(a) != drift.SetKey(b) || drift.SetKey(a) == "" || drift.SetKey(nil) != "" || drift.SetKey(a) == drift.SetKey(a[:1]) {
		t.Errorf("%q and %q", drift.SetKey(a), drift.SetKey(b))
	}
}

func TestAGroupIsAsOpenAsItsMembers(t *testing.T) {
	f := func(dev netdev.DeviceID, s drift.State, since, returns int) drift.Finding {
		return drift.Finding{ID: drift.ID{Device: dev, Kind: drift.Startup}, Change: ntp, State: s, Since: hour(since), Returns: returns}
	}
	tests := map[string]struct {
		in   []drift.Finding
		want drift.State
	}{
		"one-open":         {[]drift.Finding{f("D1", drift.Acknowledged, 3, 1), f("D2", drift.Open, 2, 2)}, drift.Open},
		"all-acknowledged": {[]drift.Finding{f("D1", drift.Acknowledged, 3, 1), f("D2", drift.Acknowledged, 2, 2)}, drift.Acknowledged},
		"rest-resolved":    {[]drift.Finding{f("D1", drift.Resolved, 2, 0), f("D2", drift.Acknowledged, 3, 3)}, drift.Acknowledged},
		"all-resolved":     {[]drift.Finding{f("D1", drift.Resolved, 2, 3)}, drift.Resolved},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := drift.Groups(tt.in)
			if len(g) != 1 || g[0].State() != tt.want || !g[0].Since().Equal(hour(2)) || g[0].Returns() != 3 {
				t.Errorf("%+v: %s since %s with %d returns", g, g[0].State(), g[0].Since(), g[0].Returns())
			}
		})
	}
}
