package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// deviceConfigs lists the revisions of a device.
func (s *Server) deviceConfigs(c echo.Context) error {
	l, err := s.load(c, netdev.DeviceID(c.Param("id")), "configs")
	if err != nil {
		return err
	}
	v := &tabListView{page: page{Title: l.head.Name + ", configurations"}, Head: l.head, Heading: "Revisions"}
	if len(l.running) > 0 && len(l.startup) > 0 {
		v.Chips = []facetItem{{Label: "startup → running", Href: "/configs/" + segment(string(l.startup[0].ID)) + "/diff/" + segment(string(l.running[0].ID))}}
		if l.row.Unsaved > 0 {
			v.Note = "The running configuration is not saved: " + plural(l.row.Unsaved, "difference", "differences") + " from startup."
		}
	}
	return answer(c, s.revisionList(slices.Concat(l.running, l.startup)), s.tabPage(c, v))
}

func (s *Server) revisionList(rows []configstore.Revision) list[configstore.Revision] {
	now := s.Now()
	return list[configstore.Revision]{
		Name: "revisions", Caption: "Revisions, newest first", Rows: rows, Default: "-time", ID: func(r configstore.Revision) string { return string(r.ID) },
		Empty: empty{Icon: "archive", Title: "No configuration is kept", Text: "Back the device up; what cannot be proved complete is refused, with the reason in Events."},
		Columns: []column[configstore.Revision]{
			{Key: "time", Head: "Valid from", Less: func(a, b configstore.Revision) int { return a.FirstSeen.Compare(b.FirstSeen) }, Cell: func(r configstore.Revision) cell {
				return cell{When: &when{r.FirstSeen, now}, Href: revisionHref(r.ID)}
			}},
			{Key: "seen", Head: "Last seen", Less: func(a, b configstore.Revision) int { return a.LastSeen.Compare(b.LastSeen) }, Cell: func(r configstore.Revision) cell {
				return cell{When: &when{r.LastSeen, now}, Soft: true}
			}},
			{Key: "source", Head: "Source", Less: func(a, b configstore.Revision) int { return cmp.Compare(a.Source, b.Source) }, Cell: func(r configstore.Revision) cell { return cell{Text: said(string(r.Source))} }},
			{Key: "change", Head: "Lines", End: true, Cell: func(r configstore.Revision) cell {
				if r.Seq <= 1 {
					return cell{Text: "first", Soft: true}
				}
				return cell{Plus: "+" + num(r.Added), Minus: "−" + num(r.Removed), Mono: true, Value: map[string]int{"added": r.Added, "removed": r.Removed}}
			}},
			{Key: "by", Head: "By", Cell: func(r configstore.Revision) cell { return cell{Text: orDash(said(r.ChangedBy)), Soft: true} }},
			{Key: "lines", Head: "Length", End: true, Cell: func(r configstore.Revision) cell { return cell{Text: num(r.Lines), Soft: true, Value: r.Lines} }},
			{Key: "id", Head: "Revision", Cell: func(r configstore.Revision) cell { return cell{Text: said(string(r.ID)), Mono: true, Soft: true} }},
		},
	}
}

// complianceView is the tab of verdicts with their lines.
type complianceView struct {
	page
	Head     deviceHead
	Verdicts []verdictView
	Counts   []facetItem
	Bar      barView
	Score    string
	Empty    *empty
	CSV      string
	JSON     string

	DeviceID  string
	Stale     bool // the text is too old to be called that of the device
	Confirmed when // that the device runs the text
	CanWaive  bool
}

type verdictView struct {
	Tone, Icon, Verdict, Severity string
	Rule, Title, Reason           string
	Lines                         []evidenceLine
	More                          int
	Repair                        []string
	Revision                      string
	RuleHref, Href                string
	Since, Judged                 when
	Waiver                        string
}

type evidenceLine struct {
	N    int
	Text string
	Href string
}

// deviceCompliance shows failing verdicts first, each with its lines.
func (s *Server) deviceCompliance(c echo.Context) error {
	l, err := s.load(c, netdev.DeviceID(c.Param("id")), "compliance")
	if err != nil {
		return err
	}
	var rows []judged
	for _, r := range l.results {
		if resultMatches(c, r) {
			rows = append(rows, judged{r, l.head.Name})
		}
	}
	return answer(c, s.resultList(rows, false), func(t tableView) error {
		v := &complianceView{page: page{Title: l.head.Name + ", compliance", Area: "/devices", Live: "config"}, Head: l.head, CSV: t.CSV, JSON: t.JSON, Empty: t.Empty}
		sorted, _ := s.resultList(rows, false).sorted("verdict")
		pageOf := s.rulePages()
		for _, r := range sorted {
			row := verdictOf(r)
			row.RuleHref = pageOf(r.Rule)
			row.Since, row.Judged = when{r.Since, s.Now()}, when{r.Judged, s.Now()}
			v.Verdicts = append(v.Verdicts, row)
		}
		v.CanWaive = viewerOf(c).Can(auth.WaiverGrant)
		v.DeviceID = c.Param("id")
		if st := l.row.State; st.Running != nil {
			v.Stale, v.Confirmed = st.Freshness == configstore.Stale, when{st.Running.ConfirmedAt, s.Now()}
		}
		v.Counts, v.Bar, v.Score = verdictCounts(l.results, c)
		return s.render(c, http.StatusOK, "device-compliance", v)
	})
}

func verdictOf(r judged) verdictView {
	tone, icon := verdictLook(r.Verdict)
	v := verdictView{Tone: tone, Icon: icon, Verdict: string(r.Verdict), Severity: said(string(r.Severity)), Rule: said(r.Rule), Title: said(r.Title), Reason: said(r.Reason), Revision: revisionHref(r.Revision)}
	if w := r.Waiver; w != nil {
		v.Waiver = "waived until " + w.Expires.AddDate(0, 0, -1).Format(time.DateOnly) + ": " + said(w.Reason)
	}
	for i, e := range r.Evidence {
		if i == 12 {
			v.More = len(r.Evidence) - i
			break
		}
		v.Lines = append(v.Lines, evidenceLine{e.Line, visible(e.Text), lineHref(r.Revision, e.Line)})
	}
	if r.Verdict == compliance.Fail {
		for _, line := range r.Remediation {
			v.Repair = append(v.Repair, visible(line))
		}
	}
	return v
}

// verdictCounts counts by verdict; the score's formula is printed beside it.
func verdictCounts(all []configstore.RuleResult, c echo.Context) ([]facetItem, barView, string) {
	n := countsOf(all)
	var out []facetItem
	for _, v := range verdictWords() {
		on := c.QueryParam("verdict") == string(v)
		to := string(v)
		if on {
			to = ""
		}
		if n[v] > 0 || on {
			out = append(out, facetItem{Label: string(v), Count: n[v], On: on, Href: with(c.Request().URL.Path, c.QueryParams(), "verdict", to)})
		}
	}
	return out, n.bar(""), n.score()
}
