package walk

import (
	"fmt"
	"strconv"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// dot1dTpFdbStatus (RFC 4188).
func fdbStatus(v snmp.Value) (word string, valid bool) {
	switch integer(v) {
	case 2:
		return "", false
	case 3:
		return "learned", true
	case 4:
		return "self", true
	case 5:
		return "mgmt", true
	case 1:
		return "other", true
	}
	return "", true
}

type fdbKey struct {
	mac  netdev.MAC
	port string
	vlan int
}

// forwarding reads Q-BRIDGE first, because its rows know their VLAN; a
// BRIDGE row that says the same without a VLAN adds nothing.
func (c *collector) forwarding() {
	rule := ""
	if c.platform != nil {
		rule = c.platform.Walk.FDB.Index
	}
	if rule == "none" {
		c.f.Tables = append(c.f.Tables, netdev.TableState{Table: "fdb", Coverage: netdev.Skipped, Detail: "the platform has no forwarding table"})
		return
	}
	seen := map[fdbKey]bool{}
	known := map[fdbKey]bool{} // without the VLAN
	noPort := 0
	add := func(mac netdev.MAC, m portMap, port uint32, vlan int, status snmp.Value) {
		word, valid := fdbStatus(status)
		if !valid {
			return
		}
		if port == 0 {
			noPort++
			return
		}
		name, i := c.resolve(m, port)
		k := fdbKey{mac, name, vlan}
		bare := fdbKey{mac, name, 0}
		if seen[k] || vlan == 0 && known[bare] {
			return
		}
		seen[k], known[bare] = true, true
		c.f.FDB = append(c.f.FDB, netdev.FDBEntry{MAC: mac, Port: name, IfIndex: i, VLAN: vlan, Status: word})
	}
	for _, r := range c.table("fdb", columns("1.3.6.1.2.1.17.7.1.2.2.1", "2", "3")...) {
		if len(r.Index) != 7 || !r.Cells[0].IsSet() {
			continue
		}
		if mac, ok := macIndex(r.Index[1:]); ok {
			add(mac, c.ports, uint32(integer(r.Cells[0])), c.vlanOf(r.Index[0], rule), r.Cells[1])
		}
	}
	for _, v := range c.vlanContexts() {
		in := c.agent.InContext(strconv.Itoa(v))
		m := c.contextPorts(in)
		t := in.Table(c.ctx, columns("1.3.6.1.2.1.17.4.3.1", "2", "3")...)
		c.noteContext("fdb", v, t)
		addBridgeRows(t.Rows, func(mac netdev.MAC, port uint32, st snmp.Value) { add(mac, m, port, v, st) })
	}
	addBridgeRows(c.table("fdb", columns("1.3.6.1.2.1.17.4.3.1", "2", "3")...), func(mac netdev.MAC, port uint32, st snmp.Value) {
		add(mac, c.ports, port, 0, st)
	})
	if at, ok := c.states["fdb"]; ok && noPort > 0 {
		c.f.Tables[at].Detail = fmt.Sprintf("%d rows on port 0 left out", noPort)
	}
}

func addBridgeRows(rows []snmp.Row, add func(netdev.MAC, uint32, snmp.Value)) {
	for _, r := range rows {
		if !r.Cells[0].IsSet() {
			continue
		}
		if mac, ok := macIndex(r.Index); ok {
			add(mac, uint32(integer(r.Cells[0])), r.Cells[1])
		}
	}
}

// vlanOf turns an FDB id into a VLAN: by dot1qVlanCurrentTable, or where the
// platform says that they are the same.
func (c *collector) vlanOf(fdb uint32, rule string) int {
	if v, ok := c.fdbs[fdb]; ok {
		return v
	}
	if rule == "vlan" && fdb < 4095 {
		return int(fdb)
	}
	return 0
}

func (c *collector) contextPorts(in snmp.Agent) portMap {
	if rows := in.Table(c.ctx, "1.3.6.1.2.1.17.1.4.1.2").Rows; len(rows) > 0 {
		return c.bridgePorts(rows)
	}
	return c.ports
}

// noteContext keeps a context that failed without failing the device.
func (c *collector) noteContext(name string, vlan int, t snmp.Table) {
	if t.Coverage == netdev.Absent {
		return
	}
	if t.Coverage == netdev.Partial {
		t.Detail = fmt.Sprintf("context %d: %s", vlan, t.Detail)
	}
	c.note(name, t)
}

func stpState(n int) string {
	words := [...]string{"", "disabled", "blocking", "listening", "learning", "forwarding", "broken"}
	if n < 0 || n >= len(words) {
		return ""
	}
	return words[n]
}

func (c *collector) spanningTree() {
	seen := map[netdev.STPPort]bool{}
	add := func(m portMap, rows []snmp.Row) {
		for _, r := range rows {
			if len(r.Index) != 1 {
				continue
			}
			p := netdev.STPPort{State: stpState(integer(r.Cells[0]))}
			p.Port, _ = c.resolve(m, r.Index[0])
			if b := r.Cells[1].Bytes; len(b) == 8 {
				p.DesignatedBridge = fmt.Sprintf("%02x%02x.%s", b[0], b[1], macBytes(b[2:]))
			} else if m, ok := macOf(r.Cells[1]); ok {
				p.DesignatedBridge = string(m)
			}
			if b := r.Cells[2].Bytes; len(b) == 2 {
				p.DesignatedPort = fmt.Sprintf("%02x%02x", b[0], b[1])
			}
			if (p.State != "" || p.DesignatedBridge != "") && !seen[p] {
				seen[p] = true
				c.f.STP = append(c.f.STP, p)
			}
		}
	}
	cols := columns("1.3.6.1.2.1.17.2.15.1", "3", "8", "9")
	add(c.ports, c.table("stp", cols...))
	for _, v := range c.vlanContexts() {
		in := c.agent.InContext(strconv.Itoa(v))
		t := in.Table(c.ctx, cols...)
		c.noteContext("stp", v, t)
		add(c.contextPorts(in), t.Rows)
	}
}
