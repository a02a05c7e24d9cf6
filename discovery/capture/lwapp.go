package capture

import "fmt"

// decodeLWAPP reads the head of RFC 5412 §3: flags, fragment, length. In what
// goes to the control port the MAC of the access point stands before it.
func decodeLWAPP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	if p.dport == 12223 {
		id := c.take(6)
		f.text("chassis_id", []byte(mac(id)))
	}
	flags := c.u8()
	c.skip(1)
	length := c.u16()
	c.skip(2)
	if c.bad {
		delete(f, "chassis_id")
		return fmt.Errorf("head: %w", errCut)
	}
	f["version"], f["control"] = flags>>6, flags&4 != 0
	if typ := c.u8(); flags&4 != 0 && !c.bad && length > 0 {
		f["type"] = typ
	}
	return nil
}
