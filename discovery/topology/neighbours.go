package topology

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// half is what one side said of one link.
type half struct {
	from, to end
	proto    string
	row      EvidenceRow
	matched  string // by what the neighbour was found
}

// serialSuffix is "name(SERIAL)", as some device ids are written.
func serialSuffix() *regexp.Regexp { return regexp.MustCompile(`^(.+)\(([^()]+)\)$`) }

// who finds the device that a row is about, or says why there is none.
func (x *index) who(n netdev.Neighbor) (dev int, matched, reason string) {
	id := fold(n.ChassisID)
	ambiguous := ""
	if m := netdev.MAC(id); len(m) == 17 && usable(m) {
		if i, ok := find(x.mac, m); ok {
			return i, "chassis MAC " + id, ""
		} else if _, shared := x.mac[m]; shared {
			ambiguous = "chassis MAC " + id + " is on several devices"
		}
	}
	if a, err := netip.ParseAddr(id); err == nil && identifying(a) {
		if i, ok := find(x.addr, a); ok {
			return i, "chassis address " + id, ""
		}
	}
	if i, ok := find(x.text, id); ok {
		return i, "chassis id " + id, ""
	}
	for _, a := range n.Addresses {
		if i, ok := find(x.addr, a); ok && identifying(a) && x.agrees(i, n) {
			return i, "management address " + a.String(), ""
		}
	}
	names := []string{n.SysName}
	if n.ChassisSubtype != 4 && n.ChassisSubtype != 5 {
		names = append(names, n.ChassisID)
	}
	for _, name := range names {
		name = fold(name)
		if m := serialSuffix().FindStringSubmatch(name); m != nil {
			if i, ok := find(x.text, m[2]); ok {
				return i, "serial " + m[2], ""
			}
			name = m[1]
		}
		if name == "" || name == "<private>" {
			continue
		}
		i, ok := x.byName(name)
		switch {
		case !ok:
			if j, known := x.name[name]; known && j < 0 {
				ambiguous = "several devices are named " + name
			}
		case !x.agrees(i, n):
			return -1, "", fmt.Sprintf("its name is that of %s, but its chassis id is another", x.devices[i].label)
		default:
			return i, "name " + name, ""
		}
	}
	if ambiguous != "" {
		return -1, "", ambiguous
	}
	return -1, "", "no device here has this identity"
}

// byName takes the full name, or the short one where it is unique and one of
// the two sides does not know its domain.
func (x *index) byName(name string) (int, bool) {
	if i, ok := find(x.name, name); ok {
		return i, true
	}
	if _, shared := x.name[name]; shared {
		return -1, false
	}
	i, ok := find(x.short, shortName(name))
	if !ok {
		return -1, false
	}
	d := x.devices[i]
	theirs := fold(firstText(d.Facts.SysName, d.Name))
	return i, !strings.Contains(name, ".") || !strings.Contains(theirs, ".")
}

// agrees says whether a device may be the one with this chassis id: it may not
// if it says another one of the same kind of itself.
func (x *index) agrees(i int, n netdev.Neighbor) bool {
	l := x.devices[i].Facts.Local
	return n.Protocol != "lldp" || l.ChassisID == "" || n.ChassisID == "" || l.ChassisSubtype != n.ChassisSubtype ||
		fold(l.ChassisID) == fold(n.ChassisID)
}

// halves reads every neighbour row of every device.
func (x *index) halves() (out []half, lost []Unresolved) {
	for _, d := range x.devices {
		for _, n := range d.Facts.Neighbors {
			to, matched, reason := x.who(n)
			from := d.local(n.LocalPort, n.LocalIfIndex)
			if to == d.at {
				to, reason = -1, "it is this device itself: a loop"
			}
			if to < 0 {
				e := x.show(from)
				lost = append(lost, Unresolved{ID: d.ID, Device: d.label, Port: e.Port, Protocol: n.Protocol, ChassisID: n.ChassisID,
					PortID: n.PortID, SysName: n.SysName, Reason: reason, Addresses: n.Addresses, What: firstText(n.Platform, n.SysDescr)})
				continue
			}
			h := half{from: from, to: end{dev: to, text: n.PortID}, proto: n.Protocol, matched: matched}
			if i, ok := x.devices[to].port(n.PortSubtype, n.PortID, n.PortDescr); ok {
				h.to.ifx = i
			}
			h.row = EvidenceRow{Device: d.ID, Table: n.Protocol, Time: d.Facts.Taken,
				Row: fmt.Sprintf("%s: chassis %s port %s name %s", n.LocalPort, n.ChassisID, n.PortID, n.SysName)}
			out = append(out, h)
		}
	}
	return x.reverse(out), lost
}

// reverse names ports that were not resolved by what the other side says: its
// row that names our port, or its only row that names us.
func (x *index) reverse(hs []half) []half {
	pairs := map[[2]int][]int{}
	for i, h := range hs {
		k := [2]int{h.from.dev, h.to.dev}
		pairs[k] = append(pairs[k], i)
	}
	for i := range hs {
		h := &hs[i]
		if h.to.ifx != 0 {
			continue
		}
		var mine, all, exact []end
		for _, o := range pairs[[2]int{h.from.dev, h.to.dev}] {
			mine = appendEnd(mine, hs[o].from)
		}
		for _, at := range pairs[[2]int{h.to.dev, h.from.dev}] {
			o := hs[at]
			if o.from.ifx == 0 {
				continue
			}
			all = appendEnd(all, o.from)
			if o.to.ifx != 0 && o.to.ifx == h.from.ifx {
				exact = appendEnd(exact, o.from)
			}
		}
		switch {
		case len(exact) == 1:
			h.to.ifx = exact[0].ifx
		case len(exact) == 0 && len(all) == 1 && len(mine) == 1:
			h.to.ifx = all[0].ifx
		}
	}
	return hs
}

func appendEnd(es []end, e end) []end {
	for _, o := range es {
		if o.key() == e.key() {
			return es
		}
	}
	return append(es, e)
}
