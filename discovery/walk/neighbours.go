package walk

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// lldpV2 is LLDP-V2-MIB (IEEE 802.1AB-2009), which names ports by ifIndex.
func lldpV2() platform.NeighborTable {
	return platform.NeighborTable{Protocol: "lldp", Table: "1.3.111.2.802.1.1.13.1.4.1.1", Local: "ifindex",
		Index: []string{"skip", "local_port", "skip", "remote"},
		Columns: map[string]int{"chassis_subtype": 5, "chassis_id": 6, "port_subtype": 7, "port_id": 8, "port_descr": 9,
			"sys_name": 10, "sys_descr": 11, "capabilities": 13}}
}

// privateNeighbours reads the tables that a platform file names, and LLDP-V2
// where the first version of that table was silent.
func (c *collector) privateNeighbours() {
	var tables []platform.NeighborTable
	if c.platform != nil {
		tables = append(tables, c.platform.Neighbors...)
	}
	if len(c.f.Neighbors) == 0 {
		tables = append(tables, lldpV2())
	}
	for _, t := range tables {
		c.neighbourTable(t)
	}
}

func (c *collector) neighbourTable(t platform.NeighborTable) {
	names := []string{"local_port", "chassis_subtype", "chassis_id", "port_subtype", "port_id", "port_descr", "sys_name", "sys_descr",
		"capabilities", "address", "platform"}
	var cols []snmp.OID
	at := map[string]int{}
	for _, n := range names {
		if col := t.Columns[n]; col > 0 {
			at[n] = len(cols)
			cols = append(cols, snmp.OID(t.Table+"."+strconv.Itoa(col)))
		}
	}
	if len(cols) == 0 {
		return
	}
	for _, r := range c.table(t.Protocol+" "+t.Table, cols...) {
		cell := func(n string) snmp.Value {
			if i, ok := at[n]; ok {
				return r.Cells[i]
			}
			return snmp.Value{}
		}
		n := netdev.Neighbor{Protocol: t.Protocol, PortDescr: text(cell("port_descr")), SysName: text(cell("sys_name")),
			SysDescr: text(cell("sys_descr")), Platform: text(cell("platform")), Capabilities: bits(cell("capabilities"), lldpCapabilities())}
		n.ChassisSubtype = subtypeOf(cell("chassis_subtype"), t.SubtypeNames)
		n.PortSubtype = subtypeOf(cell("port_subtype"), t.SubtypeNames)
		n.ChassisID = chassisID(cell("chassis_id"), n.ChassisSubtype)
		n.PortID = portID(cell("port_id"), n.PortSubtype)
		if m, ok := parseMAC(n.ChassisID); ok {
			n.ChassisID = string(m)
		}
		if a := textAddr(cell("address")); a.IsValid() {
			n.Addresses = []netip.Addr{a}
		}
		n.LocalPort, n.LocalIfIndex = c.privateLocal(t, r, text(cell("local_port")))
		c.neighbour(n)
	}
}

func (c *collector) privateLocal(t platform.NeighborTable, r snmp.Row, said string) (string, netdev.IfIndex) {
	num, ok := uint32(0), false
	for i, word := range t.Index {
		if word == "local_port" && i < len(r.Index) {
			num, ok = r.Index[i], true
		}
	}
	if ok && t.Local != "port-text" {
		if t.Local == "lldp-port" {
			return c.localPort(num, nil)
		}
		if name := c.nameOf(netdev.IfIndex(num)); name != "" {
			return name, netdev.IfIndex(num)
		}
	}
	if said != "" {
		return said, c.named[fold(said)]
	}
	if !ok {
		return "", 0
	}
	return strconv.FormatUint(uint64(num), 10), 0
}

// subtypeOf reads a subtype given as number or in a word of the platform.
func subtypeOf(v snmp.Value, words map[string]string) int {
	if n, ok := number(v); ok {
		return int(n)
	}
	n, _ := strconv.Atoi(words[strings.ToLower(text(v))])
	return n
}

func textAddr(v snmp.Value) netip.Addr {
	switch len(v.Bytes) {
	case 4, 16:
		if a, ok := netip.AddrFromSlice(v.Bytes); ok && (v.Type == snmp.IPAddress || !readable(string(v.Bytes))) {
			return a
		}
	}
	a, err := netip.ParseAddr(text(v))
	if err != nil {
		return netip.Addr{}
	}
	return a.WithZone("")
}

