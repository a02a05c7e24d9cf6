package web

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

const (
	groupMax = 8   // hits shown of a group
	queryMax = 256 // bytes of a query that are looked at
)

// hit is one thing that was found, and the text of the field that matched, cut
// in three so that the middle can be marked.
type hit struct {
	ID                   netdev.DeviceID
	Title, Href, Icon    string
	Field                string // name address serial model port description …
	Before, Match, After string
	rank                 int // 3 the same, 2 begins so, 1 holds it
}

type hitGroup struct {
	Name  string
	Hits  []hit
	Total int
	More  string // address of all of them
}

// found is the answer to a query, whatever the form.
type found struct {
	Query  string
	MAC    netdev.MAC
	Addr   netip.Addr
	Groups []hitGroup
	Places []discovery.Place
}

// search looks a text up in everything that v may see.
func (s *Server) search(ctx context.Context, v viewer, q string) (found, error) {
	q = strings.TrimSpace(q)
	if len(q) > queryMax {
		q = strings.ToValidUTF8(q[:queryMax], "")
	}
	f := found{Query: q}
	if q == "" {
		return f, nil
	}
	f.MAC, _ = netdev.ReadMAC(q)
	if a, err := netip.ParseAddr(q); err == nil {
		f.Addr = a.Unmap().WithZone("")
	}
	devices, err := s.Inventory.Devices(ctx)
	if err != nil {
		return f, err
	}
	f.group("Devices", deviceHits(devices, f), "/devices?q="+url.QueryEscape(q))
	ports, total, err := s.Inventory.FindPorts(ctx, q, groupMax)
	if err != nil {
		return f, err
	}
	if hits := portHits(ports, f); len(hits) > 0 {
		f.Groups = append(f.Groups, hitGroup{Name: "Ports", Hits: hits, Total: total})
	}
	if f.MAC != "" || f.Addr.IsValid() {
		if f.Places, err = s.Inventory.FindHost(ctx, q); err != nil {
			return f, err
		}
	}
	if v.Can(auth.JobRead) {
		all, err := s.Inventory.Candidates(ctx)
		if err != nil {
			return f, err
		}
		f.group("Neighbours not in the inventory", candidateHits(all, f), "/discovery/candidates")
	}
	return f, nil
}

// group enters hits, the best first.
func (f *found) group(name string, hits []hit, more string) {
	if len(hits) == 0 {
		return
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(b.rank, a.rank), strings.Compare(a.Title, b.Title)) })
	g := hitGroup{Name: name, Hits: hits[:min(len(hits), groupMax)], Total: len(hits)}
	if len(hits) > groupMax {
		g.More = more
	}
	f.Groups = append(f.Groups, g)
}

// field is one text of a thing, under the name that people see.
type field struct{ name, text string }

// best finds the field that matches best; of equals the first.
func (f found) best(fields []field) (hit, bool) {
	var h hit
	want := strings.ToLower(f.Query)
	for _, x := range fields {
		text := strings.ToLower(x.text)
		rank := 0
		switch {
		case x.text == "":
		case text == want, f.MAC != "" && text == string(f.MAC), f.Addr.IsValid() && text == f.Addr.String():
			rank = 3
		case strings.HasPrefix(text, want):
			rank = 2
		case strings.Contains(text, want):
			rank = 1
		}
		if rank > h.rank {
			h = hit{Field: x.name, rank: rank}
			h.Before, h.Match, h.After = marked(said(x.text), f.Query, rank == 3)
		}
	}
	return h, h.rank > 0
}

// marked cuts a text around what was looked for. Where folding moves letters
// only the same letters are marked, rather than the wrong ones.
func marked(text, query string, whole bool) (before, match, after string) {
	if whole {
		return "", text, ""
	}
	folded, want := strings.ToLower(text), strings.ToLower(query)
	if len(folded) != len(text) {
		folded, want = text, query
	}
	i := strings.Index(folded, want)
	if i < 0 || want == "" {
		return text, "", ""
	}
	return text[:i], text[i : i+len(want)], text[i+len(want):]
}

