package sim

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// buildTables writes down what the agent answers. Every table speaks of the
// same ports, addresses and hosts.
func (d *Device) buildTables() {
	m := &mib{}
	d.tableSystem(m)
	d.tableInterfaces(m)
	d.tableAddresses(m)
	d.tableNeighbours(m)
	if d.hasEntity() {
		d.tableEntity(m)
	}
	if d.Kind() == netdev.Switch {
		d.tableBridge(m)
	}
	switch d.model.platform {
	case "cisco_iosxe":
		d.tableVTP(m)
		d.tableCDP(m)
		d.tableWireless(m)
	case "juniper_junos":
		d.tableJunosVLANs(m)
	case "cisco_nxos":
		d.tableVTP(m)
		d.tableCDP(m)
	case "mikrotik_routeros":
		d.tableRouterOS(m)
	case "arista_eos", "hp_comware", "huawei_vrp", "aruba_aoscx", "frr":
	default:
		s := mustOID("1.3.6.1.4.1.12356")
		m.text(s.with(100, 1, 1, 1, 0), d.serial)
		m.text(s.with(101, 4, 1, 1, 0), "v"+d.model.version+",build1639,240313 (GA.M)")
	}
	m.sort()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tables = m
}

func (d *Device) sysDescr() string {
	return strings.ReplaceAll(d.model.descr, "%v", d.model.version)
}

func (d *Device) tableSystem(m *mib) {
	s := mustOID("1.3.6.1.2.1.1")
	m.text(s.with(1, 0), d.sysDescr())
	m.ident(s.with(2, 0), d.model.objectID)
	m.rows = append(m.rows, row{oid: s.with(3, 0), live: func(now time.Time) []byte {
		return berUint(tagTimeTicks, uint64(uint32(now.Sub(d.booted).Milliseconds()/10)))
	}})
	m.text(s.with(4, 0), "noc@example.net")
	m.text(s.with(5, 0), d.Name())
	m.text(s.with(6, 0), d.Location())
	services := map[netdev.Kind]int{netdev.Router: 78, netdev.Switch: 6, netdev.Firewall: 76, netdev.WirelessController: 6}[d.Kind()]
	m.num(s.with(7, 0), services)

	e := mustOID("1.3.6.1.6.3.10.2.1.1")
	m.rows = append(m.rows,
		row{oid: e.with(1, 0), live: func(time.Time) []byte { return tlv(tagOctets, d.engineID()) }},
		row{oid: e.with(2, 0), live: func(time.Time) []byte { return berInt(tagInteger, int64(d.boots)) }},
		row{oid: e.with(3, 0), live: func(now time.Time) []byte { return berInt(tagInteger, int64(d.engineTime(now))) }})
	m.num(e.with(4, 0), 1500)
}

func (d *Device) tableInterfaces(m *mib) {
	m.num(mustOID("1.3.6.1.2.1.2.1.0"), len(d.ports))
	t, x := mustOID("1.3.6.1.2.1.2.2.1"), mustOID("1.3.6.1.2.1.31.1.1.1")
	upDown := map[bool]int{true: 1, false: 2}
	for i, p := range d.ports {
		m.num(t.with(1, p.index), int(p.index))
		m.text(t.with(2, p.index), p.descr)
		m.num(t.with(3, p.index), p.typ)
		m.num(t.with(4, p.index), p.mtu)
		m.gauge(t.with(5, p.index), min(p.bps, 1<<32-1))
		if p.hasMAC {
			m.bytes(t.with(6, p.index), p.mac[:])
		} else {
			m.bytes(t.with(6, p.index), nil)
		}
		m.num(t.with(7, p.index), upDown[d.adminUp(p)])
		m.num(t.with(8, p.index), upDown[p.oper])
		m.ticks(t.with(9, p.index), uint32(1000+i))
		m.counter(t.with(10, p.index), uint64(i)*7919)
		m.text(x.with(1, p.index), p.name)
		m.counter64(x.with(6, p.index), uint64(i)*7919)
		m.gauge(x.with(15, p.index), p.bps/1_000_000)
		m.num(x.with(17, p.index), map[bool]int{true: 1, false: 2}[p.typ == ifEthernet])
		m.text(x.with(18, p.index), p.alias)
	}
	s := mustOID("1.3.6.1.2.1.31.1")
	m.ticks(s.with(5, 0), 4200)
	if po := d.port("Po1"); po != nil {
		for _, n := range []string{"Twe1/0/1", "Twe1/0/2"} {
			m.num(s.with(2, 1, 3, po.index, d.port(n).index), 1) // ifStackStatus
		}
	}
}

