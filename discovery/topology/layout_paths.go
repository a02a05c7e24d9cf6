package topology

import (
	"slices"
	"unicode/utf8"
)

// pen writes a chain of cubic curves.
type pen struct{ p []int }

func (p *pen) move(x, y int) { p.p = append(p.p[:0], x, y) }

func (p *pen) curve(x1, y1, x2, y2, x, y int) { p.p = append(p.p, x1, y1, x2, y2, x, y) }

func (p *pen) line(x, y int) {
	n := len(p.p)
	if p.p[n-2] == x && p.p[n-1] == y {
		return
	}
	p.curve(p.p[n-2], p.p[n-1], x, y, x, y)
}

const corner = 8 // radius of a bend

// through draws straight lines through the points, with rounded bends.
func (p *pen) through(pts [][2]int) {
	pts = slices.Compact(pts)
	p.move(pts[0][0], pts[0][1])
	for i := 1; i < len(pts); i++ {
		at := pts[i]
		if i+1 == len(pts) {
			p.line(at[0], at[1])
			return
		}
		before, after := toward(at, pts[i-1]), toward(at, pts[i+1])
		p.line(before[0], before[1])
		p.curve(at[0], at[1], at[0], at[1], after[0], after[1])
	}
}

// toward goes from a at most a corner's radius, at most half the way, to b;
// the two differ in one coordinate.
func toward(a, b [2]int) [2]int {
	step := func(from, to int) int {
		d := to - from
		return from + min(max(d/2, -corner), corner)
	}
	return [2]int{step(a[0], b[0]), step(a[1], b[1])}
}

// route draws every wire.
func (g *drawing) route() {
	taken := g.taken()
	parallel := map[[2]int]int{}
	total := map[[2]int]int{}
	for _, w := range g.wires {
		total[[2]int{g.drawn(w.From), g.drawn(w.To)}]++
	}
	bundle := map[[2]int]int{}
	for i := range g.wires {
		w := &g.wires[i]
		a, b := g.drawn(w.From), g.drawn(w.To)
		pair := [2]int{a, b}
		n := parallel[pair]
		parallel[pair]++
		shift := n*lane - (total[pair]-1)*lane/2
		if g.spots[a].Count > 0 || g.spots[b].Count > 0 {
			shift = 0
		}
		shift = min(max(shift, -nodeHalf+3), nodeHalf-3)
		if from, to := g.spots[a].Block, g.spots[b].Block; from != to {
			w.Path = g.between(a, b)
			g.bundle(bundle, from, to, w.Path)
			continue
		}
		w.Path = g.inside(a, b, shift, taken)
	}
}

// bundle notes a wire in the gutter of its pair of blocks; the first one
// draws it.
func (g *drawing) bundle(at map[[2]int]int, a, b int, path []int) {
	key := [2]int{min(a, b), max(a, b)}
	n, ok := at[key]
	if !ok {
		n = len(g.gut)
		at[key] = n
		g.gut = append(g.gut, Gutter{A: key[0], B: key[1], Path: path})
	}
	g.gut[n].Wires++
}

// taken lists, by block and row, where nodes stand.
func (g *drawing) taken() map[[2]int][]int {
	m := map[[2]int][]int{}
	for i, s := range g.spots {
		if s.Fold < 0 {
			key := [2]int{s.Block, s.Row}
			m[key] = append(m[key], g.spots[i].X)
		}
	}
	return m
}

// Half is half the width of a spot's box. A counted node is as wide as its
// glyph and its words.
func (s Spot) Half() int {
	if s.Count > 0 {
		return (utf8.RuneCountInString(s.Label)*letter + 46) / 2
	}
	return nodeHalf
}

