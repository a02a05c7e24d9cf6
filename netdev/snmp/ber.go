package snmp

import "errors"

// BER of SNMP messages (RFC 3417 §8): definite lengths only. The depth of a
// message is fixed, so nothing here recurses, whatever a packet nests.

const (
	tagSequence = 0x30
	pduGet      = 0xA0
	pduGetNext  = 0xA1
	pduResponse = 0xA2
	pduGetBulk  = 0xA5
	pduReport   = 0xA8
)

var errBER = errors.New("malformed BER")

// reader takes elements off the front of b.
type reader struct{ b []byte }

// header reads tag and length; the length is not checked against what is left.
func (r *reader) header() (tag byte, n int, err error) {
	if len(r.b) < 2 {
		return 0, 0, errBER
	}
	tag = r.b[0]
	first := r.b[1]
	r.b = r.b[2:]
	if first < 0x80 {
		return tag, int(first), nil
	}
	size := int(first & 0x7f)
	if size == 0 || size > 4 || size > len(r.b) {
		return 0, 0, errBER
	}
	var v uint64
	for _, c := range r.b[:size] {
		v = v<<8 | uint64(c)
	}
	r.b = r.b[size:]
	if v > 1<<24 {
		return 0, 0, errBER
	}
	return tag, int(v), nil
}

func (r *reader) next() (tag byte, body []byte, err error) {
	tag, n, err := r.header()
	if err != nil || n > len(r.b) {
		return 0, nil, errBER
	}
	body, r.b = r.b[:n:n], r.b[n:]
	return tag, body, nil
}

func (r *reader) expect(want byte) ([]byte, error) {
	tag, body, err := r.next()
	if err != nil || tag != want {
		return nil, errBER
	}
	return body, nil
}

func (r *reader) integer() (int64, error) {
	body, err := r.expect(byte(Integer))
	if err != nil {
		return 0, err
	}
	v, ok := signed(body)
	if !ok {
		return 0, errBER
	}
	return v, nil
}

func signed(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 8 {
		return 0, false
	}
	v := int64(int8(b[0]))
	for _, c := range b[1:] {
		v = v<<8 | int64(c)
	}
	return v, true
}

// unsigned accepts the leading zero that keeps a 64-bit value positive.
func unsigned(b []byte) (uint64, bool) {
	if len(b) == 0 || len(b) > 9 || (len(b) == 9 && b[0] != 0) {
		return 0, false
	}
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v, true
}

// appendArcs decodes the content of an object identifier onto dst.
func appendArcs(dst []uint32, b []byte) ([]uint32, bool) {
	if len(b) == 0 {
		return dst, false
	}
	start := len(dst)
	var v uint64
	open := false
	for _, c := range b {
		v = v<<7 | uint64(c&0x7f)
		if v > 1<<32-1 {
			return dst, false
		}
		if open = c&0x80 != 0; open {
			continue
		}
		if len(dst) == start { // X.690 §8.19.4: the first two arcs share one
			x := min(v/40, 2)
			dst = append(dst, uint32(x), uint32(v-40*x))
		} else {
			dst = append(dst, uint32(v))
		}
		if len(dst)-start > maxArcs {
			return dst, false
		}
		v = 0
	}
	return dst, !open
}

// appendSuffix decodes the arcs of b, which is the part of an object
// identifier behind a prefix.
func appendSuffix(dst []uint32, b []byte) ([]uint32, bool) {
	var v uint64
	open := false
	for _, c := range b {
		v = v<<7 | uint64(c&0x7f)
		if v > 1<<32-1 || len(dst) > maxArcs {
			return dst, false
		}
		if open = c&0x80 != 0; !open {
			dst = append(dst, uint32(v))
			v = 0
		}
	}
	return dst, !open
}
