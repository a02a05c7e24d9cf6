package capture

import "fmt"

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
	if version == 2 {
		mask := c.u32()
		f["hello"] = c.u16()
		c.skip(1)
		f["priority"] = c.u8()
		f["dead"] = int(c.u32())
		f["mask"] = ip4(mask)
	} else {
		f["interface_id"] = int(c.u32())
		f["priority"] = c.u8()
		c.skip(3)
		f["hello"], f["dead"] = c.u16(), c.u16()
	}
	designated, backup := c.u32(), c.u32()
	if c.bad {
		return fmt.Errorf("hello: %w", errCut)
	}
	f["designated_router"], f["backup_router"] = ip4(designated), ip4(backup)
	for len(c.b) >= 4 {
		f.add("neighbors", ip4(c.u32()))
	}
	return nil
}
