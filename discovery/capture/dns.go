package capture

import "fmt"

// decodeDNS reads multicast DNS (RFC 6762) and LLMNR (RFC 4795): the names of
// all questions and answers, and addresses. The root is written <Root>.
func decodeDNS(p *packet, f Facts) error {
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
		dnsAdd(f, name)
	}
	for range records {
		if len(c.b) == 0 && p.cut {
			break
		}
		if err := dnsRecord(p.data, &c, f); err != nil {
			return err
		}
	}
	return nil
}

func dnsAdd(f Facts, name string) {
	if name == "" {
		name = "<Root>"
	}
	addNew(f, "names", name)
}

func dnsRecord(whole []byte, c *cursor, f Facts) error {
	name, ok := dnsName(whole, c, '.')
	typ := c.u16()
	c.skip(6)
	v := c.take(c.u16())
	if !ok || c.bad {
		return fmt.Errorf("record: %w", errCut)
	}
	dnsAdd(f, name)
	r := cursor{b: v}
	switch {
	case typ == 1 && len(v) == 4, typ == 28 && len(v) == 16:
		addNew(f, "addresses", ip(v))
	case typ == 33:
		r.skip(6)
		if target, ok := dnsName(whole, &r, '.'); ok {
			addNew(f, "targets", target)
		}
	case typ == 12:
		if target, ok := dnsName(whole, &r, '.'); ok {
			addNew(f, "pointers", target)
		}
	case typ == 16:
		for len(r.b) > 0 {
			if s := r.take(r.u8()); len(s) > 0 {
				f.add("text", text(s))
			}
		}
	}
	return nil
}

// dnsName reads a name at c (RFC 1035 §4.1.4): at most 128 jumps, each to the
// front, and 255 octets.
func dnsName(whole []byte, c *cursor, sep byte) (string, bool) {
	var buf [512]byte
	out := buf[:0]
	r, jumped, size := *c, false, 0
	for jumps := 0; ; {
		n := r.u8()
		if r.bad {
			c.b, c.bad = nil, true
			return "", false
		}
		switch {
		case n == 0:
			if !jumped {
				*c = r
			}
			return string(out), true
		case n&0xc0 == 0xc0:
			low := r.u8()
			if !jumped {
				*c, jumped = r, true
			}
			to := (n&0x3f)<<8 | low
			if jumps++; r.bad || jumps > 128 || to >= len(whole) {
				return "", false
			}
			r = cursor{b: whole[to:]}
		case n&0xc0 != 0:
			return "", false
		default:
			label := r.take(n)
			if size += n + 1; label == nil || size > 255 {
				return "", false
			}
			if len(out) > 0 {
				out = append(out, sep)
			}
			out = append(out, text(label)...)
		}
	}
}
