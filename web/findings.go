package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// listView is a page that is one list.
type listView struct {
	page
	Heading, Sub string
	Table        tableView
	Filters      []facetItem
	Note         string
}

func (s *Server) listPage(c echo.Context, v *listView) func(tableView) error {
	return func(t tableView) error {
		v.Table = t
		return s.render(c, http.StatusOK, "list", v)
	}
}

// deviceFilter names the device a list is narrowed to, and the way out.
func (s *Server) deviceFilter(c echo.Context, f fleet) []facetItem {
	var out []facetItem
	for _, key := range []string{"device", "site", "role", "pack", "verdict", "rule", "severity", "framework"} {
		v, ok := c.QueryParams()[key]
		if !ok || v[0] == "" && key != "site" && key != "role" {
			continue
		}
		label := key + " " + said(cmp.Or(v[0], "none"))
		if key == "device" {
			label = f.nameOf(netdev.DeviceID(v[0]))
		}
		q := c.QueryParams()
		q.Del("after")
		out = append(out, facetItem{Label: label, Href: with(c.Request().URL.Path, without(q, key), "", ""), On: true})
	}
	return out
}

func (f fleet) nameOf(id netdev.DeviceID) string {
	if d, ok := f.Names[id]; ok && d.Name != "" {
		return said(d.Name)
	}
	return said(string(id))
}

func pathOf(path []string) string {
	var parts []string
	for _, p := range path {
		parts = append(parts, strings.TrimSpace(p))
	}
	return orDash(said(strings.Join(parts, " › ")))
}

// judged is a verdict with the name of its device.
type judged struct {
	configstore.RuleResult
	Name string
}

// results answers GET /compliance/results.
func (s *Server) results(c echo.Context) error {
	ctx, q := c.Request().Context(), c.QueryParams()
	devices, err := s.Inventory.Devices(ctx)
	if err != nil {
		return err
	}
	states, err := s.Store.States(ctx)
	if err != nil {
		return err
	}
	f := fleet{Names: make(map[netdev.DeviceID]netdev.Device, len(devices))}
	for _, d := range devices {
		f.Names[d.ID] = d
	}
	want := configstore.ResultFilter{Device: netdev.DeviceID(q.Get("device")), Rule: q.Get("rule"), Verdict: compliance.Verdict(q.Get("verdict")), Pack: q.Get("pack")}
	for key, into := range map[string]**string{"site": &want.Site, "role": &want.Role} {
		if v, ok := q[key]; ok {
			*into = &v[0]
		}
	}
	all, err := s.Store.Results(ctx, want)
	if err != nil {
		return err
	}
	var rows []judged
	for _, r := range all {
		if resultMatches(c, r) {
			rows = append(rows, judged{r, f.nameOf(r.Device)})
		}
	}
	v := &listView{page: page{Title: "Verdicts", Area: "/compliance", Live: "config"}, Heading: "Verdicts", Sub: plural(len(rows), "verdict", "verdicts")}
	v.Filters = s.deviceFilter(c, f)
	if want.Verdict == "" {
		for _, w := range verdictWords() {
			n := 0
			for _, r := range rows {
				n += b2i(r.Verdict == w)
			}
			v.Filters = append(v.Filters, facetItem{Label: string(w), Count: n, Href: with(c.Request().URL.Path, q, "verdict", string(w))})
		}
	}
	l := s.resultList(rows, true)
	l.Columns = append(l.Columns, s.ageColumn(states))
	return answer(c, l, s.listPage(c, v))
}

// ageColumn says on how old a text a verdict stands. That of a text which is
// too old to be called the device's is told as stale, never as it is now.
func (s *Server) ageColumn(states map[netdev.DeviceID]configstore.DeviceState) column[judged] {
	confirmed := func(r judged) time.Time {
		if st := states[r.Device]; st.Running != nil {
			return st.Running.ConfirmedAt
		}
		return r.Judged
	}
	return column[judged]{Key: "as_of", Head: "As of", End: true, Less: func(a, b judged) int { return confirmed(a).Compare(confirmed(b)) }, Cell: func(r judged) cell {
		stale := states[r.Device].Freshness != configstore.Fresh
		cl := cell{When: &when{confirmed(r), s.Now()}, Soft: true, Value: map[string]any{"time": confirmed(r).UTC(), "stale": stale}}
		if stale {
			cl.Text, cl.Tone, cl.Icon = "stale, of", "t-warn", "clock"
		}
		return cl
	}}
}

func resultMatches(c echo.Context, r configstore.RuleResult) bool {
	for key, have := range map[string]string{"verdict": string(r.Verdict), "rule": r.Rule, "severity": string(r.Severity), "device": string(r.Device)} {
		if want := c.QueryParam(key); want != "" && want != have {
			return false
		}
	}
	if want := c.QueryParam("framework"); want != "" {
		_, ok := r.Controls[want]
		return ok
	}
	return true
}

func verdictLook(v compliance.Verdict) (tone, icon string) {
	switch v {
	case compliance.Pass:
		return "t-ok", "circle-check"
	case compliance.Fail:
		return "t-bad", "circle-x"
	case compliance.Waived:
		return "t-waived", "waived"
	case compliance.NotApplicable:
		return "t-idle", "dash"
	}
	return "t-idle", "unknown"
}

func verdictOrder(v compliance.Verdict) int {
	return slices.Index([]compliance.Verdict{compliance.Fail, compliance.Unknown, compliance.Waived, compliance.Pass, compliance.NotApplicable}, v)
}

