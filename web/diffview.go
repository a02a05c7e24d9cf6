package web

import (
	"strings"

	"github.com/plumbline-net/plumbline/configstore/diff"
)

// diffView is a text diff as templates see it: hunks only, with gaps between
// them that say how much is left out.
type diffView struct {
	Split    bool
	Old, New string // names of the sides, in words
	Equal    bool
	Rows     []diffRow
	Hunks    int
	Sections []sectionView
	Added    int
	Removed  int
	TooBig   bool
}

// diffRow is a row of the table; Kind is line, section, gap or finding.
type diffRow struct {
	Kind    string
	Old     side
	New     side
	One     side   // of the unified view
	Section string // path of headers
	Added   int
	Removed int
	Hidden  int
	Href    string // where the hidden lines are
	Rule    string
	Text    string
}

// side is one half of a row.
type side struct {
	N    int
	Op   string // "", add, del, void
	Runs []run
}

// run is a piece of a line; Mark says that the tokens in it changed.
type run struct {
	Text string
	Mark bool
}

// sectionView sums a hunk for the list at the side.
type sectionView struct {
	Path           string
	Added, Removed int
	Blocks         []block
}

type block struct {
	Class string
	X     string
}

const maxDiffLines = 5000

// ruleNote is a finding under the line that caused it.
type ruleNote struct{ Rule, Text string }

// newDiffView lays a diff out. oldLines is the length of the old text; notes
// are keyed by line of the new one.
func newDiffView(d diff.TextDiff, split bool, oldName, newName string, oldLines int, more string, notes map[int][]ruleNote) diffView {
	v := diffView{Split: split, Old: oldName, New: newName, Equal: d.Equal, Added: d.Added, Removed: d.Removed, Hunks: len(d.Hunks)}
	if d.Added+d.Removed > maxDiffLines {
		v.TooBig = true
	}
	at := 1
	for _, h := range d.Hunks {
		if n := h.OldFrom - at; n > 0 {
			v.Rows = append(v.Rows, diffRow{Kind: "gap", Hidden: n, Href: more})
		}
		at = h.OldFrom + h.OldCount
		if h.OldCount == 0 {
			at++
		}
		s := sectionOf(h)
		v.Sections = append(v.Sections, s)
		v.Rows = append(v.Rows, diffRow{Kind: "section", Section: s.Path, Added: s.Added, Removed: s.Removed})
		if v.TooBig {
			continue
		}
		if split {
			v.Rows = append(v.Rows, splitRows(h, notes)...)
		} else {
			v.Rows = append(v.Rows, unifiedRows(h, notes)...)
		}
	}
	if n := oldLines - at + 1; n > 0 && len(d.Hunks) > 0 {
		v.Rows = append(v.Rows, diffRow{Kind: "gap", Hidden: n, Href: more})
	}
	return v
}

func sectionOf(h diff.Hunk) sectionView {
	var parts []string
	for _, p := range h.Section {
		parts = append(parts, strings.TrimSpace(visible(p)))
	}
	s := sectionView{Path: strings.Join(parts, " › ")}
	for _, l := range h.Lines {
		if s.Path == "" && l.Op != ' ' { // on the top level the line is its own header
			s.Path = said(strings.TrimSpace(l.Text))
		}
		s.Added += b2i(l.Op == '+')
		s.Removed += b2i(l.Op == '-')
	}
	s.Blocks = blocks(s.Added, s.Removed)
	return s
}

// blocks draws five squares in the proportion of added and removed lines.
func blocks(added, removed int) []block {
	total := added + removed
	green, red := added, removed
	if total > 5 {
		green = max(b2i(added > 0), added*5/total)
		red = min(5-green, max(b2i(removed > 0), 5-green))
		if removed == 0 {
			red = 0
		}
	}
	var out []block
	for i := range 5 {
		class := "f-none s-line"
		if i < green {
			class = "f-ok"
		} else if i < green+red {
			class = "f-bad"
		}
		out = append(out, block{class, []string{"0", "8.7", "17.4", "26.1", "34.8"}[i]})
	}
	return out
}

// splitRows pairs the removed lines of a change with the added ones.
func splitRows(h diff.Hunk, notes map[int][]ruleNote) []diffRow {
	var out []diffRow
	var dels, adds []diff.Line
	flush := func() {
		for i := range max(len(dels), len(adds)) {
			row := diffRow{Kind: "line", Old: side{Op: "void"}, New: side{Op: "void"}}
			if i < len(dels) {
				row.Old = side{dels[i].OldLine, "del", runs(dels[i])}
			}
			if i < len(adds) {
				row.New = side{adds[i].NewLine, "add", runs(adds[i])}
			}
			out = append(out, row)
		}
		for _, l := range adds {
			out = append(out, findingRows(notes[l.NewLine])...)
		}
		dels, adds = nil, nil
	}
	for _, l := range h.Lines {
		switch l.Op {
		case '-':
			if len(adds) > 0 {
				flush()
			}
			dels = append(dels, l)
		case '+':
			adds = append(adds, l)
		default:
			flush()
			out = append(out, diffRow{Kind: "line", Old: side{l.OldLine, "", runs(l)}, New: side{l.NewLine, "", runs(l)}})
			out = append(out, findingRows(notes[l.NewLine])...)
		}
	}
	flush()
	return out
}

func unifiedRows(h diff.Hunk, notes map[int][]ruleNote) []diffRow {
	var out []diffRow
	for _, l := range h.Lines {
		row := diffRow{Kind: "line", Old: side{N: l.OldLine}, New: side{N: l.NewLine}, One: side{Runs: runs(l)}}
		switch l.Op {
		case '-':
			row.One.Op, row.Old.Op = "del", "del"
		case '+':
			row.One.Op, row.New.Op = "add", "add"
		}
		out = append(out, row)
		if l.Op != '-' {
			out = append(out, findingRows(notes[l.NewLine])...)
		}
	}
	return out
}

func findingRows(notes []ruleNote) []diffRow {
	var out []diffRow
	for _, n := range notes {
		out = append(out, diffRow{Kind: "finding", Rule: n.Rule, Text: n.Text})
	}
	return out
}

// runs cuts a line at its marks. A line of a configuration is not shortened:
// what is copied must be what is kept.
func runs(l diff.Line) []run {
	var out []run
	at := 0
	for _, m := range l.Marks {
		from, to := max(m[0], at), min(m[1], len(l.Text))
		if from >= to {
			continue
		}
		if from > at {
			out = append(out, run{Text: visible(l.Text[at:from])})
		}
		out = append(out, run{Text: visible(l.Text[from:to]), Mark: true})
		at = to
	}
	if at < len(l.Text) || len(out) == 0 {
		out = append(out, run{Text: visible(l.Text[at:])})
	}
	return out
}
