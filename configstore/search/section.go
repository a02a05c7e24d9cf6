package search

import "strings"

// deepest bounds the headers that are followed upwards.
const deepest = 16

// section is the lines under one header. A block that is printed in pieces is
// one section.
type section struct {
	header int
	lines  []int
}

// inSections answers in:, has:, lacks: and missing:.
func (q *Query) inSections(text string, o Outline, max int) Found {
	total := strings.Count(text, "\n")
	if !strings.HasSuffix(text, "\n") {
		total++
	}
	f, fold := Found{}, lower(text)
	keep := func(h Hit) {
		if f.Total++; len(f.Hits) < max {
			f.Hits = append(f.Hits, h)
		}
	}
	if q.In == nil {
		all := section{lines: make([]int, total)}
		for i := range all.lines {
			all.lines[i] = i + 1
		}
		if f.Holds = q.sectionHolds(o, all, fold); f.Holds {
			for _, p := range q.Has {
				n := first(o, p, all)
				keep(Hit{Line: n, Text: o.Line(n), To: len(o.Line(n))})
			}
		}
		return f
	}
	for _, s := range sections(o, total, q.In) {
		if !q.sectionHolds(o, s, fold) {
			continue
		}
		if len(q.Lines) == 0 {
			keep(Hit{Line: s.header, Text: o.Line(s.header), To: len(o.Line(s.header))})
		}
		for _, n := range s.lines {
			if len(q.Lines) == 0 {
				break
			}
			if h, ok := holds(q.Lines, o.Line(n)); ok {
				h.Line = n
				keep(h)
			}
		}
	}
	f.Holds = f.Total > 0
	return f
}

// sectionHolds says whether a section has what it shall have and lacks what it
// shall lack. fold is the whole text: what it lacks, each section lacks.
func (q *Query) sectionHolds(o Outline, s section, fold string) bool {
	for _, p := range q.Has {
		if first(o, p, s) == 0 {
			return false
		}
	}
	for _, ps := range [][]*Phrase{q.Lacks, q.Missing} {
		for _, p := range ps {
			if strings.Contains(fold, p.need) && first(o, p, s) != 0 {
				return false
			}
		}
	}
	return true
}

// first is the first line of a section that begins with the words; 0 without.
func first(o Outline, p *Phrase, s section) int {
	for _, n := range s.lines {
		if says(o, p, n, s.header) {
			return n
		}
	}
	return 0
}

// says whether the statement of a line begins with the words. The headers above
// it, up to and without stop, are part of the statement: "ntp server" finds
// "server …" under "ntp".
func says(o Outline, p *Phrase, n, stop int) bool {
	line := strings.TrimSpace(o.Line(n))
	if p.last != "" && !strings.Contains(lower(line), p.last) {
		return false
	}
	if _, ok := p.begins(line); ok {
		return true
	}
	above := ""
	for up, i := o.Above(n), 0; up != 0 && up != stop && i < deepest; up, i = o.Above(up), i+1 {
		above = strings.TrimSpace(o.Line(up)) + " " + above
		if end, ok := p.begins(above + line); ok && end > len(above) {
			return true
		}
	}
	return false
}

// sections lists what stands under the headers that a phrase names, in the
// order of the text.
func sections(o Outline, total int, in *Phrase) []section {
	header := make([]bool, total+1)
	kinds := map[kind]bool{} // what begins blocks in this text
	for n := 1; n <= total; n++ {
		if up := o.Above(n); up > 0 && up <= total && !header[up] {
			header[up] = true
			kinds[kindOf(o, up)] = true
		}
	}
	var out []section
	byPath := map[string]int{}
	of := make([]int, total+1) // 1 + index of the section that a header begins
	for n := 1; n <= total; n++ {
		// A header with nothing under it is a section too: it lacks everything.
		if (header[n] || kinds[kindOf(o, n)]) && says(o, in, n, 0) {
			path := pathOf(o, n)
			i, seen := byPath[path]
			if !seen {
				i = len(out)
				byPath[path] = i
				out = append(out, section{header: n})
			}
			of[n] = i + 1
		}
		for up, i := o.Above(n), 0; up != 0 && i < deepest; up, i = o.Above(up), i+1 {
			if up <= total && of[up] > 0 {
				s := &out[of[up]-1]
				s.lines = append(s.lines, n)
				break
			}
		}
	}
	return out
}

// kind is what tells lines that may begin blocks: the first word and the header
// above.
type kind struct {
	above int
	word  string
}

func kindOf(o Outline, n int) kind {
	word, _, _ := strings.Cut(strings.TrimSpace(o.Line(n)), " ")
	return kind{o.Above(n), word}
}

func pathOf(o Outline, n int) string {
	path := ""
	for i := 0; n != 0 && i < deepest; n, i = o.Above(n), i+1 {
		path = strings.TrimSpace(o.Line(n)) + "\n" + path
	}
	return path
}
