package capture

import (
	"fmt"
	"strconv"
)

// decodeDHCP reads BOOTP (RFC 951) and the options of DHCP (RFC 2132, 3046,
// 4702).
func decodeDHCP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	op := c.u8()
	c.skip(1)
	hlen := c.u8()
	c.skip(13)
	your := c.take(4)
	c.skip(4)
	relay := c.take(4)
	hardware := c.take(16)
	server, file := c.take(64), c.take(128)
	if c.bad || op != 1 && op != 2 {
		return fmt.Errorf("head: %w", errCut)
	}
	f["op"], f["your_address"] = op, ip(your)
	if hlen == 6 {
		f["client_mac"] = mac(hardware[:6])
	}
	if a := ip(relay); a != "0.0.0.0" {
		f["relay"] = a
	}
	if c.u32() != 0x63825363 {
		return nil
	}
	overload := dhcpOptions(c.b, f)
	if overload&1 != 0 {
		dhcpOptions(file, f)
	}
	if overload&2 != 0 {
		dhcpOptions(server, f)
	}
	return nil
}

// dhcpOptions gives the value of option 52: which other fields hold options.
func dhcpOptions(b []byte, f Facts) (overload int) {
	c := cursor{b: b}
	for len(c.b) > 0 {
		code := c.u8()
		if code == 255 {
			break
		}
		if code == 0 {
			continue
		}
		v := c.take(c.u8())
		if c.bad {
			f.note("cut")
			break
		}
		if code == 52 && len(v) == 1 {
			overload = int(v[0])
			continue
		}
		dhcpOption(code, v, f)
	}
	return overload
}

func dhcpOption(code int, v []byte, f Facts) {
	switch code {
	case 12:
		f.text("hostname", v)
	case 53:
		if len(v) == 1 {
			f["type"] = int(v[0])
		}
	case 50, 54:
		if name := map[int]string{50: "requested_address", 54: "server"}[code]; len(v) == 4 {
			f[name] = ip(v)
		}
	case 3:
		for ; len(v) >= 4; v = v[4:] {
			f.add("routers", ip(v[:4]))
		}
	case 55:
		for _, n := range v {
			f.add("requested", strconv.Itoa(int(n)))
		}
	case 60:
		f.text("vendor_class", v)
	case 61:
		f["client_id"] = hexText(v)
	case 81:
		if len(v) > 3 && v[0]&4 == 0 {
			f.text("fqdn", v[3:])
		}
	case 82:
		for c := (cursor{b: v}); len(c.b) >= 2; {
			sub := c.u8()
			if id := c.take(c.u8()); sub == 1 || sub == 2 {
				f[map[int]string{1: "circuit_id", 2: "remote_id"}[sub]] = hexText(id)
			}
		}
	}
}
