package capture

import "fmt"

// decodeEIGRP reads RFC 7868 §6.2 and the parameters and version of hellos.
func decodeEIGRP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	version, opcode := c.u8(), c.u8()
	c.skip(2 + 4 + 4 + 4) // checksum, flags, sequence, acknowledgement
	router, as := c.u16(), c.u16()
	if c.bad || version != 2 {
		return fmt.Errorf("head of version %d: %w", version, errCut)
	}
	f["opcode"], f["as"], f["router_instance"] = opcode, as, router
	for opcode == 5 && len(c.b) >= 4 {
		typ, v, ok := c.tlv(true)
		if !ok {
			f.note("cut")
			break
		}
		switch {
		case typ == 1 && len(v) >= 8:
			f["hold"] = int(v[6])<<8 | int(v[7])
		case typ == 4 && len(v) >= 4:
			f["version"] = fmt.Sprintf("%d.%d", v[0], v[1])
		}
	}
	return nil
}
