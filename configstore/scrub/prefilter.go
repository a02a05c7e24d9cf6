package scrub

import (
	"regexp/syntax"
	"slices"
	"strings"
)

// A scrubber has many expressions and a text few lines that any of them
// matches. So each expression gives the literals of which every match holds
// at least one, and one automaton (Aho and Corasick 1975) finds them all in a
// single pass; an expression is tried on the lines that hold its literals.

const maxLiterals = 48

// literals gives strings, lower case, of which every match of src holds one;
// nil when there is no such set.
func literals(src string) []string {
	re, err := syntax.Parse(src, syntax.Perl)
	if err != nil {
		return nil
	}
	return lowered(required(re.Simplify()))
}

func lowered(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, strings.ToLower(s))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// required gives a set of which every match holds one as a substring.
func required(re *syntax.Regexp) []string {
	if ex := exact(re); ex != nil && !slices.Contains(ex, "") {
		return ex
	}
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			r := required(sub)
			if r == nil {
				return nil
			}
			out = append(out, r...)
		}
		if len(out) <= maxLiterals {
			return out
		}
	case syntax.OpConcat:
		return concat(re.Sub)
	}
	return nil
}

// concat takes the best part: a run of exact parts counts as one.
func concat(subs []*syntax.Regexp) []string {
	var best, run []string
	take := func(s []string) {
		if s != nil && !slices.Contains(s, "") && better(s, best) {
			best = s
		}
	}
	for _, sub := range subs {
		ex := exact(sub)
		if ex != nil && (run == nil || len(run)*len(ex) <= maxLiterals) {
			if run == nil {
				run = ex
			} else {
				run = cross(run, ex)
			}
			take(run)
			continue
		}
		run = ex
		take(ex)
		take(required(sub))
	}
	return best
}

func better(a, b []string) bool {
	return b == nil || shortest(a) > shortest(b) || shortest(a) == shortest(b) && len(a) < len(b)
}

func shortest(list []string) int {
	n := 1 << 20
	for _, s := range list {
		n = min(n, len(s))
	}
	return n
}

func cross(a, b []string) []string {
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}

// exact gives all strings that re matches, nil when they are too many.
func exact(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpBeginText, syntax.OpEndLine, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return []string{""}
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCharClass:
		var out []string
		for i := 0; i+1 < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				if out = append(out, string(r)); len(out) > 12 {
					return nil
				}
			}
		}
		return out
	case syntax.OpCapture:
		return exact(re.Sub[0])
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			ex := exact(sub)
			if ex == nil || len(out)+len(ex) > maxLiterals {
				return nil
			}
			out = append(out, ex...)
		}
		return out
	case syntax.OpConcat:
		out := []string{""}
		for _, sub := range re.Sub {
			ex := exact(sub)
			if ex == nil || len(out)*len(ex) > maxLiterals {
				return nil
			}
			out = cross(out, ex)
		}
		return out
	}
	return nil
}

// bits is a set of expressions.
type bits []uint64

func (b bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// automaton finds literals, whatever their case, and says whose they are.
type automaton struct {
	class   [256]uint8
	classes int
	next    []uint16 // state*classes + class, while it is built
	jump    []uint32 // the same with states multiplied out; hit marks states that found something
	found   []int32  // per state: index into sets, -1 without
	sets    []bits
	words   int
}

// newAutomaton takes the literals of each expression; one without literals is
// not looked for here. It gives nil when the automaton would get too large.
func newAutomaton(lits [][]string) *automaton {
	a := &automaton{classes: 1, words: (len(lits) + 63) / 64}
	for _, list := range lits {
		for _, s := range list {
			for i := 0; i < len(s); i++ {
				if a.class[s[i]] == 0 {
					a.class[s[i]] = uint8(a.classes)
					a.classes++
				}
			}
		}
	}
	for c := 'A'; c <= 'Z'; c++ {
		a.class[c] = a.class[c+'a'-'A']
	}
	own := []bits{make(bits, a.words)}
	a.next = make([]uint16, a.classes)
	for id, list := range lits {
		for _, s := range list {
			st := 0
			for i := 0; i < len(s); i++ {
				at := st*a.classes + int(a.class[s[i]])
				if a.next[at] == 0 {
					if len(own) >= 1<<16-1 {
						return nil
					}
					a.next[at] = uint16(len(own))
					own = append(own, make(bits, a.words))
					a.next = append(a.next, make([]uint16, a.classes)...)
				}
				st = int(a.next[at])
			}
			own[st][id/64] |= 1 << (id % 64)
		}
	}
	a.link(own)
	return a
}

// link turns the tree of literals into an automaton that never goes back.
func (a *automaton) link(own []bits) {
	fail := make([]int, len(own))
	var queue []int
	for c := range a.classes {
		if s := int(a.next[c]); s != 0 {
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for w := range own[s] {
			own[s][w] |= own[fail[s]][w]
		}
		for c := range a.classes {
			at := s*a.classes + c
			back := a.next[fail[s]*a.classes+c]
			if t := int(a.next[at]); t != 0 {
				fail[t] = int(back)
				queue = append(queue, t)
			} else {
				a.next[at] = back
			}
		}
	}
	a.found = make([]int32, len(own))
	for i, b := range own {
		a.found[i] = -1
		if slices.ContainsFunc(b, func(w uint64) bool { return w != 0 }) {
			a.found[i] = int32(len(a.sets))
			a.sets = append(a.sets, b)
		}
	}
	a.jump = make([]uint32, len(a.next))
	for i, st := range a.next {
		a.jump[i] = uint32(int(st) * a.classes)
		if a.found[st] >= 0 {
			a.jump[i] |= hit
		}
	}
	a.next = nil
}

const hit = 1 << 31

// scan adds to hits the expressions of which line holds a literal, and says
// whether there are any.
func (a *automaton) scan(line []byte, hits bits) bool {
	jump, class, st, any := a.jump, &a.class, uint32(0), false
	for _, c := range line {
		st = jump[st+uint32(class[c])]
		if st&hit == 0 {
			continue
		}
		st &^= hit
		any = true
		for w, v := range a.sets[a.found[int(st)/a.classes]] {
			hits[w] |= v
		}
	}
	return any
}
