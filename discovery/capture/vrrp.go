package capture

import "fmt"

// decodeVRRP reads version 2 (RFC 3768 §5) and 3 (RFC 5798 §5), and CARP, which
// took the same protocol number: its authentication length is 7 and a whole
// message has 36 octets.
func decodeVRRP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	head, group, priority, count := c.u8(), c.u8(), c.u8(), c.u8()
	auth, interval := c.u8(), c.u8()
	c.skip(2)
	if c.bad {
		return fmt.Errorf("head: %w", errCut)
	}
	version := head >> 4
	f["group"], f["version"], f["type"] = group, version, head&15
	if head == 0x21 && count == 7 && len(p.data) == 36 {
		p.protocol = "carp"
		f["skew"], f["demotion"], f["interval"] = priority, auth, interval
		return nil
	}
	if version != 2 && version != 3 || version == 2 && p.src.Is6() {
		return fmt.Errorf("version %d", version)
	}
	size := 4
	if p.src.Is6() {
		size = 16
	}
	for range count {
		a := c.take(size)
		if a == nil {
			delete(f, "addresses") // a cut CARP message reads as this
			return fmt.Errorf("address list: %w", errCut)
		}
		f.add("addresses", ip(a))
	}
	f["priority"] = priority
	if version == 2 {
		f["interval"], f["authentication_type"] = interval, auth
	} else {
		f["interval_cs"] = (auth<<8 | interval) & 0xfff
	}
	return nil
}
