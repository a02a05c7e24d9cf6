package capture

import "fmt"

// decodeGLBP reads a head of 12 octets and TLVs whose 8-bit length counts
// their head of 2: hellos and forwarders. Of authentication only the kind is
// said.
func decodeGLBP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	version := c.u8()
	c.skip(1)
	group := c.u16()
	c.skip(2)
	owner := c.take(6)
	if c.bad || version != 1 {
		return fmt.Errorf("head of version %d: %w", version, errCut)
	}
	f["version"], f["group"], f["chassis_id"] = version, group, mac(owner)
	for len(c.b) >= 2 {
		typ := c.u8()
		v := c.take(c.u8() - 2)
		if c.bad {
			f.note("cut")
			break
		}
		t := cursor{b: v}
		switch typ {
		case 1:
			glbpHello(&t, f)
		case 2:
			glbpForwarder(&t, f)
		case 3:
			f["authentication"] = map[int]string{1: "text", 2: "md5", 3: "md5-chain"}[t.u8()]
		}
	}
	return nil
}

func glbpHello(c *cursor, f Facts) {
	c.skip(1)
	state := c.u8()
	c.skip(1)
	priority := c.u8()
	c.skip(2)
	hello, hold := c.u32(), c.u32()
	c.skip(6) // redirect, time-out, unknown
	family := c.u8()
	address := c.take(c.u8())
	if c.bad {
		f.note("short-hello")
		return
	}
	f["state"], f["priority"], f["hello_ms"], f["hold_ms"] = state, priority, int(hello), int(hold)
	if a := afAddress(family, address); a != "" {
		f["virtual_address"] = a
	}
}

func glbpForwarder(c *cursor, f Facts) {
	forwarder, state := c.u8(), c.u8()
	c.skip(1)
	priority, weight := c.u8(), c.u8()
	c.skip(7)
	virtual := c.take(6)
	if c.bad {
		f.note("short-forwarder")
		return
	}
	f.add("forwarders", fmt.Sprintf("%d state %d priority %d weight %d %s", forwarder, state, priority, weight, mac(virtual)))
	f.add("virtual_macs", mac(virtual))
}
