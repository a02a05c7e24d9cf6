package snmp

import (
	"crypto/hmac"
	"net/netip"
	"sync"
	"time"
)

// Message flags of RFC 3412 §6.4.
const (
	flagAuth       = 1
	flagPriv       = 2
	flagReportable = 4

	maxMessage = 65507
)

// v3Header is an SNMPv3 message with the User-based Security Model (RFC 3412
// §6, RFC 3414 §2.4), its scoped PDU closed.
type v3Header struct {
	msgID       uint32
	flags       byte
	engine      []byte
	boots, time uint32
	user        []byte
	auth, priv  []byte // auth points into the packet, to be blanked for the digest
	scoped      []byte
	sealed      bool
}

func parseV3(in *reader) (v3Header, error) {
	var h v3Header
	global, err := in.expect(tagSequence)
	if err != nil {
		return h, err
	}
	g := reader{global}
	id, err1 := g.integer()
	_, err2 := g.integer()
	flags, err3 := g.expect(byte(OctetString))
	model, err4 := g.integer()
	security, err5 := in.expect(byte(OctetString))
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || err5 != nil || len(flags) != 1 || model != 3 {
		return h, errBER
	}
	h.msgID, h.flags = uint32(id), flags[0]
	s := reader{security}
	usm, err := s.expect(tagSequence)
	if err != nil {
		return h, err
	}
	u := reader{usm}
	h.engine, err1 = u.expect(byte(OctetString))
	boots, err2 := u.integer()
	ticks, err3 := u.integer()
	h.user, err4 = u.expect(byte(OctetString))
	h.auth, err5 = u.expect(byte(OctetString))
	priv, err6 := u.expect(byte(OctetString))
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || err5 != nil || err6 != nil {
		return h, errBER
	}
	h.boots, h.time, h.priv = uint32(boots), uint32(ticks), priv
	tag, body, err := in.next()
	if err != nil || (tag != tagSequence && tag != byte(OctetString)) {
		return h, errBER
	}
	h.scoped, h.sealed = body, tag == byte(OctetString)
	return h, nil
}

// parseScoped reads the content of a plain scoped PDU.
func parseScoped(b []byte) (pdu, error) {
	in := reader{b}
	if _, err := in.expect(byte(OctetString)); err != nil {
		return pdu{}, err
	}
	if _, err := in.expect(byte(OctetString)); err != nil {
		return pdu{}, err
	}
	return parsePDU(&in)
}

// authentic checks the digest of msg, of which h was read. It blanks the
// digest in msg.
func (k *keys) authentic(msg []byte, h *v3Header) bool {
	if k.mac == nil || h.flags&flagAuth == 0 || len(h.auth) != k.auth.size {
		return false
	}
	got := append(make([]byte, 0, 48), h.auth...)
	clear(h.auth)
	return hmac.Equal(got, k.digest(msg))
}

// open gives the PDU inside h, which must be authentic already.
func (k *keys) open(h *v3Header) (pdu, error) {
	if !h.sealed {
		return parseScoped(h.scoped)
	}
	if k.block == nil || h.flags&flagPriv == 0 || !k.decrypt(h.scoped, h.boots, h.time, h.priv) {
		return pdu{}, errBER
	}
	r := reader{h.scoped}
	body, err := r.expect(tagSequence)
	if err != nil {
		return pdu{}, err
	}
	return parseScoped(body)
}

// v3Request is what a message needs beside its PDU.
type v3Request struct {
	engine      []byte
	boots, time uint32
	user        []byte
	context     []byte
	salt        uint64
	keys        *keys // nil: the discovery of the engine
}

// v3 writes a whole message; msgID and request-id are the same number.
func (w *builder) v3(q v3Request, tag byte, id uint32, a, b int, names [][]uint32) []byte {
	w.reset()
	m := w.mark()
	w.pdu(tag, id, a, b, names)
	w.octets(q.context)
	w.octets(q.engine)
	w.wrap(tagSequence, m)
	flags := byte(flagReportable)
	authSize := 0
	var salt []byte
	if q.keys != nil {
		flags |= q.keys.flags()
		if q.keys.mac != nil {
			authSize = q.keys.auth.size
		}
		if q.keys.block != nil {
			s := saltOf(q.salt, q.boots, q.keys.preIV != nil)
			sealed := q.keys.encrypt(w.b[w.i:len(w.b)-m], q.boots, q.time, s)
			w.i = len(w.b) - m
			w.octets(sealed)
			salt = s[:]
		}
	}
	sec := w.mark()
	w.octets(salt)
	w.octets(make([]byte, authSize))
	authEnd := w.mark() // the digest starts two octets behind the element's front
	w.octets(q.user)
	w.integer(int64(q.time))
	w.integer(int64(q.boots))
	w.octets(q.engine)
	w.wrap(tagSequence, sec)
	w.wrap(byte(OctetString), sec)
	g := w.mark()
	w.integer(3)
	w.octets([]byte{flags})
	w.integer(maxMessage)
	w.integer(int64(id))
	w.wrap(tagSequence, g)
	w.integer(3)
	w.wrap(tagSequence, 0)
	if authSize > 0 {
		at := len(w.b) - authEnd + 2
		copy(w.b[at:at+authSize], q.keys.digest(w.bytes()))
	}
	return w.bytes()
}

func saltOf(n uint64, boots uint32, des bool) (s [8]byte) {
	if des { // RFC 3414 §8.1.1.1: boots and a local counter
		n = uint64(boots)<<32 | n&(1<<32-1)
	}
	for i := range s {
		s[i] = byte(n >> (56 - 8*i))
	}
	return s
}

// Engine is what is known of an authoritative engine (RFC 3414 §2.2).
type Engine struct {
	ID    []byte
	Boots uint32
	Time  uint32    // seconds since it booted, at At
	At    time.Time // our clock when Time was received
}

// now is the engine's time at our time t: it goes on between requests.
func (e Engine) now(t time.Time) uint32 {
	d := t.Sub(e.At) / time.Second
	return e.Time + uint32(max(d, 0))
}

// Valid says whether the engine id has a legal length (RFC 3411 §5).
func (e Engine) Valid() bool { return len(e.ID) >= 5 && len(e.ID) <= 32 }

// Engines remembers the engines met, by address and port, so that a walk
// after a sweep need not ask again. The zero value works.
type Engines struct {
	mu sync.Mutex
	m  map[netip.AddrPort]Engine
}

// Get gives what was last heard of the engine at addr.
func (e *Engines) Get(addr netip.AddrPort) (Engine, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	g, ok := e.m[addr]
	return g, ok
}

// Put remembers an engine.
func (e *Engines) Put(addr netip.AddrPort, g Engine) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.m == nil {
		e.m = map[netip.AddrPort]Engine{}
	}
	e.m[addr] = g
}
