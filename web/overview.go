package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// overviewView is what needs a look, and how far everything is.
type overviewView struct {
	page
	Sub       string
	CanRun    bool
	CanReads  bool
	Steps     []stepView // first steps; only while something is missing
	Figures   []figureView
	Attention []attentionView
	Changes   tableView
	All       int // changes in all
	Strip     []stripView
	StripNote string
	Scores    []scoreView
	Run       *runView
}

type stepView struct {
	Done               bool
	Title, Text        string
	Href, Action, Icon string
	Number             int
}

type figureView struct {
	Key, Icon, Label, Href string
	Value, Of              string
	Count                  int
	Note, NoteTone, More   string
}

type attentionView struct {
	Tone, Icon, Title, Text string
	Count, Href, Action     string
	N                       int // rows behind Href
}

type stripView struct {
	Href, Name, Tone, Icon, Word string
	Age                          when
}

type scoreView struct {
	Name, Href, Score string
	Bar               barView
}

// barView is one bar of parts of a thousand.
type barView struct {
	Name  string
	Parts []barPart
}

type barPart struct {
	Class string
	Hatch bool
	X, W  int
}

// overview answers GET /.
func (s *Server) overview(c echo.Context) error {
	ctx := c.Request().Context()
	f, err := s.fleet(ctx)
	if err != nil {
		return err
	}
	runs, err := s.Inventory.Runs(ctx, 20)
	if err != nil {
		return err
	}
	v := &overviewView{page: page{Title: "Overview", Area: "/", Live: "device,run,job,config"}, CanRun: viewerOf(c).Can(auth.JobRun)}
	v.CanReads = len(f.Rows) > 0 && v.CanRun
	now := s.Now()
	v.Sub = plural(len(f.Rows), "device", "devices") + " in the inventory"
	known, err := s.credentialStep(c)
	if err != nil {
		return err
	}
	v.Steps = firstSteps(f, runs, known)
	if len(f.Rows) > 0 {
		v.Figures = s.figures(f, now)
	}
	if v.Attention, err = s.attention(ctx, f); err != nil {
		return err
	}
	if v.Changes, v.All, err = s.latest(c, f); err != nil {
		return err
	}
	v.Strip, v.StripNote = strip(f, now)
	v.Scores = scores(f)
	if len(runs) > 0 {
		r := s.runView(runs[0], now)
		v.Run = &r
	}
	return s.render(c, http.StatusOK, "overview", v)
}

// credentialStep leads to the form of credentials who may fill it in, and others
// to the manual.
func (s *Server) credentialStep(c echo.Context) (stepView, error) {
	step := stepView{Title: "Credentials", Text: "Enter what may be sent, and where to.", Href: "/help/first-steps", Action: "How to", Icon: "key"}
	if s.Settings == nil || !viewerOf(c).Can(auth.CredentialEdit) {
		return step, nil
	}
	list, _, err := s.Settings.Credentials(c.Request().Context())
	step.Done, step.Href, step.Action = len(list) > 0, "/settings/credentials/new", "Enter one"
	return step, err
}

// firstSteps is the checklist of an appliance that is not yet at work.
func firstSteps(f fleet, runs []discovery.Run, credentials stepView) []stepView {
	kept := slices.ContainsFunc(f.Rows, func(r deviceRow) bool { return r.State.Running != nil })
	if len(f.Rows) > 0 && kept {
		return nil
	}
	steps := []stepView{
		{Done: true, Title: "Administrator", Text: "You are signed in.", Icon: "check"},
		credentials,
		{Done: len(runs) > 0, Title: "Discover", Text: "Choose ranges, see what would be sent, then start.", Href: "/discovery", Action: "Choose ranges", Icon: "discovery"},
		{Done: kept, Title: "Back up", Text: "Read every configuration for the first time.", Href: "/devices", Action: "Choose devices", Icon: "download"},
	}
	for i := range steps {
		steps[i].Number = i + 1
	}
	return steps
}

