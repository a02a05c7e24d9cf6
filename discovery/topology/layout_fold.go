package topology

import (
	"fmt"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// small are the kinds that hang on a network rather than make it.
func small(k netdev.Kind) bool {
	switch k {
	case netdev.AccessPoint, netdev.Phone, netdev.Camera, netdev.Printer, netdev.Environment:
		return true
	}
	return false
}

// fold replaces many equal leaves by one counted node: same site, kind and
// role, joined to the same devices and to nothing else, and not to each other.
func (g *drawing) fold() {
	type group struct{ members []int }
	at := map[string]int{}
	var groups []group
	for i, s := range g.spots {
		if len(g.near[i]) == 0 || !g.endsHere(i) {
			continue
		}
		key := fmt.Sprintf("%q %q %q %v", s.Site, s.Kind, strings.ToLower(s.Role), g.near[i])
		k, ok := at[key]
		if !ok {
			k = len(groups)
			at[key] = k
			groups = append(groups, group{})
		}
		groups[k].members = append(groups[k].members, i)
	}
	for _, gr := range groups {
		first := g.spots[gr.members[0]]
		above := foldAbove
		if small(first.Kind) {
			above = foldSmall
		}
		if len(gr.members) <= above {
			continue
		}
		id := len(g.spots)
		p := first.Place
		p.ID, p.Label = "fold:"+first.ID, counted(len(gr.members), first.Kind)
		g.spots = append(g.spots, Spot{Place: p, Fold: -1, Count: len(gr.members)})
		for _, m := range gr.members {
			g.spots[m].Fold = id
		}
	}
	g.joinNear()
}

// endsHere: nothing but what i hangs on leads further. Two devices that hold
// only each other are both kept.
func (g *drawing) endsHere(i int) bool {
	for _, n := range g.near[i] {
		if len(g.near[n]) <= len(g.near[i]) {
			return false
		}
	}
	return true
}

func counted(n int, k netdev.Kind) string {
	word := strings.ReplaceAll(string(k), "-", " ")
	switch k {
	case netdev.Switch:
		word = "switches"
	case netdev.Other, "":
		word = "devices"
	case netdev.UPS:
		word = "UPS"
	case netdev.PDU:
		word = "PDUs"
	case netdev.Storage, netdev.Environment, netdev.Management:
	default:
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}

// split puts every spot into the block of its site, and those of no site into
// one block for each set that is joined.
func (g *drawing) split() {
	at := map[string]int{}
	keys := make([]string, len(g.spots))
	for i, s := range g.spots {
		if s.Site != "" {
			keys[i] = "s" + s.Site
		}
	}
	for i := range g.spots {
		if keys[i] != "" || g.spots[i].Fold >= 0 {
			continue
		}
		set := g.reach(i, func(j int) bool { return g.spots[j].Site == "" })
		key := "~" // the rest: alone and of no site
		if len(set) > 1 {
			key = fmt.Sprintf("~%08d", set[0]+1)
		}
		for _, j := range set {
			keys[j] = key
		}
	}
	for i := range g.spots {
		if keys[i] == "" {
			keys[i] = keys[g.drawn(i)]
		}
	}
	for _, key := range sortedSet(keys) {
		at[key] = len(g.blocks)
		b := block{key: key}
		if key[0] == 's' {
			b.Site = key[1:]
		}
		g.blocks = append(g.blocks, b)
	}
	for i := range g.spots {
		s := &g.spots[i]
		s.Block = at[keys[i]]
		if s.Count == 0 {
			g.blocks[s.Block].Nodes++
		}
	}
	for _, w := range g.wires {
		if b := g.spots[w.From].Block; b == g.spots[w.To].Block {
			g.blocks[b].Links++
		}
	}
}

func sortedSet(keys []string) []string {
	m := map[string]bool{}
	for _, k := range keys {
		m[k] = true
	}
	return sortedKeys(m)
}

// reach lists what is joined to i over spots that may be crossed, ascending
// from i's set in the order of discovery; the least index comes first.
func (g *drawing) reach(i int, may func(int) bool) []int {
	seen := map[int]bool{i: true}
	out := []int{i}
	for at := 0; at < len(out); at++ {
		for _, n := range g.near[out[at]] {
			if !seen[n] && may(n) {
				seen[n] = true
				out = append(out, n)
			}
		}
	}
	return out
}
