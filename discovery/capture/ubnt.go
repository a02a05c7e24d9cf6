package capture

import "fmt"

// decodeUBNT reads version, command, length and TLVs of an 8-bit type and a
// 16-bit length. A request has no TLVs. The model may be said in a long and a
// short form: model lists what is said.
func decodeUBNT(p *packet, f Facts) error {
	c := cursor{b: p.data}
	version, command, length := c.u8(), c.u8(), c.u16()
	if c.bad || version != 1 && version != 2 {
		return fmt.Errorf("head of version %d: %w", version, errCut)
	}
	f["protocol_version"], f["command"] = version, command
	if length < len(c.b) {
		c.b = c.b[:length]
	}
	for len(c.b) >= 3 {
		typ := c.u8()
		v := c.take(c.u16())
		if c.bad {
			f.note("cut")
			break
		}
		ubntTLV(typ, v, f)
	}
	return nil
}

func ubntTLV(typ int, v []byte, f Facts) {
	switch typ {
	case 0x01:
		f.text("chassis_id", []byte(mac(v)))
	case 0x02:
		if len(v) == 10 {
			if f["chassis_id"] == nil {
				f["chassis_id"] = mac(v[:6])
			}
			addNew(f, "addresses", ip(v[6:]))
		}
	case 0x03:
		f.text("version", v)
	case 0x0a:
		if c := (cursor{b: v}); len(v) == 4 {
			f["uptime"] = int(c.u32())
		}
	case 0x0b:
		f.text("sys_name", v)
	case 0x0c, 0x15:
		f.text("platform", v)
		addNew(f, "model", text(v))
	case 0x14:
		addNew(f, "model", text(v))
	case 0x16:
		f.text("short_version", v)
	}
}
