package capture

import (
	"fmt"
	"net/netip"
)

// ip reads an IPv4 or IPv6 header and what of UDP is needed to find the
// protocol. Later fragments say nothing.
func (d *Decoder) ip(c *cursor, p *packet) (entry, error) {
	if len(c.b) == 0 {
		return entry{}, fmt.Errorf("IP head: %w", errCut)
	}
	switch c.b[0] >> 4 {
	case 4:
		return d.ip4(c, p)
	case 6:
		return d.ip6(c, p)
	}
	return entry{}, fmt.Errorf("IP head: version %d", c.b[0]>>4)
}

func (d *Decoder) ip4(c *cursor, p *packet) (entry, error) {
	whole := c.b
	head := c.take(20)
	if head == nil {
		return entry{}, fmt.Errorf("IPv4 head: %w", errCut)
	}
	size, total := int(head[0]&15)*4, int(head[2])<<8|int(head[3])
	if size < 20 || size > len(whole) {
		return entry{}, fmt.Errorf("IPv4 head of %d octets", size)
	}
	if total >= size && total < len(whole) {
		whole = whole[:total]
	}
	p.src, p.dst = netip.AddrFrom4([4]byte(head[12:16])), netip.AddrFrom4([4]byte(head[16:20]))
	if (int(head[6])<<8|int(head[7]))&0x1fff != 0 {
		return entry{}, nil
	}
	c.b = whole[size:]
	return d.above(int(head[9]), c, p)
}

func (d *Decoder) ip6(c *cursor, p *packet) (entry, error) {
	head := c.take(40)
	if head == nil {
		return entry{}, fmt.Errorf("IPv6 head: %w", errCut)
	}
	p.src, p.dst = netip.AddrFrom16([16]byte(head[8:24])), netip.AddrFrom16([16]byte(head[24:40]))
	if n := int(head[4])<<8 | int(head[5]); n > 0 && n < len(c.b) {
		c.b = c.b[:n]
	}
	next := int(head[6])
	for range 16 { // RFC 8200 §4: an extension names the next and its length in 8 octets less the first
		switch next {
		case 0, 43, 60:
			following, n := c.u8(), c.u8()
			c.skip(n*8 + 6)
			next = following
		case 51: // authentication, RFC 4302: in 4 octets less two
			following, n := c.u8(), c.u8()
			c.skip(n*4 + 6)
			next = following
		case 44:
			following := c.u8()
			c.skip(1)
			offset := c.u16()
			c.skip(4)
			if offset&^7 != 0 {
				return entry{}, nil
			}
			next = following
		default:
			return d.above(next, c, p)
		}
		if c.bad {
			return entry{}, nil
		}
	}
	return entry{}, fmt.Errorf("IPv6 head: more than 16 extensions")
}

// above finds the protocol by its number, or by the ports of UDP: the
// destination's first, since answers come from the known port.
func (d *Decoder) above(number int, c *cursor, p *packet) (entry, error) {
	if number != 17 {
		p.data = c.b
		return d.proto[number], nil
	}
	p.sport, p.dport = c.u16(), c.u16()
	n := c.u16() - 8
	c.skip(2)
	if c.bad {
		return entry{}, nil
	}
	if n >= 0 && n < len(c.b) {
		c.b = c.b[:n]
	}
	p.data = c.b
	if e, ok := d.ports[p.dport]; ok {
		return e, nil
	}
	if p.sport == 162 { // a trap goes to this port, nothing comes from it
		return entry{}, nil
	}
	return d.ports[p.sport], nil
}
