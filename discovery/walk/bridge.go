package walk

import (
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// portMap resolves bridge ports.
type portMap struct {
	to      map[uint32]netdev.IfIndex
	direct  bool // a port number is an ifIndex
	offset  int  // platform rule: ifIndex = port + offset
	shifted bool
}

func (c *collector) bridge() {
	vbs, _ := c.agent.Get(c.ctx, "1.3.6.1.2.1.17.1.1.0", "1.3.6.1.2.1.17.1.2.0")
	for _, vb := range vbs {
		switch {
		case vb.OID == "1.3.6.1.2.1.17.1.1.0":
			if m, ok := macOf(vb.Value); ok {
				c.f.BridgeMAC = m
			}
		case vb.Value.IsSet():
			c.f.BridgePort = integer(vb.Value)
		}
	}
	c.ports = c.bridgePorts(c.table("bridge", "1.3.6.1.2.1.17.1.4.1.2"))
	if n := len(c.ports.to); n > c.f.BridgePort {
		c.f.BridgePort = n
	}
}

// bridgePorts reads dot1dBasePortIfIndex. A map that is bogus (every value the
// same, or none of them an interface) counts as not there.
func (c *collector) bridgePorts(rows []snmp.Row) portMap {
	m := portMap{to: map[uint32]netdev.IfIndex{}}
	good, first, same := 0, netdev.IfIndex(0), true
	for i, r := range rows {
		if len(r.Index) != 1 {
			continue
		}
		to := netdev.IfIndex(integer(r.Cells[0]))
		if i == 0 {
			first = to
		}
		same = same && to == first
		if _, ok := c.ifs[to]; ok {
			good++
		}
		m.to[r.Index[0]] = to
	}
	rule := ""
	if c.platform != nil {
		rule = c.platform.Walk.BridgePort
	}
	bogus := good == 0 && len(c.ifs) > 0 || same && len(rows) > 1
	if off, ok := strings.CutPrefix(rule, "offset:"); ok {
		m.offset, _ = strconv.Atoi(off)
		m.shifted = true
	}
	if rule == "ifindex" || rule != "table" && bogus && len(rows) > 0 && !m.shifted && c.portsAreInterfaces(m.to) {
		m.direct = true
	}
	if bogus && rule != "table" {
		m.to = map[uint32]netdev.IfIndex{}
	}
	return m
}

func (c *collector) portsAreInterfaces(ports map[uint32]netdev.IfIndex) bool {
	for p := range ports {
		if _, ok := c.ifs[netdev.IfIndex(p)]; !ok {
			return false
		}
	}
	return true
}

// resolve gives the name and the ifIndex of a bridge port. A port that is no
// interface keeps its number.
func (c *collector) resolve(m portMap, port uint32) (string, netdev.IfIndex) {
	i, ok := m.to[port]
	switch {
	case m.direct:
		i, ok = netdev.IfIndex(port), true
	case m.shifted:
		i, ok = netdev.IfIndex(int(port)+m.offset), true
	}
	if _, known := c.ifs[i]; ok && known {
		if name := c.nameOf(i); name != "" {
			return name, i
		}
		return strconv.FormatUint(uint64(port), 10), i
	}
	return strconv.FormatUint(uint64(port), 10), 0
}

func (c *collector) vlans() {
	seen := map[int]int{}
	add := func(id int, name string) {
		if id < 1 || id > 4094 {
			return
		}
		at, ok := seen[id]
		if !ok {
			seen[id] = len(c.f.VLANs)
			c.f.VLANs = append(c.f.VLANs, netdev.VLAN{ID: id, Name: name})
		} else if c.f.VLANs[at].Name == "" {
			c.f.VLANs[at].Name = name
		}
	}
	for _, r := range c.table("vlan", columns("1.3.6.1.2.1.17.7.1.4.3.1", "1", "2", "5")...) {
		if len(r.Index) == 1 {
			add(int(r.Index[0]), text(r.Cells[0]))
		}
	}
	c.fdbs = map[uint32]int{}
	for _, r := range c.table("vlan", columns("1.3.6.1.2.1.17.7.1.4.2.1", "3", "4")...) {
		if len(r.Index) != 2 {
			continue
		}
		add(int(r.Index[1]), "")
		if n, ok := number(r.Cells[0]); ok {
			c.fdbs[uint32(n)] = int(r.Index[1])
		}
	}
	// CISCO-VTP-MIB vtpVlanTable: state 1 is operational
	for _, r := range c.table("vtp", columns("1.3.6.1.4.1.9.9.46.1.3.1.1", "2", "4")...) {
		if len(r.Index) != 2 {
			continue
		}
		id := int(r.Index[1])
		add(id, text(r.Cells[1]))
		if integer(r.Cells[0]) <= 1 {
			c.vtp = append(c.vtp, id)
		}
	}
	if c.platform == nil {
		return
	}
	for _, t := range c.platform.VLANTables {
		c.privateVLANs(t.Table, t.Name, t.ID, t.FDB, add)
	}
}

func (c *collector) privateVLANs(table string, name, id, fdb int, add func(int, string)) {
	cols := []snmp.OID{snmp.OID(table + "." + strconv.Itoa(name))}
	if id > 0 {
		cols = append(cols, snmp.OID(table+"."+strconv.Itoa(id)))
	}
	if fdb > 0 {
		cols = append(cols, snmp.OID(table+"."+strconv.Itoa(fdb)))
	}
	for _, r := range c.table("vlan", cols...) {
		if len(r.Index) == 0 {
			continue
		}
		vlan := int(r.Index[len(r.Index)-1])
		if id > 0 {
			vlan = integer(r.Cells[1])
		}
		add(vlan, text(r.Cells[0]))
		if fdb > 0 {
			if n, ok := number(r.Cells[len(cols)-1]); ok {
				c.fdbs[uint32(n)] = vlan
			}
		}
	}
}

// recorded agents know the contexts that were recorded.
type contexts interface{ Contexts() []string }

// vlanContexts lists the contexts in which forwarding tables are kept a VLAN.
func (c *collector) vlanContexts() []int {
	var out []int
	if rec, ok := c.agent.(contexts); ok {
		for _, n := range rec.Contexts() {
			if v, err := strconv.Atoi(strings.TrimPrefix(n, "vlan-")); err == nil {
				out = append(out, v)
			}
		}
	} else if c.platform != nil && c.platform.Walk.FDB.Index == "vlan-context" {
		for _, v := range c.vtp {
			if !slices.Contains(c.platform.Walk.FDB.SkipVLANs, v) {
				out = append(out, v)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
