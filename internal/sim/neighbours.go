package sim

import (
	"fmt"

	"github.com/plumbline-net/plumbline/netdev"
)

// The tables of the discovery protocol: LLDP-MIB, IEEE 802.1AB-2005 annex.

const (
	chassisMAC  = 4
	portMAC     = 3
	portIfName  = 5
	portLocal   = 7
	capBridge   = 0x20 // bit 2 of LldpSystemCapabilitiesMap, most significant first
	capRouter   = 0x08 // bit 4
	manSubtype  = 1    // IPv4
	manLength   = 4
	ifNumIfInde = 2 // LldpManAddrIfSubtype ifIndex
)

// lldpPort is how the device names p to its neighbours. Some systems say the
// ifIndex as local text and put the name into the description.
func (d *Device) lldpPort(p *port) (subtype int, id, descr string) {
	if d.model.name == "EX4300-48T" {
		return portLocal, fmt.Sprint(p.index), p.name
	}
	if d.Platform() == "frr" {
		return portMAC, string(p.mac[:]), p.name
	}
	descr = p.descr
	if p.alias != "" && d.Platform() == "cisco_iosxe" {
		descr = p.alias
	}
	return portIfName, p.name, descr
}

func (d *Device) capabilities() []byte {
	switch {
	case d.Kind() != netdev.Switch:
		return []byte{capRouter}
	case d.access():
		return []byte{capBridge}
	}
	return []byte{capBridge | capRouter}
}

func (d *Device) tableNeighbours(m *mib) {
	l := mustOID("1.0.8802.1.1.2.1")
	m.ticks(l.with(2, 1, 0), 2200)
	m.num(l.with(3, 1, 0), chassisMAC)
	m.bytes(l.with(3, 2, 0), d.base[:])
	m.text(l.with(3, 3, 0), d.Name())
	m.text(l.with(3, 4, 0), d.sysDescr())
	m.bytes(l.with(3, 5, 0), d.capabilities())
	m.bytes(l.with(3, 6, 0), d.capabilities())
	own := append([]uint32{manSubtype, manLength}, addrIndex(d.addr)...)
	m.num(l.with(3, 8, 1, 3).with(own...), 5)
	m.num(l.with(3, 8, 1, 4).with(own...), ifNumIfInde)
	m.num(l.with(3, 8, 1, 5).with(own...), int(d.loopback().index))
	for _, p := range d.ports {
		if p.lldp == 0 {
			continue
		}
		sub, id, descr := d.lldpPort(p)
		m.num(l.with(3, 7, 1, 2, p.lldp), sub)
		m.text(l.with(3, 7, 1, 3, p.lldp), id)
		m.text(l.with(3, 7, 1, 4, p.lldp), descr)
	}
	for i, p := range d.ports {
		if p.peer != nil {
			d.remote(m, l.with(4), p, uint32(i+1))
		} else if p.ap != nil {
			d.remoteAP(m, l.with(4), p, uint32(i+1))
		}
	}
}

func (d *Device) loopback() *port {
	for _, p := range d.ports {
		if p.Addr() == d.addr {
			return p
		}
	}
	return d.ports[0]
}

func (d *Device) remote(m *mib, l oid, p *port, index uint32) {
	far := p.peerDev
	sub, id, descr := far.lldpPort(p.peer)
	mark := 100*index + 7 // lldpRemTimeMark, a TimeFilter
	at := []uint32{mark, p.lldp, index}
	r := l.with(1, 1)
	m.num(r.with(4).with(at...), chassisMAC)
	m.bytes(r.with(5).with(at...), far.base[:])
	m.num(r.with(6).with(at...), sub)
	m.text(r.with(7).with(at...), id)
	m.text(r.with(8).with(at...), descr)
	m.text(r.with(9).with(at...), far.Name())
	m.text(r.with(10).with(at...), far.sysDescr())
	m.bytes(r.with(11).with(at...), far.capabilities())
	m.bytes(r.with(12).with(at...), far.capabilities())
	at = append(at, manSubtype, manLength)
	at = append(at, addrIndex(far.addr)...)
	a := l.with(2, 1)
	m.num(a.with(3).with(at...), ifNumIfInde)
	m.num(a.with(4).with(at...), int(far.loopback().index))
	m.put(a.with(5).with(at...), berOID(oid{0, 0}))
}

// The capabilities of cdpCacheCapabilities that are used here.
const cdpRouter, cdpSwitch, cdpIGMP = 0x01, 0x08, 0x20

// tableCDP holds the neighbours of the same vendor once more, as its own
// protocol names them: long port names, full domain name, platform word.
func (d *Device) tableCDP(m *mib) {
	t := mustOID("1.3.6.1.4.1.9.9.23.1.2.1.1")
	m.num(mustOID("1.3.6.1.4.1.9.9.23.1.3.1.0"), 1)
	m.text(mustOID("1.3.6.1.4.1.9.9.23.1.3.4.0"), d.domainName())
	for i, p := range d.ports {
		if p.ap != nil && p.peer == nil {
			d.cdpAP(m, p, uint32(i+1))
		}
		if p.peer == nil || p.peerDev.Vendor() != d.Vendor() {
			continue
		}
		far, at := p.peerDev, []uint32{p.index, uint32(i + 1)}
		a, caps := far.addr.As4(), byte(cdpRouter)
		if far.Switching() {
			caps = cdpSwitch | cdpIGMP
		}
		m.num(t.with(3).with(at...), 1)
		m.bytes(t.with(4).with(at...), a[:])
		m.text(t.with(5).with(at...), far.sysDescr())
		m.text(t.with(6).with(at...), far.domainName())
		m.text(t.with(7).with(at...), p.peer.descr)
		m.text(t.with(8).with(at...), "cisco "+far.Model())
		m.bytes(t.with(9).with(at...), []byte{0, 0, 0, caps})
		m.num(t.with(11).with(at...), 99)
		m.num(t.with(12).with(at...), 3)
	}
}

func (d *Device) domainName() string {
	if d.Platform() == "cisco_nxos" {
		return d.Name() + "(" + d.serial + ")"
	}
	return d.Name() + "." + d.site + ".example.net"
}
