package sim

import (
	"fmt"
	"net/netip"

	"github.com/plumbline-net/plumbline/netdev"
)

// AccessPoint is an access point of the campus. It has neither an agent nor a
// command line of its own: its switch sees it, its controller manages it.
type AccessPoint struct {
	Name, Model, Serial string
	MAC                 netdev.MAC
	Address             netip.Addr
	Site                string
	Controller          string // device that manages it
	At                  End    // switch and port that it hangs from
}

type accessPoint struct {
	name, serial string
	mac, radio   mac
	addr         netip.Addr
	at           *Device
	port         *port
	controller   *Device
}

const apModel, apVersion = "C9120AXI-E", "17.9.4.27"

// AccessPoints are the access points that the wireless controller manages.
func (n *Network) AccessPoints() []AccessPoint {
	n.topo.RLock()
	defer n.topo.RUnlock()
	var out []AccessPoint
	for _, a := range n.aps {
		out = append(out, AccessPoint{Name: a.name, Model: apModel, Serial: a.serial, MAC: netdev.MAC(a.mac.String()), Address: a.addr,
			Site: a.at.site, Controller: a.controller.Name(), At: End{a.at.Name(), a.port.name}})
	}
	return out
}

// hang hangs two access points from each access switch of the newer kinds,
// where the network has a controller.
func (n *Network) hang() {
	var controller *Device
	for _, d := range n.devices {
		if d.Kind() == netdev.WirelessController {
			controller = d
		}
	}
	if controller == nil {
		return
	}
	for _, d := range n.devices {
		if !d.access() || d.model.name != "C9300-48P" && d.Platform() != "aruba_aoscx" {
			continue
		}
		left := 2
		for i := len(d.ports) - 1; i >= 0 && left > 0; i-- {
			if p := d.ports[i]; d.hostPort(p) && !p.oper {
				n.hangAt(d, p, controller)
				left--
			}
		}
	}
}

func (n *Network) hangAt(d *Device, p *port, controller *Device) {
	k := len(n.aps) + 1
	r := n.rand("ap", k)
	v := siteVLANs(d.site)[0]
	b := netip.MustParsePrefix(v.net).Addr().As4()
	b[3] += byte(94 + k)
	a := &accessPoint{name: fmt.Sprintf("%s-ap%02d", d.plan.name[:3], k), serial: "FJC2" + pick(r, "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", 7),
		mac: mac{0x68, 0x7d, 0xb4, byte(r.IntN(256)), byte(k), 0}, addr: netip.AddrFrom4(b), at: d, port: p, controller: controller}
	a.radio = a.mac
	a.radio[5] = 0x20
	p.ap, p.oper, p.vlan, p.alias = a, true, v.id, "AP "+a.name
	n.aps = append(n.aps, a)
	n.hosts = append(n.hosts, &host{mac: a.mac, addr: a.addr, vlan: v.id, at: d, port: p, ap: true})
}

func (a *accessPoint) descr() string {
	return "Cisco AP Software, ap1g7-k9w8 Version: " + apVersion + "\nTechnical Support: http://www.cisco.com/techsupport\nCopyright (c) 2014-2015 by Cisco Systems, Inc."
}

// apCaps are bridge and wlan-access-point, bits 2 and 3 of
// LldpSystemCapabilitiesMap.
const apCaps = capBridge | 0x10

func (d *Device) remoteAP(m *mib, l oid, p *port, index uint32) {
	a := p.ap
	at := []uint32{100*index + 7, p.lldp, index}
	r := l.with(1, 1)
	m.num(r.with(4).with(at...), chassisMAC)
	m.bytes(r.with(5).with(at...), a.mac[:])
	m.num(r.with(6).with(at...), portIfName)
	m.text(r.with(7).with(at...), "Gi0")
	m.text(r.with(8).with(at...), "GigabitEthernet0")
	m.text(r.with(9).with(at...), a.name)
	m.text(r.with(10).with(at...), a.descr())
	m.bytes(r.with(11).with(at...), []byte{apCaps})
	m.bytes(r.with(12).with(at...), []byte{apCaps})
}

func (d *Device) cdpAP(m *mib, p *port, index uint32) {
	t, at, addr := mustOID("1.3.6.1.4.1.9.9.23.1.2.1.1"), []uint32{p.index, index}, p.ap.addr.As4()
	m.num(t.with(3).with(at...), 1)
	m.bytes(t.with(4).with(at...), addr[:])
	m.text(t.with(5).with(at...), p.ap.descr())
	m.text(t.with(6).with(at...), p.ap.name)
	m.text(t.with(7).with(at...), "GigabitEthernet0")
	m.text(t.with(8).with(at...), "cisco "+apModel)
	m.bytes(t.with(9).with(at...), []byte{0, 0, 0, 0x02 | cdpRouter})
}

// tableWireless is bsnAPTable of AIRESPACE-WIRELESS-MIB, indexed by the MAC of
// the radio.
func (d *Device) tableWireless(m *mib) {
	t := mustOID("1.3.6.1.4.1.14179.2.2.1.1")
	for _, a := range d.net.aps {
		if a.controller != d {
			continue
		}
		at := macIndex(a.radio)
		m.bytes(t.with(1).with(at...), a.radio[:])
		m.num(t.with(2).with(at...), 2)
		m.text(t.with(3).with(at...), a.name)
		m.text(t.with(4).with(at...), a.at.Location())
		m.num(t.with(6).with(at...), 1) // associated
		m.text(t.with(16).with(at...), apModel)
		m.text(t.with(17).with(at...), a.serial)
		m.ip(t.with(19).with(at...), a.addr)
		m.text(t.with(31).with(at...), apVersion)
		m.bytes(t.with(33).with(at...), a.mac[:])
	}
}
