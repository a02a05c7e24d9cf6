package snmp

import "bytes"

// message is one SNMP message, decoded down to its variable bindings, which
// point into the packet.
type message struct {
	version   int
	community []byte
	v3        v3Header
	pdu       pdu
}

type pdu struct {
	tag           byte
	id            uint32
	status, index int
	binds         []byte // content of the variable-bindings list
}

// bind is one variable binding, still encoded.
type bind struct {
	name []byte // content octets of the OID
	tag  byte
	val  []byte
}

func parsePDU(r *reader) (pdu, error) {
	var p pdu
	tag, body, err := r.next()
	if err != nil {
		return p, err
	}
	in := reader{body}
	id, err1 := in.integer()
	status, err2 := in.integer()
	index, err3 := in.integer()
	binds, err4 := in.expect(tagSequence)
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil {
		return p, errBER
	}
	return pdu{tag: tag, id: uint32(id), status: int(status), index: int(index), binds: binds}, nil
}

// parseMessage decodes a message of any version. The scoped PDU of version 3
// stays closed: it is opened after its digest was checked.
func parseMessage(b []byte) (message, error) {
	var m message
	outer := reader{b}
	body, err := outer.expect(tagSequence)
	if err != nil {
		return m, err
	}
	in := reader{body}
	version, err := in.integer()
	if err != nil {
		return m, err
	}
	m.version = int(version)
	switch m.version {
	case 0, 1:
		if m.community, err = in.expect(byte(OctetString)); err != nil {
			return m, err
		}
		m.pdu, err = parsePDU(&in)
		return m, err
	case 3:
		m.v3, err = parseV3(&in)
		return m, err
	}
	return m, errBER
}

// nextBind takes one variable binding off the list.
func nextBind(r *reader) (bind, error) {
	body, err := r.expect(tagSequence)
	if err != nil {
		return bind{}, err
	}
	in := reader{body}
	name, err := in.expect(byte(ObjectID))
	if err != nil {
		return bind{}, err
	}
	tag, n, err := in.header()
	if err != nil {
		return bind{}, err
	}
	// Agents in the field declare a string one octet longer than its binding;
	// the binding's own end is the truth then.
	if n == len(in.b)+1 && tag == byte(OctetString) {
		n--
	}
	if n > len(in.b) {
		return bind{}, errBER
	}
	return bind{name: name, tag: tag, val: in.b[:n:n]}, nil
}

// countBinds says how many bindings there are, or that the list is malformed.
func countBinds(b []byte) (int, error) {
	n := 0
	for r := (reader{b}); len(r.b) > 0; n++ {
		if _, err := nextBind(&r); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// value decodes; content that does not fit its type gives the zero Value.
// Bytes point into the packet.
func (b bind) value() Value {
	t := Type(b.tag)
	switch t {
	case Integer:
		if v, ok := signed(b.val); ok {
			return Value{Type: t, Num: uint64(v)}
		}
	case Counter32, Gauge32, TimeTicks, Counter64, 0x47: // 0x47 is UInteger32 of RFC 1442
		if v, ok := unsigned(b.val); ok {
			if t == 0x47 {
				t = Gauge32
			}
			if t != Counter64 {
				v &= 1<<32 - 1 // sign-extended by some agents
			}
			return Value{Type: t, Num: v}
		}
	case OctetString, Opaque:
		return Value{Type: t, Bytes: b.val}
	case IPAddress:
		if len(b.val) == 4 || len(b.val) == 16 {
			return Value{Type: t, Bytes: b.val}
		}
	case ObjectID:
		if a, ok := appendArcs(nil, b.val); ok {
			return Value{Type: t, OID: FormatOID(a)}
		}
	case Null, NoSuchObject, NoSuchInstance, EndOfMibView:
		return Value{Type: t}
	}
	return Value{}
}

// contentOf encodes arcs as the content octets of an OID.
func contentOf(a []uint32) []byte {
	var w builder
	w.reset()
	w.arcs(a)
	r := reader{w.bytes()}
	_, body, _ := r.next()
	return bytes.Clone(body)
}
