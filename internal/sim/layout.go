package sim

import (
	"fmt"
	"net/netip"
)

const (
	gig = 1_000_000_000
)

func layoutCore(d *Device) {
	d.row("TwentyFiveGigE1/0/", "Twe1/0/", 1, 24, 25*gig, true)
	d.row("HundredGigE1/0/", "Hu1/0/", 25, 4, 100*gig, true)
	d.add(&port{name: "Gi0/0", descr: "GigabitEthernet0/0", bps: gig})
	d.add(&port{name: "Lo0", descr: "Loopback0", typ: ifLoopback, mtu: 1514, bps: 8 * gig})
	d.add(&port{name: "Po1", descr: "Port-channel1", typ: ifAggregate, bps: 50 * gig}).oper = true
	d.add(&port{name: "Vl1", descr: "Vlan1", typ: ifVirtual, bps: gig})
	d.layoutSVIs()
}

func layoutAccess48(d *Device) {
	d.row("GigabitEthernet1/0/", "Gi1/0/", 1, 48, gig, true)
	d.row("TenGigabitEthernet1/1/", "Te1/1/", 1, 4, 10*gig, true)
	d.add(&port{name: "Gi0/0", descr: "GigabitEthernet0/0", bps: gig})
	d.add(&port{name: "Lo0", descr: "Loopback0", typ: ifLoopback, mtu: 1514, bps: 8 * gig})
	d.add(&port{name: "Vl1", descr: "Vlan1", typ: ifVirtual, bps: gig})
}

func layoutAccess24(d *Device) {
	d.row("GigabitEthernet1/0/", "Gi1/0/", 1, 24, gig, true)
	d.row("TenGigabitEthernet1/1/", "Te1/1/", 1, 4, 10*gig, true)
	d.add(&port{name: "Gi0/0", descr: "GigabitEthernet0/0", bps: gig})
	d.add(&port{name: "Lo0", descr: "Loopback0", typ: ifLoopback, mtu: 1514, bps: 8 * gig})
	d.add(&port{name: "Vl1", descr: "Vlan1", typ: ifVirtual, bps: gig})
}

func layoutBranch(d *Device) {
	d.row("GigabitEthernet0/0/", "Gi0/0/", 0, 3, gig, false)
	d.add(&port{name: "Gi0", descr: "GigabitEthernet0", bps: gig})
	d.add(&port{name: "Lo0", descr: "Loopback0", typ: ifLoopback, mtu: 1514, bps: 8 * gig})
	t := d.add(&port{name: "Tu100", descr: "Tunnel100", typ: ifTunnel, mtu: 9976, bps: 100_000})
	t.oper = true
}

func (d *Device) layoutSVIs() {
	for _, v := range siteVLANs(d.site) {
		n := netip.MustParsePrefix(v.net)
		a := n.Addr().Next()
		if d.plan.host%2 == 0 {
			a = a.Next()
		}
		name, descr := fmt.Sprint("Vl", v.id), fmt.Sprint("Vlan", v.id)
		if d.Platform() == "juniper_junos" {
			name, descr = fmt.Sprint("irb.", v.id), fmt.Sprint("irb.", v.id)
		}
		p := d.add(&port{name: name, descr: descr, typ: ifVLAN, bps: gig, addr: netip.PrefixFrom(a, n.Bits()), alias: v.name})
		p.vlan, p.oper = v.id, true
	}
}

// junosRow adds physical ports and, for each, its logical unit 0, which has an
// ifIndex of its own as on the real systems.
func (d *Device) junosRow(prefix string, first, n int, bps uint64, bridged bool) {
	for i := first; i < first+n; i++ {
		idx := uint32(505 + len(d.ports))
		p := d.add(&port{index: idx, name: fmt.Sprint(prefix, i), bps: bps, mtu: 1514})
		p.lldp = p.index
		u := d.add(&port{index: idx + 1, name: fmt.Sprint(prefix, i, ".0"), typ: ifVirtual, bps: bps})
		if bridged {
			u.bridge = d.nextBridge()
		}
	}
}

func (d *Device) junosLoopback() {
	d.add(&port{index: 16, name: "lo0.0", typ: ifLoopback, mtu: 65535})
	d.add(&port{index: 6, name: "lo0", typ: ifLoopback, mtu: 65535}).oper = true
}

func layoutMX(d *Device) {
	d.junosLoopback()
	d.add(&port{index: 1, name: "fxp0", bps: gig, mtu: 1514})
	d.junosRow("ge-0/0/", 0, 4, gig, false)
	d.junosRow("xe-0/1/", 0, 8, 10*gig, false)
}

func layoutEX48(d *Device) {
	d.junosLoopback()
	d.add(&port{index: 35, name: "vme", bps: gig, mtu: 1514})
	d.junosRow("ge-0/0/", 0, 48, gig, true)
	d.junosRow("xe-0/2/", 0, 4, 10*gig, true)
	d.layoutSVIs()
	d.reindex("irb", 700)
}

func layoutEX24(d *Device) {
	d.junosLoopback()
	d.add(&port{index: 33, name: "me0", bps: gig, mtu: 1514})
	d.junosRow("ge-0/0/", 0, 24, gig, true)
	d.junosRow("xe-0/1/", 0, 4, 10*gig, true)
}

func (d *Device) reindex(prefix string, from uint32) {
	for _, p := range d.ports {
		if len(p.name) > len(prefix) && p.name[:len(prefix)] == prefix {
			p.index = from
			from++
		}
	}
}

func layoutFGT(d *Device) {
	for _, n := range []string{"port1", "port2", "port3", "port4", "wan1", "wan2", "dmz", "ha1"} {
		p := d.add(&port{name: n, bps: gig})
		p.lldp = p.index
	}
	d.add(&port{name: "mgmt-lo", typ: ifLoopback, mtu: 1500})
	t := d.add(&port{name: "ssl.root", typ: ifTunnel})
	t.oper = true
}
