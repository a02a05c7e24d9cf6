package topology

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Heard is what one sender announced of itself in frames on one wire. It
// proves that the sender is at the other end of that wire, and nothing about
// anybody else.
type Heard struct {
	// Near is where the wire ends on the side of the capture: a port of a
	// device, or without an ID an interface of the appliance's own host.
	Near     End
	Via      string // the interface that listened, or the file
	Says     netdev.Neighbor
	Since    time.Time
	Time     time.Time     // of the newest frame
	Hold     time.Duration // for how long that wants to be believed; 0: not said
	Gone     bool          // the sender took its leave
	Far      End           // the device that sent it, once Recognize found it
	PortSure bool          // Far.Port is a port that the device itself lists
	Because  string        // by what Far was found, or why nobody was
}

// Expired says whether the sender asked not to be believed any more.
func (h Heard) Expired(now time.Time) bool {
	return h.Gone || h.Hold > 0 && now.After(h.Time.Add(h.Hold))
}

// Verdict is what a heard announcement proves.
type Verdict string

// The verdicts.
const (
	EndOfWire   Verdict = "link"         // a device of the inventory is at the other end of the wire
	Stranger    Verdict = "unknown"      // somebody is there whom the inventory does not know
	Itself      Verdict = "itself"       // the device of the port announces itself
	SeenThrough Verdict = "seen-through" // something in between passed it on
	SharedWire  Verdict = "shared"       // several are on the wire: none is known to be at its end
	Nearby      Verdict = "nearby"       // in the same broadcast domain: the protocol crosses switches
	Contradicts Verdict = "contradicts"  // a walk says that the port ends elsewhere
	Silent      Verdict = "stale"        // not heard for the time it asked for
)

// Recognize says of each announcement who of the devices sent it, and from
// which port: by the same ladder as for the rows of a neighbour table.
func Recognize(obs []Observation, heard []Heard) []Heard {
	x := newIndex(obs)
	out := slices.Clone(heard)
	for i := range out {
		h := &out[i]
		h.Far, h.PortSure = End{}, false
		to, matched, reason := x.who(h.Says)
		if to < 0 {
			h.Because = reason
			continue
		}
		d := x.devices[to]
		e := end{dev: to, text: h.Says.PortID}
		// A port that is named by its MAC alone is better known by its name.
		if _, isMAC := netdev.ReadMAC(e.text); isMAC && h.Says.PortDescr != "" {
			e.text = h.Says.PortDescr
		}
		e.ifx, h.PortSure = d.port(h.Says.PortSubtype, h.Says.PortID, h.Says.PortDescr)
		h.Far, h.Because = x.show(e), "found by "+matched
	}
	return out
}

// Port gives the name by which a device knows a port, in whatever writing it
// is asked for; ok is false where its facts list interfaces and none is it.
func Port(f netdev.Facts, name string) (string, bool) {
	for _, i := range f.Interfaces { // a port and its unit 0 are one to portKey
		if name == i.Name || name == i.Descr {
			return firstText(i.Name, i.Descr), true
		}
	}
	d := newDevice(0, Observation{Facts: f})
	if i, ok := d.port(0, name, ""); ok {
		return d.names[i], true
	}
	return name, len(f.Interfaces) == 0
}

// Hear adds what was heard to the links that walks proved: evidence to a link
// that is there, a link where none is. It takes nothing away; what contradicts
// a link that a walk proved makes none. The verdicts are those of heard, in its
// order.
func Hear(links []Link, heard []Heard, now time.Time) ([]Link, []Verdict) {
	e := &ear{links: slices.Clone(links), heard: slices.Clone(heard), now: now, verdicts: make([]Verdict, len(heard)), ending: map[string][]int{}}
	for i, l := range e.links {
		e.enter(i, l)
	}
	e.walked = len(links)
	wires := map[string][]int{}
	for i, h := range heard {
		k := endKey(h.Near) + "\x00" + map[bool]string{true: h.Via}[h.Near.ID == ""]
		wires[k] = append(wires[k], i)
	}
	var ends []int
	for _, k := range sortedKeys(wires) {
		ends = append(ends, e.wire(wires[k])...)
	}
	e.reverse(ends)
	// Those that know the port at the other end come first, so that the others
	// can join their link.
	slices.SortStableFunc(ends, func(a, b int) int { return -cmp.Compare(portRank(e.heard[a]), portRank(e.heard[b])) })
	for _, i := range ends {
		e.link(i)
	}
	return e.links, e.verdicts
}

func portRank(h Heard) int {
	switch {
	case h.PortSure:
		return 2
	case h.Far.Port != "":
		return 1
	}
	return 0
}

