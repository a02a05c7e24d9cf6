package sim

import "fmt"

func layoutNexus(d *Device) {
	d.add(&port{name: "mgmt0", bps: gig})
	d.add(&port{name: "loopback0", typ: ifLoopback, mtu: 1500, bps: 8 * gig})
	d.row("Ethernet1/", "Ethernet1/", 1, 48, 25*gig, true)
	d.row("Ethernet1/", "Ethernet1/", 49, 6, 100*gig, true)
}

func layoutEOS(d *Device) {
	d.row("Ethernet", "Ethernet", 1, 48, gig, true)
	d.row("Ethernet", "Ethernet", 49, 4, 10*gig, true)
	d.add(&port{index: 5000000, name: "Loopback0", typ: ifLoopback, mtu: 65535})
	d.add(&port{index: 999001, name: "Management1", bps: gig})
}

func layoutAOSCX(d *Device) {
	d.row("1/1/", "1/1/", 1, 48, gig, true)
	d.row("1/1/", "1/1/", 49, 4, 25*gig, true)
	d.add(&port{name: "loopback0", typ: ifLoopback, mtu: 65535})
}

func layoutComware(d *Device) {
	d.row("GigabitEthernet1/0/", "GigabitEthernet1/0/", 1, 48, gig, true)
	d.row("Ten-GigabitEthernet1/0/", "Ten-GigabitEthernet1/0/", 49, 4, 10*gig, true)
	d.add(&port{name: "LoopBack0", typ: ifLoopback, mtu: 1536})
}

func layoutVRP(d *Device) {
	d.row("GigabitEthernet0/0/", "GigabitEthernet0/0/", 1, 48, gig, true)
	d.row("XGigabitEthernet0/0/", "XGigabitEthernet0/0/", 1, 4, 10*gig, true)
	d.add(&port{name: "LoopBack0", typ: ifLoopback, mtu: 1500})
}

func layoutCCR(d *Device) {
	d.row("ether", "ether", 1, 4, gig, false)
	d.row("sfp-sfpplus", "sfp-sfpplus", 1, 12, 10*gig, false)
	d.add(&port{name: "lo", typ: ifLoopback, mtu: 65536})
}

func layoutCRS(d *Device) {
	d.row("ether", "ether", 1, 24, gig, true)
	d.row("sfp-sfpplus", "sfp-sfpplus", 1, 2, 10*gig, true)
	d.add(&port{name: "lo", typ: ifLoopback, mtu: 65536})
}

func layoutFRR(d *Device) {
	d.add(&port{name: "lo", typ: ifLoopback, mtu: 65536, bps: 10_000_000})
	d.row("eth", "eth", 0, 4, gig, false)
}

func layoutWLC(d *Device) {
	d.row("TenGigabitEthernet0/0/", "Te0/0/", 0, 2, 10*gig, true)
	d.row("TwoGigabitEthernet0/0/", "Tw0/0/", 0, 4, 2_500_000_000, true)
	d.add(&port{name: "Gi0", descr: "GigabitEthernet0", bps: gig})
	d.add(&port{name: "Lo0", descr: "Loopback0", typ: ifLoopback, mtu: 1514, bps: 8 * gig})
}

// hasEntity says whether the agent knows of its hardware's parts.
func (d *Device) hasEntity() bool {
	return d.Platform() != "frr" && d.Platform() != "mikrotik_routeros"
}

// tableRouterOS is MIKROTIK-MIB: what the licence and the board say.
func (d *Device) tableRouterOS(m *mib) {
	t := mustOID("1.3.6.1.4.1.14988.1.1")
	m.text(t.with(4, 4, 0), d.model.version)
	m.text(t.with(7, 3, 0), d.serial)
	m.text(t.with(7, 4, 0), d.model.version)
	m.text(t.with(7, 8, 0), fmt.Sprint(d.model.name))
}
