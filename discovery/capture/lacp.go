package capture

import "fmt"

// decodeLACP reads an LACPDU (IEEE 802.1AX-2020 §6.4.2.3). Other subtypes of
// the slow protocols say nothing.
func decodeLACP(p *packet, f Facts) error {
	c := cursor{b: p.data}
	if c.u8() != 1 {
		p.protocol = ""
		return nil
	}
	version := c.u8()
	if !c.bad {
		f["version"] = version
	}
	for len(c.b) >= 2 {
		typ, n := c.u8(), c.u8()
		if typ == 0 {
			break
		}
		if n < 2 {
			f.note("cut")
			break
		}
		v := c.take(n - 2)
		if c.bad {
			break
		}
		if name := map[int]string{1: "actor", 2: "partner"}[typ]; name != "" {
			lacpEnd(name, v, f)
		}
	}
	if c.bad || f["actor_system"] == nil {
		return fmt.Errorf("LACPDU: %w", errCut)
	}
	return nil
}

func lacpEnd(who string, v []byte, f Facts) {
	c := cursor{b: v}
	priority, system := c.u16(), c.take(6)
	key, portPriority, port, state := c.u16(), c.u16(), c.u16(), c.u8()
	if c.bad {
		f.note("short-" + who)
		return
	}
	f[who+"_priority"], f[who+"_system"], f[who+"_key"] = priority, mac(system), key
	f[who+"_port_priority"], f[who+"_port"], f[who+"_state"] = portPriority, port, state
}
