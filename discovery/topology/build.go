package topology

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Build joins observations of devices to a graph. The order of the
// observations does not matter.
func Build(obs []Observation) Graph {
	x := newIndex(obs)
	g := Graph{Devices: []Node{}, Links: []Link{}, Hosts: []Host{}, Unresolved: []Unresolved{}}
	for _, d := range x.devices {
		g.Devices = append(g.Devices, Node{ID: d.ID, Name: d.label, Kind: d.Kind, ChassisIDs: d.chassisIDs()})
	}
	b := &builder{x: x, at: map[string]int{}, ending: map[string][]*draft{}}
	halves, lost := x.halves()
	g.Unresolved = append(g.Unresolved, lost...)
	b.addHalves(halves)
	g.Unresolved = append(g.Unresolved, b.contradicted()...)
	b.spanningTree()
	brs := b.bridges()
	b.forwarding(brs)
	b.leaves(brs)
	b.adjacencies()
	g.Hosts = b.hosts(brs)
	g.Links = b.links()
	sortUnresolved(g.Unresolved)
	return g
}

func (d *device) chassisIDs() []string {
	var ids []string
	for _, id := range []string{d.Facts.Local.ChassisID, string(d.Facts.BridgeMAC)} {
		if id != "" && id != "00:00:00:00:00:00" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// draft is a link while evidence for it is collected.
type draft struct {
	a, b  end
	layer string
	says  map[string]int // protocol to the sides that said it: 1 a, 2 b, 3 both
	words map[string]float64
	rows  []EvidenceRow
	notes []string
	gone  bool
}

type builder struct {
	x      *index
	drafts []*draft
	at     map[string]int
	ending map[string][]*draft // the l2 drafts that end at a port
}

// portOf is the key of ending.
func portOf(e end) string { return itoa(e.dev) + " " + e.key() }

// draft finds or makes the link between two ends.
func (b *builder) draft(layer string, p, q end) (d *draft, swapped bool) {
	if q.dev < p.dev || q.dev == p.dev && q.key() < p.key() {
		p, q, swapped = q, p, true
	}
	key := fmt.Sprintf("%s\x00%d\x00%s\x00%d\x00%s", layer, p.dev, p.key(), q.dev, q.key())
	if i, ok := b.at[key]; ok {
		return b.drafts[i], swapped
	}
	d = &draft{a: p, b: q, layer: layer, says: map[string]int{}, words: map[string]float64{}}
	b.at[key] = len(b.drafts)
	b.drafts = append(b.drafts, d)
	if layer == "l2" {
		for _, e := range []end{p, q} {
			b.ending[portOf(e)] = append(b.ending[portOf(e)], d)
		}
	}
	return d, swapped
}

// addHalves folds the rows of both sides and of several protocols into one
// link a cable.
func (b *builder) addHalves(hs []half) {
	// Rows that know both ports come first, so that those that do not can
	// join the link of their own port.
	slices.SortStableFunc(hs, func(p, q half) int { return cmp.Compare(known(q), known(p)) })
	for _, h := range hs {
		if h.to.ifx == 0 || h.from.ifx == 0 {
			if d := b.joined(h); d != nil {
				side := 1
				if d.a.dev != h.from.dev {
					side = 2
				}
				d.add(h, side)
				continue
			}
		}
		d, swapped := b.draft("l2", h.from, h.to)
		side := 1
		if swapped {
			side = 2
		}
		d.add(h, side)
	}
}

func known(h half) int {
	n := 0
	if h.from.ifx != 0 {
		n++
	}
	if h.to.ifx != 0 {
		n++
	}
	return n
}

// joined finds the one link between the same two devices from the same port.
func (b *builder) joined(h half) *draft {
	var found *draft
	for _, d := range b.ending[portOf(h.from)] {
		if d.joins(h.from, h.to.dev) {
			if found != nil {
				return nil
			}
			found = d
		}
	}
	return found
}

// joins says whether a draft leads from an end to a device.
func (d *draft) joins(from end, to int) bool {
	return d.a.dev == from.dev && d.a.key() == from.key() && d.b.dev == to ||
		d.b.dev == from.dev && d.b.key() == from.key() && d.a.dev == to
}

func (d *draft) add(h half, side int) {
	d.says[h.proto] |= side
	d.rows = append(d.rows, h.row)
	d.notes = append(d.notes, h.proto+" found by "+h.matched)
}

// contradicted takes out links of a protocol that a device in between may have
// passed on, where a link that both sides confirm ends on the same port.
func (b *builder) contradicted() []Unresolved {
	sure := map[string]*draft{}
	for _, d := range b.drafts {
		if d.says["lldp"] == 3 {
			sure[fmt.Sprint(d.a.dev, d.a.key())] = d
			sure[fmt.Sprint(d.b.dev, d.b.key())] = d
		}
	}
	var out []Unresolved
	for _, d := range b.drafts {
		if d.says["lldp"] != 0 || d.a.ifx == 0 || d.b.ifx == 0 {
			continue
		}
		for _, e := range []end{d.a, d.b} {
			if s := sure[fmt.Sprint(e.dev, e.key())]; s != nil && s != d {
				d.gone = true
				here, other := b.x.show(e), d.b
				if e == d.b {
					other = d.a
				}
				far := b.x.show(other)
				out = append(out, Unresolved{ID: here.ID, Device: here.Device, Port: here.Port, SysName: far.Device, PortID: far.Port,
					Protocol: strings.Join(sortedKeys(d.says), " "), Reason: "seen-through: both sides say by lldp that this port ends elsewhere"})
				break
			}
		}
	}
	return out
}

// evidence gives the words, the confidence and the sentence of a link
// (DISCOVERY §8): families are independent, protocols of one are not.
func (d *draft) evidence() (words []string, confidence float64, because string) {
	both, family := false, 0.0
	for _, proto := range sortedKeys(d.says) {
		w, c := proto, 0.9
		switch {
		case proto == "sonmp" || proto == "mndp":
			c = 0.8
		case proto == "lldp" || proto == "cdp":
			if w = proto + "-one"; d.says[proto] == 3 {
				w, c, both = proto+"-both", 1, true
			}
		}
		if d.a.ifx == 0 || d.b.ifx == 0 {
			if c = 0.7; both {
				c = 1
			}
		}
		words = append(words, w)
		family = max(family, c)
	}
	rest := 1 - family
	for _, w := range sortedKeys(d.words) {
		words = append(words, w)
		rest *= 1 - d.words[w]
	}
	if confidence = 1 - rest; !both {
		confidence = min(confidence, 0.99)
	}
	slices.Sort(d.notes)
	return words, roundConfidence(confidence), strings.Join(slices.Compact(d.notes), "; ")
}

// roundConfidence takes out what only floating point tells apart.
func roundConfidence(c float64) float64 { return math.Round(c*10000) / 10000 }

func (b *builder) links() []Link {
	out := []Link{}
	for _, d := range b.drafts {
		if d.gone {
			continue
		}
		l := Link{A: b.x.show(d.a), B: b.x.show(d.b), Layer: d.layer, Rows: d.rows}
		l.Evidence, l.Confidence, l.Because = d.evidence()
		slices.SortFunc(l.Rows, func(p, q EvidenceRow) int {
			return cmp.Or(cmp.Compare(p.Device, q.Device), cmp.Compare(p.Table, q.Table), cmp.Compare(p.Row, q.Row))
		})
		out = append(out, l)
	}
	slices.SortFunc(out, func(p, q Link) int {
		return cmp.Or(cmp.Compare(p.Layer, q.Layer), compareEnd(p.A, q.A), compareEnd(p.B, q.B))
	})
	return out
}

func compareEnd(p, q End) int {
	return cmp.Or(cmp.Compare(p.Device, q.Device), cmp.Compare(p.ID, q.ID), cmp.Compare(p.Port, q.Port), cmp.Compare(p.MAC, q.MAC))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func sortUnresolved(us []Unresolved) {
	slices.SortFunc(us, func(p, q Unresolved) int {
		return cmp.Or(cmp.Compare(p.Device, q.Device), cmp.Compare(p.ID, q.ID), cmp.Compare(p.Port, q.Port), cmp.Compare(p.Protocol, q.Protocol),
			cmp.Compare(p.ChassisID, q.ChassisID), cmp.Compare(p.PortID, q.PortID), cmp.Compare(p.SysName, q.SysName), cmp.Compare(p.Reason, q.Reason))
	})
}