// adminUp: ports without a cable are shut down, unless that is the weakness.
func (d *Device) adminUp(p *port) bool {
	return p.oper || p.typ != ifEthernet || p.trunk || d.weak(UnusedPortsUp)
}

func (d *Device) tableAddresses(m *mib) {
	forwarding := map[bool]int{true: 1, false: 2}
	m.num(mustOID("1.3.6.1.2.1.4.1.0"), forwarding[!d.access()])
	a, n := mustOID("1.3.6.1.2.1.4.20.1"), mustOID("1.3.6.1.2.1.4.22.1")
	arp := func(ifi uint32, addr netip.Addr, hw mac) {
		at := append([]uint32{ifi}, addrIndex(addr)...)
		m.num(n.with(1).with(at...), int(ifi))
		m.bytes(n.with(2).with(at...), hw[:])
		m.ip(n.with(3).with(at...), addr)
		m.num(n.with(4).with(at...), 3)
	}
	for _, p := range d.ports {
		if !p.addr.IsValid() {
			continue
		}
		at := addrIndex(p.Addr())
		m.ip(a.with(1).with(at...), p.Addr())
		m.num(a.with(2).with(at...), int(p.index))
		m.ip(a.with(3).with(at...), netmask(p.addr.Bits()))
		if phys := d.physical(p); phys.peer != nil && phys.isRouted {
			arp(p.index, phys.peerDev.unit(phys.peer).Addr(), phys.peer.mac)
		}
		if p.typ == ifVLAN {
			for _, h := range d.net.hosts {
				if h.vlan == p.vlan {
					arp(p.index, h.addr, h.mac)
				}
			}
		}
	}
}

// unit is the logical unit that carries p's address, or p itself.
func (d *Device) unit(p *port) *port { return d.bridgePort(p) }

// physical is the port below a logical unit, or p itself.
func (d *Device) physical(p *port) *port {
	if base, ok := strings.CutSuffix(p.name, ".0"); ok {
		if q := d.port(base); q != nil {
			return q
		}
	}
	return p
}

func netmask(bits int) netip.Addr {
	v := ^uint32(0) << (32 - bits)
	if bits == 0 {
		v = 0
	}
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}

func (d *Device) tableEntity(m *mib) {
	t := mustOID("1.3.6.1.2.1.47.1.1.1.1")
	rowOf := func(i uint32, descr string, parent, class, pos int, name, hw, sw, serial, mfg, model string) {
		m.text(t.with(2, i), descr)
		m.num(t.with(4, i), parent)
		m.num(t.with(5, i), class)
		m.num(t.with(6, i), pos)
		m.text(t.with(7, i), name)
		m.text(t.with(8, i), hw)
		m.text(t.with(9, i), "")
		m.text(t.with(10, i), sw)
		m.text(t.with(11, i), serial)
		m.text(t.with(12, i), mfg)
		m.text(t.with(13, i), model)
		m.num(t.with(16, i), map[bool]int{true: 1, false: 2}[class == 3])
	}
	mfg := map[string]string{"cisco": "Cisco Systems Inc", "juniper": "Juniper Networks", "fortinet": "Fortinet", "arista": "Arista Networks", "hpe": "HPE", "aruba": "Aruba"}[d.Vendor()]
	rowOf(1, d.Model()+" chassis", 0, 3, -1, "Chassis", "V02", d.Version(), d.serial, mfg, d.model.name)
	r := d.net.rand("entity", d.plan.name)
	rowOf(2, "Power Supply A", 1, 6, 1, "PSU A", "V01", "", "PSU"+pick(r, "0123456789", 8), mfg, "PWR-715WAC")
	rowOf(3, "Fan 1", 1, 7, 2, "Fan 1", "", "", "", mfg, "")
	ports := 0
	for _, p := range d.ports {
		if p.lldp != 0 {
			ports++
			i := 1000 + p.index
			rowOf(i, p.descr, 1, 10, ports, p.name, "", "", "", "", "")
			m.ident(mustOID("1.3.6.1.2.1.47.1.3.2.1.2").with(i, 0), fmt.Sprint("1.3.6.1.2.1.2.2.1.1.", p.index))
		}
	}
	m.ticks(mustOID("1.3.6.1.2.1.47.1.4.1.0"), 3100)
}
