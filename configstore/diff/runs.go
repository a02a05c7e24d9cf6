package diff

import (
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/configstore/tree"
)

// run compares two runs of ordered entries. Entries match by content, in
// order; what matches out of order has moved; what stands in the same gap is
// one entry with another content.
func (m *meaning) run(old, new []*tree.Node) {
	old, new = inOrder(old), inOrder(new)
	ids := map[string]int32{}
	number := func(list []*tree.Node) []int32 {
		out := make([]int32, len(list))
		for i, c := range list {
			k := content(c)
			if ids[k] == 0 {
				ids[k] = int32(len(ids) + 1)
			}
			out[i] = ids[k]
		}
		return out
	}
	a := number(old)
	b := number(new)
	to := align(a, b, len(ids)+1)
	moved := crossing(a, b, to)
	var gone, come []*tree.Node
	j := 0
	flush := func(upTo int) {
		for ; j < upTo; j++ {
			if !moved.new[j] {
				come = append(come, new[j])
			}
		}
		m.gap(gone, come)
		gone, come = nil, nil
	}
	for i, t := range to {
		if t < 0 {
			if at, ok := moved.old[i]; ok {
				m.moved(old[i], new[at])
			} else {
				gone = append(gone, old[i])
			}
			continue
		}
		flush(int(t))
		j = int(t) + 1
		m.matched(old[i], new[t])
	}
	flush(len(new))
}

// inOrder sorts a numbered run by its numbers; entries without one stand where
// the device would put them, behind the one above.
func inOrder(list []*tree.Node) []*tree.Node {
	numbered := false
	for _, c := range list {
		numbered = numbered || c.GroupOrder == tree.Seq && c.Num >= 0
	}
	if !numbered {
		return list
	}
	type entry struct {
		n  *tree.Node
		at int
	}
	tmp := make([]entry, len(list))
	last := 0
	for i, c := range list {
		if last++; c.Num >= 0 {
			last = c.Num
		}
		tmp[i] = entry{c, last}
	}
	slices.SortStableFunc(tmp, func(x, y entry) int { return x.at - y.at })
	out := make([]*tree.Node, len(list))
	for i, e := range tmp {
		out[i] = e.n
	}
	return out
}

// content is what an entry is known by: what it says, or its name when it is a
// block.
func content(c *tree.Node) string {
	if len(c.Children) > 0 && c.Kind == tree.Block && c.Num < 0 {
		return c.Key
	}
	if len(c.Children) > 0 && c.Num >= 0 {
		return c.Body
	}
	return c.Body
}

type crossings struct {
	old map[int]int
	new map[int]bool
}

// crossing finds entries that have a partner, but not in order.
func crossing(a, b, to []int32) crossings {
	c := crossings{old: map[int]int{}, new: map[int]bool{}}
	free := map[int32][]int{}
	taken := make([]bool, len(b))
	for _, t := range to {
		if t >= 0 {
			taken[t] = true
		}
	}
	for j, v := range b {
		if !taken[j] {
			free[v] = append(free[v], j)
		}
	}
	for i, t := range to {
		if t >= 0 || len(free[a[i]]) == 0 {
			continue
		}
		at := free[a[i]][0]
		free[a[i]] = free[a[i]][1:]
		c.old[i], c.new[at] = at, true
	}
	return c
}

func (m *meaning) matched(o, n *tree.Node) {
	if o.Num >= 0 && n.Num >= 0 && o.Num != n.Num {
		m.add(Change{Op: Renumber, Path: keyPath(n), Old: m.say(o), New: m.say(n), OldLine: o.From, NewLine: n.From}, n)
	}
	if slices.Contains(o.Flags, tree.Inactive) != slices.Contains(n.Flags, tree.Inactive) {
		m.change(o, n)
	}
	m.children(o, n)
}

func (m *meaning) moved(o, n *tree.Node) {
	m.add(Change{Op: Move, Path: keyPath(n), Old: m.say(o), New: m.say(n), OldLine: o.From, NewLine: n.From}, n)
	m.children(o, n)
}

// gap pairs entries that vanished and appeared at one place and are alike.
func (m *meaning) gap(gone, come []*tree.Node) {
	const most = 64
	left := come
	for _, o := range gone {
		best, at := 0.0, -1
		for i, n := range left[:min(len(left), most)] {
			if s := alike(o, n); s > best {
				best, at = s, i
			}
		}
		if at < 0 || best < 0.5 || m.byWords {
			m.removed(o)
			continue
		}
		n := left[at]
		left = append(left[:at:at], left[at+1:]...)
		if len(o.Children) > 0 && len(n.Children) > 0 {
			m.children(o, n)
			continue
		}
		m.change(o, n)
	}
	for _, n := range left {
		m.added(n)
	}
}

// alike is the share of equal words, the number of an entry included.
func alike(o, n *tree.Node) float64 {
	a, b := o.Words, n.Words
	if len(o.Children) > 0 || len(n.Children) > 0 {
		a, b = strings.Fields(o.Body), strings.Fields(n.Body)
	}
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	have := make(map[string]int, len(a))
	for _, w := range a {
		have[w]++
	}
	same := 0
	for _, w := range b {
		if have[w] > 0 {
			have[w]--
			same++
		}
	}
	return float64(same) / float64(max(len(a), len(b)))
}
