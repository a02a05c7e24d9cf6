package walk

import (
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// recognise chooses the platform early, because it says which private tables
// are read and what is odd about the others. identify decides again, from all
// facts.
func (c *collector) recognise() {
	c.f.Scalars = map[string]any{}
	e := platform.EvidenceOf(c.f)
	for _, oid := range c.set.Wanted(e) {
		c.scalar(oid)
	}
	chosen := c.set.Choose(e)
	if len(chosen) == 0 {
		return
	}
	c.platform = chosen[0].Platform
	for _, t := range c.platform.Walk.Skip {
		c.skip[t] = true
		c.f.Tables = append(c.f.Tables, netdev.TableState{Table: t, Coverage: netdev.Skipped, Detail: c.platform.Walk.Because})
	}
}

func (c *collector) scalar(oid string) {
	if _, ok := c.f.Scalars[oid]; ok {
		return
	}
	v, ok := c.firstOf(oid)
	if !ok {
		return
	}
	if n, isNum := v.Num, v.Type != snmp.OctetString && v.Type != snmp.ObjectID && v.Type != snmp.IPAddress && v.Type != snmp.Opaque; isNum {
		c.f.Scalars[oid] = int64(n)
		return
	}
	c.f.Scalars[oid] = text(v)
}

// scalars reads what the files of the recognised platforms want to know.
func (c *collector) scalars() {
	var all []platform.FactSource
	for i, p := range c.set.Choose(platform.EvidenceOf(c.f)) {
		if i > 2 {
			break
		}
		s := p.Platform.Facts
		all = append(append(append(append(all, s.Model...), s.Version...), s.Serial...), s.Hostname...)
	}
	if generic, ok := c.set.Get("generic"); ok {
		s := generic.Facts
		all = append(append(append(all, s.Model...), s.Version...), s.Serial...)
	}
	for _, s := range all {
		if s.OID != "" {
			c.scalar(s.OID)
		}
	}
}
