package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// discoveryView is the list of runs and the form that starts one.
type discoveryView struct {
	page
	Sub        string
	CanRun     bool
	Form       discoveryForm
	Plan       *planView
	Error      string
	Runs       tableView
	Unresolved int
	Listen     []listenView
	Heard      int // senders that announce themselves
}

type discoveryForm struct {
	Targets, Excludes, Rate, Site string
	Crawl                         bool
}

type planView struct {
	Addresses, Datagrams, Shortest, Excluded string
	Rate                                     string
	Secrets                                  []PlanSecret
	OutOfScope                               string
}

func (s *Server) discoveryPage(c echo.Context) error {
	return s.showDiscovery(c, http.StatusOK, &discoveryView{Form: discoveryForm{Crawl: true}})
}

const runsShown = 50

func (s *Server) showDiscovery(c echo.Context, status int, v *discoveryView) error {
	ctx := c.Request().Context()
	runs, err := s.Inventory.Runs(ctx, runsShown)
	if err != nil {
		return err
	}
	if v.Unresolved, err = s.openCandidates(ctx); err != nil {
		return err
	}
	heard, err := s.Capture.Sightings(ctx)
	if err != nil {
		return err
	}
	v.Listen, v.Heard = s.listenViews(), countOf(heard, true)
	v.page = page{Title: "Discovery", Area: "/discovery", Live: "run"}
	v.CanRun = viewerOf(c).Can(auth.JobRun)
	v.Sub = "Nothing outside the ranges receives a packet, and no credential leaves its own scope."
	l := s.runList(runs)
	rows, key := l.sorted("-started")
	v.Runs = l.view(c, rows, key)
	for i := range v.Runs.Heads {
		v.Runs.Heads[i].Href, v.Runs.Heads[i].Icon = "", ""
	}
	return s.render(c, status, "discovery", v)
}

func (f discoveryForm) request() DiscoveryRequest {
	r := DiscoveryRequest{Targets: entries(f.Targets), Excludes: entries(f.Excludes), Crawl: f.Crawl, Site: strings.TrimSpace(f.Site)}
	r.Rate, _ = strconv.Atoi(strings.TrimSpace(f.Rate))
	return r
}

// entries reads one target an entry: lines, commas and blanks part them, "#"
// starts a comment.
func entries(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		out = append(out, strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' })...)
	}
	return out
}

// startDiscovery answers POST /discovery: first what it would send, and with
// the second button the run.
func (s *Server) startDiscovery(c echo.Context) error {
	v := &discoveryView{Form: discoveryForm{Targets: c.FormValue("targets"), Excludes: c.FormValue("excludes"), Rate: c.FormValue("rate"), Site: c.FormValue("site"), Crawl: c.FormValue("crawl") != ""}}
	req := v.Form.request()
	v.Form.Targets, v.Form.Excludes, v.Form.Site, v.Form.Rate = shown(v.Form.Targets), shown(v.Form.Excludes), visible(v.Form.Site), visible(v.Form.Rate)
	if len(req.Targets) == 0 {
		v.Error = "Name at least one address, prefix or range."
		return s.showDiscovery(c, http.StatusUnprocessableEntity, v)
	}
	plan, err := s.Runner.Plan(c.Request().Context(), req)
	if err != nil {
		v.Error = sentence(err)
		return s.showDiscovery(c, http.StatusUnprocessableEntity, v)
	}
	if c.FormValue("start") == "" {
		v.Plan = newPlanView(plan)
		return s.showDiscovery(c, http.StatusOK, v)
	}
	id, err := s.Runner.StartDiscovery(c.Request().Context(), viewerOf(c).User, req)
	if err != nil {
		v.Error = sentence(err)
		return s.showDiscovery(c, http.StatusUnprocessableEntity, v)
	}
	return c.Redirect(http.StatusSeeOther, "/discovery/"+segment(string(id)))
}

// shown is what a text area may hold: visible text and line ends.
func shown(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = visible(lines[i])
	}
	return strings.Join(lines, "\n")
}

