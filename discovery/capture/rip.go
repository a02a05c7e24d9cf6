package capture

import (
	"fmt"
	"math/bits"
)

// decodeRIP reads RFC 2453 §4: the routes of a response, authentication left
// out.
func decodeRIP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	command, version := c.u8(), c.u8()
	c.skip(2)
	if c.bad || command == 0 || command > 11 || version > 2 {
		return fmt.Errorf("head of version %d: %w", version, errCut)
	}
	f["command"], f["version"] = command, version
	for command == 2 && len(c.b) >= 20 {
		family := c.u16()
		c.skip(2)
		address, mask, next, metric := c.u32(), c.u32(), c.u32(), c.u32()
		switch {
		case family == 0xffff:
			f["authentication"] = "present"
		case family == 2 && version == 2:
			f.add("routes", fmt.Sprintf("%s/%d via %s metric %d", ip4(address), bits.OnesCount32(mask), ip4(next), metric))
		case family == 2:
			f.add("routes", fmt.Sprintf("%s metric %d", ip4(address), metric))
		}
	}
	return nil
}