// inside draws a wire within a block: straight along a row between
// neighbours, in an arc over others, and from row to row in a swing that
// passes rows between where nothing stands.
func (g *drawing) inside(a, b, shift int, taken map[[2]int][]int) []int {
	p, q := g.spots[a], g.spots[b]
	var pen pen
	if p.Row == q.Row {
		if p.X > q.X {
			p, q = q, p
		}
		if g.clear(p, q, taken) {
			pen.move(p.X+p.Half(), p.Y+shift)
			pen.line(q.X-q.Half(), q.Y+shift)
			return pen.p
		}
		rise := min(24+(q.X-p.X)/40, 44) + shift
		pen.move(p.X+4, p.Y-nodeHalf)
		third := (q.X - p.X) / 4
		pen.curve(p.X+third, p.Y-nodeHalf-rise, q.X-third, q.Y-nodeHalf-rise, q.X-4, q.Y-nodeHalf)
		return pen.p
	}
	if p.Row > q.Row {
		p, q = q, p
	}
	x1, x2 := p.X+shift, q.X+shift
	y1, y2 := p.Y+nodeHalf, q.Y-nodeHalf
	pen.move(x1, y1)
	if q.Row == p.Row+1 {
		mid := (y1 + y2) / 2
		pen.curve(x1, mid, x2, mid, x2, y2)
		return pen.p
	}
	way := free(p, q, x2, taken)
	in, out := y1+rowStep-2*nodeHalf, y2-rowStep+2*nodeHalf
	pen.curve(x1, (y1+in)/2, way, (y1+in)/2, way, in)
	pen.line(way, out)
	pen.curve(way, (out+y2)/2, x2, (out+y2)/2, x2, y2)
	return pen.p
}

// clear: nothing stands between two spots of a row.
func (g *drawing) clear(p, q Spot, taken map[[2]int][]int) bool {
	return !slices.ContainsFunc(taken[[2]int{p.Block, p.Row}], func(x int) bool { return x > p.X && x < q.X })
}

// free looks for an x near x2 at which no node of the rows between p and q
// stands.
func free(p, q Spot, x2 int, taken map[[2]int][]int) int {
	ok := func(x int) bool {
		for r := p.Row + 1; r < q.Row; r++ {
			if slices.ContainsFunc(taken[[2]int{p.Block, r}], func(n int) bool { return x > n-nodeHalf-8 && x < n+nodeHalf+8 }) {
				return false
			}
		}
		return true
	}
	side := 1
	if p.X < x2 {
		side = -1
	}
	for d := 0; d < 600; d += 8 {
		for _, x := range []int{x2 + side*d, x2 - side*d} {
			if ok(x) {
				return x
			}
		}
	}
	return x2
}

// between draws a wire that leaves its block: up into the channel above its
// row, along it to the side, down or up the gutter, and in again. Columns
// that are not side by side are joined over the rail above all blocks.
func (g *drawing) between(a, b int) []int {
	p, q := g.spots[a], g.spots[b]
	if g.blocks[p.Block].col > g.blocks[q.Block].col {
		p, q = q, p
	}
	from, to := g.blocks[p.Block].col, g.blocks[q.Block].col
	first, last := from, max(from, to-1)
	y1, y2 := g.channel(p), g.channel(q)
	x1 := g.gutterX(first) + g.spread(first)
	px, qx := g.top(p), g.top(q)
	pts := [][2]int{{px, p.Y - nodeHalf}, {px, y1}, {x1, y1}}
	if first != last {
		x2 := g.gutterX(last) + g.spread(last)
		rail := margin + gutterGap/2 + g.spread(-1)
		pts = append(pts, [2]int{x1, rail}, [2]int{x2, rail})
		x1 = x2
	}
	pts = append(pts, [2]int{x1, y2}, [2]int{qx, y2}, [2]int{qx, q.Y - nodeHalf})
	var pen pen
	pen.through(pts)
	return pen.p
}

// top is where a wire leaves the upper side of a node: each next one a little
// beside, as far as the box is wide.
func (g *drawing) top(s Spot) int {
	n := g.next(-2-s.Block, s.X*1000+s.Row) % 5
	if n%2 == 1 {
		return s.X + (n+1)/2*5
	}
	return s.X - n/2*5
}

// channel is a height above a spot's row, below the names of the row before.
func (g *drawing) channel(s Spot) int {
	return s.Y - nodeHalf - 12 - g.next(s.Block, s.Row)%6*4
}

// spread gives wires of one gutter lanes of their own, out from its middle;
// past the ninth they share.
func (g *drawing) spread(gutter int) int {
	n := g.next(-1, gutter) % 9
	if n%2 == 1 {
		return (n + 1) / 2 * lane
	}
	return -n / 2 * lane
}

// next counts the wires that a channel got so far.
func (g *drawing) next(block, row int) int {
	n := g.lanes[[2]int{block, row}]
	g.lanes[[2]int{block, row}]++
	return n
}
