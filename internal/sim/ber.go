package sim

import (
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// The tags of RFC 3416 and X.690 that an agent meets.
const (
	tagInteger   = 0x02
	tagOctets    = 0x04
	tagNull      = 0x05
	tagOID       = 0x06
	tagSequence  = 0x30
	tagIPAddress = 0x40
	tagCounter32 = 0x41
	tagGauge32   = 0x42
	tagTimeTicks = 0x43
	tagCounter64 = 0x46

	tagNoSuchObject   = 0x80
	tagNoSuchInstance = 0x81
	tagEndOfMIB       = 0x82

	pduGet      = 0xa0
	pduGetNext  = 0xa1
	pduResponse = 0xa2
	pduSet      = 0xa3
	pduGetBulk  = 0xa5
	pduReport   = 0xa8
)

var errBER = errors.New("not BER")

type oid []uint32

func mustOID(s string) oid {
	var o oid
	for part := range strings.SplitSeq(strings.TrimPrefix(s, "."), ".") {
		v, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			panic("sim: bad object identifier " + s)
		}
		o = append(o, uint32(v))
	}
	return o
}

func (o oid) with(more ...uint32) oid { return slices.Concat(o, more) }

func (o oid) under(p oid) bool { return len(o) >= len(p) && slices.Equal(o[:len(p)], p) }

// tlv wraps body in its tag and length.
func tlv(tag byte, body ...[]byte) []byte {
	n := 0
	for _, b := range body {
		n += len(b)
	}
	out := make([]byte, 0, n+6)
	out = append(out, tag)
	switch {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 0x100:
		out = append(out, 0x81, byte(n))
	case n < 0x10000:
		out = append(out, 0x82, byte(n>>8), byte(n))
	default:
		out = append(out, 0x84, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	for _, b := range body {
		out = append(out, b...)
	}
	return out
}

func berInt(tag byte, v int64) []byte {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(v))
	i := 0
	for i < 7 && (b[i] == 0 && b[i+1] < 0x80 || b[i] == 0xff && b[i+1] >= 0x80) {
		i++
	}
	return tlv(tag, b[i:])
}

func berUint(tag byte, v uint64) []byte {
	var b [9]byte
	binary.BigEndian.PutUint64(b[1:], v)
	i := 0
	for i < 8 && b[i] == 0 && b[i+1] < 0x80 {
		i++
	}
	return tlv(tag, b[i:])
}

func berOID(o oid) []byte {
	body := []byte{byte(o[0]*40 + o[1])}
	for _, v := range o[2:] {
		var b [5]byte
		i := 4
		b[i] = byte(v & 0x7f)
		for v >>= 7; v > 0; v >>= 7 {
			i--
			b[i] = byte(v&0x7f) | 0x80
		}
		body = append(body, b[i:]...)
	}
	return tlv(tagOID, body)
}

// cut takes one element off b.
func cut(b []byte) (tag byte, body, rest []byte, err error) {
	if len(b) < 2 {
		return 0, nil, nil, errBER
	}
	tag = b[0]
	n, at := int(b[1]), 2
	if n >= 0x80 {
		k := n & 0x7f
		if k == 0 || k > 4 || len(b) < 2+k {
			return 0, nil, nil, errBER
		}
		n = 0
		for _, c := range b[2 : 2+k] {
			n = n<<8 | int(c)
		}
		at += k
	}
	if n < 0 || n > len(b)-at {
		return 0, nil, nil, errBER
	}
	return tag, b[at : at+n], b[at+n:], nil
}

// take cuts one element that must have the tag.
func take(b []byte, want byte) (body, rest []byte, err error) {
	tag, body, rest, err := cut(b)
	if err == nil && tag != want {
		err = errBER
	}
	return body, rest, err
}

func takeInt(b []byte) (int64, []byte, error) {
	body, rest, err := take(b, tagInteger)
	if err != nil || len(body) == 0 || len(body) > 8 {
		return 0, nil, errBER
	}
	v := int64(int8(body[0]))
	for _, c := range body[1:] {
		v = v<<8 | int64(c)
	}
	return v, rest, nil
}

func takeOID(b []byte) (oid, []byte, error) {
	body, rest, err := take(b, tagOID)
	if err != nil || len(body) == 0 || len(body) > 640 {
		return nil, nil, errBER
	}
	o := oid{uint32(min(body[0]/40, 2)), 0}
	o[1] = uint32(body[0]) - o[0]*40
	var v uint64
	for i, c := range body[1:] {
		v = v<<7 | uint64(c&0x7f)
		if v > 1<<32-1 {
			return nil, nil, errBER
		}
		if c < 0x80 {
			o, v = append(o, uint32(v)), 0
		} else if i == len(body)-2 {
			return nil, nil, errBER
		}
	}
	return o, rest, nil
}
