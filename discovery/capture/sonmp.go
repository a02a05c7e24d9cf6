package capture

import "fmt"

// decodeSONMP reads the address of the agent, the segment (slot and port) and
// the numbers of chassis, backplane, state and links.
func decodeSONMP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	address, segment := c.take(4), c.take(3)
	if c.bad {
		return fmt.Errorf("head: %w", errCut)
	}
	f["address"] = ip(address)
	f["segment"] = "0x" + hexText(segment)
	chassis, _, state, links := c.u8(), c.u8(), c.u8(), c.u8()
	if !c.bad {
		f["chassis_type"], f["state"], f["links"] = chassis, state, links
	}
	return nil
}