func newPlanView(p Plan) *planView {
	return &planView{Addresses: num(p.Addresses), Datagrams: num(p.Datagrams), Shortest: span(p.Shortest), Excluded: num(p.Excluded), Rate: num(p.Rate), Secrets: p.Credentials,
		OutOfScope: numOrDash(p.OutOfScope)}
}

func targetsOf(r discovery.Run) string {
	t := r.Targets
	if len(t) > 3 {
		t = append(append([]string{}, t[:3]...), plural(len(r.Targets)-3, "more", "more"))
	}
	return said(strings.Join(t, ", "))
}

func runLook(st discovery.RunState) (tone, icon string) {
	switch st {
	case discovery.RunRunning:
		return "t-info", "running"
	case discovery.RunDone:
		return "t-ok", "circle-check"
	case discovery.RunCancelled:
		return "t-idle", "dash"
	}
	return "t-bad", "circle-x"
}

func (s *Server) runList(runs []discovery.Run) list[discovery.Run] {
	now := s.Now()
	count := func(key, head string, n func(discovery.Run) int) column[discovery.Run] {
		return column[discovery.Run]{Key: key, Head: head, End: true, Cell: func(r discovery.Run) cell { return cell{Text: num(n(r)), Value: n(r)} }}
	}
	return list[discovery.Run]{
		Name: "runs", Caption: "Runs, newest first", Rows: runs, Default: "-started", ID: func(r discovery.Run) string { return string(r.ID) },
		Empty: empty{Icon: "discovery", Title: "No run yet", Text: "Enter a range above. You see what would be sent before anything is."},
		Columns: []column[discovery.Run]{
			{Key: "targets", Head: "Targets", Cell: func(r discovery.Run) cell {
				return cell{Text: targetsOf(r), Href: "/discovery/" + segment(string(r.ID)), Mono: true}
			}},
			{Key: "state", Head: "State", Cell: func(r discovery.Run) cell {
				tone, icon := runLook(r.State)
				return cell{Text: string(r.State), Tone: tone, Icon: icon, Pill: true}
			}},
			{Key: "by", Head: "By", Cell: func(r discovery.Run) cell { return cell{Text: orDash(said(r.By)), Soft: true} }},
			count("asked", "Asked", func(r discovery.Run) int { return r.Asked }),
			count("answered", "Answered", func(r discovery.Run) int { return r.Answered }),
			count("identified", "Identified", func(r discovery.Run) int { return r.Identified }),
			count("new", "New", func(r discovery.Run) int { return r.New }),
			{Key: "started", Head: "Started", End: true, Less: func(a, b discovery.Run) int { return a.Started.Compare(b.Started) }, Cell: func(r discovery.Run) cell {
				return cell{When: &when{r.Started, now}, Soft: true}
			}},
			{Key: "took", Head: "Took", End: true, Cell: func(r discovery.Run) cell { return cell{Text: took(r, now), Soft: true} }},
		},
	}
}

func took(r discovery.Run, now time.Time) string {
	end := r.Ended
	if end.IsZero() {
		if r.State != discovery.RunRunning {
			return "–"
		}
		end = now
	}
	return span(end.Sub(r.Started))
}

// runView is one run with its numbers; they add up: asked = answered + silent +
// refused + those in work.
type runView struct {
	ID, Href, Targets, State string
	Tone, Icon               string
	By                       string
	Started                  when
	Took                     string
	Total, Asked             int
	Funnel                   []funnelView
	Figures                  []figureView
	Log                      []logView
	Error                    string
	Running                  bool
	Links                    int
}

type funnelView struct {
	Key, Label, Note string
	N                int
	Bar              barView
}

type logView struct {
	Time          when
	Address, Text string
	Tone          string
}

