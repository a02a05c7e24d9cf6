package walk

import (
	"maps"
	"slices"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// entityClass names PhysicalClass (RFC 6933).
func entityClass(n int) string {
	words := [...]string{"", "other", "unknown", "chassis", "backplane", "container", "powerSupply", "fan", "sensor", "module", "port",
		"stack", "cpu", "energyObject", "battery", "storageDrive"}
	if n < 0 || n >= len(words) {
		return ""
	}
	return words[n]
}

func (c *collector) entities() {
	for _, r := range c.table("entity", columns("1.3.6.1.2.1.47.1.1.1.1", "2", "4", "5", "7", "8", "9", "10", "11", "12", "13")...) {
		if len(r.Index) != 1 {
			continue
		}
		c.f.Entities = append(c.f.Entities, netdev.Entity{Index: r.Index[0], Descr: text(r.Cells[0]), Parent: uint32(integer(r.Cells[1])),
			Class: entityClass(integer(r.Cells[2])), Name: text(r.Cells[3]), HW: text(r.Cells[4]), FW: text(r.Cells[5]),
			SW: text(r.Cells[6]), Serial: text(r.Cells[7]), Vendor: text(r.Cells[8]), Model: text(r.Cells[9])})
	}
}

// aggregates finds members: LAG-MIB, then the private table of port groups,
// then what lies below an interface of an aggregating type.
func (c *collector) aggregates() {
	members := map[netdev.IfIndex]map[netdev.IfIndex]bool{}
	add := func(agg, port netdev.IfIndex) {
		if agg == 0 || agg == port || c.nameOf(agg) == "" || c.nameOf(port) == "" {
			return
		}
		if members[agg] == nil {
			members[agg] = map[netdev.IfIndex]bool{}
		}
		members[agg][port] = true
	}
	for _, r := range c.table("lag", columns("1.2.840.10006.300.43.1.2.1.1", "12", "13")...) {
		if len(r.Index) != 1 {
			continue
		}
		agg := netdev.IfIndex(integer(r.Cells[1]))
		if agg == 0 {
			agg = netdev.IfIndex(integer(r.Cells[0]))
		}
		add(agg, netdev.IfIndex(r.Index[0]))
	}
	for _, r := range c.table("pagp", "1.3.6.1.4.1.9.9.98.1.1.1.1.8") {
		if len(r.Index) == 1 {
			add(netdev.IfIndex(integer(r.Cells[0])), netdev.IfIndex(r.Index[0]))
		}
	}
	for _, r := range c.table("ifstack", "1.3.6.1.2.1.31.1.2.1.3") {
		if len(r.Index) != 2 || r.Index[0] == 0 || r.Index[1] == 0 {
			continue
		}
		high := netdev.IfIndex(r.Index[0])
		if at, ok := c.ifs[high]; ok && c.f.Interfaces[at].Type == 161 { // ieee8023adLag
			add(high, netdev.IfIndex(r.Index[1]))
		}
	}
	for _, agg := range slices.Sorted(maps.Keys(members)) {
		l := netdev.LAG{Aggregate: c.nameOf(agg)}
		for _, m := range slices.Sorted(maps.Keys(members[agg])) {
			l.Members = append(l.Members, c.nameOf(m))
		}
		c.f.LAG = append(c.f.LAG, l)
	}
}

func word(n int, words ...string) string {
	if n < 1 || n > len(words) {
		return ""
	}
	return words[n-1]
}

func (c *collector) routing() {
	rt := &netdev.Routing{}
	if vbs, err := c.agent.Get(c.ctx, "1.3.6.1.2.1.14.1.1.0"); err == nil && len(vbs) == 1 {
		if a := textAddr(vbs[0].Value); a.IsValid() && !a.IsUnspecified() {
			c.f.RouterID = a.String()
		}
	}
	for _, r := range c.table("ospf", columns("1.3.6.1.2.1.14.10.1", "1", "3", "6")...) {
		n := netdev.OSPFNeighbor{State: word(integer(r.Cells[2]), "down", "attempt", "init", "twoWay", "exchangeStart", "exchange", "loading", "full")}
		if len(r.Index) == 5 {
			if a, ok := addr4(r.Index[:4]); ok {
				n.Neighbor = a.String()
			}
		}
		if a := textAddr(r.Cells[0]); n.Neighbor == "" && a.IsValid() {
			n.Neighbor = a.String()
		}
		if a := textAddr(r.Cells[1]); a.IsValid() {
			n.RouterID = a.String()
		}
		if n.Neighbor != "" {
			rt.OSPF = append(rt.OSPF, n)
		}
	}
	for _, r := range c.table("bgp", columns("1.3.6.1.2.1.15.3.1", "2", "7", "9")...) {
		a, ok := addr4(r.Index)
		if !ok {
			continue
		}
		p := netdev.BGPPeer{Neighbor: a.String(), RemoteAS: uint32(integer(r.Cells[2])),
			State: word(integer(r.Cells[0]), "idle", "connect", "active", "opensent", "openconfirm", "established")}
		rt.BGP = append(rt.BGP, p)
	}
	c.f.Routing = rt
}

// firstOf reads a scalar, or the first row of a column that says something.
func (c *collector) firstOf(oid string) (snmp.Value, bool) {
	vbs, err := c.agent.Get(c.ctx, snmp.OID(oid))
	if err == nil && len(vbs) == 1 && vbs[0].Value.IsSet() {
		return vbs[0].Value, true
	}
	if len(oid) > 2 && oid[len(oid)-2:] == ".0" {
		return snmp.Value{}, false
	}
	for _, r := range c.agent.Table(c.ctx, snmp.OID(oid)).Rows {
		if r.Cells[0].IsSet() && text(r.Cells[0]) != "" {
			return r.Cells[0], true
		}
	}
	return snmp.Value{}, false
}
