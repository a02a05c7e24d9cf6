package capture

import "fmt"

// link reads the head of the link layer and gives who decodes the payload,
// which it leaves in p.data; an entry without decoder has nothing to say.
func (d *Decoder) link(t LinkType, p *packet) (entry, error) {
	c := cursor{b: p.data}
	switch t {
	case Ethernet:
		p.dest, p.source = c.take(6), c.take(6)
		typ := c.u16()
		if c.bad {
			return entry{}, fmt.Errorf("ethernet head: %w", errCut)
		}
		if isl(p.dest) && typ < 0x0600 {
			return d.isl(&c, p)
		}
		return d.ether(typ, &c, p, 0)
	case SLL, SLL2:
		return d.sll(t, &c, p)
	case Raw, RawBSD, RawOpenBSD, RawIPv4, RawIPv6:
		return d.ip(&c, p)
	case Null, Loop:
		c.skip(4) // the family; the version of the IP header says the same in every byte order
		return d.ip(&c, p)
	case HDLC:
		return d.hdlc(&c, p)
	case PPP, PPPSerial:
		return d.ppp(&c, p)
	case FrameRelay:
		return d.frameRelay(&c, p)
	case FDDI:
		c.skip(1)
		p.dest, p.source = c.take(6), c.take(6)
		return d.logical(&c, p, 0)
	case TokenRing:
		return d.tokenRing(&c, p)
	}
	if len(d.Skipped) < 256 {
		d.Skipped[t]++
	}
	return entry{}, nil
}

// ether goes on after a length or EtherType. Two tags are read behind the
// first (IEEE 802.1Q, 802.1ad).
func (d *Decoder) ether(typ int, c *cursor, p *packet, tags int) (entry, error) {
	switch typ {
	case 0x8100, 0x88a8, 0x9100, 0x9200:
		if tags == 3 {
			return entry{}, nil
		}
		tci := c.u16()
		if !p.tagged {
			p.vlan, p.tagged = tci&0xfff, true
		}
		typ = c.u16()
		if c.bad {
			return entry{}, fmt.Errorf("vlan tag: %w", errCut)
		}
		return d.ether(typ, c, p, tags+1)
	case 0x0800, 0x86dd:
		return d.ip(c, p)
	case 0x8864: // PPPoE session, RFC 2516 §4
		c.skip(6)
		return d.ppp(c, p)
	case 0x8870: // long LLC frames, draft-ietf-isis-ext-eth
		return d.logical(c, p, 0)
	case 0x8847, 0x8848:
		return d.mpls(c, p)
	}
	if typ < 0x0600 {
		return d.logical(c, p, typ)
	}
	e := d.types[typ]
	p.data = c.b
	return e, nil
}

// isl says whether dest is one of the addresses that mark a frame put whole
// into an inter-switch link's head.
func isl(dest []byte) bool {
	return (dest[0] == 0x01 || dest[0] == 0x03) && dest[1] == 0 && dest[2] == 0x0c && dest[3] == 0 && dest[4] == 0
}

// isl reads the rest of that head: SNAP, the sender's OUI, VLAN and a bit,
// index, reserved. The inner frame is followed by a check sequence.
func (d *Decoder) isl(c *cursor, p *packet) (entry, error) {
	c.skip(6)
	p.vlan, p.tagged = c.u16()>>1, true
	c.skip(4)
	p.dest, p.source = c.take(6), c.take(6)
	typ := c.u16()
	if c.bad || isl(p.dest) {
		return entry{}, fmt.Errorf("inter-switch head: %w", errCut)
	}
	return d.ether(typ, c, p, 0)
}

// logical goes on after an IEEE 802.2 length; 0 is none.
func (d *Decoder) logical(c *cursor, p *packet, length int) (entry, error) {
	if length > 0 && length < len(c.b) {
		c.b = c.b[:length]
	}
	if len(c.b) < 3 {
		return entry{}, nil
	}
	dsap, ssap, control := c.u8(), c.u8(), c.u8()
	if control != 3 {
		return entry{}, nil
	}
	if dsap == 0xaa && ssap == 0xaa {
		key := uint64(c.u8())<<32 | uint64(c.u16())<<16 | uint64(c.u16())
		if c.bad {
			return entry{}, nil
		}
		if oui := key >> 16; oui == 0 || oui == 0x0000f8 {
			if typ := int(key & 0xffff); typ >= 0x0600 {
				return d.ether(typ, c, p, 3)
			}
		}
		p.data = c.b
		return d.snap[key], nil
	}
	if dsap != ssap {
		return entry{}, nil
	}
	if dsap == 0x06 {
		return d.ip(c, p)
	}
	p.data = c.b
	return d.llc[dsap], nil
}

