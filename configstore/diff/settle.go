package diff

import "bytes"

// settle slides runs of changed lines that may stand in several places to
// where a person would cut: in front of a header or behind a blank line.
func (d *alignment) settle() {
	slide(d.b, d.toOld, d.toNew, d.same, false)
	slide(d.a, d.toNew, d.toOld, d.same, true)
}

// slide moves the runs of lines without a partner. to maps lines to the other
// text, from back again; flip says that lines is the old text.
func slide(lines [][]byte, to, from []int32, same func(i, j int) bool, flip bool) {
	eq := func(mine, other int) bool {
		if flip {
			return same(mine, other)
		}
		return same(other, mine)
	}
	for s := 0; s < len(lines); s++ {
		if to[s] >= 0 {
			continue
		}
		e := s
		for e < len(lines) && to[e] < 0 {
			e++
		}
		next := e
		if s > 0 && e < len(lines) && to[s-1] == to[e]-1 { // the other side has no change here
			next = best(lines, to, from, eq, s, e)
		}
		s = next
	}
}

// best moves one run as far up as it goes, then down, and leaves it where the
// score is best. It returns the end of the run.
func best(lines [][]byte, to, from []int32, eq func(mine, other int) bool, s, e int) int {
	const reach = 200 // a run of equal lines could be slid forever
	up := 0
	for up < reach && s > 0 && to[s-1] >= 0 && bytes.Equal(lines[s-1], lines[e-1]) && eq(e-1, int(to[s-1])) {
		move(to, from, s-1, e-1)
		s, e, up = s-1, e-1, up+1
	}
	bestAt, bestScore := s, score(lines, s, e)
	top := s
	for e-top < 2*reach && e < len(lines) && to[e] >= 0 && bytes.Equal(lines[s], lines[e]) && eq(s, int(to[e])) {
		move(to, from, e, s)
		s, e = s+1, e+1
		if sc := score(lines, s, e); sc >= bestScore {
			bestAt, bestScore = s, sc
		}
	}
	end := e
	for s > bestAt {
		move(to, from, s-1, e-1)
		s, e = s-1, e-1
	}
	return max(end, e)
}

func move(to, from []int32, src, dst int) {
	p := to[src]
	to[dst], to[src] = p, -1
	from[p] = int32(dst)
}

// score says how good a place for a cut is.
func score(lines [][]byte, s, e int) int {
	sc := 0
	first, behind := lines[s], []byte(nil)
	if e < len(lines) {
		behind = lines[e]
	}
	if blank(lines[e-1]) {
		sc++ // the run takes its own separator along
	}
	if s > 0 && blank(lines[s-1]) {
		sc += 3
	}
	if !blank(first) {
		sc += 2
		if indent(first) == 0 || (behind != nil && indent(first) <= indent(behind)) {
			sc += 2
		}
		if s > 0 && indent(lines[s-1]) > indent(first) {
			sc++ // a block ends in front of it
		}
	}
	return sc
}

func blank(l []byte) bool {
	l = bytes.TrimSpace(l)
	return len(l) == 0 || (len(l) == 1 && (l[0] == '!' || l[0] == '#' || l[0] == '}'))
}

func indent(l []byte) int {
	for i, c := range l {
		if c != ' ' && c != '\t' {
			return i
		}
	}
	return len(l)
}
