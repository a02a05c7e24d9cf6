package snmp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/plumbline-net/plumbline/netdev"
)

// The first things asked of an agent (RFC 3418 §2).
const (
	SysDescr    OID = "1.3.6.1.2.1.1.1.0"
	SysObjectID OID = "1.3.6.1.2.1.1.2.0"
	SysName     OID = "1.3.6.1.2.1.1.5.0"
)

// Probe is one request of a sweep, encoded once: between two datagrams only
// the octets of its request-id differ.
type Probe struct {
	cred *netdev.Credential // nil: no secret in it
	msg  []byte
	ids  []int // where the four octets of the id stand
}

// NewProbe encodes a GET of sysDescr, sysObjectID and sysName with the
// community of cred (version 1 or 2c).
func NewProbe(cred netdev.Credential) (*Probe, error) {
	version := 1
	switch {
	case cred.SNMP == nil || cred.SNMP.Version == netdev.SNMPv3:
		return nil, fmt.Errorf("credential %s has no community", cred.Name)
	case cred.SNMP.Version == netdev.SNMPv1:
		version = 0
	}
	var names [][]uint32
	for _, o := range []OID{SysDescr, SysObjectID, SysName} {
		a, _ := ParseOID(o)
		names = append(names, a)
	}
	community := []byte(cred.SNMP.Community.Reveal())
	return newProbe(&cred, func(w *builder, id uint32) []byte {
		return w.community(version, community, pduGet, id, 0, 0, names)
	}), nil
}

// NewEngineProbe encodes the question for an engine (RFC 3414 §4). It holds
// no secret: any agent of version 3 answers it.
func NewEngineProbe() *Probe {
	return newProbe(nil, func(w *builder, id uint32) []byte {
		return w.v3(v3Request{}, pduGet, id, 0, 0, nil)
	})
}

// newProbe finds the octets of the id by encoding with two ids that differ in
// each of them.
func newProbe(cred *netdev.Credential, encode func(*builder, uint32) []byte) *Probe {
	var w builder
	p := &Probe{cred: cred, msg: bytes.Clone(encode(&w, 0x41414141))}
	other := encode(&w, 0x42424242)
	for i := 0; i+4 <= len(other); i++ {
		if !bytes.Equal(p.msg[i:i+4], other[i:i+4]) && p.msg[i] != other[i] {
			p.ids = append(p.ids, i)
			i += 3
		}
	}
	return p
}

// Put writes the datagram for addr with id into dst. It refuses an address
// outside of the credential's scope. id must lie in 0x01000000…0x7fffffff.
func (p *Probe) Put(dst []byte, addr netip.Addr, id uint32) ([]byte, bool) {
	if p.cred != nil && !p.cred.Allows(addr) {
		return dst[:0], false
	}
	dst = append(dst[:0], p.msg...)
	for _, at := range p.ids {
		binary.BigEndian.PutUint32(dst[at:], id)
	}
	return dst, true
}

// Reply is a datagram that may answer a Probe. It points into the datagram.
type Reply struct {
	ID     uint32
	engine bool
	m      message
}

// ParseReply reads a datagram so far that it can be matched. ok is false for
// anything that is not an answer.
func ParseReply(b []byte) (r Reply, ok bool) {
	m, err := parseMessage(b)
	if err != nil {
		return Reply{}, false
	}
	if m.version == 3 {
		return Reply{ID: m.v3.msgID, engine: true, m: m}, true
	}
	if m.pdu.tag != pduResponse {
		return Reply{}, false
	}
	return Reply{ID: m.pdu.id, m: m}, true
}

// Engine gives the engine that a Report tells of.
func (r Reply) Engine() (Engine, bool) {
	if !r.engine {
		return Engine{}, false
	}
	g := engineOf(&r.m)
	return g, g.Valid()
}

// System is what the first question of an agent brings.
type System struct {
	Descr, ObjectID, Name string
}

// System decodes the answer to a GET; ok is false where it is malformed. An
// agent that answers with an error has an empty system.
func (r Reply) System() (s System, ok bool) {
	if r.engine {
		return s, false
	}
	if _, err := countBinds(r.m.pdu.binds); err != nil {
		return s, false
	}
	for in := (reader{r.m.pdu.binds}); len(in.b) > 0; {
		b, err := nextBind(&in)
		if err != nil {
			return s, false
		}
		arcs, ok := appendArcs(nil, b.name)
		if !ok || len(arcs) != 9 {
			continue
		}
		s.put(FormatOID(arcs), b.value())
	}
	return s, true
}

func (s *System) put(o OID, v Value) {
	switch o {
	case SysDescr:
		s.Descr = string(v.Bytes)
	case SysObjectID:
		s.ObjectID = string(v.OID)
	case SysName:
		s.Name = string(v.Bytes)
	}
}

// SystemOf reads the same from the bindings of a GET.
func SystemOf(binds []Varbind) (s System) {
	for _, b := range binds {
		s.put(b.OID, b.Value)
	}
	return s
}
