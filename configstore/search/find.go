package search

import (
	"regexp"
	"strings"
)

// Hit is one line that was found. From and To cut its text around what matched.
type Hit struct {
	Line     int // from 1
	Text     string
	From, To int
}

// Found is what a query says of one text.
type Found struct {
	Holds bool // the text is an answer
	Hits  []Hit
	Total int // of the hits, kept or not
}

// Outline is a text as lines under headers; a *tree.Tree is one.
type Outline interface {
	Line(n int) string // from 1; "" outside
	Above(n int) int   // the header's line above a line; 0 without
}

// Find asks one text. outline is called only where sections are asked for; at
// most max hits are kept, all are counted.
func (q *Query) Find(text string, outline func() Outline, max int) Found {
	if q.Sections() {
		if !q.possible(text) {
			return Found{}
		}
		if q.lacksAll(text) {
			return Found{Holds: true}
		}
		return q.inSections(text, outline(), max)
	}
	if len(q.Lines) == 0 { // only words about revisions: the text itself is the answer
		return Found{Holds: true}
	}
	f := Found{}
	scan(q.Lines, text, func(h Hit) {
		f.Holds = true
		if f.Total++; len(f.Hits) < max {
			f.Hits = append(f.Hits, h)
		}
	})
	return f
}

// possible is a cheap no for texts that lack a fixed part of what is asked.
func (q *Query) possible(text string) bool {
	var fold string
	for _, p := range append([]*Phrase{q.In}, q.Has...) {
		if p == nil || p.need == "" {
			continue
		}
		if fold == "" {
			fold = lower(text)
		}
		if !strings.Contains(fold, p.need) {
			return false
		}
	}
	return true
}

// lacksAll is a cheap yes for texts that hold no part of what shall be missing.
func (q *Query) lacksAll(text string) bool {
	if q.In != nil || len(q.Has)+len(q.Lacks) > 0 {
		return false
	}
	fold := lower(text)
	for _, p := range q.Missing {
		if strings.Contains(fold, p.need) { // "" is in every text: nothing is known
			return false
		}
	}
	return true
}

// lower folds ASCII, so that offsets stay what they are.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// find gives where the term stands in a line.
func (t Term) find(line string) (from, to int, ok bool) {
	switch {
	case t.Regexp != nil:
		loc := t.Regexp.FindStringIndex(line)
		if loc == nil {
			return 0, 0, false
		}
		return loc[0], loc[1], true
	case t.Words != nil:
		return t.Words.find(line)
	}
	i := strings.Index(line, t.Literal)
	return i, i + len(t.Literal), i >= 0
}

// scan hands over each line on which all terms hold. The first term leads from
// one candidate line to the next, the others are asked there.
func scan(terms []Term, text string, hit func(Hit)) {
	lead := leader(terms)
	next := lead.candidates(text)
	n, counted := 1, 0
	for at := 0; at < len(text); {
		pos := next(at)
		if pos < 0 {
			return
		}
		from := strings.LastIndexByte(text[:pos], '\n') + 1
		to := len(text)
		if i := strings.IndexByte(text[from:], '\n'); i >= 0 {
			to = from + i
		}
		n += strings.Count(text[counted:from], "\n")
		counted = from
		if h, ok := holds(terms, text[from:to]); ok {
			h.Line = n
			hit(h)
		}
		at = to + 1
	}
}

func holds(terms []Term, line string) (Hit, bool) {
	h := Hit{Text: line}
	for i, t := range terms {
		from, to, ok := t.find(line)
		if !ok {
			return h, false
		}
		if i == 0 {
			h.From, h.To = from, to
		}
	}
	return h, true
}

// leader is the term whose candidates are found most cheaply.
func leader(terms []Term) Term {
	best, rank := terms[0], 9
	for _, t := range terms {
		r := 2
		switch {
		case t.Literal != "":
			r = 0
		case t.Words != nil && t.Words.need != "":
			r = 1
		}
		if r < rank {
			best, rank = t, r
		}
	}
	return best
}

// candidates gives a function that finds, from a start of a line on, a place on
// the next line that may hold the term: every line that does is named. -1 ends.
func (t Term) candidates(text string) func(at int) int {
	index := func(in, part string) func(int) int {
		return func(at int) int {
			if i := strings.Index(in[at:], part); i >= 0 {
				return at + i
			}
			return -1
		}
	}
	every := func(at int) int { return at }
	switch {
	case t.Literal != "":
		return index(text, t.Literal)
	case t.Words != nil && t.Words.need != "":
		return index(lower(text), t.Words.need)
	case t.Words != nil:
		return every
	}
	many := manyLines(t.Regexp.String())
	if many == nil {
		return every
	}
	return func(at int) int {
		if loc := many.FindStringIndex(text[at:]); loc != nil {
			return at + loc[0]
		}
		return -1
	}
}

// manyLines is a pattern of one line for a whole text. It may find too much (a
// match over a line's end): the line is asked again. Patterns that speak of the
// ends of the text or turn flags off have none.
func manyLines(src string) *regexp.Regexp {
	if strings.Contains(src, `\A`) || strings.Contains(src, `\z`) || strings.Contains(src, "(?") && strings.Contains(src, "-") {
		return nil
	}
	re, err := regexp.Compile("(?m:" + src + ")")
	if err != nil {
		return nil
	}
	return re
}
