package sim

import (
	"context"
	"net"
	"net/netip"
	"strings"
)

// maxReply is the largest datagram an agent sends unless a fault says less.
const maxReply = 1472

// agent answers the datagrams of one device.
type agent struct {
	d    *Device
	conn *net.UDPConn
	keys usmKeys
	salt uint64

	thrown int
	ctx    context.Context // of the goroutine that serves; ends a slow answer
}

func (a *agent) serve() {
	buf := make([]byte, 65536)
	for {
		n, from, err := a.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		a.d.note(func(c *counters) { c.snmp++ })
		a.answer(buf[:n], from)
	}
}

func (a *agent) send(b []byte, to netip.AddrPort) {
	if b == nil || a.faultySend(b, to) {
		return
	}
	_, _ = a.conn.WriteToUDPAddrPort(b, to) // a lost answer is what UDP is like
}

// answer decides by the version of the message (RFC 3411 §6).
func (a *agent) answer(in []byte, from netip.AddrPort) {
	if a.d.silent() {
		return
	}
	msg, _, err := take(in, tagSequence)
	if err != nil {
		return
	}
	version, rest, err := takeInt(msg)
	if err != nil {
		return
	}
	switch version {
	case 0, 1:
		a.send(a.community(version, rest), from)
	case 3:
		a.send(a.v3(in, rest), from)
	}
}

// community answers versions 1 and 2c; a wrong community gets silence.
func (a *agent) community(version int64, rest []byte) []byte {
	name, rest, err := take(rest, tagOctets)
	if err != nil || a.d.site != "hamburg" || version != 1 {
		return nil
	}
	base, vlan, _ := strings.Cut(string(name), "@")
	if base != a.d.net.community() || a.d.fault(SNMPWrongCommunity) {
		return nil
	}
	r := a.respond(rest, vlan, len(name)+24)
	if r == nil {
		return nil
	}
	return tlv(tagSequence, berInt(tagInteger, version), tlv(tagOctets, name), r)
}
