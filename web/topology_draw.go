package web

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/plumbline-net/plumbline/discovery/topology"
)

// mapView is a map as SVG: the same positions and paths that the canvas draws.
type mapView struct {
	Left, Top     int // of the part that is shown
	Width, Height int
	Name          string
	Tiers         []tierView
	Blocks        []blockView
	Edges         []edgeView
	Tags          []tagView
	Nodes         []nodeView
}

type tierView struct {
	X1, X2, Y int
	Label     string
}

type blockView struct {
	X, Y, W, H, TextX, TextY, SubY int
	Title, Sub                     string
}

type edgeView struct{ Class, D, Title, Href string }

type tagView struct {
	X, Y, TextX, TextY, W int
	Class, Text           string
}

type nodeView struct {
	Class, Glyph, GlyphAt  string
	X, Y, W, H, R          int
	Halo                   bool
	HaloX, HaloY           int
	MarkX, MarkY           int
	Mark                   string
	LabelX, LabelY         int
	Anchor, LabelClass     string
	Label, Title, ID, Href string
}

const (
	boxHalf   = 15
	cutLabel  = 22
	cutPorts  = 40 // the end of a port is what tells it apart
	tagLetter = 7
)

// drawMap turns positions into a drawing. Focus and link are what is chosen.
func drawMap(lay topology.Layout, m atlas, focus, link string) *mapView {
	v := &mapView{Width: lay.Width, Height: lay.Height}
	v.Name = "Map of " + plural(len(m.rows), "device", "devices") + " at " + plural(len(lay.Blocks), "place", "places") + " with " +
		plural(len(lay.Wires), "link", "links") + ". The table holds the same links."
	for _, b := range lay.Blocks {
		v.Blocks = append(v.Blocks, blockView{X: b.X, Y: b.Y, W: b.W, H: b.H, TextX: b.X + 16, TextY: b.Y + 24, SubY: b.Y + 40, Title: cutTo(blockTitle(b), cutLabel), Sub: blockSub(b)})
	}
	v.edges(lay, m, link)
	degree := m.degrees()
	for i, p := range lay.Spots {
		if p.Fold < 0 {
			v.Nodes = append(v.Nodes, drawNode(p, m.state(i), m.nodeName(i, degree[i]), string(p.ID) == focus))
		}
	}
	return v
}

func (v *mapView) edges(lay topology.Layout, m atlas, chosen string) {
	for i, w := range lay.Wires {
		l := m.links[i]
		v.Edges = append(v.Edges, edgeView{Class: edgeClass(l, w.Key == chosen), D: svgPath(w.Path), Title: linkName(l), Href: "/topology?link=" + w.Key})
	}
}

func edgeClass(l topology.Link, chosen bool) string {
	class := "edge"
	switch linkState(l) {
	case "stale":
		class += " edge-stale"
	case "inferred":
		class += " edge-inferred"
	}
	if chosen {
		class += " edge-sel"
	}
	return class
}

// svgPath writes a chain of curves.
func svgPath(p []int) string {
	var b strings.Builder
	for i, n := range p {
		switch {
		case i == 0:
			b.WriteByte('M')
		case i >= 2 && (i-2)%6 == 0:
			b.WriteByte('C')
		case n >= 0:
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

func drawNode(p topology.Spot, state, name string, chosen bool) nodeView {
	n := nodeView{Class: "node", Glyph: glyph(kindIcon(p.Kind)), X: p.X - boxHalf, Y: p.Y - boxHalf, W: 2 * boxHalf, H: 2 * boxHalf, R: 7,
		GlyphAt: "translate(" + strconv.Itoa(p.X-8) + " " + strconv.Itoa(p.Y-8) + ")", LabelX: p.X, LabelY: p.Y + 29, Anchor: "middle", LabelClass: "node-label",
		Label: cutTo(p.Label, cutLabel), Title: name, ID: string(p.ID), Href: "/topology?focus=" + segment(string(p.ID))}
	if p.Count > 0 {
		n.Class, n.X, n.W, n.R = "node more", p.X-p.Half(), 2*p.Half(), boxHalf
		n.GlyphAt = "translate(" + strconv.Itoa(p.X-p.Half()+12) + " " + strconv.Itoa(p.Y-8) + ")"
		n.LabelX, n.LabelY, n.Label = p.X+10, p.Y+4, p.Label
	}
	n.MarkX, n.MarkY = p.X+p.Half()-1, p.Y-14
	switch state {
	case "bad":
		n.Class += " node-bad"
		n.Mark = "M" + strconv.Itoa(n.MarkX-2) + " " + strconv.Itoa(p.Y-16) + "l4 4m0-4l-4 4"
	case "warn":
		n.Class += " node-warn"
		n.Mark = "M" + strconv.Itoa(n.MarkX) + " " + strconv.Itoa(p.Y-17) + "v3.4m0 2.2v.1"
	}
	if chosen && p.Count == 0 {
		n.Class += " node-sel"
		n.Halo, n.HaloX, n.HaloY, n.LabelClass = true, p.X-19, p.Y-19, "node-label node-label-strong"
	}
	return n
}

func cutTo(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// glyph is the drawing of an icon as one path in a box of 16.
func glyph(icon string) string {
	const circle = "M14.2 8a6.2 6.2 0 1 1-12.4 0 6.2 6.2 0 0 1 12.4 0z"
	switch icon {
	case "switch":
		return "M2.5 5.5h9M9 3l2.5 2.5L9 8M13.5 10.5h-9M7 8l-2.5 2.5L7 13"
	case "router":
		return circle + "M8 3.9v2.9M6.8 5L8 3.8 9.2 5M8 12.1V9.2M6.8 11L8 12.2 9.2 11M3.9 8h2.4M12.1 8H9.7"
	case "firewall":
		return "M3 3h10a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM2 6.3h12M2 9.7h12M8 3v3.3M5 6.3v3.4M11 6.3v3.4M8 9.7V13"
	case "access-point":
		return "M2 6.2a8.6 8.6 0 0 1 12 0M4.3 8.7a5.3 5.3 0 0 1 7.4 0M6.4 11a2.3 2.3 0 0 1 3.2 0M8 13h.01"
	case "controller":
		return "M3 9.5h10a1 1 0 0 1 1 1v2a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1v-2a1 1 0 0 1 1-1zM4.5 11.5h.01M4.8 6.6a4.6 4.6 0 0 1 6.4 0M2.8 4.4a7.4 7.4 0 0 1 10.4 0"
	case "ups":
		return "M2.8 5h9a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM14.4 7v2M7.8 5.8L6 8.3h2.6L7 10.4"
	}
	return "M3 3h10a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM6 13.5h4M8 11v2.5"
}
