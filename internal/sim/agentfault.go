package sim

import (
	"net"
	"net/netip"
	"time"
)

func (d *Device) silent() bool { return d.fault(SNMPSilent) }

// tooBig says whether the fault of that name refuses q.
func (d *Device) tooBig(q request) bool {
	p, ok := d.params(SNMPTooBig)
	return ok && q.kind == pduGetBulk && int(q.max) > p.N
}

func (d *Device) replyLimit() int { return maxReply }

// after is the variable that follows o, seen through the faults.
func (d *Device) after(view *mib, o oid) (row, bool) {
	r, ok := view.next(o)
	if d.fault(SNMPLoop) && o.under(mustOID("1.3.6.1.2.1.2.2.1.2")) && (!ok || !r.oid.under(mustOID("1.3.6.1.2.1.2.2.1.2"))) {
		return view.next(mustOID("1.3.6.1.2.1.2.2.1.2"))
	}
	return r, ok
}

// faultySend says whether the answer b was dealt with in another way.
func (a *agent) faultySend(b []byte, to netip.AddrPort) bool {
	if p, ok := a.d.params(SNMPDrop); ok && float64(a.dice()) < p.share()*256 {
		return true
	}
	if p, ok := a.d.params(SNMPSlow); ok {
		t := time.NewTimer(p.pause(300 * time.Millisecond))
		defer t.Stop()
		select {
		case <-t.C:
		case <-a.ctx.Done():
			return true
		}
	}
	if p, ok := a.d.params(SNMPBadPacket); ok {
		_, _ = a.conn.WriteToUDPAddrPort(b[:int(float64(len(b))*p.share())], to)
		return true
	}
	if a.d.fault(SNMPDuplicate) {
		_, _ = a.conn.WriteToUDPAddrPort(b, to)
	}
	if a.d.fault(SNMPOtherSource) {
		b4 := a.d.addr.As4()
		b4[3] ^= 0x80
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: b4[:]})
		if err != nil {
			return true
		}
		defer func() { _ = c.Close() }() // nothing is read from it
		_, _ = c.WriteToUDPAddrPort(b, to)
		return true
	}
	return false
}

// beyond says whether a request asks for what the truncated table does not
// give any more: then the agent is silent, as when it was restarted.
func (d *Device) beyond(view *mib, q request) bool {
	p, ok := d.params(SNMPTruncated)
	if !ok || q.kind == pduGet || len(q.wanted) == 0 {
		return false
	}
	i, _ := view.search(q.wanted[0])
	return float64(i) > p.share()*float64(len(view.rows))
}

// dice is the next of a row of numbers that the seed decides.
func (a *agent) dice() byte {
	a.thrown++
	b := a.d.net.digest("dice", a.d.plan.name, a.thrown)
	return b[0]
}