func (s *Server) runView(r discovery.Run, now time.Time) runView {
	var log []LogLine
	if l, ok := s.Runner.LiveRun(r.ID); ok {
		r, log = l.Run, l.Log
	}
	v := runView{ID: string(r.ID), Href: "/discovery/" + segment(string(r.ID)), Targets: targetsOf(r), State: string(r.State), By: said(r.By), Started: when{r.Started, now},
		Took: took(r, now), Total: r.Total, Asked: r.Asked, Error: said(r.Error), Running: r.State == discovery.RunRunning, Links: r.Links}
	v.Tone, v.Icon = runLook(r.State)
	work := r.Asked - r.Answered - r.Silent - r.Refused
	for _, f := range []struct {
		key, label, note, class string
		n                       int
	}{
		{"asked", "asked", "of " + num(r.Total), "f-idle", r.Asked},
		{"answered", "answered", num(r.Silent) + " silent, " + num(r.Refused) + " refused" + inWork(work), "f-accent", r.Answered},
		{"walked", "read", inWord(r.Answered-r.Walked, "to read or not read"), "f-accent", r.Walked},
		{"identified", "identified", inWord(r.Walked-r.Identified, "not told apart"), "f-ok", r.Identified},
		{"new", "new", inWord(r.Identified-r.New, "known already"), "f-ok", r.New},
	} {
		v.Funnel = append(v.Funnel, funnelView{Key: f.key, Label: f.label, Note: f.note, N: f.n, Bar: bar(num(f.n)+" of "+num(r.Total), part{f.n, f.class, false}, part{max(r.Total-f.n, 0), "f-sunken", false})})
	}
	for i := len(log) - 1; i >= 0 && len(v.Log) < 500; i-- {
		l := log[i]
		v.Log = append(v.Log, logView{when{l.Time, now}, said(l.Address), said(l.Text), map[string]string{"ok": "ok-text", "bad": "bad-text"}[l.Tone]})
	}
	return v
}

// inWord says a count that is there, and nothing of one that is not.
func inWord(n int, words string) string {
	if n <= 0 {
		return ""
	}
	return num(n) + " " + words
}

func inWork(n int) string {
	if n <= 0 {
		return ""
	}
	return ", " + num(n) + " in work"
}

// runPageView is the page of one run.
type runPageView struct {
	page
	Run        runView
	Cells      *cellsView
	Refused    []causeView
	Unresolved int
}

type causeView struct {
	Tone, Icon, Title, Text string
	Reason                  string
}

// runPage answers GET /discovery/{id}.
func (s *Server) runPage(c echo.Context) error {
	ctx := c.Request().Context()
	id := discovery.RunID(c.Param("id"))
	r, err := s.Inventory.Run(ctx, id)
	live, ok := s.Runner.LiveRun(id)
	if err != nil && !ok {
		return err
	}
	if ok {
		r = live.Run
	}
	v := &runPageView{page: page{Title: "Discovery of " + targetsOf(r), Area: "/discovery", Live: "run"}, Run: s.runView(r, s.Now())}
	if ok {
		v.Cells = drawCells(live.Cells)
	}
	v.Refused = causes(r.Errors)
	if v.Unresolved, err = s.openCandidates(ctx); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "run", v)
}

// causes groups what went wrong by its reason: never a row an address.
func causes(errs []discovery.RunError) []causeView {
	by := map[netdev.Reason][]discovery.RunError{}
	counts := map[string]int{}
	for _, e := range errs {
		by[e.Reason] = append(by[e.Reason], e)
		counts[string(e.Reason)]++
	}
	var out []causeView
	for _, k := range byCount(counts) {
		list := by[netdev.Reason(k)]
		tone, icon, words := reasonLook(netdev.Reason(k))
		var at []string
		for _, e := range list[:min(len(list), 6)] {
			t := said(e.Address)
			if e.Detail != "" {
				t += " (" + said(e.Detail) + ")"
			}
			at = append(at, t)
		}
		if n := len(list) - len(at); n > 0 {
			at = append(at, num(n)+" more")
		}
		out = append(out, causeView{tone, icon, plural(len(list), "address", "addresses") + ": " + words + ".", strings.Join(at, ", "), k})
	}
	return out
}
