package capture

import (
	"fmt"
	"strings"
)

// decodeNBNS reads the name service of NetBIOS (RFC 1002 §4.2): the names of
// all questions and records without their suffix octet, and addresses.
func decodeNBNS(p *packet, f Facts) error {
	c := cursor{b: p.data}
	c.skip(2)
	flags := c.u16()
	questions := c.u16()
	records := c.u16() + c.u16() + c.u16()
	if c.bad {
		return fmt.Errorf("head: %w", errCut)
	}
	f["response"] = flags&0x8000 != 0
	for range questions {
		name, ok := dnsName(p.data, &c, '.')
		c.skip(4)
		if !ok || c.bad {
			return fmt.Errorf("question: %w", errCut)
		}
		netbiosAdd(f, name)
	}
	for range records {
		name, ok := dnsName(p.data, &c, '.')
		typ := c.u16()
		c.skip(6)
		v := c.take(c.u16())
		if !ok || c.bad {
			return fmt.Errorf("record: %w", errCut)
		}
		netbiosAdd(f, name)
		switch typ {
		case 0x20:
			for ; len(v) >= 6; v = v[6:] {
				addNew(f, "addresses", ip(v[2:6]))
			}
		case 0x21:
			nodeStatus(v, f)
		}
	}
	return nil
}

// netbiosAdd undoes the first-level encoding (RFC 1001 §14.1): two letters A
// to P an octet, 16 octets, the last of which tells the kind of name. The
// scope that may follow is left out.
func netbiosAdd(f Facts, encoded string) {
	label, _, _ := strings.Cut(encoded, ".")
	if len(label) != 32 {
		f.note("bad-name")
		return
	}
	raw := make([]byte, 15)
	for i := range raw {
		hi, lo := label[2*i]-'A', label[2*i+1]-'A'
		if hi > 15 || lo > 15 {
			f.note("bad-name")
			return
		}
		raw[i] = hi<<4 | lo
	}
	netbiosName(f, raw)
}

// netbiosName writes octets that are no text as <01>.
func netbiosName(f Facts, raw []byte) {
	for len(raw) > 0 && (raw[len(raw)-1] == ' ' || raw[len(raw)-1] == 0) {
		raw = raw[:len(raw)-1]
	}
	var s strings.Builder
	for _, c := range raw {
		switch {
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&s, "<%02x>", c)
		default:
			s.WriteRune(rune(c))
		}
	}
	addNew(f, "names", s.String())
}

// nodeStatus reads the names and the unit id of RFC 1002 §4.2.18.
func nodeStatus(v []byte, f Facts) {
	c := cursor{b: v}
	for range c.u8() {
		name := c.take(15)
		c.skip(3)
		if c.bad {
			f.note("cut")
			return
		}
		netbiosName(f, name)
	}
	if unit := c.take(6); unit != nil && mac(unit) != "00:00:00:00:00:00" {
		f["unit_id"] = mac(unit)
	}
}
