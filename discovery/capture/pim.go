package capture

import "fmt"

// decodePIM reads RFC 7761 §4.9: the type, and the options of hellos.
func decodePIM(p *packet, f Facts) error {
	c := cursor{b: p.data}
	head := c.u8()
	c.skip(3)
	if c.bad {
		return fmt.Errorf("head: %w", errCut)
	}
	if v := head >> 4; v != 2 {
		return fmt.Errorf("version %d", v)
	}
	f["type"] = head & 15
	for head&15 == 0 && len(c.b) >= 4 {
		typ, v, ok := c.tlv(false)
		o := cursor{b: v}
		switch {
		case !ok:
			f.note("cut")
			return nil
		case typ == 1 && len(v) == 2:
			f["hold"] = o.u16()
		case typ == 19 && len(v) == 4:
			f["priority"] = int(o.u32())
		case typ == 20 && len(v) == 4:
			f["generation"] = int(o.u32())
		case typ == 24:
			pimAddresses(&o, f)
		}
	}
	return nil
}

// pimAddresses reads encoded unicast addresses of the native encoding.
func pimAddresses(c *cursor, f Facts) {
	for len(c.b) > 2 {
		family, encoding := c.u8(), c.u8()
		size := map[int]int{1: 4, 2: 16}[family]
		a := c.take(size)
		if encoding != 0 || size == 0 || a == nil {
			return
		}
		f.add("addresses", ip(a))
	}
}
