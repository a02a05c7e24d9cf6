package snmp

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/plumbline-net/plumbline/netdev"
)

// Reports of RFC 3414 §5 and RFC 3412 §5: the arc behind 1.3.6.1.6.3.
const (
	reportSecLevel   = "1.3.6.1.6.3.15.1.1.1.0"
	reportTimeWindow = "1.3.6.1.6.3.15.1.1.2.0"
	reportUser       = "1.3.6.1.6.3.15.1.1.3.0"
	reportEngine     = "1.3.6.1.6.3.15.1.1.4.0"
	reportDigest     = "1.3.6.1.6.3.15.1.1.5.0"
	reportDecrypt    = "1.3.6.1.6.3.15.1.1.6.0"
	reportContext    = "1.3.6.1.6.3.12.1.5.0" // snmpUnknownContexts, RFC 3413 §3.2
)

// refusal says what a Report means for the credential.
func refusal(name OID) (netdev.Reason, string) {
	switch name {
	case reportSecLevel:
		return netdev.AuthFailed, "the agent refuses this security level"
	case reportUser:
		return netdev.AuthFailed, "the agent does not know the user"
	case reportDigest:
		return netdev.AuthFailed, "wrong digest: the authentication password or protocol is another"
	case reportDecrypt:
		return netdev.AuthFailed, "decryption error: the privacy password or protocol is another"
	case reportTimeWindow:
		return netdev.AuthFailed, "not in the time window, even after taking over the agent's time"
	}
	return netdev.AuthFailed, "report " + string(name)
}

// takeV3 judges an answer of version 3 (RFC 3414 §3.2). What is not
// authenticated is believed only where the RFC leaves no other way: Reports
// that refuse.
func (s *session) takeV3(b []byte, m *message, q *request) (pdu, verdict, error) {
	h := &m.v3
	none := func() (pdu, verdict, error) {
		s.opt.Count.Dropped.Add(1)
		return pdu{}, drop, nil
	}
	if m.version != 3 || !slices.Contains(q.ids, h.msgID) {
		return none()
	}
	authentic := s.keys.authentic(b, h) && bytes.Equal(h.engine, s.engine.ID) && string(h.user) == s.login.User
	if h.flags&flagAuth != 0 && !authentic {
		return none()
	}
	fresh := !authentic || s.fresh(h)
	p, err := s.keys.open(h)
	if err != nil {
		s.opt.Count.Malformed.Add(1)
		q.malformed()
		return pdu{}, drop, nil
	}
	if !fresh && p.tag == pduReport && slices.Contains(q.ids, h.msgID) {
		return pdu{}, drop, s.opError(netdev.IdentityChanged, "the engine's boots or time went back", nil)
	}
	if !fresh {
		return none()
	}
	if p.tag == pduReport {
		return s.takeReport(h, p, q, authentic)
	}
	if p.tag != pduResponse || !slices.Contains(q.ids, p.id) || h.flags&3 != s.keys.flags() {
		return none()
	}
	return s.keep(p, q)
}

// fresh keeps the engine's clock and refuses what lies 150 s behind it
// (RFC 3414 §3.2 step 7b).
func (s *session) fresh(h *v3Header) bool {
	now := s.opt.Now()
	if h.boots < s.engine.Boots || (h.boots == s.engine.Boots && int64(h.time)+150 < int64(s.engine.now(now))) {
		return false
	}
	if h.boots > s.engine.Boots || h.time > s.engine.now(now) {
		s.engine.Boots, s.engine.Time, s.engine.At = h.boots, h.time, now
		s.opt.Engines.Put(s.addr, s.engine)
	}
	return true
}

// takeReport acts on one Report a request; more are dropped.
func (s *session) takeReport(h *v3Header, p pdu, q *request, authentic bool) (pdu, verdict, error) {
	r := reader{p.binds}
	first, err := nextBind(&r)
	arcs, ok := appendArcs(nil, first.name)
	if err != nil || !ok {
		s.opt.Count.Malformed.Add(1)
		return pdu{}, drop, nil
	}
	name := FormatOID(arcs)
	switch name {
	case reportTimeWindow:
		if s.keys.mac != nil && !authentic {
			// Many agents send it without a digest. Their engine is asked for
			// its time again, which proves no more and no less.
			if q.reports&0xff > 0 {
				return pdu{}, drop, nil
			}
			q.reports++
			return s.resync(h)
		}
		if q.reports&0xff > 0 {
			reason, detail := refusal(name)
			return pdu{}, drop, s.opError(reason, detail, nil)
		}
		q.reports++
		return pdu{}, resend, nil // fresh took its time over
	case reportEngine:
		if bytes.Equal(h.engine, s.engine.ID) {
			return pdu{}, drop, nil
		}
		return pdu{}, drop, s.opError(netdev.IdentityChanged, fmt.Sprintf("engine id was %x, is %x", s.engine.ID, h.engine), nil)
	case reportContext:
		return pdu{tag: pduReport}, accept, nil
	}
	if q.reports&0xff > 0 {
		return pdu{}, drop, nil
	}
	q.reports++
	reason, detail := refusal(name)
	return pdu{}, drop, s.opError(reason, detail, nil)
}

// resync takes over boots and time of an unauthenticated Report, forward only.
func (s *session) resync(h *v3Header) (pdu, verdict, error) {
	if !bytes.Equal(h.engine, s.engine.ID) {
		return pdu{}, drop, nil
	}
	now := s.opt.Now()
	if h.boots < s.engine.Boots || (h.boots == s.engine.Boots && int64(h.time)+150 < int64(s.engine.now(now))) {
		return pdu{}, drop, s.opError(netdev.IdentityChanged, "the engine's boots or time went back", nil)
	}
	s.engine.Boots, s.engine.Time, s.engine.At = h.boots, h.time, now
	return pdu{}, resend, nil
}

// meet learns the engine without a secret (RFC 3414 §4) and localizes keys.
func (s *session) meet(ctx context.Context) error {
	if g, ok := s.opt.Engines.Get(s.addr); ok {
		s.engine = g
	} else {
		q := &request{tag: pduGet}
		for {
			id := s.newID()
			q.ids = append(q.ids, id)
			msg := s.out.v3(v3Request{}, q.tag, id, 0, 0, nil)
			_, _, err := s.try(ctx, msg, q, s.takeEngine)
			if err == nil {
				break
			}
			if err != errTry {
				return err
			}
			if len(q.ids) >= s.opt.Tries {
				return s.exhausted(q)
			}
		}
		s.opt.Engines.Put(s.addr, s.engine)
	}
	k, err := localize(s.login, s.engine.ID)
	if err != nil {
		return s.opError(netdev.Internal, "", err)
	}
	s.keys = k
	return nil
}

func (s *session) takeEngine(b []byte, q *request) (pdu, verdict, error) {
	m, err := parseMessage(b)
	if err != nil {
		s.opt.Count.Malformed.Add(1)
		q.malformed()
		return pdu{}, drop, nil
	}
	g := engineOf(&m)
	if !slices.Contains(q.ids, m.v3.msgID) || !g.Valid() {
		s.opt.Count.Dropped.Add(1)
		return pdu{}, drop, nil
	}
	g.At = s.opt.Now()
	s.engine = g
	return pdu{}, accept, nil
}

// engineOf reads the engine out of a Report, whatever it reports.
func engineOf(m *message) Engine {
	if m.version != 3 {
		return Engine{}
	}
	return Engine{ID: bytes.Clone(m.v3.engine), Boots: m.v3.boots, Time: m.v3.time}
}
