package capture

import "fmt"

// decodeCAPWAP reads RFC 5415 §4: of clear control messages the type and what
// names the access point and its controller; of sealed and data packets that
// there are any.
func decodeCAPWAP(p *packet, f Facts) error {
	control := p.sport == 5246 || p.dport == 5246
	f["channel"] = map[bool]string{true: "control", false: "data"}[control]
	c := cursor{b: p.data}
	preamble := c.u8()
	if c.bad {
		return fmt.Errorf("head: %w", errCut)
	}
	if preamble>>4 != 0 {
		return fmt.Errorf("version %d", preamble>>4)
	}
	if preamble&15 == 1 {
		f["sealed"] = true
		return nil
	}
	size := (c.u8() >> 3) * 4
	if c.bad || size < 8 || size > len(p.data) {
		return fmt.Errorf("head: %w", errCut)
	}
	if !control {
		return nil
	}
	c = cursor{b: p.data[size:]}
	typ := c.u32()
	c.skip(1)
	length := c.u16()
	c.skip(1)
	if c.bad {
		return fmt.Errorf("control head: %w", errCut)
	}
	f["type"] = int(typ)
	if length-3 >= 0 && length-3 < len(c.b) {
		c.b = c.b[:length-3]
	}
	for len(c.b) >= 4 {
		element, v, ok := c.tlv(false)
		if !ok { // real access points get the lengths of their descriptors wrong
			f.note("cut")
			break
		}
		capwapElement(element, v, f)
	}
	return nil
}

func capwapElement(typ int, v []byte, f Facts) {
	switch typ {
	case 4:
		f.text("controller", v)
	case 10:
		if len(v) == 4 || len(v) == 16 {
			f.add("controller_addresses", ip(v))
		}
	case 28:
		f.text("location", v)
	case 38:
		c := cursor{b: v}
		c.skip(4)
		for len(c.b) >= 4 {
			sub, data, ok := c.tlv(false)
			if !ok {
				f.note("bad-board-data")
				break
			}
			if name := map[int]string{0: "model", 1: "serial"}[sub]; name != "" {
				f.text(name, data)
			} else if sub == 4 && len(data) == 6 {
				f["chassis_id"] = mac(data)
			}
		}
	case 45:
		f.text("sys_name", v)
	}
}