// endKey tells ends of links apart, in whatever writing the port is.
func endKey(e End) string { return string(e.ID) + "\x00" + portKey(e.Port) }

// ear is one call of Hear.
type ear struct {
	links    []Link
	walked   int // the first so many are of walks
	heard    []Heard
	now      time.Time
	verdicts []Verdict
	ending   map[string][]int // the l2 links that end at a port
}

func (e *ear) enter(i int, l Link) {
	if l.Layer != "l2" {
		return
	}
	for _, k := range []string{endKey(l.A), endKey(l.B)} {
		e.ending[k] = append(e.ending[k], i)
	}
}

// crossing are protocols whose frames switches pass on.
func crossing(protocol string) bool { return protocol == "mndp" || protocol == "ubnt" }

// wire decides who of those that were heard on one wire is at its other end,
// and gives the announcements that prove it of a device of the inventory.
func (e *ear) wire(on []int) []int {
	var live, old []int
	for _, i := range on {
		h := e.heard[i]
		switch {
		case h.Near.ID != "" && h.Far.ID == h.Near.ID:
			e.verdicts[i] = Itself
		case crossing(h.Says.Protocol):
			e.verdicts[i] = Nearby
			if h.Expired(e.now) {
				e.verdicts[i] = Silent
			}
		case h.Expired(e.now):
			e.verdicts[i] = Silent
			old = append(old, i)
		default:
			live = append(live, i)
		}
	}
	ends := live
	if len(live) == 0 { // what was there at last, until somebody else is heard
		ends = old
		slices.SortStableFunc(ends, func(a, b int) int { return e.heard[b].Time.Compare(e.heard[a].Time) })
	}
	at := e.nearest(ends, len(live) == 0)
	var out []int
	for _, i := range on {
		h := e.heard[i]
		same := at >= 0 && sameSender(h, e.heard[at])
		switch v := &e.verdicts[i]; {
		case *v == Itself || *v == Nearby:
		case *v == Silent:
			if same && h.Far.ID != "" && h.Near.ID != "" {
				out = append(out, i)
			}
		case at < 0:
			*v = SharedWire
		case !same:
			*v = SeenThrough
		case h.Far.ID == "":
			*v = Stranger
		default:
			*v = EndOfWire
			if h.Near.ID != "" {
				out = append(out, i)
			}
		}
	}
	return out
}

// nearest finds the one sender at the other end; -1: it cannot be told from
// the others. Bridges do not pass LLDP on, other devices pass on what they do
// not know, so that the word of LLDP goes before all others
// (IEEE 802.1AB-2016 §7.1). A telephone stands in front of what is behind it.
func (e *ear) nearest(on []int, last bool) int {
	if len(on) == 0 {
		return -1
	}
	if last {
		return on[0]
	}
	lldp := slices.DeleteFunc(slices.Clone(on), func(i int) bool { return e.heard[i].Says.Protocol != "lldp" })
	if len(lldp) > 0 {
		on = lldp
	}
	phones := slices.DeleteFunc(slices.Clone(on), func(i int) bool { return !slices.Contains(e.heard[i].Says.Capabilities, "telephone") })
	if len(phones) > 0 {
		on = phones
	}
	for _, i := range on[1:] {
		if !sameSender(e.heard[i], e.heard[on[0]]) {
			return -1
		}
	}
	return on[0]
}

// sameSender says whether two announcements on one wire are of one device.
func sameSender(a, b Heard) bool {
	if a.Far.ID != "" && b.Far.ID != "" {
		return a.Far.ID == b.Far.ID
	}
	p, q := a.Says, b.Says
	name := func(n netdev.Neighbor) string { return shortName(fold(firstText(n.SysName, n.ChassisID))) }
	return p.ChassisID != "" && fold(p.ChassisID) == fold(q.ChassisID) || name(p) != "" && name(p) == name(q) ||
		slices.ContainsFunc(p.Addresses, func(x netip.Addr) bool { return identifying(x) && slices.Contains(q.Addresses, x) })
}

// link enters an announcement as evidence of the link it proves.
func (e *ear) link(i int) {
	h := e.heard[i]
	if at := e.find(h); at >= 0 {
		e.add(at, h)
		return
	}
	if e.contradicted(h) {
		if e.verdicts[i] == EndOfWire {
			e.verdicts[i] = Contradicts
		}
		return
	}
	a, b := h.Near, h.Far
	if endKey(b) < endKey(a) {
		a, b = b, a
	}
	e.links = append(e.links, Link{A: a, B: b, Layer: "l2", Stale: true, FirstSeen: h.Since})
	e.enter(len(e.links)-1, e.links[len(e.links)-1])
	e.add(len(e.links)-1, h)
}

