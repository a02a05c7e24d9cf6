package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// atlas is what a map shows: devices, the links among them, and where each
// stands. Page, data, table and picture are made from one.
type atlas struct {
	fleet fleet
	all   []topology.Link // in the inventory
	links []topology.Link // after the filter, in the order of the layout's wires
	rows  map[netdev.DeviceID]deviceRow
	lay   topology.Layout
}

// mapFilter is what the address of a map narrows it to.
type mapFilter struct {
	Site, Kind, Layer string
}

func mapFilterOf(c echo.Context) mapFilter {
	return mapFilter{Site: c.QueryParam("site"), Kind: c.QueryParam("kind"), Layer: c.QueryParam("layer")}
}

// linkKey names a link in addresses. It stays the same as long as its ends do.
func linkKey(l topology.Link) string {
	h := sha256.New()
	for _, part := range []string{l.Layer, string(l.A.ID), l.A.Device, l.A.Port, string(l.B.ID), l.B.Device, l.B.Port} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// atlas reads the inventory and lays out what the filter leaves.
func (s *Server) atlas(ctx context.Context, f mapFilter) (atlas, error) {
	var m atlas
	var err error
	if m.fleet, err = s.fleet(ctx); err != nil {
		return m, err
	}
	if m.all, err = s.Inventory.Links(ctx); err != nil {
		return m, err
	}
	m.rows = map[netdev.DeviceID]deviceRow{}
	for _, r := range m.fleet.Rows {
		if (f.Site == "" || strings.EqualFold(r.Site, f.Site)) && (f.Kind == "" || strings.EqualFold(string(r.Kind), f.Kind)) {
			m.rows[r.ID] = r
		}
	}
	for _, l := range m.all {
		if m.shows(l.A) && m.shows(l.B) && (f.Layer == "" || l.Layer == f.Layer) {
			m.links = append(m.links, l)
		}
	}
	var places []topology.Place
	for _, r := range m.rows {
		places = append(places, topology.Place{ID: r.ID, Label: r.name(), Kind: r.Kind, Role: r.Role, Site: r.Site})
	}
	m.lay = topology.Arrange(places, wiresOf(m.links))
	m.order()
	return m, nil
}

func (m *atlas) shows(e topology.End) bool {
	_, ok := m.rows[e.ID]
	return ok
}

func wiresOf(links []topology.Link) []topology.Wire {
	wires := make([]topology.Wire, len(links))
	for i, l := range links {
		wires[i] = topology.Wire{A: l.A.ID, B: l.B.ID, Key: linkKey(l)}
	}
	return wires
}

// order brings the links into the order of the wires. A link from a device to
// itself has no wire: it stays in the table, at the end.
func (m *atlas) order() {
	at := make(map[string][]int, len(m.links)) // links that differ in nothing but their evidence share a key
	for i, l := range m.links {
		key := linkKey(l)
		at[key] = append(at[key], i)
	}
	ordered := make([]topology.Link, 0, len(m.links))
	drawn := make([]bool, len(m.links))
	for _, w := range m.lay.Wires {
		i := at[w.Key][0]
		at[w.Key] = at[w.Key][1:]
		ordered, drawn[i] = append(ordered, m.links[i]), true
	}
	for i, l := range m.links {
		if !drawn[i] {
			ordered = append(ordered, l)
		}
	}
	m.links = ordered
}

// byKey finds a link by its name in addresses.
func (m *atlas) byKey(key string) (topology.Link, bool) {
	if key == "" {
		return topology.Link{}, false
	}
	for _, l := range m.links {
		if linkKey(l) == key {
			return l, true
		}
	}
	return topology.Link{}, false
}

// inferred: no device tells of the other; the link follows from tables.
func inferred(l topology.Link) bool {
	return !slices.ContainsFunc(l.Evidence, func(w string) bool {
		return w != "stp" && w != "ospf" && w != "subnet" && !strings.HasPrefix(w, "fdb") && !strings.HasPrefix(w, "arp")
	})
}

// linkState is the word of a link's look.
func linkState(l topology.Link) string {
	switch {
	case l.Stale:
		return "stale"
	case inferred(l):
		return "inferred"
	}
	return "told"
}

// evidenceWords says in words what proves a link.
func evidenceWords(l topology.Link) string {
	var out []string
	for _, w := range l.Evidence {
		base, how, _ := strings.Cut(w, "-")
		switch {
		case how == "both":
			out = append(out, strings.ToUpper(base)+", both ends")
		case how == "one":
			out = append(out, strings.ToUpper(base)+", one end")
		case w == "fdb":
			out = append(out, "forwarding tables")
		case w == "fdb-probable" || w == "fdb-segment":
			out = append(out, "forwarding tables, "+how)
		case w == "stp":
			out = append(out, "spanning tree")
		case w == "ospf":
			out = append(out, "OSPF")
		case w == "capture":
			out = append(out, "captured frames")
		default:
			out = append(out, strings.ToUpper(said(w)))
		}
	}
	return strings.Join(out, "; ")
}

// deviceState is the tone of a device on the map: bad, warn or none. Of rules
// only the critical ones count: where hundreds are asked, each device breaks
// some, and a map that is red all over says nothing.
func deviceState(r deviceRow) string {
	switch {
	case r.Worst == compliance.Critical || r.Backup == "failed":
		return "bad"
	case r.Unsaved > 0 || r.Backup == "stale":
		return "warn"
	}
	return ""
}

// counted are the devices that the counted node i stands for.
func (m *atlas) counted(i int) []deviceRow {
	var out []deviceRow
	for _, p := range m.lay.Spots {
		if p.Fold == i {
			out = append(out, m.rows[p.ID])
		}
	}
	return out
}

// state is the tone of spot i; of a counted node, that of the worst in it.
func (m *atlas) state(i int) string {
	p := m.lay.Spots[i]
	if p.Count == 0 {
		return deviceState(m.rows[p.ID])
	}
	worst := ""
	for _, r := range m.counted(i) {
		if s := deviceState(r); worst == "" || s == "bad" {
			worst = s
		}
	}
	return worst
}

// troubles says in words what is wrong with a device.
func troubles(r deviceRow) []string {
	var out []string
	if r.Fail > 0 {
		out = append(out, plural(r.Fail, "rule fails", "rules fail"))
	}
	switch r.Backup {
	case "failed":
		out = append(out, "last backup failed")
	case "stale":
		out = append(out, "backup is stale")
	}
	if r.Unsaved > 0 {
		out = append(out, "not saved")
	}
	return out
}

// topologyView is the page of the map.
type topologyView struct {
	page
	Sub     string
	Total   int
	Layers  []facetItem
	Sites   []facetItem
	Kinds   []facetItem
	Filters []facetItem
	Site    string
	Kind    string
	MapHref string
	AsTable string
	SVG     string
	Data    string
	Table   tableView
	Map     *mapView
	Panel   *panelView
	Empty   *empty
	CanSave bool
}

const mapMost = 400 // devices drawn on the server; more are drawn by script alone

// topology answers GET /topology: the map, or with as=table its links alone;
// and the same links as CSV and JSON.
func (s *Server) topology(c echo.Context) error {
	f := mapFilterOf(c)
	m, err := s.atlas(c.Request().Context(), f)
	if err != nil {
		return err
	}
	q := without(c.QueryParams(), "after", "sort", "focus", "link")
	l := linkList(m.links, s.Now())
	return answer(c, l, func(t tableView) error {
		v := &topologyView{page: page{Title: "Topology", Area: "/topology"}, Table: t, Total: len(m.links), CanSave: viewerOf(c).Can(auth.ExportRead),
			MapHref: with("/topology", q, "as", ""), AsTable: with("/topology", q, "as", "table"),
			SVG: with("/topology.svg", q, "as", ""), Data: with("/topology/data", q, "as", "")}
		v.Sub = plural(len(m.rows), "device", "devices")
		v.narrow(c, m, f)
		if c.QueryParam("as") == "table" {
			lv := &listView{page: page{Title: "Topology, links", Area: "/topology", Live: "device"}, Heading: "Topology", Sub: v.Sub + ", " + plural(len(m.links), "link", "links") + ", each with what proves it", Table: t}
			lv.Filters = append([]facetItem{{Label: "Map", Href: v.MapHref, Count: len(m.links)}}, v.Filters...)
			return s.listPage(c, lv)(t)
		}
		if len(m.rows) == 0 || len(m.all) == 0 && len(m.rows) < 2 {
			v.Empty = &empty{Icon: "topology", Title: "Nothing to draw yet", Text: "A map needs LLDP or CDP from two devices.", Href: "/discovery", Action: "Discover"}
			if f != (mapFilter{}) {
				v.Empty = &empty{Icon: "filter", Title: "No device matches", Text: "Take a part out of the filter.", Href: "/topology", Action: "Show the whole map"}
			}
			return s.render(c, http.StatusOK, "topology", v)
		}
		if len(m.lay.Spots) <= mapMost {
			v.Map = drawMap(m.lay, m, c.QueryParam("focus"), c.QueryParam("link"))
		}
		if v.Panel, err = s.panel(c, m); err != nil {
			return err
		}
		return s.render(c, http.StatusOK, "topology", v)
	})
}

// mapHref is the map of what a list is narrowed to, as far as a map can be: by
// one site and one kind.
func (f filter) mapHref() string {
	q := url.Values{}
	for _, w := range f.words {
		if !w.Not && (w.Key == "site" || w.Key == "kind") && q.Get(w.Key) == "" {
			q.Set(w.Key, w.Value)
		}
	}
	return with("/topology", q, "", "")
}

// without is a copy of a query with some keys left out.
func without(q url.Values, keys ...string) url.Values {
	q = maps.Clone(q)
	for _, k := range keys {
		q.Del(k)
	}
	return q
}

// narrow lists what the map can be narrowed to.
func (v *topologyView) narrow(c echo.Context, m atlas, f mapFilter) {
	q := without(c.QueryParams(), "after", "focus", "link")
	choice := func(key, now, all string, counts map[string]int) []facetItem {
		if len(counts) < 2 && now == "" {
			return nil
		}
		out := []facetItem{{Label: all, Href: with("/topology", q, key, ""), On: now == ""}}
		for _, k := range slices.Sorted(maps.Keys(counts)) {
			out = append(out, facetItem{Label: said(k), Href: with("/topology", q, key, k), Count: counts[k], On: k == now})
		}
		return out
	}
	v.Sites = choice("site", f.Site, "all sites", countBy(m.fleet.Rows, siteOf))
	v.Kinds = choice("kind", f.Kind, "all kinds", countBy(m.fleet.Rows, func(r deviceRow) string { return string(r.Kind) }))
	v.Site, v.Kind = "all "+num(max(0, len(v.Sites)-1)), "all"
	layers := map[string]int{}
	for _, l := range m.all {
		layers[l.Layer]++
	}
	for _, it := range []facetItem{{Label: "All", Href: ""}, {Label: "Physical", Href: "l2"}, {Label: "Routing", Href: "l3"}} {
		it.On = f.Layer == it.Href
		it.Count = layers[it.Href]
		it.Href = with("/topology", q, "layer", it.Href)
		v.Layers = append(v.Layers, it)
	}
	for _, x := range []struct{ key, value string }{{"site", f.Site}, {"kind", f.Kind}, {"layer", f.Layer}} {
		if x.value == "" {
			continue
		}
		v.Filters = append(v.Filters, facetItem{Label: x.key + " " + said(x.value), Href: with("/topology", q, x.key, ""), On: true})
		switch x.key {
		case "site":
			v.Site = said(x.value)
		case "kind":
			v.Kind = said(x.value)
		}
	}
}
