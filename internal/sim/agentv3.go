package sim

import (
	"encoding/binary"
	"time"
)

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
		if stat == usmUnknownContext {
			o = mustOID("1.3.6.1.6.3.12.1.5.0") // snmpUnknownContexts, RFC 3413 §3.2
		}
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
	if r == nil && a.d.view(name) == nil {
		return report(usmUnknownContext, true)
	}
	if r == nil {
		return nil
	}
	return a.wrapV3(q, keys, engine, now, true, true, tlv(tagOctets, []byte(name)), r)
}

func (a *agent) nextSalt() []byte {
	a.salt++
	return binary.BigEndian.AppendUint64(nil, a.salt)
}
