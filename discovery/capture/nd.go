package capture

import "fmt"

// decodeND reads the five messages of RFC 4861 §4; other ICMPv6 says nothing.
func decodeND(p *packet, f Facts) error {
	c := cursor{b: p.data}
	typ := c.u8()
	c.skip(3)
	if typ < 133 || typ > 137 {
		p.protocol = ""
		return nil
	}
	f["type"] = typ
	switch typ {
	case 133:
		c.skip(4)
	case 134:
		c.skip(1)
		flags, life := c.u8(), c.u16()
		c.skip(8)
		if !c.bad {
			f["managed"], f["router_lifetime"] = flags&0x80 != 0, life
		}
	default:
		flags := c.u8()
		c.skip(3)
		target := c.take(16)
		if typ == 136 && target != nil {
			f["router"] = flags&0x80 != 0
		}
		if target != nil {
			f["target"] = ip(target)
		}
		if typ == 137 {
			c.skip(16)
		}
	}
	if c.bad {
		return fmt.Errorf("message of type %d: %w", typ, errCut)
	}
	for len(c.b) >= 2 {
		option, n := c.u8(), c.u8()
		if n == 0 {
			return fmt.Errorf("option of type %d: length 0", option)
		}
		v := c.take(8*n - 2)
		if c.bad {
			f.note("cut")
			break
		}
		switch {
		case option == 1 || option == 2 && f["mac"] == nil:
			if len(v) >= 6 {
				f["mac"] = mac(v[:6])
			}
		case option == 3 && len(v) == 30:
			f.add("prefixes", fmt.Sprintf("%s/%d", ip(v[14:30]), v[0]))
		}
	}
	return nil
}
