package capture

import "fmt"

// decodeSTP reads a BPDU (IEEE 802.1Q-2018 §14) and names the protocol by its
// version.
func decodeSTP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	if id := c.u16(); !c.bad && id != 0 {
		p.protocol = "" // GARP and others share the service access point
		return nil
	}
	version, typ := c.u8(), c.u8()
	if c.bad {
		return fmt.Errorf("BPDU: %w", errCut)
	}
	switch {
	case version == 2:
		p.protocol = "rstp"
	case version >= 3:
		p.protocol = "mstp"
	}
	f["type"] = typ
	if typ == 0x80 { // topology change notification: nothing more
		return nil
	}
	flags := c.u8()
	rootPriority, root := c.u16(), c.take(6)
	cost := c.u32()
	priority, bridge := c.u16(), c.take(6)
	port := c.u16()
	if c.bad {
		return fmt.Errorf("BPDU: %w", errCut)
	}
	f["flags"], f["root"], f["root_priority"], f["cost"] = flags, mac(root), rootPriority, int(cost)
	f["bridge"], f["priority"], f["port"] = mac(bridge), priority, hex16(port)
	c.skip(8) // age, maximum, hello, delay
	if version >= 3 && typ == 2 {
		mstp(&c, f)
	}
	return nil
}

// mstp reads what follows the RSTP part: the region, the regional root (which
// stands where RSTP has its bridge) and the sender.
func mstp(c *cursor, f Facts) {
	c.skip(1) // version 1 length
	c.skip(2)
	c.skip(1)
	region := c.take(32)
	revision := c.u16()
	c.skip(16)
	c.u32()
	c.skip(2)
	bridge := c.take(6)
	if c.bad {
		f.note("cut")
		return
	}
	f.text("region", cText(region))
	f["revision"] = revision
	f["regional_root"] = f["bridge"]
	f["bridge"] = mac(bridge)
}

// decodePVST reads a BPDU followed by a TLV with its VLAN. Every BPDU in this
// encapsulation is pvst, of whatever version.
func decodePVST(p *packet, f Facts) error {
	if err := decodeSTP(p, f); err != nil || p.protocol == "" {
		return err
	}
	p.protocol = "pvst"
	for _, at := range []int{36, 35} { // a short BPDU is mostly padded to the length of the longer one
		if len(p.data) < at+6 {
			continue
		}
		c := cursor{b: p.data[at:]}
		if typ, v, ok := c.tlv(false); ok && typ == 0 && len(v) == 2 {
			f["pvst_vlan"] = int(v[0])<<8 | int(v[1])
			break
		}
	}
	return nil
}
