package capture

import "encoding/binary"

// cursor reads octets from the front of a slice. Reading past the end gives
// zeros and sets bad; it never panics and never copies.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.b, c.bad = nil, true
		return nil
	}
	out := c.b[:n:n]
	c.b = c.b[n:]
	return out
}

func (c *cursor) skip(n int) { c.take(n) }

func (c *cursor) u8() int {
	if b := c.take(1); b != nil {
		return int(b[0])
	}
	return 0
}

func (c *cursor) u16() int {
	if b := c.take(2); b != nil {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (c *cursor) u32() uint32 {
	if b := c.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// sub gives a cursor over the next n octets, or over what is left of them.
func (c *cursor) sub(n int) cursor {
	if n > len(c.b) {
		rest := cursor{b: c.b}
		c.b, c.bad = nil, true
		return rest
	}
	return cursor{b: c.take(n)}
}

// tlv reads an element whose type and length are 16 bits each; the length
// counts the header of 4 where whole is true.
func (c *cursor) tlv(whole bool) (typ int, value []byte, ok bool) {
	typ = c.u16()
	n := c.u16()
	if whole {
		n -= 4
	}
	value = c.take(n)
	return typ, value, !c.bad
}