// cdp reads cdpCacheTable; its index is ifIndex and a number.
func (c *collector) cdp() {
	caps := []string{"router", "bridge", "source-bridge", "switch", "host", "igmp", "repeater", "telephone"}
	for _, r := range c.table("cdp", columns("1.3.6.1.4.1.9.9.23.1.2.1.1", "3", "4", "5", "6", "7", "8", "9", "17")...) {
		if len(r.Index) != 2 {
			continue
		}
		n := netdev.Neighbor{Protocol: "cdp", SysDescr: text(r.Cells[2]), PortID: text(r.Cells[4]), Platform: text(r.Cells[5])}
		n.ChassisID = ident(r.Cells[3], false, false)
		n.SysName = text(r.Cells[7])
		if n.SysName == "" && len(r.Cells[3].Bytes) != 6 {
			n.SysName = n.ChassisID
		}
		if a := textAddr(r.Cells[1]); a.IsValid() && !a.IsUnspecified() {
			n.Addresses = []netip.Addr{a}
		}
		if b := r.Cells[6].Bytes; len(b) == 4 {
			for i, word := range caps {
				if b[3]&(1<<i) != 0 {
					n.Capabilities = append(n.Capabilities, word)
				}
			}
		}
		i := netdev.IfIndex(r.Index[0])
		if n.LocalPort = c.nameOf(i); n.LocalPort != "" {
			n.LocalIfIndex = i
		} else {
			n.LocalPort = strconv.FormatUint(uint64(i), 10)
		}
		c.neighbour(n)
	}
}

// otherNeighbours reads the tables of FDP, EDP and SONMP.
func (c *collector) otherNeighbours() {
	local := func(index uint32) (string, netdev.IfIndex) {
		if name := c.nameOf(netdev.IfIndex(index)); name != "" {
			return name, netdev.IfIndex(index)
		}
		return strconv.FormatUint(uint64(index), 10), 0
	}
	for _, r := range c.table("fdp", columns("1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1", "3", "5", "6", "7", "8", "10")...) {
		if len(r.Index) != 2 || integer(r.Cells[5]) == 2 { // 2: a row that CDP brought
			continue
		}
		n := netdev.Neighbor{Protocol: "fdp", ChassisID: text(r.Cells[0]), SysName: text(r.Cells[0]), SysDescr: text(r.Cells[2]),
			PortID: text(r.Cells[3]), Platform: text(r.Cells[4])}
		if a := textAddr(r.Cells[1]); a.IsValid() && !a.IsUnspecified() {
			n.Addresses = []netip.Addr{a}
		}
		n.LocalPort, n.LocalIfIndex = local(r.Index[0])
		c.neighbour(n)
	}
	for _, r := range c.table("edp", columns("1.3.6.1.4.1.1916.1.13.2.1", "3", "5", "6")...) {
		if len(r.Index) < 7 {
			continue
		}
		n := netdev.Neighbor{Protocol: "edp", SysName: text(r.Cells[0])}
		if m, ok := macIndex(r.Index[len(r.Index)-6:]); ok {
			n.ChassisID = string(m)
		}
		n.PortID = fmt.Sprintf("%d:%d", integer(r.Cells[1]), integer(r.Cells[2]))
		n.LocalPort, n.LocalIfIndex = local(r.Index[0])
		c.neighbour(n)
	}
	for _, r := range c.table("sonmp", columns("1.3.6.1.4.1.45.1.6.13.2.1.1", "3", "4")...) {
		if len(r.Index) < 2 || r.Index[1] == 0 { // port 0 is the device itself
			continue
		}
		a := textAddr(r.Cells[0])
		seg := integer(r.Cells[1])
		if !a.IsValid() {
			continue
		}
		n := netdev.Neighbor{Protocol: "sonmp", ChassisID: a.String(), ChassisSubtype: 5, Addresses: []netip.Addr{a},
			PortID: fmt.Sprintf("%d/%d", seg>>8&0xff, seg&0xff)}
		n.LocalPort = fmt.Sprintf("%d/%d", r.Index[0], r.Index[1])
		n.LocalIfIndex = c.named[fold(n.LocalPort)]
		c.neighbour(n)
	}
}
