package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/netdev"
)

// ruleRow is a rule with how often each verdict was said.
type ruleRow struct {
	compliance.Rule
	PackTitle string
	Counts    counts
}

// rulesList answers GET /compliance/rules.
func (s *Server) rulesList(c echo.Context) error {
	tally, err := s.Compliance.Tally(c.Request().Context(), configstore.ByRule, configstore.TallyFilter{})
	if err != nil {
		return err
	}
	by := map[string]counts{}
	for _, t := range tally {
		if by[t.Key] == nil {
			by[t.Key] = counts{}
		}
		by[t.Key].add(t.Verdict, t.N)
	}
	v := &listView{page: page{Title: "Rules", Area: "/compliance"}, Heading: "Rules", Note: "Each rule proves itself by examples that pass and fail, before a device is judged by it."}
	var rows []ruleRow
	chosen := c.QueryParam("pack")
	for _, p := range s.Compliance.Packs() {
		to, on := p.ID, p.ID == chosen
		if on {
			to = ""
		}
		v.Filters = append(v.Filters, facetItem{Label: said(p.Title), Count: len(p.Rules), On: on, Href: with("/compliance/rules", c.QueryParams(), "pack", to)})
		if chosen != "" && !on {
			continue
		}
		for _, r := range p.Rules {
			n := by[r.ID]
			if n == nil {
				n = counts{}
			}
			rows = append(rows, ruleRow{r, said(p.Title), n})
		}
	}
	v.Sub = plural(len(rows), "rule", "rules")
	return answer(c, ruleList(rows), s.listPage(c, v))
}

func ruleHref(id string) string { return "/compliance/rules/" + segment(id) }

func ruleList(rows []ruleRow) list[ruleRow] {
	number := func(v compliance.Verdict) column[ruleRow] {
		return column[ruleRow]{Key: string(v), Head: string(v), End: true, Less: func(a, b ruleRow) int { return cmp.Compare(a.Counts[v], b.Counts[v]) }, Cell: func(r ruleRow) cell {
			cl := cell{Text: num(r.Counts[v]), Value: r.Counts[v]}
			if r.Counts[v] > 0 {
				cl.Href = "/compliance/results?rule=" + url.QueryEscape(r.ID) + "&verdict=" + string(v)
			}
			return cl
		}}
	}
	return list[ruleRow]{
		Name: "rules", Caption: "Rules, those that fail most first", Rows: rows, Default: "-fail", ID: func(r ruleRow) string { return r.ID },
		Empty: empty{Icon: "compliance", Title: "No such rule", Text: "No rule is in that pack.", Href: "/compliance/rules", Action: "All rules"},
		Columns: []column[ruleRow]{
			{Key: "title", Head: "Rule", Less: func(a, b ruleRow) int { return strings.Compare(a.Title, b.Title) }, Cell: func(r ruleRow) cell { return cell{Text: said(r.Title), Href: ruleHref(r.ID)} }},
			{Key: "severity", Head: "Severity", Less: func(a, b ruleRow) int { return cmp.Compare(weight(a.Severity), weight(b.Severity)) }, Cell: func(r ruleRow) cell { return cell{Text: string(r.Severity), Soft: true} }},
			{Key: "platform", Head: "Platform", Cell: func(r ruleRow) cell {
				return cell{Text: cmp.Or(strings.Join(r.Scope.Platform, ", "), "all"), Soft: true, Cut: true}
			}},
			number(compliance.Fail), number(compliance.Unknown), number(compliance.Waived), number(compliance.Pass),
			{Key: "pack", Head: "Pack", Less: func(a, b ruleRow) int { return strings.Compare(a.PackTitle, b.PackTitle) }, Cell: func(r ruleRow) cell { return cell{Text: r.PackTitle, Soft: true} }},
			{Key: "rule", Head: "Id", Less: func(a, b ruleRow) int { return strings.Compare(a.ID, b.ID) }, Cell: func(r ruleRow) cell { return cell{Text: r.ID, Mono: true} }},
		},
	}
}

type ruleView struct {
	page
	ID, Name, Severity, Why, What string
	Tone                          string
	Version                       int
	Pack, PackVersion, PackHash   string
	PackHref                      string
	Platforms, Scope              []string
	Controls                      []controlView
	Repair                        string
	Counts                        []facetItem
	Score                         string
	Devices                       []verdictView
	All                           int
	AllHref                       string
	Examples                      []exampleView
	Waivers                       []waiverView
	CanWaive                      bool
	Try                           tryView
}

type controlView struct{ Framework, Names string }

type exampleView struct{ Name, Platform, Expect, Tone, Icon, Text string }

// tryView is a pasted text and what the rule says of it.
type tryView struct {
	Platform, Text, Error string
	Result                *verdictView
}

// shownDevices bounds how many devices the page of a rule shows.
const shownDevices = 50

// maxTry bounds a pasted text.
const maxTry = 512 << 10

func (s *Server) findRule(id string) (compliance.Rule, compliance.Pack, bool) {
	for _, p := range slices.Backward(s.Compliance.Packs()) { // of two with one id the later wins
		for _, r := range p.Rules {
			if r.ID == id {
				return r, p, true
			}
		}
	}
	return compliance.Rule{}, compliance.Pack{}, false
}

// rulePage answers GET /compliance/rules/{id}.
func (s *Server) rulePage(c echo.Context) error { return s.showRule(c, http.StatusOK, tryView{}) }

