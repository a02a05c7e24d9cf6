package web

import (
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/configstore/diff"
)

func sampleDiff() (diff.TextDiff, string, string) {
	old := baseText("har-rtr-01")
	return diff.Text([]byte(old), []byte(changeText(old)), diff.Options{}), old, changeText(old)
}

func TestBothViewsTellTheSameLines(t *testing.T) {
	d, old, now := sampleDiff()
	for _, split := range []bool{true, false} {
		v := newDiffView(d, split, "old", "new", strings.Count(old, "\n"), "/text", nil)
		var left, right []string
		hidden := 0
		for _, r := range v.Rows {
			text := func(s side) string {
				var b strings.Builder
				for _, x := range s.Runs {
					b.WriteString(x.Text)
				}
				return b.String()
			}
			hidden += r.Hidden
			if r.Kind != "line" {
				continue
			}
			if split {
				if r.Old.Op != "void" {
					left = append(left, text(r.Old))
				}
				if r.New.Op != "void" {
					right = append(right, text(r.New))
				}
				continue
			}
			if r.One.Op != "add" {
				left = append(left, text(r.One))
			}
			if r.One.Op != "del" {
				right = append(right, text(r.One))
			}
		}
		if n := strings.Count(old, "\n"); len(left)+hidden != n {
			t.Errorf("split %v: %d lines shown and %d hidden of %d", split, len(left), hidden, n)
		}
		if n := strings.Count(now, "\n"); len(right)+hidden != n {
			t.Errorf("split %v: %d lines shown and %d hidden of %d", split, len(right), hidden, n)
		}
		if !strings.Contains(strings.Join(right, "\n"), "vlan 310\n name lab-iot") {
			t.Errorf("split %v: the added lines are not there", split)
		}
		if v.Added != 8 || v.Removed != 3 {
			t.Errorf("split %v: +%d −%d", split, v.Added, v.Removed)
		}
	}
}

func TestAFindingHangsUnderTheLineThatCausedIt(t *testing.T) {
	d, old, now := sampleDiff()
	at := strings.Count(now[:strings.Index(now, "ntp server 198")], "\n") + 1
	v := newDiffView(d, true, "old", "new", strings.Count(old, "\n"), "/text", map[int][]ruleNote{at: {{"ntp-approved", "two servers"}}})
	after := false
	for _, r := range v.Rows {
		if r.Kind == "finding" {
			if !after || r.Rule != "ntp-approved" {
				t.Errorf("finding %+v, after its line: %v", r, after)
			}
			return
		}
		after = after || r.New.N == at
	}
	t.Error("no finding is shown")
}

func TestATextOfManyChangesShowsSectionsFirst(t *testing.T) {
	var b strings.Builder
	for range maxDiffLines + 1 {
		b.WriteString("line\n")
	}
	v := newDiffView(diff.Text(nil, []byte(b.String()), diff.Options{}), true, "old", "new", 0, "/text", nil)
	if !v.TooBig || len(v.Rows) > 3 {
		t.Errorf("%d rows, too big: %v", len(v.Rows), v.TooBig)
	}
}

func TestTheNumbersOfARunAreThoseOfItsRow(t *testing.T) {
	w := newWorld(4)
	s := newTestServer(t, w)
	for _, r := range w.runs {
		v := s.runView(r, testNow)
		for i, want := range []int{r.Asked, r.Answered, r.Walked, r.Identified, r.New} {
			if v.Funnel[i].N != want {
				t.Errorf("run %s, %s: %d, want %d", r.ID, v.Funnel[i].Key, v.Funnel[i].N, want)
			}
		}
	}
	cells := drawCells(w.live["RUN1"].Cells)
	n := 0
	for _, k := range cells.Key {
		n += k.N
	}
	if n != len(w.live["RUN1"].Cells) || len(cells.Cells) != n {
		t.Errorf("the key counts %d of %d cells", n, len(cells.Cells))
	}
}
