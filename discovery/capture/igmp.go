package capture

import "fmt"

// decodeIGMP reads the type of RFC 2236 and RFC 3376 messages and the group
// of those that name one.
func decodeIGMP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	typ := c.u8()
	c.skip(3)
	if c.bad {
		return fmt.Errorf("head: %w", errCut)
	}
	f["type"] = typ
	if typ == 0x11 || typ == 0x12 || typ == 0x16 || typ == 0x17 {
		if g := c.take(4); g != nil {
			f["group"] = ip(g)
		}
	}
	if typ == 0x22 {
		c.skip(2)
		for n := c.u16(); n > 0 && len(c.b) >= 8; n-- {
			c.skip(1)
			aux, sources := c.u8(), c.u16()
			f.add("groups", ip(c.take(4)))
			c.skip(4*sources + 4*aux)
		}
	}
	return nil
}
