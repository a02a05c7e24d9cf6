package capture

import (
	"fmt"
	"maps"
)

// decodeOSPF reads the head of OSPF (RFC 2328 §A.3) or OSPFv3 (RFC 5340 §A.3)
// and its hellos.
func decodeOSPF(p *packet, f Facts) error {
	c := cursor{b: p.data}
	version, typ := c.u8(), c.u8()
	length := c.u16()
	router, area := c.u32(), c.u32()
	c.skip(4) // checksum; authentication type or instance
	if version == 2 {
		c.skip(8)
	} else {
		p.protocol = "ospf3"
	}
	if c.bad || version != 2 && version != 3 {
		return fmt.Errorf("head of version %d: %w", version, errCut)
	}
	f["type"], f["router_id"], f["area"] = typ, ip4(router), ip4(area)
	if length < len(p.data) && length >= len(p.data)-len(c.b) {
		c.b = c.b[:length-(len(p.data)-len(c.b))]
	}
	if typ != 1 {
		return nil
	}
	h := ospfHello2
	if version == 3 {
		h = ospfHello3
	}
	said := h(&c)
	designated, backup := c.u32(), c.u32()
	if c.bad {
		return fmt.Errorf("hello: %w", errCut)
	}
	maps.Copy(f, said)
	f["designated_router"], f["backup_router"] = ip4(designated), ip4(backup)
	for len(c.b) >= 4 {
		f.add("neighbors", ip4(c.u32()))
	}
	return nil
}

func ospfHello2(c *cursor) Facts {
	mask, hello := c.u32(), c.u16()
	c.skip(1)
	priority, dead := c.u8(), c.u32()
	return Facts{"mask": ip4(mask), "hello": hello, "priority": priority, "dead": int(dead)}
}

func ospfHello3(c *cursor) Facts {
	id, priority := c.u32(), c.u8()
	c.skip(3)
	hello, dead := c.u16(), c.u16()
	return Facts{"interface_id": int(id), "priority": priority, "hello": hello, "dead": dead}
}
