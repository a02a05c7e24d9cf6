package topology

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// device is one observation with what identifies it and its ports.
type device struct {
	Observation
	at     int
	label  string // for people, unique in the graph
	ports  map[string]netdev.IfIndex
	byMAC  map[netdev.MAC]netdev.IfIndex
	names  map[netdev.IfIndex]string
	macs   map[netdev.IfIndex]netdev.MAC
	own    map[netdev.MAC]bool // every MAC of the device itself
	lagged map[string]string   // member to aggregate, by port key
}

// index finds devices by what identifies them. What two devices share finds
// neither: the value is -1.
type index struct {
	devices []*device
	mac     map[netdev.MAC]int
	text    map[string]int // chassis texts and serials
	name    map[string]int // full names, folded
	short   map[string]int
	addr    map[netip.Addr]int
	router  map[string]int
}

func newIndex(obs []Observation) *index {
	sorted := slices.Clone(obs)
	slices.SortStableFunc(sorted, func(a, b Observation) int {
		if c := strings.Compare(string(a.ID), string(b.ID)); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	x := &index{mac: map[netdev.MAC]int{}, text: map[string]int{}, name: map[string]int{}, short: map[string]int{},
		addr: map[netip.Addr]int{}, router: map[string]int{}}
	for i, o := range sorted {
		x.devices = append(x.devices, newDevice(i, o))
	}
	for _, managed := range []bool{false, true} {
		for i, d := range x.devices {
			if d.Managed == managed {
				x.enter(i, d)
			}
		}
	}
	x.label()
	return x
}

// enter puts a device under all that identifies it.
func (x *index) enter(i int, d *device) {
	for m := range d.own {
		claim(x, x.mac, m, i)
	}
	f := d.Facts
	claim(x, x.text, fold(f.Local.ChassisID), i)
	for _, e := range f.Entities {
		if e.Class == "chassis" && len(e.Serial) > 5 {
			claim(x, x.text, fold(e.Serial), i)
		}
	}
	for _, n := range slices.Compact([]string{fold(f.SysName), fold(f.Local.SysName), fold(d.Name)}) {
		claim(x, x.name, n, i)
		claim(x, x.short, shortName(n), i)
	}
	for _, a := range f.Addresses {
		if identifying(a.Address) {
			claim(x, x.addr, a.Address, i)
		}
	}
	if f.Address.IsValid() {
		claim(x, x.addr, f.Address, i)
	}
	claim(x, x.router, f.RouterID, i)
}

// claim is put, but that what a controller says of others takes nothing away
// from a device that answered.
func claim[K comparable](x *index, m map[K]int, k K, i int) {
	if old, taken := m[k]; taken && x.devices[i].Managed && (old < 0 || !x.devices[old].Managed) {
		return
	}
	put(m, k, i)
}

// put enters i under a key; a key of two devices belongs to neither.
func put[K comparable](m map[K]int, k K, i int) {
	var zero K
	if k == zero {
		return
	}
	if old, ok := m[k]; ok && old != i {
		i = -1
	}
	m[k] = i
}

func find[K comparable](m map[K]int, k K) (int, bool) {
	i, ok := m[k]
	return i, ok && i >= 0
}

// label gives each device the name people know it by; devices that share one
// are told apart by their ids.
func (x *index) label() {
	count, answered := map[string]int{}, map[string]int{}
	for _, d := range x.devices {
		count[d.Name]++
		if !d.Managed {
			answered[d.Name]++
		}
	}
	for _, d := range x.devices {
		n := answered[d.Name]
		if d.Managed {
			n = count[d.Name]
		}
		if d.label = d.Name; d.Name == "" || n > 1 {
			d.label = string(d.ID)
		}
	}
}

func newDevice(at int, o Observation) *device {
	d := &device{Observation: o, at: at, ports: map[string]netdev.IfIndex{}, byMAC: map[netdev.MAC]netdev.IfIndex{},
		names: map[netdev.IfIndex]string{}, macs: map[netdev.IfIndex]netdev.MAC{}, own: map[netdev.MAC]bool{}, lagged: map[string]string{}}
	f := o.Facts
	alias := map[string]netdev.IfIndex{}
	for _, in := range f.Interfaces {
		d.names[in.Index] = firstText(in.Name, in.Descr)
		if usable(in.MAC) {
			d.own[in.MAC] = true
			d.macs[in.Index] = in.MAC
			put32(d.byMAC, in.MAC, in.Index)
		}
		put32(alias, portKey(in.Alias), in.Index)
	}
	for _, in := range f.Interfaces { // names win over descriptions, those over aliases
		put32(d.ports, portKey(in.Name), in.Index)
	}
	for _, in := range f.Interfaces {
		if k := portKey(in.Descr); d.ports[k] == 0 {
			put32(d.ports, k, in.Index)
		}
	}
	for k, i := range alias {
		if _, ok := d.ports[k]; !ok {
			d.ports[k] = i
		}
	}
	for _, m := range []netdev.MAC{f.BridgeMAC, netdev.MAC(f.Local.ChassisID)} {
		if len(m) == 17 && usable(m) {
			d.own[m] = true
		}
	}
	for _, l := range f.LAG {
		for _, m := range l.Members {
			d.lagged[portKey(m)] = l.Aggregate
		}
	}
	return d
}

func put32[K comparable](m map[K]netdev.IfIndex, k K, i netdev.IfIndex) {
	var zero K
	if k == zero {
		return
	}
	if old, ok := m[k]; ok && old != i {
		i = 0
	}
	m[k] = i
}

func firstText(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(strings.Trim(s, "\x00"))) }

func shortName(folded string) string {
	if _, err := netip.ParseAddr(folded); err == nil {
		return folded
	}
	s, _, _ := strings.Cut(folded, ".")
	return s
}

// identifying says whether an address may tell devices apart: loopback,
// link-local and unspecified ones are on many.
func identifying(a netip.Addr) bool {
	return a.IsValid() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !a.IsUnspecified() && !a.IsMulticast()
}

// usable says whether a MAC may be one device's own: not zero, not a group,
// not one of the virtual ones that redundancy protocols share
// (RFC 5798 §7.3 and the vendors' own).
func usable(m netdev.MAC) bool {
	if len(m) != 17 || m == "00:00:00:00:00:00" || m == "ff:ff:ff:ff:ff:ff" || strings.ContainsRune("13579bdf", rune(m[1])) {
		return false
	}
	for _, p := range []string{"00:00:5e:00:01:", "00:00:5e:00:02:", "00:00:0c:07:ac:", "00:00:0c:9f:f", "00:05:73:a0:0", "00:07:b4:00:"} {
		if strings.HasPrefix(string(m), p) {
			return false
		}
	}
	return true
}
