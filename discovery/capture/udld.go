package capture

import "fmt"

// decodeUDLD reads RFC 5171: version and opcode in one octet, flags, checksum,
// and TLVs whose length counts their head of 4.
func decodeUDLD(p *packet, f Facts) error {
	c := cursor{b: p.data}
	opcode := c.u8() & 0x1f
	c.skip(3)
	if c.bad {
		return fmt.Errorf("head: %w", errCut)
	}
	f["opcode"] = opcode
	for len(c.b) >= 4 {
		typ, v, ok := c.tlv(true)
		if !ok {
			f.note("cut")
			break
		}
		t := cursor{b: v}
		switch typ {
		case 1:
			f.text("device_id", v)
		case 2:
			f.text("port_id", v)
		case 3:
			for n := t.u32(); n > 0 && len(t.b) > 0; n-- {
				device := t.take(t.u16())
				port := t.take(t.u16())
				if t.bad {
					f.note("bad-echo")
					break
				}
				f.add("echo", text(device)+" "+text(port))
			}
		case 6:
			f.text("sys_name", v)
		case 7:
			if n := t.u32(); !t.bad {
				f["sequence"] = int(n)
			}
		}
	}
	return nil
}
