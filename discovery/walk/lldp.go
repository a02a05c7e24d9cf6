package walk

import (
	"net/netip"
	"strconv"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

const lldpMIB = "1.0.8802.1.1.2.1."

// lldpCapabilities names LldpSystemCapabilitiesMap (IEEE 802.1AB).
func lldpCapabilities() []string {
	return []string{"other", "repeater", "bridge", "wlan-access-point", "router", "telephone", "docsis", "station", "c-vlan", "s-vlan", "two-port-relay"}
}

// chassisID and portID read identifiers by their subtypes; without one, six
// octets that are no text are a MAC.
func chassisID(v snmp.Value, subtype int) string { return ident(v, subtype == 4, subtype == 5) }
func portID(v snmp.Value, subtype int) string    { return ident(v, subtype == 3, subtype == 4) }

func (c *collector) lldpLocal() {
	vbs, err := c.agent.Get(c.ctx, lldpMIB+"3.1.0", lldpMIB+"3.2.0", lldpMIB+"3.3.0", lldpMIB+"3.4.0", lldpMIB+"3.6.0")
	if err != nil || len(vbs) != 5 {
		return
	}
	l := &c.f.Local
	l.ChassisSubtype = integer(vbs[0].Value)
	l.ChassisID = chassisID(vbs[1].Value, l.ChassisSubtype)
	l.SysName, l.SysDescr = text(vbs[2].Value), text(vbs[3].Value)
	l.Capabilities = bits(vbs[4].Value, lldpCapabilities())
}

func (c *collector) lldp() {
	for _, r := range c.table("lldp-local", columns(lldpMIB+"3.7.1", "2", "3", "4")...) {
		if len(r.Index) != 1 {
			continue
		}
		p := netdev.LocalPort{Number: r.Index[0], Subtype: integer(r.Cells[0]), Descr: text(r.Cells[2])}
		p.ID = portID(r.Cells[1], p.Subtype)
		p.IfIndex = c.localInterface(p)
		c.f.Local.Ports = append(c.f.Local.Ports, p)
	}
	locals := map[uint32]netdev.LocalPort{}
	for _, p := range c.f.Local.Ports {
		locals[p.Number] = p
	}
	rows := c.table("lldp", columns(lldpMIB+"4.1.1", "4", "5", "6", "7", "8", "9", "10", "12")...)
	if len(rows) == 0 {
		return
	}
	man := c.manAddresses(rows)
	for _, r := range rows {
		if len(r.Index) < 3 {
			continue
		}
		n := netdev.Neighbor{Protocol: "lldp", ChassisSubtype: integer(r.Cells[0]), PortSubtype: integer(r.Cells[2]),
			PortDescr: text(r.Cells[4]), SysName: text(r.Cells[5]), SysDescr: text(r.Cells[6]),
			Capabilities: bits(r.Cells[7], lldpCapabilities())}
		n.ChassisID, n.PortID = chassisID(r.Cells[1], n.ChassisSubtype), portID(r.Cells[3], n.PortSubtype)
		n.LocalPort, n.LocalIfIndex = c.localPort(r.Index[1], locals)
		n.Addresses = man[manKey{r.Index[1], r.Index[2]}]
		c.neighbour(n)
	}
}

type manKey struct{ port, index uint32 }

// manAddresses reads lldpRemManAddrTable. Its rows may carry another time mark
// than the neighbour they belong to, and then another remote index too: such a
// row belongs to the only neighbour of its port, or to none.
func (c *collector) manAddresses(rows []snmp.Row) map[manKey][]netip.Addr {
	have, perPort := map[manKey]bool{}, map[uint32][]uint32{}
	for _, r := range rows {
		if len(r.Index) >= 3 {
			k := manKey{r.Index[1], r.Index[2]}
			if !have[k] {
				perPort[k.port] = append(perPort[k.port], k.index)
			}
			have[k] = true
		}
	}
	out := map[manKey][]netip.Addr{}
	for _, r := range c.table("lldp-addresses", columns(lldpMIB+"4.2.1", "3", "4")...) {
		if len(r.Index) < 5 {
			continue
		}
		k := manKey{r.Index[1], r.Index[2]}
		if !have[k] {
			only := perPort[k.port]
			if len(only) != 1 {
				continue
			}
			k.index = only[0]
		}
		a, ok := addrIndex(r.Index[3:])
		if !ok && len(r.Index) == 8 { // some agents leave the length out
			a, ok = addr4(r.Index[4:])
		}
		if ok {
			out[k] = append(out[k], a)
		}
	}
	return out
}

// localInterface finds the interface of a local port by what the port says of
// itself; 0 when it does not say.
func (c *collector) localInterface(p netdev.LocalPort) netdev.IfIndex {
	switch p.Subtype {
	case 3:
		if i := c.byMAC(p.ID); i != 0 {
			return i
		}
	case 1:
		if i := c.byAlias(p.ID); i != 0 {
			return i
		}
	}
	numeric := digits(p.ID)
	if !numeric || p.Subtype == 5 {
		if i := c.named[fold(p.ID)]; i != 0 {
			return i
		}
	}
	if i := c.named[fold(p.Descr)]; i != 0 && p.Descr != "" {
		return i
	}
	if numeric {
		if i := c.named[fold(p.ID)]; i != 0 {
			return i
		}
	}
	return 0
}

func digits(s string) bool {
	_, err := strconv.ParseUint(s, 10, 32)
	return err == nil
}

// byMAC finds the one interface with a MAC.
func (c *collector) byMAC(mac string) netdev.IfIndex {
	var found netdev.IfIndex
	for _, in := range c.f.Interfaces {
		if string(in.MAC) == mac && mac != "" {
			if found != 0 {
				return 0
			}
			found = in.Index
		}
	}
	return found
}

func (c *collector) byAlias(alias string) netdev.IfIndex {
	var found netdev.IfIndex
	for _, in := range c.f.Interfaces {
		if alias != "" && in.Alias == alias {
			if found != 0 {
				return 0
			}
			found = in.Index
		}
	}
	return found
}

// localPort names lldpRemLocalPortNum, which is a port number of the protocol:
// what lldpLocPortTable says, then the bridge port, then the ifIndex.
func (c *collector) localPort(num uint32, locals map[uint32]netdev.LocalPort) (string, netdev.IfIndex) {
	p, ok := locals[num]
	if ok && p.IfIndex != 0 {
		return c.nameOf(p.IfIndex), p.IfIndex
	}
	if name, i := c.resolve(c.ports, num); i != 0 {
		return name, i
	}
	if name := c.nameOf(netdev.IfIndex(num)); name != "" {
		return name, netdev.IfIndex(num)
	}
	if ok && p.ID != "" && p.Subtype != 3 {
		return p.ID, 0
	}
	if ok && p.Descr != "" {
		return p.Descr, 0
	}
	return strconv.FormatUint(uint64(num), 10), 0
}

type neighbourKey struct{ protocol, local, chassis, port string }

// neighbour adds a row once: agents repeat rows, with and without addresses.
func (c *collector) neighbour(n netdev.Neighbor) {
	if n.ChassisID == "" && n.PortID == "" && n.SysName == "" {
		return
	}
	if c.seenN == nil {
		c.seenN = map[neighbourKey]int{}
	}
	k := neighbourKey{n.Protocol, n.LocalPort, n.ChassisID, n.PortID}
	at, ok := c.seenN[k]
	if !ok {
		c.seenN[k] = len(c.f.Neighbors)
		c.f.Neighbors = append(c.f.Neighbors, n)
		return
	}
	old := &c.f.Neighbors[at]
	for _, a := range n.Addresses {
		if !containsAddr(old.Addresses, a) {
			old.Addresses = append(old.Addresses, a)
		}
	}
	if old.SysName == "" {
		old.SysName = n.SysName
	}
}

func containsAddr(as []netip.Addr, a netip.Addr) bool {
	for _, x := range as {
		if x == a {
			return true
		}
	}
	return false
}
