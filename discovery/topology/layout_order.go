package topology

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/plumbline-net/plumbline/netdev"
)

// arrangeBlock puts the spots of a block into rows and gives them places
// relative to its corner.
func (g *drawing) arrangeBlock(b int) {
	bl := &g.blocks[b]
	var members []int
	for i, s := range g.spots {
		if s.Block == b && s.Fold < 0 {
			members = append(members, i)
		}
	}
	depth := g.tiers(members)
	if order := g.ringOrder(members); order != nil {
		bl.ring = true
		g.placeRing(bl, order)
	} else {
		bl.rows = g.rows(members, depth)
		g.barycentre(bl.rows)
		g.placeRows(bl)
	}
	g.boxBlock(bl, members)
	for i := range g.spots {
		s := &g.spots[i]
		if f := s.Fold; s.Block == b && f >= 0 {
			s.X, s.Y, s.Row, s.Tier = g.spots[f].X, g.spots[f].Y, g.spots[f].Row, g.spots[f].Tier
		}
	}
}

// barycentre orders each row by the mean place of its neighbours in the rows
// above, then below, and so on; ties by name.
func (g *drawing) barycentre(rows [][]int) {
	row, pos := map[int]int{}, map[int]int{}
	note := func(r int) {
		for at, i := range rows[r] {
			row[i], pos[i] = r, (2*at+1)*10000/len(rows[r])
		}
	}
	for r := range rows {
		note(r)
	}
	for pass := range passes {
		down := pass%2 == 0
		for n := range rows {
			r := n
			if !down {
				r = len(rows) - 1 - n
			}
			want := map[int]int{}
			for _, i := range rows[r] {
				sum, count := 0, 0
				for _, m := range g.near[i] {
					if q, ok := row[m]; ok && (down && q < r || !down && q > r) {
						sum, count = sum+pos[m], count+1
					}
				}
				want[i] = pos[i]
				if count > 0 {
					want[i] = sum / count
				}
			}
			slices.SortFunc(rows[r], func(a, b int) int { return cmp.Or(cmp.Compare(want[a], want[b]), cmp.Compare(a, b)) })
			note(r)
		}
	}
}

// width is the room that a spot takes in its row.
func (s Spot) width() int {
	if s.Count > 0 {
		return 2*s.Half() + 16
	}
	return max(stepMin, max(min(utf8.RuneCountInString(s.Label), labelMax), s.Room)*letter+14)
}

// folds says into how many lines a long row is broken, so that a block stays
// about twice as wide as high.
func folds(n int) int {
	if n <= foldAbove {
		return 1
	}
	k := 2
	for k*k*5 < n {
		k++
	}
	return k
}

// placeRows gives x and y: the widest row evenly, the others as near under
// and over their neighbours as their names allow.
func (g *drawing) placeRows(bl *block) {
	widest, most := 0, -1
	sep := make([]int, len(bl.rows))
	for r, row := range bl.rows {
		for _, i := range row {
			sep[r] = max(sep[r], g.spots[i].width())
		}
		k := folds(len(row))
		sep[r] = (sep[r] + k - 1) / k
		if w := sep[r] * len(row); w > most {
			widest, most = r, w
		}
	}
	placed := map[int]bool{}
	for at, i := range bl.rows[widest] {
		g.spots[i].X, placed[i] = at*sep[widest], true
	}
	var order []int
	for r := widest - 1; r >= 0; r-- {
		order = append(order, r)
	}
	for r := widest + 1; r < len(bl.rows); r++ {
		order = append(order, r)
	}
	middle := most / 2
	for range 2 {
		for _, r := range order {
			g.settle(bl.rows[r], sep[r], middle, placed)
		}
	}
	y, line := 0, 0
	for _, row := range bl.rows {
		k := folds(len(row))
		for at, i := range row {
			s := &g.spots[i]
			s.Row, s.Y = line+at%k, y+at%k*rowStep
		}
		y, line = y+k*rowStep, line+k
	}
}

