package sim

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
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

// request is one PDU, RFC 3416 §3.
type request struct {
	kind   byte
	id     int64
	non    int64 // non-repeaters
	max    int64 // max-repetitions
	wanted []oid
}

func parsePDU(b []byte) (request, error) {
	kind, body, _, err := cut(b)
	if err != nil {
		return request{}, err
	}
	q := request{kind: kind}
	if q.id, body, err = takeInt(body); err != nil {
		return q, err
	}
	if q.non, body, err = takeInt(body); err != nil {
		return q, err
	}
	if q.max, body, err = takeInt(body); err != nil {
		return q, err
	}
	list, _, err := take(body, tagSequence)
	for err == nil && len(list) > 0 {
		var bind []byte
		if bind, list, err = take(list, tagSequence); err != nil {
			break
		}
		var o oid
		if o, _, err = takeOID(bind); err != nil {
			break
		}
		q.wanted = append(q.wanted, o)
	}
	return q, err
}

// The error-status values of RFC 3416 §3.
const statusTooBig, statusGenErr, statusNotWritable = 1, 5, 17

// respond gives the response PDU to the request PDU in b, or nil for silence.
// over is what the message around it takes.
func (a *agent) respond(b []byte, context string, over int) []byte {
	q, err := parsePDU(b)
	if err != nil {
		return nil
	}
	a.d.note(func(c *counters) {
		if c.pdus == nil {
			c.pdus = map[byte]int{}
		}
		c.pdus[q.kind]++
		if q.kind == pduSet {
			c.sets++
		}
	})
	view := a.d.view(context)
	if view == nil {
		return nil
	}
	echo := func(status int64) []byte {
		var list []byte
		for _, o := range q.wanted {
			list = append(list, tlv(tagSequence, berOID(o), []byte{tagNull, 0})...)
		}
		return a.pdu(q.id, status, int64(min(1, status)), list)
	}
	if a.d.beyond(view, q) {
		return nil
	}
	if a.d.tooBig(q) {
		return echo(statusTooBig)
	}
	switch q.kind {
	case pduGet, pduGetNext, pduGetBulk:
		list, fits := a.collect(view, q, a.d.replyLimit()-over-32)
		if !fits {
			return echo(statusTooBig)
		}
		return a.pdu(q.id, 0, 0, list)
	case pduSet:
		return echo(statusNotWritable)
	}
	return nil
}

func (a *agent) pdu(id, status, index int64, list []byte) []byte {
	if a.d.fault(SNMPWrongID) {
		id++
	}
	return tlv(pduResponse, berInt(tagInteger, id), berInt(tagInteger, status), berInt(tagInteger, index), tlv(tagSequence, list))
}

// collect gathers the variables of one answer, at most room bytes. A GETBULK
// that does not fit is shortened; anything else that does not fit says so.
func (a *agent) collect(view *mib, q request, room int) ([]byte, bool) {
	now := a.d.net.opt.Now()
	var list []byte
	put := func(o oid, v []byte) bool {
		bind := tlv(tagSequence, berOID(o), v)
		if len(list)+len(bind) > room {
			return false
		}
		list = append(list, bind...)
		return true
	}
	step := func(o oid) (oid, []byte) {
		r, ok := a.d.after(view, o)
		if !ok {
			return o, []byte{tagEndOfMIB, 0}
		}
		return r.oid, r.at(now)
	}
	if q.kind == pduGet {
		for _, o := range q.wanted {
			v := []byte{tagNoSuchInstance, 0}
			if r, ok := view.get(o); ok {
				v = r.at(now)
			}
			if !put(o, v) {
				return nil, false
			}
		}
		return list, true
	}
	non, reps := len(q.wanted), 0
	if q.kind == pduGetBulk {
		non, reps = min(max(int(q.non), 0), len(q.wanted)), max(int(min(q.max, 1<<20)), 0)
	}
	for _, o := range q.wanted[:non] {
		if !put(step(o)) {
			return nil, false
		}
	}
	cols := append([]oid(nil), q.wanted[non:]...)
	for range reps {
		ended := true
		for i, o := range cols {
			next, v := step(o)
			if !put(next, v) {
				return list, len(list) > 0
			}
			cols[i] = next
			ended = ended && v[0] == tagEndOfMIB
		}
		if ended {
			break
		}
	}
	return list, true
}

// view is what a context shows: all, or the bridge tables of one VLAN.
func (d *Device) view(context string) *mib {
	d.mu.Lock()
	all := d.tables
	d.mu.Unlock()
	if context == "" {
		return all
	}
	if d.Platform() != "cisco_iosxe" {
		return nil
	}
	id, err := strconv.Atoi(strings.TrimPrefix(context, "vlan-"))
	if err != nil {
		return nil
	}
	for _, v := range siteVLANs(d.site) {
		if v.id == id {
			return d.context(id)
		}
	}
	return nil
}

func (d *Device) engineID() []byte {
	if d.fault(SNMPNewEngine) {
		other := append([]byte(nil), d.engine...)
		other[len(other)-1] ^= 0x55
		return other
	}
	return d.engine
}

func (d *Device) engineTime(now time.Time) uint32 { return uint32(now.Sub(d.booted).Seconds()) }

// v3 answers a message of version 3 (RFC 3412 §6, RFC 3414 §3.2).
func (a *agent) v3(whole, rest []byte) []byte {
	q, ok := parseV3(whole, rest)
	if !ok {
		return nil
	}
	now, engine := a.d.engineTime(a.d.net.opt.Now()), a.d.engineID()
	keys := a.keys
	if string(engine) != string(a.d.engine) {
		keys = a.d.usmKeysFor(engine)
	}
	report := func(stat uint32, secure bool) []byte {
		o := mustOID("1.3.6.1.6.3.15.1.1").with(stat, 0)
		bind := tlv(tagSequence, berOID(o), berUint(tagCounter32, 1))
		pdu := tlv(pduReport, berInt(tagInteger, q.pduID), berInt(tagInteger, 0), berInt(tagInteger, 0), tlv(tagSequence, bind))
		return a.wrapV3(q, keys, engine, now, secure, false, pdu)
	}
	switch {
	case a.d.site != "berlin":
		return nil
	case string(q.engine) != string(engine):
		return report(usmUnknownEng, false)
	case q.user != snmpUser:
		return report(usmUnknownUser, false)
	case q.flags&3 != 3:
		return report(1, false) // unsupportedSecLevels
	case !q.verify(keys) || a.d.fault(SNMPWrongCommunity):
		return report(usmWrongDigest, false)
	case q.boots != a.d.boots || max(q.time, now)-min(q.time, now) > usmTimeWindow:
		return report(usmNotInWindow, true)
	}
	plain, err := keys.crypt(q.data, q.salt, q.boots, q.time, true)
	if err != nil {
		return report(usmDecryption, true)
	}
	name, pdu, err := scoped(plain)
	if err != nil {
		return report(usmDecryption, true)
	}
	r := a.respond(pdu, name, 200)
	if r == nil {
		return nil
	}
	return a.wrapV3(q, keys, engine, now, true, true, tlv(tagOctets, []byte(name)), r)
}

func (a *agent) nextSalt() []byte {
	a.salt++
	return binary.BigEndian.AppendUint64(nil, a.salt)
}
