package web

import (
	"context"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// hopsView is the map of what is one to three hops from a device.
type hopsView struct {
	Heading, Sub string
	Hops         []facetItem
	Whole        string
	Map          *mapView
}

const hopsMost = 60 // devices; a map of more is the whole map

// hops draws the surroundings of a device; nil where it has no link or the
// viewer may not see the topology.
func (s *Server) hops(c echo.Context, id netdev.DeviceID) (*hopsView, error) {
	if !viewerOf(c).Can(auth.TopologyRead) {
		return nil, nil
	}
	n, err := strconv.Atoi(c.QueryParam("hops"))
	if err != nil || n < 1 || n > 3 {
		n = 1
	}
	m, err := s.around(c.Request().Context(), id, n)
	if err != nil || len(m.links) == 0 {
		return nil, err
	}
	v := &hopsView{Heading: []string{"One hop away", "Two hops away", "Three hops away"}[n-1], Whole: "/topology?focus=" + segment(string(id))}
	v.Sub = plural(len(m.links), "link", "links") + " among " + plural(len(m.rows), "device", "devices")
	if n == 1 {
		v.Sub = plural(len(m.links), "link", "links") + " to " + plural(len(m.rows)-1, "device", "devices")
	}
	for i := 1; i <= 3; i++ {
		v.Hops = append(v.Hops, facetItem{Label: plural(i, "hop", "hops"), Href: deviceHref(id, "neighbors") + "?hops=" + strconv.Itoa(i), On: i == n})
	}
	if len(m.rows) > hopsMost {
		v.Sub += "; too many to draw here"
		return v, nil
	}
	v.Map = drawMap(m.lay, m, string(id), "")
	v.Map.Name = "Map of " + v.Sub + " of " + m.rows[id].name() + ". The table below lists them."
	v.Map.crop(m.lay, m, id, n == 1)
	return v, nil
}

// around is the part of the whole map within n hops. Tiers are those of the
// whole map, so that a device stands in the same one on both.
func (s *Server) around(ctx context.Context, id netdev.DeviceID, n int) (atlas, error) {
	m, err := s.atlas(ctx, mapFilter{})
	if err != nil {
		return m, err
	}
	near := map[netdev.DeviceID]int{id: 0}
	for hop := 1; hop <= n; hop++ {
		for _, l := range m.links {
			for _, e := range [][2]netdev.DeviceID{{l.A.ID, l.B.ID}, {l.B.ID, l.A.ID}} {
				if d, ok := near[e[0]]; ok && d == hop-1 {
					if _, seen := near[e[1]]; !seen {
						near[e[1]] = hop
					}
				}
			}
		}
	}
	var links []topology.Link
	room := map[netdev.DeviceID]int{}
	for _, l := range m.links {
		a, okA := near[l.A.ID]
		b, okB := near[l.B.ID]
		if okA && okB && min(a, b) < n && l.A.ID != l.B.ID {
			links = append(links, l)
			for _, e := range []netdev.DeviceID{l.A.ID, l.B.ID} {
				room[e] = max(room[e], utf8.RuneCountInString(cutTo(portsText(l), cutPorts))+7)
			}
		}
	}
	rows := map[netdev.DeviceID]deviceRow{}
	var places []topology.Place
	for _, p := range m.lay.Spots {
		if _, ok := near[p.ID]; ok {
			rows[p.ID] = m.rows[p.ID]
			place := topology.Place{ID: p.ID, Label: p.Label, Kind: p.Kind, Role: tierRole(p.Tier)}
			if n == 1 {
				place.Room = room[p.ID]
			}
			places = append(places, place)
		}
	}
	m.rows, m.links = rows, links
	m.lay = topology.Arrange(places, wiresOf(links))
	m.order()
	return m, nil
}

// tierRole is a role that the layout reads as that tier.
func tierRole(t topology.Tier) string {
	if t == topology.TierLeaf {
		return "host"
	}
	return t.String()
}

func portsText(l topology.Link) string {
	return orDash(said(l.A.Port)) + " – " + orDash(said(l.B.Port))
}

const (
	headRoom  = 62   // above the first row: a block's name, which a map of one surrounding has not
	footRoom  = 26   // below the last one
	hopsWidth = 1080 // of the card that the map stands in
)

// crop leaves out the frame of the only block, names the rows, and where
// there is room tells the ports of each link.
func (v *mapView) crop(lay topology.Layout, m atlas, id netdev.DeviceID, tags bool) {
	v.Blocks = nil
	v.Top, v.Height = headRoom, v.Height-headRoom-footRoom
	if v.Width < hopsWidth {
		v.Left, v.Width = -(hopsWidth-v.Width)/2, hopsWidth
	}
	named := map[int]bool{}
	for _, p := range lay.Spots {
		if !named[p.Y] && p.Fold < 0 {
			named[p.Y] = true
			v.Tiers = append(v.Tiers, tierView{X1: v.Left, X2: v.Left + v.Width, Y: p.Y, Label: titled(p.Tier.String())})
		}
	}
	if tags {
		v.tag(lay, m, id)
	}
}

// tag names the ports of each link near the device at its far end.
func (v *mapView) tag(lay topology.Layout, m atlas, id netdev.DeviceID) {
	told := map[[2]int]bool{}
	for i, w := range lay.Wires {
		a, b := lay.Spots[w.From], lay.Spots[w.To]
		if a.Fold >= 0 || b.Fold >= 0 {
			continue
		}
		l := m.links[i]
		near, far := a, b
		if b.ID == id {
			near, far = b, a
		}
		if l.A.ID != near.ID {
			l.A, l.B = l.B, l.A
		}
		x, y, step := far.X, far.Y-boxHalf-16, 20
		switch {
		case far.Y < near.Y:
			y = far.Y + boxHalf + 34
		case far.Y == near.Y && between(lay, near, far): // the wire goes over what stands there
			step = -20
		case far.Y == near.Y:
			x, y, step = (near.X+far.X)/2, far.Y, -20
		}
		for told[[2]int{x, y}] {
			y += step
		}
		told[[2]int{x, y}] = true
		text := cutTo(portsText(l), cutPorts)
		half := utf8.RuneCountInString(text)*tagLetter/2 + 6
		v.Tags = append(v.Tags, tagView{X: x - half, Y: y - 9, W: 2 * half, TextX: x, TextY: y + 4, Class: "edge-tag", Text: text})
	}
}

// between: something stands in one row between two spots of it.
func between(lay topology.Layout, a, b topology.Spot) bool {
	return slices.ContainsFunc(lay.Spots, func(p topology.Spot) bool {
		return p.Fold < 0 && p.Y == a.Y && p.X > min(a.X, b.X) && p.X < max(a.X, b.X)
	})
}

func titled(s string) string {
	if s == "" {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