func (s *Server) showRule(c echo.Context, status int, try tryView) error {
	r, p, ok := s.findRule(c.Param("id"))
	if !ok {
		return echo.NewHTTPError(http.StatusNotFound, "no rule has that id")
	}
	ctx := c.Request().Context()
	results, err := s.Store.Results(ctx, configstore.ResultFilter{Rule: r.ID})
	if err != nil {
		return err
	}
	devices, err := s.Inventory.Devices(ctx)
	if err != nil {
		return err
	}
	waivers, err := s.Compliance.Waivers(ctx)
	if err != nil {
		return err
	}
	v := &ruleView{page: page{Title: "Rule " + r.ID, Area: "/compliance"}, ID: r.ID, Name: said(r.Title), Severity: string(r.Severity), Why: said(r.Rationale), What: said(r.Description),
		Version: r.Version, Pack: said(p.Title), PackVersion: said(p.Version), PackHash: p.Hash[:min(16, len(p.Hash))], PackHref: "/compliance/rules?pack=" + url.QueryEscape(p.ID),
		Platforms: r.Scope.Platform, Scope: scopeWords(r.Scope), Controls: controlViews(r.Controls), Repair: r.Remediate["default"], Try: try, AllHref: "/compliance/results?rule=" + url.QueryEscape(r.ID), All: len(results)}
	v.Tone, _ = verdictLook(compliance.Fail)
	v.Counts, _, v.Score = verdictCounts(results, c)
	for i := range v.Counts {
		v.Counts[i].Href = v.AllHref + "&verdict=" + url.QueryEscape(v.Counts[i].Label)
	}
	v.Devices = s.ruleDevices(results, devices, v)
	for _, w := range waivers {
		if w.Rule == r.ID {
			v.Waivers = append(v.Waivers, s.waiverView(w, devices))
		}
	}
	for _, ex := range r.Tests {
		tone, icon := verdictLook(ex.Expect)
		v.Examples = append(v.Examples, exampleView{ex.Name, ex.Platform, string(ex.Expect), tone, icon, ex.Config})
	}
	if v.Try.Platform == "" && len(r.Tests) > 0 {
		v.Try.Platform = r.Tests[0].Platform
	}
	v.CanWaive = viewerOf(c).Can("waiver.grant")
	return s.render(c, status, "rule", v)
}

// ruleDevices are the devices, those that fail first.
func (s *Server) ruleDevices(results []configstore.RuleResult, devices []netdev.Device, v *ruleView) []verdictView {
	names := map[netdev.DeviceID]string{}
	for _, d := range devices {
		names[d.ID] = cmp.Or(said(d.Name), d.Address.String())
	}
	slices.SortStableFunc(results, func(a, b configstore.RuleResult) int {
		return cmp.Or(cmp.Compare(verdictOrder(a.Verdict), verdictOrder(b.Verdict)), strings.Compare(names[a.Device], names[b.Device]))
	})
	var out []verdictView
	for i, res := range results {
		if i == shownDevices {
			break
		}
		row := verdictOf(judged{res, names[res.Device]})
		row.Title, row.Href = cmp.Or(names[res.Device], said(string(res.Device))), deviceHref(res.Device, "compliance")
		row.Since, row.Judged = when{res.Since, s.Now()}, when{res.Judged, s.Now()}
		out = append(out, row)
	}
	return out
}

func scopeWords(sc compliance.Scope) []string {
	var out []string
	for _, f := range []struct {
		name string
		has  []string
	}{{"vendor", sc.Vendor}, {"kind", sc.Kind}, {"role", sc.Role}, {"site", sc.Site}, {"tag", sc.Tag}} {
		if len(f.has) > 0 {
			out = append(out, f.name+" "+strings.Join(f.has, ", "))
		}
	}
	return out
}

func controlViews(k compliance.Controls) []controlView {
	var out []controlView
	for _, st := range k.STIG {
		out = append(out, controlView{"STIG", st.ID + ", " + st.Benchmark + " " + st.Release})
	}
	for _, f := range []struct {
		name string
		ids  []string
	}{{"NIST SP 800-53", k.NIST}, {"CIS", k.CIS}, {"PCI DSS 4.0", k.PCI}, {"HIPAA", k.HIPAA}, {"ISO/IEC 27001:2022", k.ISO27001}, {"NIS2", k.NIS2}, {"GDPR", k.GDPR}} {
		if len(f.ids) > 0 {
			out = append(out, controlView{f.name, strings.Join(f.ids, " · ")})
		}
	}
	return out
}

// tryRule answers POST /compliance/rules/{id}/try: one rule of a pasted text.
// Nothing of it is kept.
func (s *Server) tryRule(c echo.Context) error {
	try := tryView{Platform: c.FormValue("platform"), Text: c.FormValue("text")}
	fail := func(why string) error {
		try.Error = why
		return s.showRule(c, http.StatusUnprocessableEntity, try)
	}
	switch {
	case strings.TrimSpace(try.Text) == "":
		return fail("Paste the configuration of a device, or a part of it.")
	case len(try.Text) > maxTry:
		try.Text = ""
		return fail("At most " + strconv.Itoa(maxTry>>10) + " KiB.")
	}
	got, err := s.Compliance.Try(c.Param("id"), netdev.PlatformID(try.Platform), []byte(try.Text))
	if err != nil {
		return fail(sentence(err))
	}
	row := verdictOf(judged{RuleResult: configstore.RuleResult{Result: got}})
	for i := range row.Lines {
		row.Lines[i].Href = "#try-text"
	}
	row.Revision = ""
	try.Result = &row
	return s.showRule(c, http.StatusOK, try)
}
