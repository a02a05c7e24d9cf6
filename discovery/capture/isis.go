package capture

import (
	"fmt"
	"strconv"
)

// decodeISIS reads ISO/IEC 10589 §9. CLNP and ES-IS share the service access
// point and say nothing.
func decodeISIS(p *packet, f Facts) error {
	c := cursor{b: p.data}
	if nlpid := c.u8(); !c.bad && nlpid != 0x83 {
		p.protocol = ""
		return nil
	}
	head := c.u8()
	c.skip(1)
	size := c.u8()
	typ := c.u8() & 0x1f
	c.skip(3)
	if size == 0 {
		size = 6
	}
	if c.bad || size > 8 && size != 255 {
		return fmt.Errorf("head: %w", errCut)
	}
	if size == 255 {
		size = 0
	}
	f["type"] = typ
	switch typ {
	case 15, 16, 17:
		f["circuit_type"] = c.u8() & 3
		f["system_id"] = systemID(c.take(size))
	case 18, 20:
		c.skip(4)
		f["lsp_id"] = lspID(c.take(size + 2))
	case 24, 25, 26, 27:
		c.skip(2)
		f["source_id"] = systemID(c.take(size))
	}
	if c.bad {
		for _, k := range []string{"circuit_type", "system_id", "lsp_id", "source_id"} {
			delete(f, k)
		}
		return fmt.Errorf("PDU of type %d: %w", typ, errCut)
	}
	if head < len(p.data) && head >= 8 {
		isisTLVs(p.data[head:], f)
	}
	return nil
}

func isisTLVs(b []byte, f Facts) {
	c := cursor{b: b}
	for len(c.b) >= 2 {
		typ := c.u8()
		v := c.take(c.u8())
		if c.bad {
			f.note("cut")
			return
		}
		switch typ {
		case 1:
			for a := (cursor{b: v}); len(a.b) > 1; {
				if area := a.take(a.u8()); area != nil {
					f.add("areas", hexText(area))
				}
			}
		case 6:
			for ; len(v) >= 6; v = v[6:] {
				f.add("neighbors", mac(v[:6]))
			}
		case 132:
			for ; len(v) >= 4; v = v[4:] {
				f.add("addresses", ip(v[:4]))
			}
		case 137:
			f.text("hostname", v)
		case 232:
			for ; len(v) >= 16; v = v[16:] {
				f.add("addresses", ip(v[:16]))
			}
		case 240:
			if len(v) > 0 {
				f["adjacency"] = strconv.Itoa(int(v[0]))
			}
		}
	}
}

// systemID writes 1921.6800.1001.
func systemID(b []byte) string {
	h := hexText(b)
	out := ""
	for len(h) > 4 {
		out, h = out+h[:4]+".", h[4:]
	}
	return out + h
}

// lspID writes a system id, the pseudonode and the fragment: 1921.6800.1001.00-00.
func lspID(b []byte) string {
	if len(b) < 2 {
		return ""
	}
	n := len(b)
	return systemID(b[:n-2]) + "." + hexText(b[n-2:n-1]) + "-" + hexText(b[n-1:])
}
