package capture

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/internal/testkit"
)

// recorded is one line of the manifest of recorded captures.
type recorded struct {
	File   string
	Maybe  []int
	Expect []struct {
		Frame    int
		Protocol string
		Facts    map[string]any
	}
}

func TestRecordedCapturesAreReadAsAnIndependentDecoderReadsThem(t *testing.T) {
	dir := testkit.Corpus(t, "captures")
	manifest, err := os.Open(filepath.Join(dir, "manifest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer manifest.Close()
	type tally struct{ frames, missed, extra, facts, wrong int }
	counts := map[string]*tally{}
	of := func(p string) *tally {
		if counts[p] == nil {
			counts[p] = &tally{}
		}
		return counts[p]
	}
	s := bufio.NewScanner(manifest)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var m recorded
		if err := json.Unmarshal(s.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		said := map[string]Line{}
		b, err := os.ReadFile(filepath.Join(dir, m.File))
		if err != nil {
			t.Fatal(err)
		}
		d := NewDecoder()
		if err := Replay(bytes.NewReader(b), d, nil, func(l Line) error {
			if l.Error == "" {
				said[fmt.Sprint(l.Frame, l.Protocol)] = l
			}
			return nil
		}); err != nil || d.Defects != 0 {
			t.Errorf("%s: %v, %d defects", m.File, err, d.Defects)
		}
		free := map[int]bool{}
		for _, n := range m.Maybe {
			free[n] = true
		}
		for _, e := range m.Expect {
			k, c := fmt.Sprint(e.Frame, e.Protocol), of(e.Protocol)
			l, ok := said[k]
			c.frames++
			if !ok {
				c.missed++
			}
			delete(said, k)
			for name, want := range e.Facts {
				c.facts++
				if !agrees(want, l.Facts[name]) {
					c.wrong++
				}
			}
		}
		for _, l := range said {
			if !free[l.Frame] {
				of(l.Protocol).extra++
			}
		}
	}
	for p, c := range counts {
		if c.missed+c.extra > 0 {
			t.Errorf("%s: %d of %d frames missed, %d invented", p, c.missed, c.frames, c.extra)
		}
		// The other decoder states texts of its own for NetBIOS names it cannot read.
		if p != "nbns" && c.wrong > 0 || c.wrong*5 > c.facts {
			t.Errorf("%s: %d of %d facts differ", p, c.wrong, c.facts)
		}
	}
	if len(counts) < 25 {
		t.Errorf("only %d protocols met", len(counts))
	}
}

// agrees compares as people read: numbers in any base, lists by their members.
func agrees(want, got any) bool {
	if list, ok := want.([]any); ok {
		have, _ := got.([]string)
		for _, w := range list {
			found := false
			for _, h := range have {
				found = found || agrees(w, h)
			}
			if !found {
				return false
			}
		}
		return true
	}
	w, g := strings.TrimRight(strings.ToLower(fmt.Sprint(want)), "."), strings.TrimRight(strings.ToLower(fmt.Sprint(got)), ".")
	a, errA := strconv.ParseInt(w, 0, 64)
	b, errB := strconv.ParseInt(g, 0, 64)
	return errA == nil && errB == nil && a == b || strings.Join(strings.Fields(w), " ") == strings.Join(strings.Fields(g), " ")
}
