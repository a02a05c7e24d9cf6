package sim

// The bridge tables: BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC 4363), and what
// the platforms say of VLANs in their own tables.

const fdbLearned = 3 // dot1dTpFdbStatus

// seen is one row of a forwarding table.
type seen struct {
	mac    mac
	port   *port
	vlan   int
	status int
}

// forwarding is everything that the switch learned: hosts of the site and the
// addresses of the other switches, each behind the port where the tree leads.
func (d *Device) forwarding() []seen {
	var out []seen
	for _, h := range d.net.hosts {
		if h.at.site != d.site {
			continue
		}
		p := h.port
		if h.at != d {
			p = d.towards(h.at)
		}
		if p != nil {
			out = append(out, seen{h.mac, d.bridgePort(p), h.vlan, fdbLearned})
		}
	}
	vs := siteVLANs(d.site)
	for _, o := range d.net.devices {
		if o.site != d.site || o == d {
			continue
		}
		p := d.towards(o)
		if p == nil {
			continue
		}
		for _, q := range o.ports {
			if q.typ == ifVLAN {
				out = append(out, seen{q.mac, d.bridgePort(p), q.vlan, fdbLearned})
			}
		}
		out = append(out, seen{o.base, d.bridgePort(p), vs[0].id, fdbLearned})
	}
	return out
}

func (d *Device) tableBridge(m *mib) {
	b := mustOID("1.3.6.1.2.1.17")
	m.bytes(b.with(1, 1, 0), d.base[:])
	n := 0
	for _, p := range d.ports {
		if p.bridge == 0 {
			continue
		}
		n++
		m.num(b.with(1, 4, 1, 1, uint32(p.bridge)), p.bridge)
		m.num(b.with(1, 4, 1, 2, uint32(p.bridge)), int(p.index))
		pvid := p.vlan
		if pvid == 0 {
			pvid = 1
		}
		m.gauge(b.with(7, 1, 4, 5, 1, 1, uint32(p.bridge)), uint64(pvid))
	}
	m.num(b.with(1, 2, 0), n)
	m.num(b.with(1, 3, 0), 2)
	fdb := d.forwarding()
	for _, s := range fdb {
		d.fdbRow(m, s)
		at := append([]uint32{uint32(s.vlan)}, macIndex(s.mac)...)
		m.num(b.with(7, 1, 2, 2, 1, 2).with(at...), s.port.bridge)
		m.num(b.with(7, 1, 2, 2, 1, 3).with(at...), s.status)
	}
	m.num(b.with(7, 1, 1, 1, 0), 1)
	for _, v := range siteVLANs(d.site) {
		id := uint32(v.id)
		ports := d.portSet(v.id)
		m.gauge(b.with(7, 1, 4, 2, 1, 3, 0, id), uint64(id)) // FDB id = VLAN on these
		m.bytes(b.with(7, 1, 4, 2, 1, 4, 0, id), ports)
		m.bytes(b.with(7, 1, 4, 2, 1, 5, 0, id), ports)
		m.text(b.with(7, 1, 4, 3, 1, 1, id), v.name)
		m.bytes(b.with(7, 1, 4, 3, 1, 2, id), ports)
		m.bytes(b.with(7, 1, 4, 3, 1, 4, id), ports)
		m.num(b.with(7, 1, 4, 3, 1, 5, id), 1)
	}
}

func (d *Device) fdbRow(m *mib, s seen) {
	f := mustOID("1.3.6.1.2.1.17.4.3.1")
	at := macIndex(s.mac)
	if _, ok := m.find(f.with(1).with(at...)); ok {
		return // one address in two VLANs is one row here
	}
	m.bytes(f.with(1).with(at...), s.mac[:])
	m.num(f.with(2).with(at...), s.port.bridge)
	m.num(f.with(3).with(at...), s.status)
}

// find looks in a table that is not sorted yet.
func (m *mib) find(o oid) (row, bool) {
	for _, r := range m.rows {
		if len(r.oid) == len(o) && r.oid.under(o) {
			return r, true
		}
	}
	return row{}, false
}

// portSet is a PortList of the ports in a VLAN, RFC 4363.
func (d *Device) portSet(vlan int) []byte {
	set := make([]byte, 8)
	for _, p := range d.ports {
		if p.bridge > 0 && p.bridge <= 64 && (p.trunk || p.vlan == vlan) {
			set[(p.bridge-1)/8] |= 0x80 >> ((p.bridge - 1) % 8)
		}
	}
	return set
}

func (d *Device) tableVTP(m *mib) {
	if len(d.forwardingPorts()) == 0 {
		return
	}
	t := mustOID("1.3.6.1.4.1.9.9.46.1.3.1.1")
	row := func(id int, name string, typ int) {
		m.num(t.with(2, 1, uint32(id)), 1)
		m.num(t.with(3, 1, uint32(id)), typ)
		m.text(t.with(4, 1, uint32(id)), name)
	}
	row(1, "default", 1)
	for _, v := range siteVLANs(d.site) {
		row(v.id, v.name, 1)
	}
	row(1002, "fddi-default", 2)
	row(1003, "token-ring-default", 3)
}

func (d *Device) forwardingPorts() []*port {
	var out []*port
	for _, p := range d.ports {
		if p.bridge > 0 {
			out = append(out, p)
		}
	}
	return out
}

func (d *Device) tableJunosVLANs(m *mib) {
	if len(d.forwardingPorts()) == 0 {
		return
	}
	t := mustOID("1.3.6.1.4.1.2636.3.48.1.3.1.1")
	for i, v := range siteVLANs(d.site) {
		at := uint32(i + 2)
		m.text(t.with(2, at), v.name)
		m.num(t.with(3, at), v.id)
		m.num(t.with(5, at), v.id)
	}
}

// context is what the agent shows in the context of one VLAN: the bridge
// tables of that VLAN alone.
func (d *Device) context(vlan int) *mib {
	d.net.topo.RLock()
	defer d.net.topo.RUnlock()
	m := &mib{}
	b := mustOID("1.3.6.1.2.1.17")
	m.bytes(b.with(1, 1, 0), d.base[:])
	n := 0
	for _, p := range d.ports {
		if p.bridge > 0 && (p.trunk || p.vlan == vlan) {
			n++
			m.num(b.with(1, 4, 1, 1, uint32(p.bridge)), p.bridge)
			m.num(b.with(1, 4, 1, 2, uint32(p.bridge)), int(p.index))
		}
	}
	m.num(b.with(1, 2, 0), n)
	for _, s := range d.forwarding() {
		if s.vlan == vlan {
			d.fdbRow(m, s)
		}
	}
	m.sort()
	return m
}
