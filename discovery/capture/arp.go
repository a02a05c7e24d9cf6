package capture

import "fmt"

// decodeARP reads RFC 826; addresses are stated for Ethernet and IPv4 lengths.
func decodeARP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	c.skip(4)
	hlen, plen := c.u8(), c.u8()
	op := c.u16()
	senderMAC, sender := c.take(hlen), c.take(plen)
	targetMAC, target := c.take(hlen), c.take(plen)
	if c.bad {
		return fmt.Errorf("head: %w", errCut)
	}
	f["op"] = op
	for name, v := range map[string][]byte{"sender_mac": senderMAC, "target_mac": targetMAC} {
		if len(v) == 6 {
			f[name] = mac(v)
		}
	}
	for name, v := range map[string][]byte{"sender_address": sender, "target_address": target} {
		if len(v) == 4 {
			f[name] = ip(v)
		}
	}
	return nil
}
