package diff

// align pairs equal elements of a and b in order: out[i] is the index in b of
// the partner of a[i], or -1. Elements are numbers below limit.
//
// Elements that only one side has are set aside first, which alone makes most
// real diffs cheap. What is left goes to Myers' linear-space algorithm. Where
// that gets expensive, elements that are unique on both sides split the work,
// and as a last resort the path that came furthest does, as GNU diff has it;
// so the time is bounded by n times the cap whatever the texts are.
func align(a, b []int32, limit int) []int32 {
	out := make([]int32, len(a))
	for i := range out {
		out[i] = -1
	}
	count := make([]uint8, limit)
	for _, v := range a {
		count[v] |= 1
	}
	for _, v := range b {
		count[v] |= 2
	}
	x := aligner{out: out}
	x.a, x.ia = keepShared(a, count)
	x.b, x.ib = keepShared(b, count)
	x.seen = make([]anchor, limit)
	if len(x.a) > 0 && len(x.b) > 0 {
		x.fwd = make([]int32, len(x.a)+len(x.b)+3)
		x.bwd = make([]int32, len(x.a)+len(x.b)+3)
		x.box(0, len(x.a), 0, len(x.b), true)
	}
	return out
}

func keepShared(v []int32, count []uint8) (kept, index []int32) {
	kept, index = make([]int32, 0, len(v)), make([]int32, 0, len(v))
	for i, e := range v {
		if count[e] == 3 {
			kept, index = append(kept, e), append(index, int32(i))
		}
	}
	return kept, index
}

// costCap bounds the search for one middle snake.
const costCap = 256

type aligner struct {
	a, b     []int32 // shared elements
	ia, ib   []int32 // where they were
	out      []int32
	fwd, bwd []int32
	seen     []anchor
}

type anchor struct{ a, b, na, nb int32 }

func (x *aligner) pair(i, j int) { x.out[x.ia[i]] = x.ib[j] }

// box aligns a[a0:a1] with b[b0:b1].
func (x *aligner) box(a0, a1, b0, b1 int, anchors bool) {
	for {
		for a0 < a1 && b0 < b1 && x.a[a0] == x.b[b0] {
			x.pair(a0, b0)
			a0, b0 = a0+1, b0+1
		}
		for a0 < a1 && b0 < b1 && x.a[a1-1] == x.b[b1-1] {
			a1, b1 = a1-1, b1-1
			x.pair(a1, b1)
		}
		if a0 == a1 || b0 == b1 {
			return
		}
		i, j, exact := x.middle(a0, a1, b0, b1)
		if !exact && anchors && x.byAnchors(a0, a1, b0, b1) {
			return
		}
		if (i == a0 && j == b0) || (i == a1 && j == b1) {
			return // no way forward: what is left has no partner
		}
		x.box(a0, i, b0, j, exact)
		a0, b0, anchors = i, j, exact
	}
}

// middle finds a point on a shortest edit path of the box, or on a good one
// when the cap is reached (exact is false then). The box begins and ends with
// different elements.
//
// On diagonal k = x-y, fwd holds the furthest x that paths from the start
// reach with d edits, bwd the nearest x that paths from the end reach; where
// they meet is the middle (Myers 1986, section 4b).
func (x *aligner) middle(a0, a1, b0, b1 int) (i, j int, exact bool) {
	n, m := a1-a0, b1-b0
	delta, off := n-m, m+1
	f := span{0, 0, -m, n}
	r := span{delta, delta, -m, n}
	fwd, bwd := x.fwd, x.bwd
	fwd[off], bwd[off+delta] = 0, int32(n)
	for d := 1; ; d++ {
		f.widen(fwd, off, -1)
		for k := f.lo; k <= f.hi; k += 2 {
			s := int(max(fwd[off+k-1]+1, fwd[off+k+1]))
			for s < n && s-k < m && x.a[a0+s] == x.b[b0+s-k] {
				s++
			}
			fwd[off+k] = int32(s)
			if delta&1 != 0 && k >= r.lo && k <= r.hi && int(bwd[off+k]) <= s {
				return a0 + s, b0 + s - k, true
			}
		}
		r.widen(bwd, off, int32(n+m+2))
		for k := r.lo; k <= r.hi; k += 2 {
			s := int(min(bwd[off+k-1], bwd[off+k+1]-1))
			for s > 0 && s-k > 0 && x.a[a0+s-1] == x.b[b0+s-k-1] {
				s--
			}
			bwd[off+k] = int32(s)
			if delta&1 == 0 && k >= f.lo && k <= f.hi && s <= int(fwd[off+k]) {
				return a0 + s, b0 + s - k, true
			}
		}
		if d >= costCap {
			i, j = x.furthest(a0, b0, n, m, off, f, r)
			return i, j, false
		}
	}
}