// count asks the filter of the inventory, so that the number is the length of
// the list that the words lead to.
func (f fleet) count(words string, now time.Time) (int, string) {
	w, err := parseFilter(words, now)
	if err != nil {
		return 0, "/devices"
	}
	n := 0
	for _, r := range f.Rows {
		if w.match(r) {
			n++
		}
	}
	return n, "/devices?q=" + url.QueryEscape(words)
}

func (s *Server) figures(f fleet, now time.Time) []figureView {
	fresh, freshHref := f.count("backup:fresh", now)
	failed, _ := f.count("backup:failed", now)
	changed, changedHref := f.count("changed:<7d", now)
	unsaved, unsavedHref := f.count("saved:no", now)
	judged := countsOf(f.Results)
	fails, passes := judged[compliance.Fail], judged[compliance.Pass]
	failing, _ := f.count("rules:fail", now)
	managed, _ := f.count("backup:"+keptByController, now)
	out := []figureView{
		{Key: "fresh", Icon: "archive", Label: "Backed up in 24 h", Href: freshHref, Value: num(fresh), Count: fresh, Of: "of " + num(len(f.Rows)-managed), Note: "no attempt failed", NoteTone: "muted"},
		{Key: "changed", Icon: "changes", Label: "Devices changed", Href: changedHref, Value: num(changed), Count: changed, Note: "in 7 days", NoteTone: "muted"},
		{Key: "fail", Icon: "compliance", Label: "Rules that fail", Href: "/compliance/results?verdict=fail", Value: num(fails), Count: fails, Of: "of " + num(fails+passes), Note: "on " + plural(failing, "device", "devices"), NoteTone: "bad-text"},
		{Key: "unsaved", Icon: "drift", Label: "Devices out of true", Href: unsavedHref, Value: num(unsaved), Count: unsaved, Note: "running differs from startup", NoteTone: "warn-text"},
	}
	if failed > 0 {
		out[0].Note, out[0].NoteTone = plural(failed, "device", "devices")+" failed", "bad-text"
	}
	if len(f.Results) == 0 {
		out[2].Of, out[2].Note, out[2].NoteTone = "", "nothing judged yet", "muted"
	} else if fails == 0 {
		out[2].NoteTone = "muted"
	}
	if unsaved == 0 {
		out[3].Note, out[3].NoteTone = "nothing to compare yet", "muted"
		if saved, _ := f.count("saved:yes", now); saved > 0 {
			out[3].Note = "running and startup agree on " + plural(saved, "device", "devices")
		}
	}
	if never, _ := f.count("backup:never", now); failed == 0 && never > 0 {
		out[0].Note = plural(never, "device", "devices") + " not backed up yet"
	}
	return out
}

// latest is the seven newest changes.
func (s *Server) latest(c echo.Context, f fleet) (tableView, int, error) {
	rows, err := s.changeRows(c.Request().Context(), f, recentMax)
	if err != nil {
		return tableView{}, 0, err
	}
	recent := same(rows)
	all := recent
	if len(recent) > 7 {
		recent = recent[:7]
	}
	l := s.changeList(recent)
	l.Name, l.Caption = "latest", "Latest changes"
	t := l.view(c, recent, "")
	for i := range t.Heads {
		t.Heads[i].Href, t.Heads[i].Aria, t.Heads[i].Icon = "", "", ""
	}
	return t, len(all), nil
}

const stripMost = 16 // devices: more would push the rest of the page out of sight

// strip shows every device of a small fleet with the age of its last backup.
func strip(f fleet, now time.Time) ([]stripView, string) {
	ours := slices.DeleteFunc(slices.Clone(f.Rows), func(r deviceRow) bool { return r.ByController() })
	if len(ours) == 0 || len(ours) > stripMost {
		return nil, ""
	}
	var out []stripView
	for _, r := range ours {
		v := stripView{Href: deviceHref(r.ID, "facts"), Name: r.name(), Age: when{r.confirmed(), now}}
		v.Tone, v.Icon, v.Word = backupLook(r)
		out = append(out, v)
	}
	return out, plural(len(out), "device", "devices")
}

