package capture

import (
	"fmt"
	"math"
)

// decodeTrap reads the head of an SNMP notification (RFC 1157 §4.1.6, RFC
// 3416 §3, RFC 3412 §6). The community is skipped, never stated.
func decodeTrap(p *packet, f Facts) error {
	c := cursor{b: p.data}
	body := c.ber(0x30)
	version := body.integer()
	if c.bad || body.bad || version != 0 && version != 1 && version != 3 {
		return fmt.Errorf("message: %w", errCut)
	}
	f["version"] = version
	if version == 3 {
		return trap3(&body, f)
	}
	body.ber(0x04)
	if len(body.b) == 0 || body.bad {
		return fmt.Errorf("message: %w", errCut)
	}
	tag := int(body.b[0])
	f["pdu"] = tag & 0x1f
	pdu := body.ber(tag)
	switch tag {
	case 0xa4:
		enterprise := pdu.ber(0x06)
		agent := pdu.ber(0x40)
		f.text("enterprise", []byte(oidText(enterprise.b)))
		if a := ip(agent.b); len(agent.b) == 4 {
			f["agent"] = a
		}
		generic, specific := pdu.integer(), pdu.integer()
		if pdu.bad {
			return fmt.Errorf("trap: %w", errCut)
		}
		f["generic"], f["specific"] = generic, specific
		ticks := pdu.ber(0x43)
		f["uptime"] = ticks.number()
	case 0xa6, 0xa7:
		return trap2(&pdu, f)
	default:
		p.protocol = "" // a request that strayed to this port
	}
	return nil
}

// trap2 reads sysUpTime.0 and snmpTrapOID.0, the first two bindings.
func trap2(pdu *cursor, f Facts) error {
	pdu.integer()
	pdu.integer()
	pdu.integer()
	list := pdu.ber(0x30)
	first := list.ber(0x30)
	first.ber(0x06)
	ticks := first.ber(0x43)
	second := list.ber(0x30)
	second.ber(0x06)
	what := second.ber(0x06)
	if second.bad || first.bad {
		return fmt.Errorf("bindings: %w", errCut)
	}
	f["uptime"] = ticks.number()
	f.text("trap", []byte(oidText(what.b)))
	return nil
}

// trap3 reads the engine behind a version 3 message; the rest may be sealed.
func trap3(c *cursor, f Facts) error {
	c.ber(0x30)
	wrapped := c.ber(0x04)
	security := wrapped.ber(0x30)
	engine := security.ber(0x04)
	if c.bad || security.bad {
		return fmt.Errorf("message: %w", errCut)
	}
	if len(engine.b) > 0 {
		f["engine"] = hexText(engine.b)
	}
	return nil
}

// ber takes an element with a tag and gives its contents; lengths are those
// of X.690 §8.1.3 up to four octets.
func (c *cursor) ber(tag int) cursor {
	if c.u8() != tag {
		c.bad = true
	}
	n := c.u8()
	if n&0x80 != 0 {
		size := n & 0x7f
		if n = 0; size == 0 || size > 4 {
			c.bad = true
		}
		for range size & 7 {
			n = n<<8 | c.u8()
		}
	}
	v := c.take(n)
	if c.bad {
		c.b = nil
		return cursor{bad: true}
	}
	return cursor{b: v}
}

// number reads an unsigned integer's contents.
func (c *cursor) number() int {
	n := uint64(0)
	for _, b := range c.b[:min(len(c.b), 8)] {
		n = n<<8 | uint64(b)
	}
	return int(min(n, math.MaxInt32<<1|1))
}

func (c *cursor) integer() int {
	v := c.ber(0x02)
	return v.number()
}
