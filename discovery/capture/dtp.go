package capture

import "fmt"

// decodeDTP reads a version and TLVs whose length counts their head of 4: the
// trunk's domain, status, encapsulation and the sender's MAC.
func decodeDTP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	version := c.u8()
	if c.bad {
		return fmt.Errorf("head: %w", errCut)
	}
	f["version"] = version
	for len(c.b) >= 4 {
		typ, v, ok := c.tlv(true)
		switch {
		case !ok:
			f.note("cut")
			return nil
		case typ == 1:
			f["domain"] = text(cText(v))
		case typ == 2 && len(v) == 1:
			f["status"] = int(v[0])
		case typ == 3 && len(v) == 1:
			f["trunk_type"] = int(v[0])
		case typ == 4 && len(v) == 6:
			f["chassis_id"] = mac(v)
		}
	}
	return nil
}

// decodeVTP reads the fixed head of all messages, and the revision of
// summaries (code 1) and subsets (code 2).
func decodeVTP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	version, code := c.u8(), c.u8()
	c.skip(1)
	n := c.u8()
	domain := c.take(32)
	if c.bad {
		return fmt.Errorf("head: %w", errCut)
	}
	f["version"], f["type"] = version, code
	f.text("domain", cText(domain[:min(n, 32)]))
	if code == 1 || code == 2 {
		if r := c.u32(); !c.bad {
			f["revision"] = int(r)
		}
	}
	if updater := c.take(4); code == 1 && updater != nil {
		f["updater"] = ip(updater)
		if at := c.take(12); at != nil {
			f.text("updated", at)
		}
	}
	return nil
}
