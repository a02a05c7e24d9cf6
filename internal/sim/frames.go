package sim

import (
	"encoding/binary"
)

// Frame is what a port sends to its neighbour of itself, as it is on the
// cable, without the frame check sequence.
type Frame struct {
	From     End
	To       End    // the other end of the cable; Port is "" where an access point speaks or listens
	Protocol string // lldp or cdp
	Data     []byte
}

// speaker is what announces itself on a port.
type speaker struct {
	chassis, source mac
	sub             int
	port, descr     string
	name, long, sys string
	caps            byte // as the SNMP table has them, first bit first
	addr            [4]byte
	cdpPort         string
	cdpCaps         byte
	platform        string
	cdp             bool
}

// Frames are the frames that every port sends once in each interval: LLDP
// (IEEE 802.1AB-2016 §8) from all that speak it, CDP from those of its maker.
func (n *Network) Frames() []Frame {
	n.topo.RLock()
	defer n.topo.RUnlock()
	var out []Frame
	for _, d := range n.devices {
		for _, p := range d.ports {
			here := End{d.Name(), p.name}
			switch {
			case p.peer != nil:
				out = append(out, d.speaker(p).frames(here, End{p.peerDev.Name(), p.peer.name})...)
			case p.ap != nil:
				ap := End{Device: p.ap.name}
				out = append(out, d.speaker(p).frames(here, ap)...)
				out = append(out, p.ap.speaker().frames(ap, here)...)
			}
		}
	}
	return out
}

func (d *Device) speaker(p *port) speaker {
	s := speaker{chassis: d.base, source: p.mac, name: d.Name(), long: d.domainName(), sys: d.sysDescr(), caps: d.capabilities()[0], addr: d.addr.As4(),
		cdpPort: p.descr, cdpCaps: cdpRouter, platform: "cisco " + d.Model(), cdp: d.Vendor() == "cisco"}
	if d.Switching() {
		s.cdpCaps = cdpSwitch | cdpIGMP
	}
	s.sub, s.port, s.descr = d.lldpPort(p)
	return s
}

func (a *accessPoint) speaker() speaker {
	return speaker{chassis: a.mac, source: a.mac, sub: portIfName, port: "Gi0", descr: "GigabitEthernet0", name: a.name, long: a.name, sys: a.descr(),
		caps: apCaps, addr: a.addr.As4(), cdpPort: "GigabitEthernet0", cdpCaps: 0x02 | cdpRouter, platform: "cisco " + apModel, cdp: true}
}

func (s speaker) frames(from, to End) []Frame {
	out := []Frame{{from, to, "lldp", s.lldp()}}
	if s.cdp {
		out = append(out, Frame{from, to, "cdp", s.cdpFrame()})
	}
	return out
}

func (s speaker) lldp() []byte {
	b := append([]byte{0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e}, s.source[:]...)
	b = append(b, 0x88, 0xcc)
	tlv := func(typ int, v []byte) {
		v = v[:min(len(v), 255)]
		b = binary.BigEndian.AppendUint16(b, uint16(typ<<9|len(v)))
		b = append(b, v...)
	}
	tlv(1, append([]byte{chassisMAC}, s.chassis[:]...))
	tlv(2, append([]byte{byte(s.sub)}, s.port...))
	tlv(3, []byte{0, 120})
	tlv(4, []byte(s.descr))
	tlv(5, []byte(s.name))
	tlv(6, []byte(s.sys))
	caps := byte(0)
	for i := range 8 { // the table's first bit is the frame's least significant
		if s.caps&(0x80>>i) != 0 {
			caps |= 1 << i
		}
	}
	tlv(7, []byte{0, caps, 0, caps})
	tlv(8, append(append([]byte{5, 1}, s.addr[:]...), 2, 0, 0, 0, 1, 0))
	tlv(0, nil)
	return b
}

func (s speaker) cdpFrame() []byte {
	body := []byte{2, 180, 0, 0}
	tlv := func(typ uint16, v []byte) {
		body = binary.BigEndian.AppendUint16(body, typ)
		body = binary.BigEndian.AppendUint16(body, uint16(len(v)+4))
		body = append(body, v...)
	}
	tlv(1, []byte(s.long))
	tlv(2, append([]byte{0, 0, 0, 1, 1, 1, 0xcc, 0, 4}, s.addr[:]...))
	tlv(3, []byte(s.cdpPort))
	tlv(4, []byte{0, 0, 0, s.cdpCaps})
	tlv(5, []byte(s.sys))
	tlv(6, []byte(s.platform))
	if len(body)%2 == 0 {
		tlv(0x0b, []byte{1}) // duplex: full
		tlv(0x12, []byte{0}) // extended trust, so that the length is even
	} else {
		tlv(0x0b, []byte{1})
	}
	sum := uint32(0)
	for i := 0; i+1 < len(body); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(body[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	binary.BigEndian.PutUint16(body[2:], ^uint16(sum))
	b := append([]byte{0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc}, s.source[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)+8))
	b = append(b, 0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, 0x20, 0x00)
	return append(b, body...)
}