// backupLook is colour, glyph and word of the last backup.
func backupLook(r deviceRow) (tone, icon, text string) {
	switch r.Backup {
	case "stored":
		return "t-ok", "circle-check", "stored"
	case "stale":
		return "t-warn", "clock", "stale"
	case "failed":
		return reasonLook(r.Reason)
	case keptByController:
		return "t-idle", "controller", "kept by its controller"
	}
	return "t-idle", "unknown", "not backed up"
}

// reasonLook says a reason in words; its string stands beside them elsewhere.
func reasonLook(r netdev.Reason) (tone, icon, text string) {
	switch r {
	case netdev.Unreachable, netdev.Timeout:
		return "t-idle", "unknown", "no answer"
	case netdev.AuthFailed, netdev.PasswordExpired:
		return "t-bad", "key", "login refused"
	case netdev.LockoutGuard: // nothing was sent
		return "t-warn", "key", "login paused"
	case netdev.NoCredential, netdev.OutOfScope:
		return "t-bad", "key", "no credential"
	case netdev.WindowClosed:
		return "t-warn", "clock", "window closed"
	case netdev.DeviceBusy:
		return "t-warn", "clock", "device in hand"
	case netdev.HostKeyChanged, netdev.HostKeyUnknown:
		return "t-bad", "fingerprint", "host key " + map[bool]string{true: "changed", false: "unknown"}[r == netdev.HostKeyChanged]
	case netdev.Truncated, netdev.NoEndMarker, netdev.TooSmall, netdev.Empty, netdev.Closed:
		return "t-bad", "file", "cut short"
	}
	return "t-bad", "circle-x", string(r)
}

// scores counts verdicts by framework of the rules' controls.
func scores(f fleet) []scoreView {
	by := map[string]counts{"": {}}
	for _, r := range f.Results {
		by[""].add(r.Verdict, 1)
		for k := range r.Controls {
			if by[k] == nil {
				by[k] = counts{}
			}
			by[k].add(r.Verdict, 1)
		}
	}
	var out []scoreView
	for k, n := range by {
		if n[compliance.Pass]+n[compliance.Fail] == 0 {
			continue
		}
		v := scoreView{Name: frameworkName(k), Href: "/compliance/results"}
		if k != "" {
			v.Href += "?framework=" + url.QueryEscape(k)
		}
		v.Score, v.Bar = n.score(), n.bar(v.Name)
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b scoreView) int {
		return cmp.Or(cmp.Compare(b2i(a.Href != "/compliance/results"), b2i(b.Href != "/compliance/results")), cmp.Compare(a.Name, b.Name))
	})
	return out[:min(len(out), 6)]
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func frameworkName(k string) string {
	switch k {
	case "":
		return "All rules"
	case "stig":
		return "DISA STIG"
	case "nist80053":
		return "NIST 800-53"
	case "cis":
		return "CIS"
	case "pci":
		return "PCI DSS"
	case "hipaa":
		return "HIPAA"
	case "iso27001":
		return "ISO 27001"
	case "nis2":
		return "NIS 2"
	case "gdpr":
		return "GDPR"
	}
	return said(k)
}

type part struct {
	n     int
	class string
	hatch bool
}

// bar lays parts side by side with a gap, so that they can be told apart
// without colour.
func bar(name string, parts ...part) barView {
	total := 0
	for _, p := range parts {
		total += p.n
	}
	v := barView{Name: name}
	x := 0
	for _, p := range parts {
		if p.n == 0 || total == 0 {
			continue
		}
		w := max(p.n*1000/total-4, 4)
		v.Parts = append(v.Parts, barPart{Class: p.class, Hatch: p.hatch, X: x, W: min(w, 1000-x)})
		x += w + 4
	}
	return v
}