// span is the range of diagonals in use, every second one.
type span struct{ lo, hi, min, max int }

// widen takes one diagonal more at both ends, or one less where the box ends;
// no is the value of a diagonal that no path has reached.
func (s *span) widen(v []int32, off int, no int32) {
	if s.lo > s.min {
		s.lo--
		v[off+s.lo-1] = no
	} else {
		s.lo++
	}
	if s.hi < s.max {
		s.hi++
		v[off+s.hi+1] = no
	} else {
		s.hi--
	}
}

// furthest chooses among the ends of all open paths the one that covers most.
func (x *aligner) furthest(a0, b0, n, m, off int, f, r span) (i, j int) {
	best := -1
	for k := f.lo; k <= f.hi; k += 2 {
		s := min(int(x.fwd[off+k]), n)
		t := s - k
		if t >= 0 && t <= m && s >= 0 && s+t > best {
			best, i, j = s+t, a0+s, b0+t
		}
	}
	for k := r.lo; k <= r.hi; k += 2 {
		s := max(int(x.bwd[off+k]), 0)
		t := s - k
		if t >= 0 && t <= m && s <= n && n+m-s-t > best {
			best, i, j = n+m-s-t, a0+s, b0+t
		}
	}
	if best < 0 {
		return a0, b0
	}
	return i, j
}

// byAnchors splits the box at the longest run, in order, of elements that are
// unique on both sides. It says whether there were any.
func (x *aligner) byAnchors(a0, a1, b0, b1 int) bool {
	for i := a0; i < a1; i++ {
		e := &x.seen[x.a[i]]
		e.na, e.a = e.na+1, int32(i)
	}
	for j := b0; j < b1; j++ {
		e := &x.seen[x.b[j]]
		e.nb, e.b = e.nb+1, int32(j)
	}
	var pairs []anchor
	for i := a0; i < a1; i++ {
		if e := x.seen[x.a[i]]; e.na == 1 && e.nb == 1 {
			pairs = append(pairs, e)
		}
	}
	for i := a0; i < a1; i++ {
		x.seen[x.a[i]] = anchor{}
	}
	for j := b0; j < b1; j++ {
		x.seen[x.b[j]] = anchor{}
	}
	if len(pairs) == 0 {
		return false
	}
	b := make([]int32, len(pairs))
	for i, p := range pairs {
		b[i] = p.b
	}
	pa, pb := a0, b0
	for _, at := range longestRun(b) {
		p := pairs[at]
		x.box(pa, int(p.a), pb, int(p.b), true)
		x.pair(int(p.a), int(p.b))
		pa, pb = int(p.a)+1, int(p.b)+1
	}
	x.box(pa, a1, pb, b1, true)
	return true
}

// longestRun gives the indices of a longest increasing subsequence of v, whose
// elements are distinct.
func longestRun(v []int32) []int {
	tails, prev := make([]int, 0, len(v)), make([]int, len(v))
	for i, e := range v {
		lo, hi := 0, len(tails)
		for lo < hi {
			if mid := (lo + hi) / 2; v[tails[mid]] < e {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		prev[i] = -1
		if lo > 0 {
			prev[i] = tails[lo-1]
		}
		if lo == len(tails) {
			tails = append(tails, i)
		} else {
			tails[lo] = i
		}
	}
	out := make([]int, len(tails))
	if len(tails) == 0 {
		return out
	}
	for at, i := len(tails)-1, tails[len(tails)-1]; at >= 0; at, i = at-1, prev[i] {
		out[at] = i
	}
	return out
}
