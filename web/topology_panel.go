package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// panelView is what is known of the device or the link that is chosen.
type panelView struct {
	page
	Kind, Icon, Title, Sub string
	Close                  string
	Note                   *bannerView
	States                 []stateView
	Facts                  []factView
	A, B                   string // names of the two ends
	Ends                   []endRow
	Rows                   []proofRow
	RowsMore               int
	Links                  []panelLink
	LinksMore              int
	Open                   []panelLink
}

type endRow struct {
	Label, A, B string
	Mono        bool
	Differs     bool
}

type proofRow struct {
	Device, Href, Table, Row string
	When                     when
}

type panelLink struct{ Text, Muted, Href string }

const panelRows = 50

// topologyPanel answers GET /topology/panel: the side of the map alone.
func (s *Server) topologyPanel(c echo.Context) error {
	m, err := s.atlas(c.Request().Context(), mapFilterOf(c))
	if err != nil {
		return err
	}
	p, err := s.panel(c, m)
	if err != nil {
		return err
	}
	if p == nil {
		return echo.NewHTTPError(http.StatusNotFound, "That device or link is not on this map.")
	}
	return s.render(c, http.StatusOK, "topology-panel", p)
}

// panel says what is chosen by the address; nil: nothing is.
func (s *Server) panel(c echo.Context, m atlas) (*panelView, error) {
	focus, key := c.QueryParam("focus"), c.QueryParam("link")
	p := &panelView{Close: with("/topology", without(c.QueryParams(), "focus", "link", "after"), "", "")}
	if l, ok := m.byKey(key); ok {
		return p, s.linkPanel(c.Request().Context(), p, l)
	}
	for i, spot := range m.lay.Spots {
		if focus != "" && string(spot.ID) == focus {
			s.devicePanel(p, m, i)
			return p, nil
		}
	}
	return nil, nil
}

func (s *Server) devicePanel(p *panelView, m atlas, at int) {
	spot := m.lay.Spots[at]
	r := m.rows[spot.ID]
	p.Kind, p.Icon, p.Title = said(string(spot.Kind)), kindIcon(spot.Kind), spot.Label
	if spot.Count > 0 {
		p.Sub = "Equal leaves, drawn as one"
		for _, member := range m.lay.Spots {
			if member.Fold == at {
				p.addLink(panelLink{Text: member.Label, Muted: strings.Join(troubles(m.rows[member.ID]), ", "), Href: "/topology?focus=" + segment(string(member.ID))})
			}
		}
		return
	}
	var what []string
	for _, w := range []string{r.Model, strings.TrimSpace(r.OS + " " + r.Version), addressText(r.Address)} {
		if w != "" {
			what = append(what, said(w))
		}
	}
	p.Sub = strings.Join(what, ", ")
	tone := map[string]string{"bad": "t-bad", "warn": "t-warn"}[deviceState(r)]
	for _, w := range troubles(r) {
		p.States = append(p.States, stateView{tone, "warn", w, deviceHref(r.ID, "facts")})
	}
	p.Facts = []factView{{Label: "Site", Value: orDash(said(r.Site))}, {Label: "Tier", Value: spot.Tier.String()}, {Label: "Platform", Value: orDash(said(string(r.Platform)))},
		{Label: "Last seen", Value: when{r.LastSeen, s.Now()}.Age()}}
	if r.ByController() {
		p.Facts = append(p.Facts, factView{Label: "Managed by", Value: said(r.Managed.Name)})
	}
	for _, l := range m.links {
		near, far := l.A, l.B
		if l.B.ID == r.ID {
			near, far = l.B, l.A
		} else if l.A.ID != r.ID {
			continue
		}
		p.addLink(panelLink{Text: orDash(said(near.Port)) + " – " + strings.TrimSpace(said(far.Device)+" "+said(far.Port)), Muted: evidenceWords(l), Href: "/topology?link=" + linkKey(l)})
	}
	p.Open = []panelLink{{Text: "Open the device", Href: deviceHref(r.ID, "facts")}, {Text: "Neighbours", Href: deviceHref(r.ID, "neighbors")}}
}

func (p *panelView) addLink(l panelLink) {
	if len(p.Links) < panelRows {
		p.Links = append(p.Links, l)
		return
	}
	p.LinksMore++
}

func (s *Server) linkPanel(ctx context.Context, p *panelView, l topology.Link) error {
	now := s.Now()
	p.Kind, p.Icon = "link", "link"
	p.A, p.B = said(l.A.Device), said(l.B.Device)
	p.Title = p.A + " to " + p.B
	p.Sub = evidenceWords(l) + ", confidence " + percent(l.Confidence)
	if !l.LastSeen.IsZero() {
		p.Sub += ", " + when{l.LastSeen, now}.Age()
	}
	if l.Stale {
		p.Note = &bannerView{Title: "Not seen again.", Text: "A device at one end answered since and no longer tells of this link."}
		if slices.Equal(l.Evidence, []string{"capture"}) {
			p.Note.Text = "No frame was heard for the time that the last one asked to be believed."
		}
	}
	a, err := s.portOf(ctx, l.A)
	if err != nil {
		return err
	}
	b, err := s.portOf(ctx, l.B)
	if err != nil {
		return err
	}
	p.Ends = ends(l, a, b)
	for _, r := range l.Rows {
		if len(p.Rows) == panelRows {
			p.RowsMore = len(l.Rows) - panelRows
			break
		}
		name := p.B
		if r.Device == l.A.ID {
			name = p.A
		} else if r.Device != l.B.ID {
			name = said(string(r.Device))
		}
		p.Rows = append(p.Rows, proofRow{Device: name, Href: deviceHref(r.Device, "facts"), Table: said(r.Table), Row: said(r.Row), When: when{r.Time, now}})
	}
	for _, e := range []topology.End{l.A, l.B} {
		if e.ID != "" {
			p.Open = append(p.Open, panelLink{Text: "Open " + cutTo(said(e.Device), 16), Href: deviceHref(e.ID, "interfaces")})
		}
	}
	return nil
}

// portOf finds the interface at an end; nil where its table does not name it.
func (s *Server) portOf(ctx context.Context, e topology.End) (*netdev.Interface, error) {
	if e.ID == "" {
		return nil, nil
	}
	facts, _, err := s.Inventory.Facts(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(facts.Interfaces, func(x netdev.Interface) bool { return e.Port != "" && (x.Name == e.Port || x.Descr == e.Port) })
	if i < 0 {
		return nil, nil
	}
	return &facts.Interfaces[i], nil
}

// ends puts what is known of both ports side by side and marks what differs.
func ends(l topology.Link, a, b *netdev.Interface) []endRow {
	rows := []endRow{{Label: "Port", A: orDash(said(l.A.Port)), B: orDash(said(l.B.Port)), Mono: true}}
	add := func(label string, of func(netdev.Interface) string, compare bool) {
		x, y := "–", "–"
		if a != nil {
			x = orDash(said(of(*a)))
		}
		if b != nil {
			y = orDash(said(of(*b)))
		}
		if x != "–" || y != "–" {
			rows = append(rows, endRow{Label: label, A: x, B: y, Differs: compare && x != "–" && y != "–" && x != y})
		}
	}
	add("Speed", func(i netdev.Interface) string { return speed(i.SpeedBPS) }, true)
	add("MTU", func(i netdev.Interface) string { return numOrDash(i.MTU) }, true)
	add("State", func(i netdev.Interface) string { return i.Oper }, true)
	add("Says", func(i netdev.Interface) string { return i.Alias }, false)
	return rows
}
