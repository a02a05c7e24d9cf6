package walk

import (
	"context"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// Collect reads what DISCOVERY §3 lists from one agent. It never fails as a
// whole: what could not be read is told in Facts.Tables.
func Collect(ctx context.Context, a snmp.Agent, set *platform.Set) netdev.Facts {
	c := &collector{ctx: ctx, agent: a, set: set, skip: map[string]bool{}}
	c.system()
	c.lldpLocal()
	c.recognise()
	c.interfaces()
	c.addresses()
	c.arp()
	c.entities()
	c.bridge()
	c.vlans()
	c.forwarding()
	c.spanningTree()
	c.lldp()
	c.privateNeighbours()
	c.cdp()
	c.otherNeighbours()
	c.aggregates()
	c.routing()
	c.accessPoints()
	c.scalars()
	c.finish()
	return c.f
}

// collector holds what one walk has learned so far.
type collector struct {
	ctx      context.Context
	agent    snmp.Agent
	set      *platform.Set
	platform *platform.Platform // nil: none recognised
	skip     map[string]bool
	f        netdev.Facts

	ifs    map[netdev.IfIndex]int // place in f.Interfaces
	named  map[string]netdev.IfIndex
	ports  portMap
	fdbs   map[uint32]int // FDB id to VLAN
	vtp    []int          // VLANs that have a context of their own
	seenN  map[neighbourKey]int
	states map[string]int // place in f.Tables
}

// table reads columns and keeps how that went under a name. Several reads
// under one name add up: the worse coverage counts.
func (c *collector) table(name string, cols ...snmp.OID) []snmp.Row {
	if c.skip[name] {
		return nil
	}
	t := c.agent.Table(c.ctx, cols...)
	c.note(name, t)
	return t.Rows
}

func (c *collector) note(name string, t snmp.Table) {
	state := netdev.TableState{Table: name, Coverage: t.Coverage, Reason: t.Reason, Detail: t.Detail, Rows: len(t.Rows)}
	if c.states == nil {
		c.states = map[string]int{}
	}
	at, ok := c.states[name]
	if !ok {
		c.states[name] = len(c.f.Tables)
		c.f.Tables = append(c.f.Tables, state)
		return
	}
	old := &c.f.Tables[at]
	old.Rows += state.Rows
	if old.Coverage == netdev.Absent || state.Coverage == netdev.Partial {
		old.Coverage, old.Reason, old.Detail = state.Coverage, state.Reason, state.Detail
	}
}

// column gives "prefix.n" for each n.
func columns(prefix snmp.OID, ns ...string) []snmp.OID {
	out := make([]snmp.OID, len(ns))
	for i, n := range ns {
		out[i] = prefix + "." + snmp.OID(n)
	}
	return out
}

func (c *collector) system() {
	const sys = "1.3.6.1.2.1.1."
	vbs, err := c.agent.Get(c.ctx, sys+"1.0", sys+"2.0", sys+"3.0", sys+"4.0", sys+"5.0", sys+"6.0", sys+"7.0",
		"1.3.6.1.6.3.10.2.1.1.1.0", "1.3.6.1.2.1.4.1.0")
	state := netdev.TableState{Table: "system", Coverage: netdev.Complete, Rows: len(vbs)}
	if err != nil {
		state.Coverage, state.Reason, state.Detail = netdev.Partial, netdev.ReasonOf(err), err.Error()
	}
	for _, vb := range vbs {
		v := vb.Value
		if !v.IsSet() {
			state.Rows--
			continue
		}
		switch vb.OID {
		case sys + "1.0":
			c.f.SysDescr = text(v)
		case sys + "2.0":
			c.f.SysObjectID = string(v.OID)
		case sys + "3.0":
			c.f.UptimeTicks = uint32(v.Num)
		case sys + "4.0":
			c.f.SysContact = text(v)
		case sys + "5.0":
			c.f.SysName = text(v)
		case sys + "6.0":
			c.f.SysLocation = text(v)
		case sys + "7.0":
			c.f.SysServices = int(int32(v.Num))
		case "1.3.6.1.6.3.10.2.1.1.1.0":
			c.f.EngineID = slices.Clone(v.Bytes)
		case "1.3.6.1.2.1.4.1.0":
			c.f.Forwarding = v.Num == 1
		}
	}
	if state.Rows == 0 && state.Coverage == netdev.Complete {
		state.Coverage = netdev.Absent
	}
	c.f.Tables = append(c.f.Tables, state)
	c.states = map[string]int{"system": 0}
}

// finish puts every list into an order that depends on the device alone.
func (c *collector) finish() {
	f := &c.f
	slices.SortFunc(f.Interfaces, func(a, b netdev.Interface) int { return int(a.Index) - int(b.Index) })
	slices.SortFunc(f.VLANs, func(a, b netdev.VLAN) int { return a.ID - b.ID })
	slices.SortFunc(f.LAG, func(a, b netdev.LAG) int { return strings.Compare(a.Aggregate, b.Aggregate) })
	if f.Routing != nil && len(f.Routing.OSPF)+len(f.Routing.BGP) == 0 {
		f.Routing = nil
	}
}
