package topology

import (
	"cmp"
	"slices"
)

// placeBlocks puts blocks into columns with gutters between. The block that
// most others are joined to stands in the middle column.
func (g *drawing) placeBlocks() {
	if len(g.blocks) == 0 {
		return
	}
	cols := g.columns()
	x := margin
	top := margin + g.rail(cols)
	heights := make([]int, len(cols))
	for c, col := range cols {
		for _, b := range col {
			heights[c] += g.blocks[b].H + blockGap
		}
		heights[c] -= blockGap
	}
	tallest := slices.Max(heights)
	for c, col := range cols {
		wide := 0
		for _, b := range col {
			wide = max(wide, g.blocks[b].W)
		}
		y := top + (tallest-heights[c])/2
		for _, b := range col {
			bl := &g.blocks[b]
			bl.X, bl.Y, bl.col = x+(wide-bl.W)/2, y, c
			y += bl.H + blockGap
		}
		x += wide + gutterGap
	}
	g.w, g.h = x-gutterGap+margin, top+tallest+margin
	if g.sameColumn() {
		g.w += gutterGap
	}
	for i := range g.spots {
		b := g.blocks[g.spots[i].Block]
		g.spots[i].X += b.X
		g.spots[i].Y += b.Y
	}
}

// rail is the room above all blocks for wires between columns that are not
// side by side.
func (g *drawing) rail(cols [][]int) int {
	if len(cols) < 3 {
		return 0
	}
	return gutterGap
}

// joined counts the wires between blocks.
func (g *drawing) joined() map[[2]int]int {
	m := map[[2]int]int{}
	for _, w := range g.wires {
		a, b := g.spots[w.From].Block, g.spots[w.To].Block
		if a != b {
			m[[2]int{min(a, b), max(a, b)}]++
		}
	}
	return m
}

// columns chooses where each block goes.
func (g *drawing) columns() [][]int {
	peers := make([]int, len(g.blocks))
	for pair := range g.joined() {
		peers[pair[0]]++
		peers[pair[1]]++
	}
	order := make([]int, len(g.blocks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(peers[b], peers[a]), cmp.Compare(g.blocks[b].Nodes, g.blocks[a].Nodes), cmp.Compare(a, b))
	})
	hub, rest := order[0], slices.Clone(order[1:])
	slices.Sort(rest)
	if len(rest) == 0 {
		return [][]int{{hub}}
	}
	area := 0
	for _, b := range g.blocks {
		area += (b.W + gutterGap) * (b.H + blockGap)
	}
	limit := max(g.blocks[hub].H, isqrt(area))
	if len(rest) == 1 {
		return [][]int{{hub}, rest}
	}
	total := 0
	for _, b := range rest {
		total += g.blocks[b].H + blockGap
	}
	side := max(1, (total/2+limit-1)/limit) // columns on each side of the hub
	cols := make([][]int, 2*side+1)
	cols[side] = []int{hub}
	heights := make([]int, len(cols))
	heights[side] = 1 << 40
	for _, b := range rest {
		c := 0
		for i := range cols {
			if nearer(i, c, side, heights) {
				c = i
			}
		}
		cols[c] = append(cols[c], b)
		heights[c] += g.blocks[b].H + blockGap
	}
	return slices.DeleteFunc(cols, func(c []int) bool { return len(c) == 0 })
}

// nearer: column i has more room than c, or as much and is nearer the hub.
func nearer(i, c, hub int, heights []int) bool {
	far := func(n int) int { return max(n-hub, hub-n) }
	return cmp.Or(cmp.Compare(heights[i], heights[c]), cmp.Compare(far(i), far(c)), cmp.Compare(i, c)) < 0
}

func isqrt(n int) int {
	lo, hi := 0, 1<<31
	for lo < hi {
		m := (lo + hi + 1) / 2
		if m*m <= n {
			lo = m
		} else {
			hi = m - 1
		}
	}
	return lo
}

// sameColumn: some wire joins two blocks of the last column, which needs a
// gutter beside it.
func (g *drawing) sameColumn() bool {
	last := 0
	for _, b := range g.blocks {
		last = max(last, b.col)
	}
	for pair := range g.joined() {
		if g.blocks[pair[0]].col == last && g.blocks[pair[1]].col == last {
			return true
		}
	}
	return false
}

// gutterX is the middle of the gutter right of a column.
func (g *drawing) gutterX(col int) int {
	right := 0
	for _, b := range g.blocks {
		if b.col == col {
			right = max(right, b.X+b.W)
		}
	}
	left := right + gutterGap
	for _, b := range g.blocks {
		if b.col == col+1 {
			left = min(left, b.X)
		}
	}
	// Blocks are centred in their column, so the gutter proper is where no
	// block of either column reaches.
	return right + min(gutterGap, left-right)/2
}
