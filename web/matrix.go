package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
)

// matrixRow is a site, a role or a device with its counts, by pack.
type matrixRow struct {
	Key, Label string
	Device     bool // a device of the row that is open
	Devices    int
	All        counts
	By         map[string]counts // pack
}

// matrix is the counts of a fleet as rows and columns.
type matrix struct {
	By    configstore.TallyBy
	Packs []compliance.Pack // that were asked of anything
	Rows  []matrixRow       // those of what is open follow it
	Total counts
}

type matrixView struct {
	page
	Sub, By, Score        string
	Bar                   barView
	Counts                []facetItem
	Heads                 []matrixHead
	Rows                  []matrixLine
	Sums                  []matrixCell
	CSV, JSON             string
	BySite, ByRole        string
	Empty                 *empty
	Waivers               int
	Devices, SumOfDevices int
}

type matrixHead struct{ Title, Href string }

type matrixLine struct {
	Label, Fold, Href string
	Open, Device      bool
	Devices           int
	Cells             []matrixCell
}

// matrixCell is a number that leads to the list it counts.
type matrixCell struct {
	N           int
	Href        string
	Heat, Score string
	Icon, Name  string
	Blank       bool // no rule of the pack was asked
}

// complianceMatrix answers GET /compliance.
func (s *Server) complianceMatrix(c echo.Context) error {
	by := configstore.BySite
	if c.QueryParam("by") == "role" {
		by = configstore.ByRole
	}
	open, isOpen := c.QueryParams()["open"]
	m, err := s.matrixOf(c.Request().Context(), by, open)
	if err != nil {
		return err
	}
	return answer(c, m.list(), func(t tableView) error {
		v := &matrixView{page: page{Title: "Compliance", Area: "/compliance", Live: "config"}, By: string(by), Score: m.Total.score(), CSV: t.CSV, JSON: t.JSON}
		if err := s.fillMatrix(c, v, m); err != nil {
			return err
		}
		if isOpen {
			v.markOpen(open[0])
		}
		return s.render(c, http.StatusOK, "compliance", v)
	})
}

func (s *Server) matrixOf(ctx context.Context, by configstore.TallyBy, open []string) (matrix, error) {
	m := matrix{By: by, Total: counts{}}
	devices, err := s.Inventory.Devices(ctx)
	if err != nil {
		return m, err
	}
	key := func(site, role string) string {
		if by == configstore.ByRole {
			return role
		}
		return site
	}
	has, names := map[string]int{}, map[string]string{}
	for _, d := range devices {
		if d.ByController() {
			continue // no rule is asked of it
		}
		has[key(d.Site, d.Role)]++
		names[string(d.ID)] = cmp.Or(said(d.Name), d.Address.String())
	}
	all, err := s.Compliance.Tally(ctx, by, configstore.TallyFilter{})
	if err != nil {
		return m, err
	}
	rows := rowsOf(all, func(k string) string { return cmp.Or(said(k), "without a "+string(by)) })
	asked := map[string]bool{}
	for i := range rows {
		rows[i].Devices = has[rows[i].Key]
		for p := range rows[i].By {
			asked[p] = true
		}
		for v, n := range rows[i].All {
			m.Total.add(v, n)
		}
	}
	for _, p := range s.Compliance.Packs() {
		if asked[p.ID] {
			m.Packs = append(m.Packs, p)
		}
	}
	for _, r := range rows {
		m.Rows = append(m.Rows, r)
		if len(open) > 0 && open[0] == r.Key {
			below, err := s.Compliance.Tally(ctx, configstore.ByDevice, onlyIn(by, r.Key))
			if err != nil {
				return m, err
			}
			for _, d := range rowsOf(below, func(k string) string { return cmp.Or(names[k], k) }) {
				d.Device, d.Devices = true, 1
				m.Rows = append(m.Rows, d)
			}
		}
	}
	return m, nil
}

func onlyIn(by configstore.TallyBy, key string) configstore.TallyFilter {
	if by == configstore.ByRole {
		return configstore.TallyFilter{Role: &key}
	}
	return configstore.TallyFilter{Site: &key}
}

// rowsOf folds counters into rows, the one with most failures first.
func rowsOf(all []configstore.Tally, label func(string) string) []matrixRow {
	var rows []matrixRow
	at := map[string]int{}
	for _, t := range all {
		i, ok := at[t.Key]
		if !ok {
			i = len(rows)
			at[t.Key] = i
			rows = append(rows, matrixRow{Key: t.Key, Label: label(t.Key), All: counts{}, By: map[string]counts{}})
		}
		if rows[i].By[t.Pack] == nil {
			rows[i].By[t.Pack] = counts{}
		}
		rows[i].By[t.Pack].add(t.Verdict, t.N)
		rows[i].All.add(t.Verdict, t.N)
	}
	slices.SortFunc(rows, func(a, b matrixRow) int {
		return cmp.Or(cmp.Compare(b.All[compliance.Fail], a.All[compliance.Fail]), strings.Compare(a.Label, b.Label))
	})
	return rows
}

