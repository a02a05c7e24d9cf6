package capture

import (
	"bytes"
	"fmt"
)

// decodeCDP reads version, hold time, checksum and TLVs whose length counts
// the header.
func decodeCDP(p *packet, f Facts) error { return cdpTLVs(p, f, cdpTLV) }

// decodeFDP reads the same frame with its own higher types.
func decodeFDP(p *packet, f Facts) error {
	return cdpTLVs(p, f, func(typ int, v []byte, f Facts) {
		if typ <= 6 {
			cdpTLV(typ, v, f)
		}
	})
}

func cdpTLVs(p *packet, f Facts, tlv func(int, []byte, Facts)) error {
	c := cursor{b: p.data}
	version, ttl := c.u8(), c.u8()
	c.skip(2)
	if c.bad {
		return fmt.Errorf("head: %w", errCut)
	}
	if version == 0 || version > 3 {
		return fmt.Errorf("version %d", version)
	}
	f["protocol_version"], f["ttl"] = version, ttl
	if p.protocol == "cdp" && !p.cut && !cdpChecksum(p.data) {
		f.note("checksum")
	}
	for len(c.b) >= 4 {
		typ, v, ok := c.tlv(true)
		if !ok {
			f.note("cut")
			return fmt.Errorf("TLV of type %d: %w", typ, errCut)
		}
		tlv(typ, v, f)
	}
	return nil
}

func cdpTLV(typ int, v []byte, f Facts) {
	c := cursor{b: v}
	switch typ {
	case 0x01:
		f.text("chassis_id", v)
	case 0x02, 0x16:
		cdpAddresses(v, f)
	case 0x03:
		f.text("port_id", v)
	case 0x04:
		if n := c.u32(); !c.bad {
			if w := words(n, "router", "bridge", "source-bridge", "switch", "host", "igmp", "repeater", "telephone"); w != nil {
				f["capabilities"] = w
			}
		}
	case 0x05:
		f.text("sys_descr", v)
	case 0x06:
		f.text("platform", v)
	case 0x09:
		f.text("vtp_domain", v)
	case 0x0a:
		if n := c.u16(); !c.bad {
			f["native_vlan"] = n
		}
	case 0x0b:
		if n := c.u8(); !c.bad {
			f["duplex"] = map[bool]string{true: "full", false: "half"}[n == 1]
		}
	case 0x0e:
		c.skip(1)
		if n := c.u16(); !c.bad {
			f["voice_vlan"] = n
		}
	case 0x14:
		f.text("sys_name", v)
	case 0x15:
		f.text("sys_object_id", []byte(oidText(v)))
	}
}

// cdpAddresses reads a count and addresses: protocol type and length, the
// protocol, a 16-bit length, the address. The count is not believed.
func cdpAddresses(v []byte, f Facts) {
	c := cursor{b: v}
	for n := c.u32(); n > 0 && len(c.b) > 0; n-- {
		c.skip(1)
		proto := c.take(c.u8())
		address := c.take(c.u16())
		switch {
		case c.bad:
			f.note("bad-address")
		case bytes.Equal(proto, []byte{0xcc}) && len(address) == 4, len(proto) == 8 && bytes.HasSuffix(proto, []byte{0x86, 0xdd}) && len(address) == 16:
			addNew(f, "addresses", ip(address))
		}
	}
}

// addNew adds s unless the list ends with it or is short and holds it.
func addNew(f Facts, name, s string) {
	list := f.list(name)
	for _, have := range list[:min(len(list), 64)] {
		if have == s {
			return
		}
	}
	f.add(name, s)
}

// cdpChecksum is the Internet checksum (RFC 1071), or its variant for frames
// of odd length that takes the last octet as a signed low one.
func cdpChecksum(b []byte) bool {
	sum := func(b []byte, last uint32) bool {
		for ; len(b) >= 2; b = b[2:] {
			last += uint32(b[0])<<8 | uint32(b[1])
		}
		for last > 0xffff {
			last = last&0xffff + last>>16
		}
		return last == 0xffff
	}
	if len(b)%2 == 0 {
		return sum(b, 0)
	}
	even, odd := b[:len(b)-1], b[len(b)-1]
	signed := uint32(uint16(int16(int8(odd))))
	if odd&0x80 != 0 {
		signed--
	}
	return sum(even, uint32(odd)<<8) || sum(even, signed&0xffff) || sum(even, uint32(uint16(int16(int8(odd)))))
}
