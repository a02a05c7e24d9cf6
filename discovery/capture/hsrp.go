package capture

import "fmt"

// decodeHSRP reads version 1 (RFC 2281 §5), whose first octet is 0, and the
// TLVs of version 2. The authentication text is a secret: that there is one is
// all that is said of it.
func decodeHSRP(p *packet, f Facts) error {
	if len(p.data) == 0 {
		return fmt.Errorf("empty: %w", errCut)
	}
	if p.data[0] != 0 {
		return hsrp2(p.data, f)
	}
	c := cursor{b: p.data}
	c.skip(1)
	op := c.u8()
	f["version"] = 1
	if c.bad {
		return fmt.Errorf("version 1: %w", errCut)
	}
	f["opcode"] = op
	if op == 3 { // advertisement of the interface's groups
		return nil
	}
	state, hello, hold, priority, group := c.u8(), c.u8(), c.u8(), c.u8(), c.u8()
	c.skip(1)
	secret := c.take(8)
	address := c.take(4)
	if c.bad {
		return fmt.Errorf("version 1: %w", errCut)
	}
	f["state"], f["hello"], f["hold"], f["priority"], f["group"] = state, hello, hold, priority, group
	f["virtual_address"] = ip(address)
	if len(cText(secret)) > 0 {
		f["authentication"] = "text"
	}
	return nil
}

func hsrp2(b []byte, f Facts) error {
	f["version"] = 2
	c := cursor{b: b}
	for len(c.b) >= 2 {
		typ := c.u8()
		v := c.sub(c.u8())
		if c.bad {
			return fmt.Errorf("TLV of type %d: %w", typ, errCut)
		}
		switch typ {
		case 1:
			if err := hsrp2Group(&v, f); err != nil {
				return err
			}
		case 2:
			if active, passive := v.u16(), v.u16(); !v.bad {
				f["active_groups"], f["passive_groups"] = active, passive
			}
		case 3:
			f["authentication"] = "text"
		case 4:
			f["authentication"] = "md5"
		}
	}
	return nil
}

func hsrp2Group(c *cursor, f Facts) error {
	c.skip(1)
	op, state, family, group := c.u8(), c.u8(), c.u8(), c.u16()
	id := c.take(6)
	priority, hello, hold := c.u32(), c.u32(), c.u32()
	address := c.take(16)
	if c.bad {
		return fmt.Errorf("group state: %w", errCut)
	}
	f["opcode"], f["state"], f["group"], f["chassis_id"] = op, state, group, mac(id)
	f["priority"], f["hello_ms"], f["hold_ms"] = int(priority), int(hello), int(hold)
	if family == 4 {
		address = address[:4]
	}
	f["virtual_address"] = ip(address)
	return nil
}