// sll reads the cooked headers of Linux, which have a source but no
// destination address.
func (d *Decoder) sll(t LinkType, c *cursor, p *packet) (entry, error) {
	var typ, hardware, n int
	var address []byte
	if t == SLL {
		c.skip(2)
		hardware, n = c.u16(), c.u16()
		address = c.take(8)
		typ = c.u16()
	} else {
		typ = c.u16()
		c.skip(6)
		hardware = c.u16()
		c.skip(1)
		n = c.u8()
		address = c.take(8)
	}
	if c.bad {
		return entry{}, fmt.Errorf("cooked head: %w", errCut)
	}
	if n == 6 {
		p.source = address[:6]
	}
	switch {
	case hardware == 778, hardware == 824: // GRE and netlink: another meaning of typ
		return entry{}, nil
	case typ == 4:
		return d.logical(c, p, 0)
	case typ < 0x0600:
		return entry{}, nil
	}
	return d.ether(typ, c, p, 0)
}

// hdlc reads a protocol number behind address and control. 0x8035 are
// keep-alives here, not RARP.
func (d *Decoder) hdlc(c *cursor, p *packet) (entry, error) {
	c.skip(2)
	switch typ := c.u16(); typ {
	case 0x2000:
		p.data = c.b
		return d.snap[0x00000c_2000], nil
	case 0xfefe:
		c.skip(1)
		p.data = c.b
		return d.llc[0xfe], nil
	case 0x8035:
		return entry{}, nil
	default:
		return d.ether(typ, c, p, 0)
	}
}

// ppp reads a protocol number behind an optional address and control field
// (RFC 1661, 1662).
func (d *Decoder) ppp(c *cursor, p *packet) (entry, error) {
	if len(c.b) >= 2 && c.b[0] == 0xff && c.b[1] == 0x03 {
		c.skip(2)
	}
	typ := 0
	if len(c.b) > 0 && c.b[0]&1 == 1 { // compressed
		typ = c.u8()
	} else {
		typ = c.u16()
	}
	switch typ {
	case 0x0021, 0x0057:
		return d.ip(c, p)
	case 0x0023:
		p.data = c.b
		return d.llc[0xfe], nil
	case 0x0207:
		p.data = c.b
		return d.snap[0x00000c_2000], nil
	case 0x0281:
		return d.mpls(c, p)
	}
	return entry{}, nil
}

// frameRelay reads a two-octet address and NLPID (RFC 2427), or the EtherType
// that others put there.
func (d *Decoder) frameRelay(c *cursor, p *packet) (entry, error) {
	if len(c.b) < 4 || c.b[1]&1 == 0 {
		return entry{}, nil
	}
	c.skip(2)
	if c.b[0] != 0x03 {
		return d.ether(c.u16(), c, p, 3)
	}
	c.skip(1)
	if c.b[0] == 0 { // padding
		c.skip(1)
	}
	switch nlpid := c.u8(); nlpid {
	case 0xcc, 0x8e:
		return d.ip(c, p)
	case 0x83:
		p.data = append([]byte{0x83}, c.b...)
		return d.llc[0xfe], nil
	case 0x80:
		key := uint64(c.u8())<<32 | uint64(c.u16())<<16 | uint64(c.u16())
		if key>>16 == 0 {
			return d.ether(int(key), c, p, 3)
		}
		p.data = c.b
		return d.snap[key], nil
	}
	return entry{}, nil
}

func (d *Decoder) tokenRing(c *cursor, p *packet) (entry, error) {
	c.skip(2)
	p.dest, p.source = c.take(6), c.take(6)
	if c.bad {
		return entry{}, fmt.Errorf("token ring head: %w", errCut)
	}
	if p.source[0]&0x80 != 0 && len(c.b) >= 2 { // routing information follows
		c.skip(int(c.b[0] & 0x1f))
	}
	return d.logical(c, p, 0)
}

// mpls skips at most 16 labels; only IP is looked for below them.
func (d *Decoder) mpls(c *cursor, p *packet) (entry, error) {
	for range 16 {
		label := c.u32()
		if c.bad {
			return entry{}, nil
		}
		if label&0x100 != 0 {
			break
		}
	}
	if len(c.b) > 0 && (c.b[0]>>4 == 4 || c.b[0]>>4 == 6) {
		return d.ip(c, p)
	}
	return entry{}, nil
}
