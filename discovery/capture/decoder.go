package capture

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/plumbline-net/plumbline/netdev"
)

// errCut is a header or element that ends before it should.
var errCut = errors.New("cut short")

// packet is what a decoder is given: the payload of its protocol and the
// headers before it. A decoder may refine the protocol; "" keeps silent.
type packet struct {
	protocol     string
	data         []byte
	source, dest []byte // MACs, nil where the link has none
	vlan         int
	tagged       bool
	src, dst     netip.Addr // of the IP header
	sport, dport int        // of UDP
	cut          bool       // the capture holds less than was on the wire
}

// decode states in f what p says. What it stated before an error stands.
type decode func(p *packet, f Facts) error

// entry is a protocol and who decodes it.
type entry struct {
	protocol string
	decode   decode
}

// Decoder finds the protocol of a frame and has it decoded. It is not safe for
// use by several goroutines at once.
type Decoder struct {
	types map[int]entry    // EtherType
	llc   map[int]entry    // destination service access point
	snap  map[uint64]entry // OUI << 16 | protocol id
	proto map[int]entry    // IP protocol
	ports map[int]entry    // UDP port

	Skipped map[LinkType]int // frames of links that are not read
	Defects int              // decoders that panicked: an error of ours
}

// NewDecoder gives a decoder of all protocols.
func NewDecoder() *Decoder {
	return &Decoder{types: etherTypes(), llc: servicePoints(), snap: snapProtocols(), proto: ipProtocols(), ports: udpPorts(),
		Skipped: map[LinkType]int{}}
}

// Decode says what a frame says; ok is false for a frame that has nothing to
// say. With an error the message holds what could be read before it.
func (d *Decoder) Decode(fr Frame) (m Message, ok bool, err error) {
	p := packet{data: fr.Data, cut: fr.Length > len(fr.Data)}
	var f Facts
	defer func() {
		if r := recover(); r != nil {
			d.Defects++
			m, ok, err = Message{Protocol: p.protocol, SourceMAC: sourceMAC(p.source), VLAN: p.vlan, Facts: f}, true, fmt.Errorf("the decoder failed")
		}
	}()
	e, err := d.link(fr.Link, &p)
	if err == nil && e.decode == nil {
		return Message{}, false, nil
	}
	if err == nil {
		p.protocol, f = e.protocol, Facts{}
		err = e.decode(&p, f)
	}
	if err == nil && p.protocol == "" {
		return Message{}, false, nil
	}
	return Message{Protocol: p.protocol, SourceMAC: netdev.MAC(mac(p.source)), VLAN: p.vlan, Facts: f}, true, err
}
