package topology

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// spanningTree joins a port that is not its segment's designated one with the
// designated port of the bridge that it names (IEEE 802.1D §8.5).
func (b *builder) spanningTree() {
	bridges := map[string]int{}
	for _, d := range b.x.devices {
		if usable(d.Facts.BridgeMAC) {
			put(bridges, string(d.Facts.BridgeMAC), d.at)
		}
	}
	for _, d := range b.x.devices {
		for _, p := range d.Facts.STP {
			if p.State == "disabled" || p.State == "broken" {
				continue
			}
			mac := bridgeOf(p.DesignatedBridge)
			to, ok := find(bridges, mac)
			if !ok || to == d.at {
				continue
			}
			other := b.x.devices[to]
			from := d.local(p.Port, 0)
			far, ok := other.designated(mac, p.DesignatedPort)
			row := EvidenceRow{Device: d.ID, Table: "stp", Time: d.Facts.Taken,
				Row: fmt.Sprintf("%s: designated bridge %s port %s", p.Port, p.DesignatedBridge, p.DesignatedPort)}
			if l := b.between(from, to); l != nil {
				if ok && l.other(d.at).key() != far.key() {
					continue // it ends elsewhere on the same bridge: a segment of several ports
				}
				l.words["stp"] = 0.8
				l.rows = append(l.rows, row)
				l.notes = append(l.notes, "stp agrees")
				continue
			}
			if !ok || b.taken(from) || b.taken(far) {
				continue
			}
			l, _ := b.draft("l2", from, far)
			l.words["stp"] = 0.8
			l.rows = append(l.rows, row)
			l.notes = append(l.notes, "stp names designated bridge and port")
		}
	}
}

func bridgeOf(id string) string {
	if len(id) < 17 {
		return ""
	}
	return id[len(id)-17:]
}

// designated finds the port of a bridge by the designated port of its own
// rows.
func (d *device) designated(mac, port string) (end, bool) {
	for _, p := range d.Facts.STP {
		if bridgeOf(p.DesignatedBridge) == mac && p.DesignatedPort == port && port != "" {
			return d.local(p.Port, 0), true
		}
	}
	return end{}, false
}

func (d *draft) other(dev int) end {
	if d.a.dev == dev {
		return d.b
	}
	return d.a
}

// between finds a link from an end to a device.
func (b *builder) between(from end, to int) *draft {
	for _, d := range b.drafts {
		if d.layer != "l2" || d.gone {
			continue
		}
		if d.a.dev == from.dev && d.a.key() == from.key() && d.b.dev == to || d.b.dev == from.dev && d.b.key() == from.key() && d.a.dev == to {
			return d
		}
	}
	return nil
}

// taken says whether a cable that a discovery protocol proved ends there.
func (b *builder) taken(e end) bool {
	for _, d := range b.drafts {
		if d.layer == "l2" && !d.gone && len(d.says) > 0 &&
			(d.a.dev == e.dev && d.a.key() == e.key() || d.b.dev == e.dev && d.b.key() == e.key()) {
			return true
		}
	}
	return false
}

// adjacencies makes l3 links of OSPF neighbours that are up: the router id or
// the address names the other device, a shared subnet names the ports.
func (b *builder) adjacencies() {
	for _, d := range b.x.devices {
		if d.Facts.Routing == nil {
			continue
		}
		for _, n := range d.Facts.Routing.OSPF {
			a, err := netip.ParseAddr(n.Neighbor)
			if err != nil || n.State != "full" && n.State != "twoWay" {
				continue
			}
			to, ok := find(b.x.router, n.RouterID)
			by := "router id " + n.RouterID
			if !ok {
				to, ok = find(b.x.addr, a)
				by = "address " + n.Neighbor
			}
			if !ok || to == d.at {
				continue
			}
			l, _ := b.draft("l3", d.facing(a), b.x.devices[to].holding(a))
			l.words["ospf"] = 0.85
			l.notes = append(l.notes, "ospf found by "+by)
			l.rows = append(l.rows, EvidenceRow{Device: d.ID, Table: "ospf", Time: d.Facts.Taken,
				Row: strings.TrimSpace(fmt.Sprintf("neighbor %s router id %s %s", n.Neighbor, n.RouterID, n.State))})
		}
	}
}

// facing finds the interface whose subnet holds an address.
func (d *device) facing(a netip.Addr) end {
	best, bits := end{dev: d.at}, -1
	for _, own := range d.Facts.Addresses {
		p, err := own.Address.Prefix(own.PrefixLen)
		if err == nil && own.PrefixLen > bits && own.PrefixLen > 0 && p.Contains(a) {
			best, bits = d.byIndex(own.IfIndex), own.PrefixLen
		}
	}
	return best
}

func (d *device) holding(a netip.Addr) end {
	for _, own := range d.Facts.Addresses {
		if own.Address == a {
			return d.byIndex(own.IfIndex)
		}
	}
	return end{dev: d.at}
}

func (d *device) byIndex(i netdev.IfIndex) end {
	if d.names[i] == "" {
		return end{dev: d.at}
	}
	return end{dev: d.at, ifx: i, text: d.names[i]}
}
