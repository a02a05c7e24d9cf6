package capture

import "fmt"

// decodeDHCP6 reads RFC 8415 §8 and 9. A relayed message is read one level
// deep for the type and relay alone.
func decodeDHCP6(p *packet, f Facts) error {
	c := cursor{b: p.data}
	typ := c.u8()
	f["type"] = typ
	if typ == 12 || typ == 13 {
		c.skip(1)
		link, peer := c.take(16), c.take(16)
		f["link_address"], f["peer_address"] = ip(link), ip(peer)
	} else {
		c.skip(3)
	}
	if c.bad || typ == 0 {
		delete(f, "type")
		delete(f, "link_address")
		delete(f, "peer_address")
		return fmt.Errorf("head: %w", errCut)
	}
	for len(c.b) >= 4 {
		code, v, ok := c.tlv(false)
		if !ok {
			f.note("cut")
			break
		}
		switch code {
		case 1:
			dhcp6Client(v, f)
		case 16:
			if len(v) > 6 {
				f.text("vendor_class", v[6:])
			}
		case 39:
			if len(v) > 1 {
				d := cursor{b: v}
				d.skip(1)
				if name, ok := dnsName(v, &d, '.'); ok {
					f["hostname"] = name
				}
			}
		}
	}
	return nil
}

// dhcp6Client reads a DUID (§11); types 1 and 3 hold a MAC for Ethernet.
func dhcp6Client(v []byte, f Facts) {
	c := cursor{b: v}
	typ, hardware := c.u16(), c.u16()
	if typ == 1 {
		c.skip(4)
	}
	if (typ == 1 || typ == 3) && hardware == 1 && len(c.b) == 6 {
		f["client_mac"] = mac(c.b)
	}
	f["client_id"] = hexText(v)
}