func deviceHits(devices []netdev.Device, f found) []hit {
	var out []hit
	for _, d := range devices {
		short, _, _ := strings.Cut(d.Name, ".")
		fields := []field{{"name", d.Name}, {"name", short}, {"address", addressText(d.Address)}}
		for _, a := range d.Aliases {
			fields = append(fields, field{"address", a.String()})
		}
		fields = append(fields, field{"serial", d.Serial}, field{"model", d.Model}, field{"mac", string(d.Managed.MAC)})
		if h, ok := f.best(fields); ok {
			h.ID, h.Title, h.Href, h.Icon = d.ID, said(d.Name), deviceHref(d.ID, "facts"), kindIcon(d.Kind)
			out = append(out, h)
		}
	}
	return out
}

func portHits(ports []discovery.Port, f found) []hit {
	var out []hit
	for _, p := range ports {
		h, ok := f.best([]field{{"description", p.Alias}, {"its own MAC", string(p.MAC)}})
		if !ok { // folded otherwise by the store
			h = hit{Field: "description", Before: said(p.Alias), rank: 1}
		}
		h.ID, h.Title, h.Href, h.Icon = p.Device, said(p.Name)+", "+said(p.Port), deviceHref(p.Device, "interfaces"), "link"
		out = append(out, h)
	}
	return out
}

func candidateHits(all []discovery.Candidate, f found) []hit {
	var out []hit
	for _, c := range all {
		fields := []field{{"name", c.Name}, {"chassis", c.ChassisID}}
		for _, a := range c.Addresses {
			fields = append(fields, field{"address", a.String()})
		}
		if h, ok := f.best(fields); ok {
			h.Title, h.Href, h.Icon = said(cmp.Or(c.Name, c.ChassisID)), candidateHref(c.ID), "plus"
			out = append(out, h)
		}
	}
	return out
}

// to is where Enter leads: the one thing that is exactly this, else the only
// thing that was found; "" when a person has to choose or to read.
func (f found) to() string {
	var exact, all []hit
	for _, g := range f.Groups {
		for _, h := range g.Hits {
			all = append(all, h)
			if h.rank == 3 && g.Name == "Devices" {
				exact = append(exact, h)
			}
		}
	}
	switch {
	case len(exact) == 1:
		return exact[0].Href
	case len(all) == 1 && len(f.Places) == 0:
		return all[0].Href
	}
	return ""
}

// searchView is the page of an answer.
type searchView struct {
	page
	Query  string
	ReadAs string
	Locate []locateView
	Been   *tableView
	BeenAt string
	Groups []hitGroup
	Tabs   []searchTab
	Empty  bool // nothing was asked
}

// searchPage answers GET /search?q=; with go the best hit is opened, as Enter
// in the box of every page asks for.
func (s *Server) searchPage(c echo.Context) error {
	q := c.QueryParam("q")
	if c.QueryParam("in") == "config" {
		return s.configSearch(c)
	}
	if c.QueryParam("go") != "" {
		if words, err := parseFilter(strings.TrimSpace(q), s.Now()); err == nil && words.keyed() {
			return c.Redirect(http.StatusSeeOther, "/devices?q="+url.QueryEscape(q))
		}
	}
	f, err := s.search(c.Request().Context(), viewerOf(c), q)
	if err != nil {
		return err
	}
	if to := f.to(); to != "" && c.QueryParam("go") != "" {
		return c.Redirect(http.StatusSeeOther, to)
	}
	v := &searchView{page: page{Title: "Search", Area: "/search"}, Query: visible(f.Query), Groups: f.Groups, Empty: f.Query == "", Tabs: s.searchTabs(viewerOf(c), f.Query, "all")}
	switch {
	case f.MAC != "":
		v.ReadAs = "read as the MAC address " + string(f.MAC)
	case f.Addr.IsValid():
		v.ReadAs = "read as the address " + f.Addr.String()
	}
	if v.Locate, err = s.locate(c.Request().Context(), f); err != nil {
		return err
	}
	if len(f.Places) > 0 {
		t := s.placeList(f.Places)
		rows, key := t.sorted("")
		been := t.view(c, rows, key)
		for i := range been.Heads {
			been.Heads[i].Href, been.Heads[i].Icon = "", ""
		}
		v.BeenAt = "?q=" + url.QueryEscape(f.Query)
		v.Been = &been
	}
	return s.render(c, http.StatusOK, "search", v)
}