func (s *Server) resultList(rows []judged, device bool) list[judged] {
	pageOf := s.rulePages()
	l := list[judged]{
		Name: "verdicts", Caption: "Verdicts, failing first", Rows: rows, Default: "verdict",
		ID:    func(r judged) string { return string(r.Device) + " " + r.Rule },
		Empty: empty{Icon: "compliance", Title: "No verdict", Text: "Rules are asked as soon as a configuration is kept.", Href: "/devices", Action: "Open the inventory"},
		Columns: []column[judged]{
			{Key: "device", Head: "Device", Less: func(a, b judged) int { return strings.Compare(a.Name, b.Name) }, Cell: func(r judged) cell {
				return cell{Text: r.Name, Href: deviceHref(r.Device, "compliance"), Value: map[string]string{"id": string(r.Device), "name": r.Name}}
			}},
			{Key: "verdict", Head: "Verdict", Less: func(a, b judged) int {
				return cmp.Or(cmp.Compare(verdictOrder(a.Verdict), verdictOrder(b.Verdict)), cmp.Compare(weight(b.Severity), weight(a.Severity)))
			}, Cell: func(r judged) cell {
				tone, icon := verdictLook(r.Verdict)
				return cell{Text: said(string(r.Verdict)), Tone: tone, Icon: icon}
			}},
			{Key: "severity", Head: "Severity", Less: func(a, b judged) int { return cmp.Compare(weight(b.Severity), weight(a.Severity)) }, Cell: func(r judged) cell {
				return cell{Text: said(string(r.Severity)), Soft: true}
			}},
			{Key: "rule", Head: "Rule", Less: func(a, b judged) int { return strings.Compare(a.Rule, b.Rule) }, Cell: func(r judged) cell { return cell{Text: said(r.Rule), Href: pageOf(r.Rule), Mono: true} }},
			{Key: "title", Head: "Title", Cell: func(r judged) cell { return cell{Text: said(r.Title)} }},
			{Key: "evidence", Head: "Evidence", Cell: evidenceCell},
		},
	}
	if !device {
		l.Columns = l.Columns[1:]
	}
	return l
}

// rulePages gives the page of a rule, "" where it has none: a kept verdict may
// be of a rule that is no more.
func (s *Server) rulePages() func(id string) string {
	known := map[string]bool{}
	if s.Compliance != nil {
		for _, p := range s.Compliance.Packs() {
			for _, r := range p.Rules {
				known[r.ID] = true
			}
		}
	}
	return func(id string) string {
		if !known[id] {
			return ""
		}
		return ruleHref(id)
	}
}

// evidenceCell leads to the first line that proves a verdict.
func evidenceCell(r judged) cell {
	if len(r.Evidence) == 0 {
		return cell{Text: orDash(said(r.Reason)), Soft: true, Cut: true}
	}
	e := r.Evidence[0]
	cl := cell{Text: "line " + num(e.Line), Href: lineHref(r.Revision, e.Line), Value: r.Evidence}
	if n := len(r.Evidence) - 1; n > 0 {
		cl.Muted = "and " + plural(n, "line", "lines") + " more"
	}
	return cl
}

// linkList is every link with its evidence, the twin of the map.
func compareEnds(a, b topology.End) int {
	return cmp.Or(netdev.CompareNames(a.Device, b.Device), netdev.CompareNames(a.Port, b.Port))
}

func linkList(rows []topology.Link, now time.Time) list[topology.Link] {
	end := func(e topology.End) cell {
		cl := cell{Text: orDash(said(e.Device)), Muted: said(e.Port), Value: e}
		if e.ID != "" {
			cl.Href = deviceHref(e.ID, "neighbors")
		}
		return cl
	}
	return list[topology.Link]{
		Name: "links", Caption: "Links", Rows: rows, Default: "a",
		ID: func(l topology.Link) string {
			return l.A.Device + " " + l.A.Port + " " + l.B.Device + " " + l.B.Port + " " + l.Layer
		},
		Empty: empty{Icon: "topology", Title: "No link yet", Text: "A link needs LLDP or CDP from two devices.", Href: "/discovery", Action: "Discover"},
		Columns: []column[topology.Link]{
			{Key: "a", Head: "One end", Less: func(a, b topology.Link) int { return compareEnds(a.A, b.A) }, Cell: func(l topology.Link) cell { return end(l.A) }},
			{Key: "b", Head: "Other end", Less: func(a, b topology.Link) int { return compareEnds(a.B, b.B) }, Cell: func(l topology.Link) cell { return end(l.B) }},
			{Key: "layer", Head: "Layer", Cell: func(l topology.Link) cell { return cell{Text: said(l.Layer), Soft: true} }},
			{Key: "evidence", Head: "Evidence", Cell: func(l topology.Link) cell {
				return cell{Text: orDash(said(strings.Join(l.Evidence, ", "))), Mono: true, Value: l.Evidence}
			}},
			{Key: "confidence", Head: "Confidence", End: true, Less: func(a, b topology.Link) int { return cmp.Compare(a.Confidence, b.Confidence) }, Cell: func(l topology.Link) cell {
				return cell{Text: percent(l.Confidence), Value: l.Confidence}
			}},
			{Key: "state", Head: "State", Cell: func(l topology.Link) cell {
				if l.Stale {
					return cell{Text: "not seen again", Tone: "t-warn", Icon: "warn", Value: "stale"}
				}
				return cell{Text: linkState(l), Soft: true}
			}},
			{Key: "seen", Head: "Seen", Less: func(a, b topology.Link) int { return a.LastSeen.Compare(b.LastSeen) }, Cell: func(l topology.Link) cell {
				return cell{When: &when{l.LastSeen, now}, Soft: true}
			}},
			{Key: "because", Head: "Because", Cell: func(l topology.Link) cell { return cell{Text: orDash(said(l.Because)), Soft: true, Cut: true} }},
		},
	}
}
