package topology

import (
	"cmp"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// roleTier reads the words that people give to roles.
func roleTier(role string) (Tier, bool) {
	for _, w := range strings.FieldsFunc(strings.ToLower(role), func(r rune) bool { return r < 'a' || r > 'z' }) {
		switch w {
		case "edge", "wan", "border", "internet", "perimeter", "gateway", "firewall", "ce", "pe", "router":
			return TierEdge, true
		case "core", "spine", "backbone":
			return TierCore, true
		case "distribution", "dist", "aggregation", "agg":
			return TierDistribution, true
		case "access", "leaf", "tor", "floor":
			return TierAccess, true
		case "ap", "wlan", "host", "server", "phone", "printer", "camera":
			return TierLeaf, true
		}
	}
	return 0, false
}

// kindTier is what a kind alone says; false for those whose place depends on
// what they are joined to.
func kindTier(k netdev.Kind) (Tier, bool) {
	switch k {
	case netdev.Router, netdev.Firewall, netdev.Modem, netdev.WANOptimizer:
		return TierEdge, true
	case netdev.Switch, netdev.WirelessController, netdev.LoadBalancer, netdev.Other, "":
		return 0, false
	}
	return TierLeaf, true
}

// tiers gives every spot of a block its tier, and the depth that orders rows
// of one tier: by role, by kind, else by the distance from the edge.
func (g *drawing) tiers(members []int) (depth map[int]int) {
	in := map[int]bool{}
	for _, i := range members {
		in[i] = true
	}
	known := map[int]bool{}
	var edge, free []int
	for _, i := range members {
		s := &g.spots[i]
		t, ok := roleTier(s.Role)
		if !ok {
			t, ok = kindTier(s.Kind)
		}
		switch {
		case ok:
			s.Tier, known[i] = t, true
			if t == TierEdge {
				edge = append(edge, i)
			}
		default:
			free = append(free, i)
		}
	}
	base := 1 // distance of the core from the roots
	roots := slices.DeleteFunc(slices.Clone(edge), func(i int) bool { return !g.touches(i, free) })
	if len(roots) == 0 {
		for _, i := range members {
			if known[i] && g.spots[i].Tier == TierCore && g.touches(i, free) {
				roots = append(roots, i)
			}
		}
		base = 0
	}
	if len(roots) == 0 {
		roots = g.busiest(free, in)
	}
	dist := g.distances(roots, in, known)
	depth = map[int]int{}
	for _, i := range free {
		d, ok := dist[i]
		s := &g.spots[i]
		switch d += 1 - base; {
		case !ok:
			s.Tier = TierAccess
		case g.isAppliance(i) && len(g.near[i]) > 0:
			s.Tier, depth[i] = TierDistribution, 0
			if d <= 2 {
				s.Tier = TierCore
			}
		case d <= 1:
			s.Tier = TierCore
		case d == 2 && g.leadsOn(i, dist, in):
			s.Tier = TierDistribution
		default:
			s.Tier, depth[i] = TierAccess, max(0, d-3)
		}
	}
	g.pair(free, depth)
	return depth
}

// pair puts two that back each other up into one tier, the upper of theirs:
// joined to each other and, for the most part, to the same others. Otherwise
// the one that an extra link brings nearer to the edge would stand above its
// partner.
func (g *drawing) pair(free []int, depth map[int]int) {
	for _, i := range free {
		for _, j := range g.near[i] {
			a, b := &g.spots[i], &g.spots[j]
			if j < i || !slices.Contains(free, j) || a.Kind != b.Kind || a.Tier == b.Tier || !g.alike(i, j) {
				continue
			}
			if a.Tier > b.Tier {
				i, j = j, i
			}
			g.spots[j].Tier, depth[j] = g.spots[i].Tier, depth[i]
			break
		}
	}
}

// alike: of all that two are joined to, each other left out, two thirds and at
// least two are the same.
func (g *drawing) alike(i, j int) bool {
	same := 0
	for _, n := range g.near[i] {
		if slices.Contains(g.near[j], n) {
			same++
		}
	}
	all := len(g.near[i]) + len(g.near[j]) - 2 - same
	return same >= 2 && 3*same >= 2*all
}

// isAppliance: a controller or balancer stands beside the switch it hangs on.
func (g *drawing) isAppliance(i int) bool {
	k := g.spots[i].Kind
	return k == netdev.WirelessController || k == netdev.LoadBalancer
}

func (g *drawing) touches(i int, among []int) bool {
	return slices.ContainsFunc(g.near[i], func(n int) bool { return slices.Contains(among, n) })
}

// busiest are the spots with most neighbours in the block: where there is no
// edge, they are its middle.
func (g *drawing) busiest(free []int, in map[int]bool) []int {
	most := -1
	var out []int
	for _, i := range free {
		n := 0
		for _, m := range g.near[i] {
			n += one(in[m] && g.spots[m].Count == 0)
		}
		switch {
		case n > most:
			most, out = n, []int{i}
		case n == most:
			out = append(out, i)
		}
	}
	return out
}

func one(ok bool) int {
	if ok {
		return 1
	}
	return 0
}

// distances counts hops from the roots; paths do not run through leaves.
func (g *drawing) distances(roots []int, in, known map[int]bool) map[int]int {
	dist := map[int]int{}
	queue := slices.Clone(roots)
	for _, r := range roots {
		dist[r] = 0
	}
	for at := 0; at < len(queue); at++ {
		i := queue[at]
		for _, n := range g.near[i] {
			if _, seen := dist[n]; seen || !in[n] || known[n] && g.spots[n].Tier == TierLeaf {
				continue
			}
			dist[n] = dist[i] + 1
			if known[n] && g.spots[n].Tier == TierEdge {
				dist[n] = 0
			}
			queue = append(queue, n)
		}
	}
	return dist
}

// leadsOn: a switch further from the edge hangs on this one.
func (g *drawing) leadsOn(i int, dist map[int]int, in map[int]bool) bool {
	return slices.ContainsFunc(g.near[i], func(n int) bool {
		d, ok := dist[n]
		return ok && in[n] && d > dist[i] && !g.isAppliance(n)
	})
}

// rows sorts the spots of a block into rows, at most wide in each.
func (g *drawing) rows(members []int, depth map[int]int) [][]int {
	sorted := slices.Clone(members)
	key := func(i int) int { return int(g.spots[i].Tier)*1000 + min(depth[i], 999) }
	slices.SortFunc(sorted, func(a, b int) int { return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a, b)) })
	var out [][]int
	for at := 0; at < len(sorted); {
		end := at
		for end < len(sorted) && key(sorted[end]) == key(sorted[at]) {
			end++
		}
		out = append(out, sorted[at:end])
		at = end
	}
	return out
}
