package capture

import (
	"fmt"
	"strconv"
)

// lldpCapabilities are the words of the bits of IEEE 802.1AB-2016 §8.5.8.1.
func lldpCapabilities(set uint32) []string {
	return words(set, "other", "repeater", "bridge", "wlan-access-point", "router", "telephone", "docsis", "station", "c-vlan", "s-vlan", "two-port-relay")
}

// decodeLLDP reads an LLDPDU (IEEE 802.1AB-2016 §8): TLVs of a 7-bit type and
// a 9-bit length up to the End TLV.
func decodeLLDP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	if len(c.b) == 0 {
		return fmt.Errorf("empty LLDPDU")
	}
	ended := false
	for len(c.b) > 0 && !ended {
		head := c.u16()
		v := c.take(head & 0x1ff)
		if c.bad {
			f.note("cut")
			return fmt.Errorf("TLV of type %d: %w", head>>9, errCut)
		}
		ended = head>>9 == 0
		lldpTLV(head>>9, v, f)
	}
	if f["chassis_id"] == nil || f["port_id"] == nil {
		return fmt.Errorf("no chassis or port identifier")
	}
	if !ended {
		f.note("no-end")
	}
	return nil
}

func lldpTLV(typ int, v []byte, f Facts) {
	switch typ {
	case 1:
		lldpID(f, "chassis", v, 4, 5)
	case 2:
		lldpID(f, "port", v, 3, 4)
	case 3:
		if len(v) >= 2 {
			f["ttl"] = int(v[0])<<8 | int(v[1])
		} else {
			f.note("short-ttl")
		}
	case 4:
		f.text("port_descr", v)
	case 5:
		f.text("sys_name", v)
	case 6:
		f.text("sys_descr", v)
	case 7:
		if len(v) < 4 {
			f.note("short-capabilities")
			return
		}
		if w := lldpCapabilities(uint32(v[2])<<8 | uint32(v[3])); w != nil {
			f["capabilities"] = w
		}
	case 8:
		lldpAddress(v, f)
	case 127:
		lldpOrganisation(v, f)
	}
}

// lldpID reads a subtype and an identifier; subtypes that the standard
// reserves stay opaque.
func lldpID(f Facts, what string, v []byte, isMAC, isAddress int) {
	if len(v) < 2 || f[what+"_id"] != nil {
		f.note("bad-" + what + "-id")
		return
	}
	subtype, id := int(v[0]), v[1:]
	f[what+"_subtype"] = subtype
	s := ""
	switch {
	case subtype == isMAC:
		s = mac(id)
	case subtype == isAddress:
		s = afAddress(int(id[0]), id[1:])
	case subtype >= 1 && subtype <= 7:
		s = text(id)
	}
	if s == "" {
		s = hexText(id)
	}
	f[what+"_id"] = s
}

// lldpAddress reads a management address TLV (§8.5.9).
func lldpAddress(v []byte, f Facts) {
	c := cursor{b: v}
	n := c.u8()
	family := c.u8()
	address := c.take(n - 1)
	if n < 2 || c.bad {
		f.note("bad-address")
		return
	}
	f.add("addresses", afAddress(family, address))
	if subtype, number := c.u8(), c.u32(); !c.bad && subtype == 2 {
		f.add("address_if_index", strconv.FormatUint(uint64(number), 10))
	}
}

// lldpOrganisation reads what IEEE 802.1 (Annex D), 802.3 (Annex F) and
// LLDP-MED (ANSI/TIA-1057) put into TLVs of their own.
func lldpOrganisation(v []byte, f Facts) {
	c := cursor{b: v}
	oui := c.u8()<<16 | c.u16()
	sub := c.u8()
	if c.bad {
		f.note("short-organisation")
		return
	}
	switch oui {
	case 0x0080c2:
		lldp8021(sub, &c, f)
	case 0x00120f:
		lldp8023(sub, &c, f)
	case 0x0012bb:
		med := map[int]string{5: "hardware", 6: "firmware", 7: "version", 8: "serial", 9: "manufacturer", 10: "model", 11: "asset"}
		if name := med[sub]; name != "" {
			f.text(name, c.b)
		}
	}
	if c.bad {
		f.note(fmt.Sprintf("short-%06x-%d", oui, sub))
	}
}

func lldp8021(sub int, c *cursor, f Facts) {
	switch sub {
	case 1:
		if v := c.u16(); !c.bad {
			f["port_vlan"] = v
		}
	case 3:
		id := c.u16()
		name := c.take(c.u8())
		if !c.bad {
			f.add("vlans", strconv.Itoa(id)+" "+text(name))
		}
	case 7:
		if status, id := c.u8(), c.u32(); !c.bad && status&2 != 0 {
			f["aggregate"] = strconv.FormatUint(uint64(id), 10)
		}
	}
}

func lldp8023(sub int, c *cursor, f Facts) {
	switch sub {
	case 1:
		c.skip(3)
		if mau := c.u16(); !c.bad {
			f["mau_type"] = mau
		}
	case 3:
		if status, id := c.u8(), c.u32(); !c.bad && status&2 != 0 {
			f["aggregate"] = strconv.FormatUint(uint64(id), 10)
		}
	case 4:
		if mtu := c.u16(); !c.bad {
			f["mtu"] = mtu
		}
	}
}