// list is the matrix as rows for CSV and JSON.
func (m matrix) list() list[matrixRow] {
	l := list[matrixRow]{Name: "compliance", Caption: "Failures by " + string(m.By) + " and pack", Rows: m.Rows, ID: func(r matrixRow) string { return r.Key }}
	number := func(key, head string, n func(matrixRow) int) {
		l.Columns = append(l.Columns, column[matrixRow]{Key: key, Head: head, End: true, Cell: func(r matrixRow) cell { return cell{Text: num(n(r)), Value: n(r)} }})
	}
	l.Columns = append(l.Columns, column[matrixRow]{Key: string(m.By), Head: m.head(), Cell: func(r matrixRow) cell { return cell{Text: r.Label} }})
	number("devices", "Devices", func(r matrixRow) int { return r.Devices })
	for _, p := range m.Packs {
		number(p.ID, said(p.Title), func(r matrixRow) int { return r.By[p.ID][compliance.Fail] })
	}
	for _, v := range verdictWords() {
		number(string(v), string(v), func(r matrixRow) int { return r.All[v] })
	}
	l.Columns = append(l.Columns, column[matrixRow]{Key: "score", Head: "Score", Cell: func(r matrixRow) cell { return cell{Text: r.All.score()} }})
	return l
}

func (m matrix) head() string {
	if m.By == configstore.ByRole {
		return "Role"
	}
	return "Site"
}

// resultsHref is the list behind a number.
func resultsHref(by configstore.TallyBy, r matrixRow, pack string, v compliance.Verdict) string {
	q := url.Values{}
	switch {
	case r.Device:
		q.Set("device", r.Key)
	case by != "":
		q.Set(string(by), r.Key)
	}
	if pack != "" {
		q.Set("pack", pack)
	}
	if v != "" {
		q.Set("verdict", string(v))
	}
	return "/compliance/results?" + q.Encode()
}

func (s *Server) fillMatrix(c echo.Context, v *matrixView, m matrix) error {
	waivers, err := s.Compliance.Waivers(c.Request().Context())
	if err != nil {
		return err
	}
	for _, w := range waivers {
		v.Waivers += b2i(w.Active(s.Now()))
	}
	v.BySite, v.ByRole = "/compliance", "/compliance?by=role"
	if m.Total.total() == 0 {
		v.Empty = &empty{Icon: "compliance", Title: "No verdict yet", Text: "Rules are asked as soon as a configuration is kept.", Href: "/devices", Action: "Open the inventory"}
		return nil
	}
	v.Sub = plural(m.Total.total(), "verdict", "verdicts")
	for _, w := range verdictWords() {
		v.Counts = append(v.Counts, facetItem{Label: string(w), Count: m.Total[w], Href: resultsHref("", matrixRow{}, "", w)})
	}
	v.Bar = m.Total.bar("")
	for _, p := range m.Packs {
		v.Heads = append(v.Heads, matrixHead{said(p.Title), "/compliance/rules?pack=" + url.QueryEscape(p.ID)})
	}
	sum := matrixRow{All: m.Total, By: map[string]counts{}}
	for _, r := range m.Rows {
		line := matrixLine{Label: r.Label, Device: r.Device, Devices: r.Devices, Cells: m.cells(m.By, r)}
		if r.Device {
			line.Href = "/devices/" + segment(r.Key) + "/compliance"
		} else {
			q := without(c.QueryParams(), "open")
			q.Set("open", r.Key) // "" is a key too: devices without a site
			line.Fold = "/compliance?" + q.Encode()
			line.Href = r.Key
			v.SumOfDevices += r.Devices
			for p, n := range r.By {
				if sum.By[p] == nil {
					sum.By[p] = counts{}
				}
				for w, k := range n {
					sum.By[p].add(w, k)
				}
			}
		}
		v.Rows = append(v.Rows, line)
	}
	v.Sums = m.cells("", sum)
	return nil
}

// cells are the failures by pack, then fail, waived and unknown over all, then
// the score.
func (m matrix) cells(by configstore.TallyBy, r matrixRow) []matrixCell {
	var out []matrixCell
	for _, p := range m.Packs {
		n := r.By[p.ID]
		if n.total() == 0 {
			out = append(out, matrixCell{Blank: true, Name: "no rule of it was asked"})
			continue
		}
		cl := matrixCell{N: n[compliance.Fail], Href: resultsHref(by, r, p.ID, compliance.Fail), Heat: heat(n), Icon: "circle-check", Name: r.Label + ", " + said(p.Title) + ": " + plural(n[compliance.Fail], "failure", "failures")}
		if cl.N > 0 {
			cl.Icon = "circle-x"
		}
		out = append(out, cl)
	}
	for _, w := range []compliance.Verdict{compliance.Fail, compliance.Waived, compliance.Unknown} {
		_, icon := verdictLook(w)
		out = append(out, matrixCell{N: r.All[w], Href: resultsHref(by, r, "", w), Icon: icon, Name: r.Label + ": " + num(r.All[w]) + " " + string(w)})
	}
	return append(out, matrixCell{Score: r.All.score(), Name: r.Label + ": score"})
}

// heat is how large the share is that fails, in four steps.
func heat(n counts) string {
	judged := n[compliance.Pass] + n[compliance.Fail]
	if n[compliance.Fail] == 0 || judged == 0 {
		return ""
	}
	switch share := float64(n[compliance.Fail]) / float64(judged); {
	case share < .1:
		return "heat-1"
	case share < .25:
		return "heat-2"
	case share < .5:
		return "heat-3"
	}
	return "heat-4"
}

func (v *matrixView) markOpen(key string) {
	for i := range v.Rows {
		if r := &v.Rows[i]; !r.Device && r.Href == key {
			r.Open, r.Fold = true, with("/compliance", url.Values{"by": {v.By}}, "open", "")
		}
	}
}
