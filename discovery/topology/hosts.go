package topology

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/plumbline-net/plumbline/netdev"
)

// place is one port on which a MAC is seen.
type place struct {
	br    *bridge
	port  string
	edge  bool // no link ends there and no device is seen behind it
	front bool // a phone or an access point stands in front of it
	macs  int
	label string
}

// hosts places every MAC that is not a device's own: at the edge port where it
// is seen, else at the uplink that shares it with fewest others.
func (b *builder) hosts(brs []*bridge) []Host {
	own, leaf := b.ownMACs()
	linked := b.linked()
	seen := map[netdev.MAC][]place{}
	for _, br := range brs {
		for port, macs := range br.ports {
			pl := place{br: br, port: port, macs: len(macs), label: br.dev.label}
			key := portOf(br.ends[port])
			leads, front := br.dev.behind(br.ends[port])
			pl.front = front || slices.ContainsFunc(macs, func(m netdev.MAC) bool { return leaf[m] })
			pl.edge = !linked[key] && !leads && !slices.ContainsFunc(macs, func(m netdev.MAC) bool { return own[m] })
			for _, m := range macs {
				if !own[m] && !leaf[m] {
					seen[m] = append(seen[m], pl)
				}
			}
		}
	}
	addrs := b.hostAddresses()
	out := []Host{}
	for _, m := range slices.Sorted(maps.Keys(seen)) {
		out = append(out, b.host(m, seen[m], addrs))
	}
	return out
}

// linked are the ports that lead to another device; an access point that its
// controller manages is the end of what it hangs from, and leads nowhere.
func (b *builder) linked() map[string]bool {
	out := map[string]bool{}
	for _, d := range b.drafts {
		if d.layer == "l2" && !d.gone && !b.x.devices[d.a.dev].Managed && !b.x.devices[d.b.dev].Managed {
			out[portOf(d.a)], out[portOf(d.b)] = true, true
		}
	}
	return out
}

// ownMACs are those of devices that answered, and those of access points that
// a controller manages.
func (b *builder) ownMACs() (own, leaf map[netdev.MAC]bool) {
	own, leaf = map[netdev.MAC]bool{}, map[netdev.MAC]bool{}
	for _, d := range b.x.devices {
		to := own
		if d.Managed {
			to = leaf
		}
		for m := range d.own {
			to[m] = true
		}
	}
	return own, leaf
}

func (b *builder) host(m netdev.MAC, places []place, addrs map[netdev.MAC]netip.Addr) Host {
	rank := func(p place) int {
		if p.edge {
			return 0
		}
		return 1
	}
	slices.SortFunc(places, func(p, q place) int {
		return cmp.Or(cmp.Compare(rank(p), rank(q)), cmp.Compare(p.macs, q.macs), cmp.Compare(p.label, q.label), cmp.Compare(p.port, q.port))
	})
	best := places[0]
	e := b.x.show(best.br.ends[best.port])
	h := Host{ID: best.br.dev.ID, MAC: m, Device: e.Device, Port: e.Port, VLAN: best.br.vlan[m]}
	edges := 0
	for _, p := range places {
		edges += 1 - rank(p)
	}
	switch {
	case edges == 0:
		h.Confidence, h.Because = 0.3, "seen on ports that lead to other devices only"
	case edges > 1:
		h.Confidence, h.Because = 0.5, fmt.Sprintf("%d edge ports show it: something that is not managed joins them", edges)
	case best.front:
		h.Confidence, h.Because = 0.7, "a phone or an access point stands in front of it"
	case best.macs == 1:
		h.Confidence, h.Because = 0.95, "the only address on an edge port"
	default:
		h.Confidence, h.Because = 0.9, fmt.Sprintf("one of %d addresses on an edge port", best.macs)
	}
	if n := len(places) - edges; edges > 0 && n > 0 {
		h.Because += fmt.Sprintf("; %d other ports that see it lead to other devices", n)
	}
	if a, ok := addrs[m]; ok {
		h.Address = &a
	}
	return h
}

// behind says what discovery protocols tell of a port: whether it leads to
// something that bridges or routes, and whether a phone or an access point
// stands in front of what is there. It holds also where that neighbour is not
// one of the devices.
func (d *device) behind(e end) (leads, front bool) {
	for _, n := range d.Facts.Neighbors {
		from := d.local(n.LocalPort, n.LocalIfIndex)
		if agg := d.lagged[portKey(n.LocalPort)]; agg != "" {
			from = d.local(agg, 0)
		}
		if portOf(from) != portOf(e) {
			continue
		}
		says := func(w string) bool { return slices.Contains(n.Capabilities, w) }
		switch {
		case says("telephone") || says("wlan-access-point"):
			front = true
		case says("bridge") || says("router"):
			leads = true
		}
	}
	return leads, front
}

// hostAddresses gives each MAC its address by ARP and neighbour discovery; of
// several the least, so that the order of devices does not matter.
func (b *builder) hostAddresses() map[netdev.MAC]netip.Addr {
	out := map[netdev.MAC]netip.Addr{}
	for _, d := range b.x.devices {
		for _, r := range d.Facts.ARP {
			if old, ok := out[r.MAC]; identifying(r.Address) && (!ok || r.Address.Less(old)) {
				out[r.MAC] = r.Address
			}
		}
	}
	return out
}
