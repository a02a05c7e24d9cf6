package capture

import (
	"encoding/binary"
	"fmt"
)

// decodeMNDP reads a head of 2 octets, a sequence number and TLVs. A request
// is a head alone.
func decodeMNDP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	c.skip(2)
	f["sequence"] = c.u16()
	if c.bad {
		delete(f, "sequence")
		return fmt.Errorf("head: %w", errCut)
	}
	for len(c.b) >= 4 {
		typ, v, ok := c.tlv(false)
		if !ok {
			f.note("cut")
			break
		}
		switch typ {
		case 1:
			f.text("chassis_id", []byte(mac(v)))
		case 5:
			f.text("sys_name", v)
		case 7:
			f.text("version", v)
		case 8:
			f.text("platform", v)
		case 10:
			if len(v) == 4 {
				f["uptime"] = int(binary.LittleEndian.Uint32(v))
			}
		case 11:
			f.text("software_id", v)
		case 12:
			f.text("model", v)
		case 15, 17:
			if len(v) == 4 || len(v) == 16 {
				f.add("addresses", ip(v))
			}
		case 16:
			f.text("port_id", v)
		}
	}
	return nil
}
