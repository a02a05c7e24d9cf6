package capture

import (
	"fmt"
	"strconv"
)

// decodeEDP reads a head with the sender's MAC, then TLVs marked 0x99 whose
// length counts their head of 4.
func decodeEDP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	version := c.u8()
	c.skip(1)
	length := c.u16()
	c.skip(2)
	sequence := c.u16()
	c.skip(2)
	id := c.take(6)
	if c.bad || version != 1 {
		return fmt.Errorf("head of version %d: %w", version, errCut)
	}
	f["chassis_id"], f["sequence"] = mac(id), sequence
	if length > 16 && length-16 < len(c.b) {
		c.b = c.b[:length-16]
	}
	for len(c.b) >= 4 {
		marker, typ := c.u8(), c.u8()
		v := c.take(c.u16() - 4)
		if c.bad || marker != 0x99 {
			f.note("cut")
			return fmt.Errorf("TLV of type %d: %w", typ, errCut)
		}
		if typ == 0 {
			break
		}
		edpTLV(typ, v, f)
	}
	return nil
}

func edpTLV(typ int, v []byte, f Facts) {
	c := cursor{b: v}
	switch typ {
	case 1:
		f.text("sys_name", cText(v))
	case 2:
		slot, port := c.u16(), c.u16()
		c.skip(8)
		version := c.take(4)
		if c.bad {
			f.note("short-info")
			return
		}
		f["slot"], f["port"] = slot+1, port+1 // from 0 on the wire, from 1 on the device
		f["version"] = fmt.Sprintf("%d.%d.%d.%d", version[0], version[1], version[2], version[3])
	case 5:
		c.skip(2)
		id := c.u16()
		c.skip(4)
		address := c.take(4)
		if c.bad {
			f.note("short-vlan")
			return
		}
		f.add("vlans", text(cText(c.b)))
		f.add("vlan_ids", strconv.Itoa(id))
		if a := ip(address); a != "0.0.0.0" {
			f.add("addresses", a)
		}
	}
}
