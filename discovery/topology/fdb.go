package topology

import (
	"fmt"
	"maps"
	"slices"

	"github.com/plumbline-net/plumbline/netdev"
)

// maxPairs is the number of bridges up to which every pair is tried; above it
// only pairs of which one has seen the other's MAC.
const maxPairs = 200

// bridge is the forwarding table of one device: where it sees which MAC.
// Members of an aggregate count as the aggregate.
type bridge struct {
	dev   *device
	at    map[netdev.MAC]string // port key
	ports map[string][]netdev.MAC
	ends  map[string]end
	vlan  map[netdev.MAC]int
}

// newBridge prepares a table (DISCOVERY §7): learned rows only, without own,
// group and virtual MACs, without MACs that are on two ports.
func newBridge(d *device) *bridge {
	b := &bridge{dev: d, at: map[netdev.MAC]string{}, ports: map[string][]netdev.MAC{}, ends: map[string]end{}, vlan: map[netdev.MAC]int{}}
	moved := map[netdev.MAC]bool{}
	for _, r := range d.Facts.FDB {
		if r.Status != "learned" && r.Status != "" || !usable(r.MAC) || d.own[r.MAC] {
			continue
		}
		e := d.local(r.Port, r.IfIndex)
		if agg := d.lagged[portKey(r.Port)]; agg != "" {
			e = d.local(agg, 0)
		}
		k := e.key()
		if old, ok := b.at[r.MAC]; ok && old != k {
			moved[r.MAC] = true
		}
		b.at[r.MAC], b.ends[k] = k, e
		if v := b.vlan[r.MAC]; r.VLAN != 0 && (v == 0 || r.VLAN < v) {
			b.vlan[r.MAC] = r.VLAN
		}
	}
	for m := range moved {
		delete(b.at, m)
	}
	for _, m := range slices.Sorted(maps.Keys(b.at)) {
		b.ports[b.at[m]] = append(b.ports[b.at[m]], m)
	}
	return b
}

// sees gives the one port on which a bridge sees another device.
func (b *bridge) sees(d *device) (string, bool) {
	port := ""
	for m := range d.own {
		if p, ok := b.at[m]; ok {
			if port != "" && p != port {
				return "", false
			}
			port = p
		}
	}
	return port, port != ""
}

func (b *builder) bridges() []*bridge {
	var out []*bridge
	for _, d := range b.x.devices {
		if br := newBridge(d); len(br.at) > 0 {
			out = append(out, br)
		}
	}
	return out
}

// facing finds the ports with which two bridges face each other. In a tree, a
// MAC that A has on another port than x and B on another than y makes (x, y)
// impossible; what is left over is where they are.
func facing(p, q *bridge) (x, y string, ok bool) {
	x0, haveX := p.sees(q.dev)
	y0, haveY := q.sees(p.dev)
	row, col, cell, n := map[string]int{}, map[string]int{}, map[[2]string]int{}, 0
	for m, pp := range p.at {
		if qp, both := q.at[m]; both {
			row[pp]++
			col[qp]++
			cell[[2]string{pp, qp}]++
			n++
		}
	}
	bad := func(x, y string) int { return n - row[x] - col[y] + cell[[2]string{x, y}] }
	if haveX && haveY {
		return x0, y0, bad(x0, y0) == 0
	}
	if n < 3 {
		return "", "", false
	}
	// Every port may be the one, also one behind which nothing was learned:
	// the empty key stands for those.
	xs, ys := append(slices.Sorted(maps.Keys(p.ports)), ""), append(slices.Sorted(maps.Keys(q.ports)), "")
	if haveX {
		xs = []string{x0}
	}
	if haveY {
		ys = []string{y0}
	}
	found := 0
	for _, i := range xs {
		for _, j := range ys {
			if bad(i, j) == 0 {
				x, y = i, j
				found++
			}
		}
	}
	return x, y, found == 1 && x != "" && y != ""
}

// forwarding adds what forwarding tables prove: which bridges face each other
// with nothing known between them.
func (b *builder) forwarding(brs []*bridge) {
	pos := map[[2]int]string{}
	for i, p := range brs {
		for j, q := range brs[:i] {
			if len(brs) > maxPairs {
				_, sees := p.sees(q.dev)
				if _, seen := q.sees(p.dev); !sees && !seen {
					continue
				}
			}
			if x, y, ok := facing(p, q); ok {
				pos[[2]int{i, j}], pos[[2]int{j, i}] = x, y
			}
		}
	}
	for i, p := range brs {
		for j, q := range brs[:i] {
			x, ok := pos[[2]int{i, j}]
			if !ok {
				continue
			}
			if between, known := separated(brs, pos, i, j); !between {
				b.addForwarding(p, q, x, pos[[2]int{j, i}], known)
			}
		}
	}
}

// separated says whether a third bridge lies between two, and whether that is
// known of every third one.
func separated(brs []*bridge, pos map[[2]int]string, i, j int) (between, known bool) {
	known = true
	x, y := pos[[2]int{i, j}], pos[[2]int{j, i}]
	for d := range brs {
		if d == i || d == j {
			continue
		}
		fromA, okA := pos[[2]int{i, d}]
		fromB, okB := pos[[2]int{j, d}]
		if okA && fromA != x || okB && fromB != y {
			continue // it is elsewhere
		}
		if !okA || !okB {
			known = false
			continue
		}
		if pos[[2]int{d, i}] != pos[[2]int{d, j}] {
			return true, true
		}
	}
	return false, known
}

func (b *builder) addForwarding(p, q *bridge, x, y string, known bool) {
	from, to := p.ends[x], q.ends[y]
	shared := 0
	for _, m := range p.ports[x] {
		if q.at[m] == y {
			shared++
		}
	}
	word, c := "fdb", 0.8
	switch {
	case !known:
		word, c = "fdb-probable", 0.45
	case shared > 0:
		word, c = "fdb-segment", 0.5
	}
	d := b.between(from, to.dev)
	if d == nil {
		if b.taken(from) || b.taken(to) || word == "fdb-probable" && (b.used(from) || b.used(to) || b.cabled(from.dev, to.dev)) {
			return
		}
		d, _ = b.draft("l2", from, to)
	} else if d.other(from.dev).key() != to.key() || word == "fdb-probable" {
		return
	}
	d.words[word] = c
	d.notes = append(d.notes, fmt.Sprintf("forwarding tables face each other (%d and %d MACs, %d on both)", len(p.ports[x]), len(q.ports[y]), shared))
	for _, s := range []struct {
		br   *bridge
		port string
		far  *device
	}{{p, x, q.dev}, {q, y, p.dev}} {
		d.rows = append(d.rows, EvidenceRow{Device: s.br.dev.ID, Table: "fdb", Time: s.br.dev.Facts.Taken,
			Row: fmt.Sprintf("%s: %d MACs on the side of %s", b.x.show(s.br.ends[s.port]).Port, len(s.br.ports[s.port]), s.far.label)})
	}
}

// cabled says whether a neighbour protocol proves a link of the two devices.
// What tables then suggest between an aggregate or a unit of the very ports
// is the same cable, not another one.
func (b *builder) cabled(p, q int) bool {
	for _, d := range b.drafts {
		if !d.gone && len(d.says) > 0 && (d.a.dev == p && d.b.dev == q || d.a.dev == q && d.b.dev == p) {
			return true
		}
	}
	return false
}
