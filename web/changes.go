package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/netdev"
)

// changeRow is one revision that took the place of another one, with what it
// did to rules.
type changeRow struct {
	Revision configstore.Revision
	Device   netdev.Device
	Effect   effect
	Others   []changeRow // the same change elsewhere within 15 minutes
}

type changesView struct {
	page
	Sub   string
	Table tableView
}

const recentMax = 400

// changes answers GET /changes.
func (s *Server) changes(c echo.Context) error {
	f, err := s.fleet(c.Request().Context())
	if err != nil {
		return err
	}
	rows, err := s.changeRows(c.Request().Context(), f, recentMax)
	if err != nil {
		return err
	}
	groups := same(rows)
	sub := plural(len(rows), "change", "changes")
	if n := len(groups); n < len(rows) {
		sub += " in " + plural(n, "row", "rows") + ": the same change within 15 minutes is one"
	}
	if id := configstore.RevisionID(c.QueryParam("same")); id != "" {
		groups = sameAs(rows, id)
		sub = "the same change on " + plural(len(groups), "device", "devices")
	}
	l := s.changeList(groups)
	return answer(c, l, func(t tableView) error {
		v := &changesView{page: page{Title: "Changes", Area: "/changes", Live: "config"}, Table: t, Sub: sub + ", newest first"}
		return s.render(c, http.StatusOK, "changes", v)
	})
}

// changeRows lists the newest revisions that changed something: a first
// revision is history, not a change.
func (s *Server) changeRows(ctx context.Context, f fleet, limit int) ([]changeRow, error) {
	recent, err := s.Store.Recent(ctx, time.Time{}, limit)
	if err != nil {
		return nil, err
	}
	var out []changeRow
	for _, r := range recent {
		if r.Seq <= 1 {
			continue
		}
		out = append(out, changeRow{Revision: r, Device: f.Names[r.Device], Effect: effectOf(r, f.of(r.Device))})
	}
	slices.SortStableFunc(out, func(a, b changeRow) int { return b.Revision.FirstSeen.Compare(a.Revision.FirstSeen) })
	return out, nil
}

func (r changeRow) name() string {
	if r.Device.Name != "" {
		return said(r.Device.Name)
	}
	return said(string(r.Revision.Device))
}

// allNames lists the first devices of a group of changes.
func (r changeRow) allNames() string {
	names := []string{r.name()}
	for _, o := range r.Others[:min(len(r.Others), 2)] {
		names = append(names, o.name())
	}
	if n := len(r.Others) - 2; n > 0 {
		return strings.Join(names, ", ") + " and " + num(n) + " more"
	}
	return strings.Join(names, ", ")
}

// members lists a group of changes for programs.
func (r changeRow) members() []map[string]string {
	var out []map[string]string
	for _, o := range append([]changeRow{r}, r.Others...) {
		out = append(out, map[string]string{"id": string(o.Revision.Device), "name": o.name(), "revision": string(o.Revision.ID)})
	}
	return out
}

func (s *Server) changeList(rows []changeRow) list[changeRow] {
	now := s.Now()
	return list[changeRow]{
		Name: "changes", Caption: "Changes, newest first", Rows: rows, Default: "-time",
		ID:    func(r changeRow) string { return string(r.Revision.ID) },
		Empty: empty{Icon: "changes", Title: "No change yet", Text: "The first backup of a device is its beginning; what differs from it later is listed here.", Href: "/devices", Action: "Open the inventory"},
		Columns: []column[changeRow]{
			{Key: "device", Head: "Device", Less: func(a, b changeRow) int { return netdev.CompareNames(a.name(), b.name()) }, Cell: func(r changeRow) cell {
				if n := len(r.Others); n > 0 {
					return cell{Text: plural(n+1, "device", "devices"), Muted: r.allNames(), Href: changesHref(r.Revision.ID), Value: r.members()}
				}
				return cell{Text: r.name(), Muted: said(r.Device.Site), Href: revisionHref(r.Revision.ID), Value: map[string]string{"id": string(r.Revision.Device), "name": r.name(), "revision": string(r.Revision.ID)}}
			}},
			{Key: "source", Head: "Source", Less: func(a, b changeRow) int { return cmp.Compare(a.Revision.Source, b.Revision.Source) }, Cell: func(r changeRow) cell {
				return cell{Text: said(string(r.Revision.Source)), Soft: true}
			}},
			{Key: "by", Head: "By", Cell: func(r changeRow) cell { return cell{Text: orDash(r.by()), Soft: true} }},
			{Key: "lines", Head: "Lines", End: true, Less: func(a, b changeRow) int {
				aa, ar := a.lines()
				ba, br := b.lines()
				return cmp.Compare(aa+ar, ba+br)
			}, Cell: func(r changeRow) cell {
				added, removed := r.lines()
				return cell{Plus: "+" + num(added), Minus: "−" + num(removed), Mono: true, Value: map[string]int{"added": added, "removed": removed}}
			}},
			{Key: "compliance", Head: "Compliance", Cell: effectCell},
			{Key: "time", Head: "Time", End: true, Less: func(a, b changeRow) int { return a.Revision.FirstSeen.Compare(b.Revision.FirstSeen) }, Cell: func(r changeRow) cell {
				return cell{When: &when{r.Revision.FirstSeen, now}, Soft: true}
			}},
		},
	}
}

func revisionHref(id configstore.RevisionID) string { return "/configs/" + segment(string(id)) }
