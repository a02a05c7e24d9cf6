package walk

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// accessPoints reads the tables in which a controller lists its access points.
// A row without MAC and serial is kept too: the controller said it, though
// nothing tells it from another one.
func (c *collector) accessPoints() {
	if c.platform == nil {
		return
	}
	seen := map[string]int{}
	for _, t := range c.platform.AccessPoints {
		var fields []string
		var cols []snmp.OID
		for _, f := range platform.AccessPointFields() {
			if oid := t.OID(f); oid != "" {
				fields, cols = append(fields, f), append(cols, snmp.OID(oid))
			}
		}
		for _, r := range c.table(netdev.AccessPointTable, cols...) {
			cells := indexCells(t.Index, r.Index)
			for i, f := range fields {
				if r.Cells[i].IsSet() {
					cells[f] = r.Cells[i]
				}
			}
			ap := accessPoint(t, cells)
			key := strings.ToLower(cmp.Or(string(ap.MAC), ap.Serial))
			if at, ok := seen[key]; ok && key != "" {
				c.f.AccessPoints[at] = filled(c.f.AccessPoints[at], ap)
				continue
			}
			seen[key] = len(c.f.AccessPoints)
			if ap != (netdev.ManagedAP{}) {
				c.f.AccessPoints = append(c.f.AccessPoints, ap)
			}
		}
	}
	slices.SortStableFunc(c.f.AccessPoints, func(a, b netdev.ManagedAP) int { return strings.Compare(apOrder(a), apOrder(b)) })
}

func apOrder(a netdev.ManagedAP) string { return a.Name + "\x00" + string(a.MAC) + "\x00" + a.Serial }

// indexCells reads what the index says, by the words of a platform file: a MAC
// is six arcs, "skip" is one, anything else a text behind its length.
func indexCells(words []string, arcs []uint32) map[string]snmp.Value {
	out := map[string]snmp.Value{}
	for _, w := range words {
		n := 1
		switch {
		case w == "skip":
		case w == "mac" || w == "radio_mac":
			n = 6
		case len(arcs) > 0:
			if n = 1 + int(min(arcs[0], uint32(len(arcs)))); n > len(arcs) {
				return out
			}
			if b, ok := octets(arcs[1:n]); ok {
				out[w] = snmp.Value{Type: snmp.OctetString, Bytes: b}
			}
		}
		if n > len(arcs) {
			return out
		}
		if n == 6 && (w == "mac" || w == "radio_mac") {
			if b, ok := octets(arcs[:n]); ok {
				out[w] = snmp.Value{Type: snmp.OctetString, Bytes: b}
			}
		}
		arcs = arcs[n:]
	}
	return out
}

// accessPoint puts the cells of one row into words.
func accessPoint(t platform.AccessPoints, cells map[string]snmp.Value) netdev.ManagedAP {
	// said is the text of a cell, or the part of it that the file wants.
	said := func(field string) string {
		s := text(cells[field])
		if re := t.Match[field].Re(); re != nil {
			m := re.FindStringSubmatch(s)
			if m == nil {
				return ""
			}
			return m[1]
		}
		return s
	}
	mac := func(field string) netdev.MAC {
		m, ok := macOf(cells[field])
		if t.Match[field].Re() != nil {
			m, ok = parseMAC(said(field))
		}
		if !ok || strings.Trim(string(m), "0:") == "" || strings.Trim(string(m), "f:") == "" {
			return ""
		}
		return m
	}
	ap := netdev.ManagedAP{Name: said("name"), MAC: mac("mac"), RadioMAC: mac("radio_mac"), Model: said("model"), Serial: said("serial"),
		Version: said("version"), State: said("state"), Location: said("location")}
	if w, ok := t.States[ap.State]; ok {
		ap.State = w
	}
	if ap.RadioMAC == ap.MAC {
		ap.RadioMAC = ""
	}
	a := textAddr(cells["address"])
	if t.Match["address"].Re() != nil {
		a, _ = netip.ParseAddr(said("address"))
	}
	if a = a.Unmap(); a.IsValid() && !a.IsUnspecified() {
		ap.Address = a
	}
	return ap
}

// filled is what a said, and b where a said nothing.
func filled(a, b netdev.ManagedAP) netdev.ManagedAP {
	out := netdev.ManagedAP{Name: cmp.Or(a.Name, b.Name), MAC: netdev.MAC(cmp.Or(string(a.MAC), string(b.MAC))),
		RadioMAC: netdev.MAC(cmp.Or(string(a.RadioMAC), string(b.RadioMAC))), Model: cmp.Or(a.Model, b.Model), Serial: cmp.Or(a.Serial, b.Serial),
		Version: cmp.Or(a.Version, b.Version), Address: a.Address, State: cmp.Or(a.State, b.State), Location: cmp.Or(a.Location, b.Location)}
	if !out.Address.IsValid() {
		out.Address = b.Address
	}
	return out
}