// settle places a row: each spot at the mean of its placed neighbours, moved
// as little as keeps sep between any two (pool adjacent violators).
func (g *drawing) settle(row []int, sep, middle int, placed map[int]bool) {
	type pool struct{ sum, n, from int }
	var pools []pool
	for at, i := range row {
		sum, n := 0, 0
		for _, m := range g.near[i] {
			if placed[m] && !slices.Contains(row, m) {
				sum, n = sum+g.spots[m].X, n+1
			}
		}
		want := middle + (2*at-len(row)+1)*sep/2
		if n > 0 {
			want = sum / n
		}
		p := pool{want - at*sep, 1, at}
		for len(pools) > 0 {
			last := pools[len(pools)-1]
			if last.sum*p.n <= p.sum*last.n {
				break
			}
			p = pool{last.sum + p.sum, last.n + p.n, last.from}
			pools = pools[:len(pools)-1]
		}
		pools = append(pools, p)
	}
	for n, p := range pools {
		end := len(row)
		if n+1 < len(pools) {
			end = pools[n+1].from
		}
		base := floorDiv(p.sum, p.n)
		for at := p.from; at < end; at++ {
			g.spots[row[at]].X, placed[row[at]] = base+at*sep, true
		}
	}
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && a < 0 {
		q--
	}
	return q
}

// ringOrder gives the order round a ring where a block is one: all of one
// kind and tier, each joined to exactly two, all joined.
func (g *drawing) ringOrder(members []int) []int {
	if len(members) < ringMin || len(members) > ringMax {
		return nil
	}
	inside := func(i int) []int {
		return slices.DeleteFunc(slices.Clone(g.near[i]), func(n int) bool { return g.spots[n].Block != g.spots[i].Block })
	}
	first := g.spots[members[0]]
	for _, i := range members {
		s := g.spots[i]
		if len(inside(i)) != 2 || s.Kind != first.Kind || s.Role != first.Role || s.Kind == netdev.AccessPoint {
			return nil
		}
	}
	order := []int{members[0]}
	prev, at := -1, members[0]
	for {
		next := inside(at)
		n := next[0]
		if n == prev {
			n = next[1]
		}
		if n == members[0] {
			break
		}
		prev, at = at, n
		order = append(order, n)
	}
	if len(order) != len(members) {
		return nil
	}
	return order
}

// placeRing walks round a rectangle of two rows.
func (g *drawing) placeRing(bl *block, order []int) {
	sep := 0
	for _, i := range order {
		sep = max(sep, g.spots[i].width())
	}
	cols := (len(order) + 1) / 2
	bl.rows = make([][]int, 2)
	for at, i := range order {
		s := &g.spots[i]
		if at < cols {
			s.X, s.Y, s.Row = at*sep, 0, 0
			bl.rows[0] = append(bl.rows[0], i)
			continue
		}
		s.X, s.Y, s.Row = (2*cols-1-at)*sep, rowStep, 1
		bl.rows[1] = append(bl.rows[1], i)
	}
}

// boxBlock moves the spots to their place in the block and sizes it.
func (g *drawing) boxBlock(bl *block, members []int) {
	left, right, bottom := 0, 0, 0
	for n, i := range members {
		s := g.spots[i]
		half := s.width() / 2
		if n == 0 {
			left, right = s.X-half, s.X+half
		}
		left, right, bottom = min(left, s.X-half), max(right, s.X+half), max(bottom, s.Y)
	}
	title := min(utf8.RuneCountInString(bl.Site), labelMax)*(letter+1) + 2*blockPad
	bl.W = max(right-left+2*blockPad, title, 200)
	bl.H = blockHead + blockPad + 2*nodeHalf + bottom + blockFoot
	dx := (bl.W-(right-left))/2 - left
	for _, i := range members {
		g.spots[i].X += dx
		g.spots[i].Y += blockHead + blockPad + nodeHalf
	}
}