// reverse names ports at the other end that are not known by where the other
// device heard this one: on the port that it says, or on the only one.
func (e *ear) reverse(ends []int) {
	type pair struct{ near, far netdev.DeviceID }
	of := map[pair][]Heard{} // as they were said
	for _, i := range ends {
		h := e.heard[i]
		k := pair{h.Near.ID, h.Far.ID}
		of[k] = append(of[k], h)
	}
	ports := func(hs []Heard, which func(Heard) bool) (out []End) {
		for _, h := range hs {
			if which(h) && !slices.ContainsFunc(out, func(x End) bool { return endKey(x) == endKey(h.Near) }) {
				out = append(out, h.Near)
			}
		}
		return out
	}
	for _, i := range ends {
		h := &e.heard[i]
		if h.PortSure {
			continue
		}
		back := of[pair{h.Far.ID, h.Near.ID}]
		any := func(Heard) bool { return true }
		at := ports(back, func(o Heard) bool { return endKey(o.Far) == endKey(h.Near) })
		if len(at) != 1 && len(ports(of[pair{h.Near.ID, h.Far.ID}], any)) == 1 {
			at = ports(back, any)
		}
		if len(at) == 1 {
			h.Far.Port, h.Far.MAC, h.PortSure = at[0].Port, at[0].MAC, true
		}
	}
}

// find gives the link that an announcement proves, where it is there already:
// between the same ports, or between the same devices from one of the ports
// where the other one is not known.
func (e *ear) find(h Heard) int {
	near, far := endKey(h.Near), endKey(h.Far)
	loose := -1
	for _, i := range e.ending[near] {
		l := e.links[i]
		other := l.B
		if endKey(l.B) == near {
			other = l.A
		}
		switch {
		case other.ID != h.Far.ID:
		case endKey(other) == far:
			return i
		case !h.PortSure || other.Port == "":
			if loose >= 0 {
				return -1
			}
			loose = i
		}
	}
	return loose
}

// contradicted says whether a walk proved that one of the ports ends elsewhere.
func (e *ear) contradicted(h Heard) bool {
	proved := func(end End) bool {
		return end.Port != "" && slices.ContainsFunc(e.ending[endKey(end)], func(i int) bool {
			return i < e.walked && !e.links[i].Stale && e.links[i].Confidence >= 0.8
		})
	}
	return proved(h.Near) || h.PortSure && proved(h.Far)
}

// add enters the frame as a row, and as the word "capture" as long as it may be
// believed.
func (e *ear) add(at int, h Heard) {
	l := &e.links[at]
	row := EvidenceRow{Device: h.Near.ID, Table: "capture", Time: h.Time, Row: strings.TrimSpace(fmt.Sprintf("%s frame on %s: chassis %s port %s name %s",
		h.Says.Protocol, h.Via, h.Says.ChassisID, h.Says.PortID, h.Says.SysName))}
	expired := h.Expired(e.now)
	if expired {
		row.Row += " (not heard since)"
	}
	l.Rows = append(slices.Clip(l.Rows), row)
	if l.FirstSeen.IsZero() || h.Since.Before(l.FirstSeen) {
		l.FirstSeen = h.Since
	}
	if h.Time.After(l.LastSeen) {
		l.LastSeen = h.Time
	}
	said := h.Says.Protocol + " heard by capture, " + h.Because
	if !strings.Contains(l.Because, said) {
		l.Because = strings.TrimPrefix(l.Because+"; "+said, "; ")
	}
	l.Stale = l.Stale && expired
	if slices.Contains(l.Evidence, "capture") || expired && len(l.Evidence) > 0 {
		return
	}
	l.Confidence = withCapture(*l)
	l.Evidence = append(slices.Clip(l.Evidence), "capture")
	slices.Sort(l.Evidence)
}

// withCapture is the confidence of a link that a frame on its wire proves too
// (DISCOVERY §8): a captured announcement is of the family of the discovery
// protocols, and the surest of a family counts.
func withCapture(l Link) float64 {
	frame := 0.9
	if l.A.Port == "" || l.B.Port == "" {
		frame = 0.7
	}
	family := 0.0
	for _, w := range l.Evidence {
		switch {
		case strings.HasSuffix(w, "-both"):
			return l.Confidence
		case w == "sonmp" || w == "mndp":
			family = max(family, 0.8)
		case w == "edp" || w == "fdp" || strings.HasSuffix(w, "-one"):
			family = max(family, 0.9)
		}
	}
	if family > l.Confidence {
		family = l.Confidence // of a row that names no port
	}
	if frame <= family {
		return l.Confidence
	}
	return roundConfidence(min(0.99, 1-(1-l.Confidence)/(1-family)*(1-frame)))
}
