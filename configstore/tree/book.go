package tree

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev/platform"
)

// Book is a rulebook compiled for parsing: do it once for a platform. It is
// safe for concurrent use.
type Book struct {
	book    platform.Rulebook
	rules   []*rule
	byFirst map[string][]state // first steps with a fixed first word
	rest    []state            // the other first steps
	words   []wordState        // first words, for families whose nodes are words
	attach  []probe
	root    []probe
	comment []probe
	sectEnd probe
	end     probe
	closers map[string]bool
	blobs   []blob
	alias   []alias
	aliasAt [256]bool
	notes   []string

	volatile []*rule
	merges   []merge
}

// merge is a list whose members also stand in lines of their own.
type merge struct {
	rule *platform.NodeRule
	line Pattern
}

type rule struct {
	src   *platform.NodeRule
	steps []Pattern
	flat  []elem // all steps in one, for families whose nodes are words
	score int
}

type state struct {
	r    *rule
	step int
}

type blob struct {
	name     string
	at       []Pattern
	start    *regexp.Regexp
	lit      string // every match of start holds it
	delim    int    // group d of start, -1 without
	key      int    // group key of start
	end      *regexp.Regexp
	balanced bool
	sameLine bool
	trim     bool
}

type alias struct{ short, long string }

// NewBook compiles a rulebook. A pattern that does not compile becomes a note
// of every tree; the tests of the platform files refuse it.
func NewBook(book platform.Rulebook) *Book {
	b := &Book{book: book, byFirst: map[string][]state{}, closers: map[string]bool{}}
	for i := range book.Nodes {
		b.addRule(&book.Nodes[i])
	}
	s := book.Syntax
	b.attach, b.root, b.comment = probes(s.Attach), probes(s.Root), probes(s.Comment)
	b.sectEnd, b.end = newProbe(s.SectionEnd), newProbe(s.End)
	for _, c := range s.Closers {
		b.closers[c] = true
	}
	for _, bl := range book.Blobs {
		b.addBlob(bl)
	}
	for short, long := range book.Canon.Alias {
		if short != "" {
			b.alias = append(b.alias, alias{short, long})
			b.aliasAt[short[0]] = true
		}
	}
	slices.SortFunc(b.alias, func(x, y alias) int { return len(y.short) - len(x.short) })
	return b
}

func (b *Book) addRule(src *platform.NodeRule) {
	steps, err := CompilePath(src.At)
	if err != nil || len(steps) == 0 {
		b.notes = append(b.notes, "rule skipped: "+src.At)
		return
	}
	r := &rule{src: src, steps: steps}
	for i, st := range steps {
		r.flat = append(r.flat, st.elems...)
		r.score += st.score
		if i == len(steps)-1 {
			r.score += st.score // the last step decides between equals
		}
	}
	b.rules = append(b.rules, r)
	if src.Class == Volatile {
		b.volatile = append(b.volatile, r)
	}
	if src.List != nil && src.List.Merge != "" && len(steps) == 1 {
		if p, err := CompilePattern(src.List.Merge); err == nil {
			b.merges = append(b.merges, merge{src, p})
		}
	}
	for _, st := range r.from(0) {
		if f := st.r.steps[st.step].first; f != "" {
			b.byFirst[f] = append(b.byFirst[f], st)
		} else {
			b.rest = append(b.rest, st)
		}
	}
	b.words = append(b.words, wordState{r, 0})
}

// from lists the steps that may match next: a step "**" may also be skipped.
func (r *rule) from(step int) []state {
	out := []state{{r, step}}
	if r.anyDepth(step) && step+1 < len(r.steps) {
		out = append(out, r.from(step+1)...)
	}
	return out
}

func (r *rule) anyDepth(step int) bool {
	e := r.steps[step].elems
	return len(e) == 1 && e[0].kind == eRestKey
}

func (b *Book) addBlob(src platform.Blob) {
	re := src.Start.Re()
	if re == nil {
		return
	}
	bl := blob{name: src.Name, start: re, delim: re.SubexpIndex("d"), key: re.SubexpIndex("key"), sameLine: src.SameLine, trim: src.Content == "trim"}
	bl.lit = literalOf(src.Start.String())
	if src.At != "" {
		at, err := CompilePath(src.At)
		if err != nil {
			b.notes = append(b.notes, "blob skipped: "+src.At)
			return
		}
		bl.at = at
	}
	switch src.End {
	case "same-delimiter":
	case "balanced":
		bl.balanced = true
	default:
		end, err := regexp.Compile(src.End)
		if err != nil || src.End == "" {
			b.notes = append(b.notes, "blob without an end: "+src.Name)
			return
		}
		bl.end = end
	}
	b.blobs = append(b.blobs, bl)
}

// long writes short interface names out: a token that is an alias and a digit.
func (b *Book) long(words []string) bool {
	if len(b.alias) == 0 || len(words) == 0 || freeText[words[0]] {
		return false
	}
	changed := false
	for i, w := range words {
		if len(w) < 2 || !b.aliasAt[w[0]] {
			continue
		}
		for _, a := range b.alias {
			if rest, ok := strings.CutPrefix(w, a.short); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
				words[i], changed = a.long+rest, true
				break
			}
		}
	}
	return changed
}

// freeText begins lines whose words are for people.
var freeText = map[string]bool{"description": true, "remark": true, "name": true, "alias": true, "comment": true, "title": true}

// literalOf finds a run of characters that every match of an expression must
// hold, "" when it is not obvious.
func literalOf(src string) string {
	re, err := syntax.Parse(src, syntax.Perl)
	if err != nil {
		return ""
	}
	return longestLiteral(re.Simplify())
}

func longestLiteral(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return string(re.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return longestLiteral(re.Sub[0])
	case syntax.OpConcat:
		best := ""
		for _, sub := range re.Sub {
			if l := longestLiteral(sub); len(l) > len(best) {
				best = l
			}
		}
		return best
	}
	return ""
}

// probe is an expression with a literal that is looked for first.
type probe struct {
	re  *regexp.Regexp
	lit string
}

func (p *probe) match(s string) bool {
	return p.re != nil && strings.Contains(s, p.lit) && p.re.MatchString(s)
}

func probes(list []platform.Regex) []probe {
	var out []probe
	for i := range list {
		if re := list[i].Re(); re != nil {
			out = append(out, probe{re, literalOf(re.String())})
		}
	}
	return out
}

func newProbe(r *platform.Regex) probe {
	if r.Re() == nil {
		return probe{}
	}
	return probe{r.Re(), literalOf(r.String())}
}
