package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/scrub"
	"github.com/plumbline-net/plumbline/netdev"
)

const housePack = `pack: {id: house, version: 2.0.0, title: House rules}
rules:
  - id: login-banner
    version: 3
    title: A banner before login
    rationale: People must know whose device it is.
    severity: info
    scope: {platform: [cisco_iosxe]}
    check: {lines: {any_of: [banner login **]}}
    controls: {nist80053: [AC-8 a], cis: ["1.1"]}
    tests:
      - {name: there, platform: cisco_iosxe, expect: pass, config: "banner login ^C\nOurs.\n^C\n"}
      - {name: absent, platform: cisco_iosxe, expect: fail, config: "hostname a\n"}
`

var _ Compliance = (*world)(nil)

func (w *world) Packs() []compliance.Pack {
	p, err := compliance.Load("house.yaml", []byte(housePack))
	if err != nil {
		panic(err)
	}
	return []compliance.Pack{p}
}

func (w *world) Tally(_ context.Context, by configstore.TallyBy, only configstore.TallyFilter) ([]configstore.Tally, error) {
	n := map[configstore.Tally]int{}
	results, err := w.Results(context.Background(), configstore.ResultFilter{Site: only.Site, Role: only.Role, Pack: only.Pack})
	for _, r := range results {
		d, _ := w.Device(context.Background(), r.Device)
		key := map[configstore.TallyBy]string{configstore.BySite: d.Site, configstore.ByRole: d.Role, configstore.ByDevice: string(d.ID), configstore.ByRule: r.Rule}[by]
		n[configstore.Tally{Key: key, Pack: r.Pack, Verdict: r.Verdict}]++
	}
	var out []configstore.Tally
	for t, k := range n {
		t.N = k
		out = append(out, t)
	}
	return out, err
}

func (w *world) Waivers(context.Context) ([]compliance.Waiver, error) { return w.waivers, nil }

func (w *world) GrantWaiver(_ context.Context, x compliance.Waiver) error {
	x.ID, x.Created = "W1", w.now
	w.waivers = append(w.waivers, x)
	return nil
}

func (w *world) RevokeWaiver(_ context.Context, id, by string) (compliance.Waiver, error) {
	for i := range w.waivers {
		if x := &w.waivers[i]; x.ID == id && x.Active(w.now) {
			x.Revoked, x.RevokedBy = w.now, by
			return *x, nil
		}
	}
	return compliance.Waiver{}, configstore.ErrNoWaiver
}

func (w *world) Try(rule string, id netdev.PlatformID, text []byte) (compliance.Result, error) {
	set, err := builtin()
	if err != nil {
		return compliance.Result{}, err
	}
	r := configstore.NewReader(set.Get, scrub.KeyMasker([]byte("k")))
	return configstore.Verdicts(w.Packs()[0].Rules, r.Read(id, text), netdev.Device{})[0], nil
}

func TestEveryNumberOfTheMatrixIsTheLengthOfTheListBehindIt(t *testing.T) {
	c := client{t: t, s: newTestServer(t, newWorld(60)), role: "viewer"}
	page := c.get("/compliance?open=Mill").Body.String()
	cells := regexp.MustCompile(`href="(/compliance/results\?[^"]*)"[^>]*>(?:<svg.*?</svg>)?([0-9,]+)</a>`).FindAllStringSubmatch(page, -1)
	if len(cells) < 20 {
		t.Fatalf("%d numbers with a list in %s", len(cells), page)
	}
	for _, m := range cells {
		href := strings.ReplaceAll(m[1], "&amp;", "&")
		var rows []map[string]any
		body := c.get(strings.Replace(href, "/results?", "/results.json?", 1)).Body.Bytes()
		if err := json.Unmarshal(body, &rows); err != nil {
			t.Fatalf("%s: %v: %s", href, err, body)
		}
		if num(len(rows)) != m[2] {
			t.Errorf("%s has %d rows, the matrix says %s", href, len(rows), m[2])
		}
	}
	csv := c.get("/compliance.csv").Body.String()
	if !strings.HasPrefix(csv, "Site,Devices,House rules,fail,unknown,waived,pass,not-applicable,Score") {
		t.Errorf("CSV starts %.80q", csv)
	}
}

func TestAStaleTextMakesNoVerdictOfNow(t *testing.T) {
	w := newWorld(8)
	dev := w.results[0].Device
	st := w.states[dev]
	st.Freshness, st.Running.ConfirmedAt = configstore.Stale, testNow.Add(-30*24*time.Hour)
	w.states[dev] = st
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	for path, says := range map[string]string{
		"/devices/" + string(dev) + "/compliance":        "These verdicts are stale",
		"/compliance/results?device=" + string(dev):      "stale, of",
		"/reports/compliance":                            "<b>stale</b>",
		"/compliance/results.json?device=" + string(dev): `"stale":true`,
	} {
		if got := c.get(path).Body.String(); !strings.Contains(got, says) {
			t.Errorf("%s does not say %q", path, says)
		}
	}
}

func TestThePageOfARuleSaysWhyAndTriesATextWithoutKeepingIt(t *testing.T) {
	w := newWorld(12)
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	page := c.get("/compliance/rules/login-banner").Body.String()
	for _, want := range []string{"People must know whose device it is.", "AC-8 a", "version 3", w.Packs()[0].Hash[:16], "/text#L212", "absent"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if got := c.get("/compliance/rules/nobody").Code; got != http.StatusNotFound {
		t.Errorf("an unknown rule answers %d", got)
	}
	before := len(w.results)
	try := func(text string) string {
		return c.post("/compliance/rules/login-banner/try", url.Values{"platform": {"cisco_iosxe"}, "text": {text}}).Body.String()
	}
	if got := try("hostname x\n"); !strings.Contains(got, `role="status"`) || !strings.Contains(got, "missing: banner login") {
		t.Errorf("a text without a banner: %s", got)
	}
	if got := try("banner login ^C\n<script>alert(1)</script>\n^C\n"); strings.Contains(got, "<script>alert") {
		t.Error("a pasted text is markup")
	}
	if got := try("  "); !strings.Contains(got, "Paste the configuration") {
		t.Error("nothing pasted is not told")
	}
	if len(w.results) != before {
		t.Error("a try is kept")
	}
}

func TestAWaiverNeedsAReasonAnEndAndAPermission(t *testing.T) {
	w := newWorld(4)
	form := func(change ...string) url.Values {
		f := url.Values{"rule": {"login-banner"}, "device": {w.devices[0].Name}, "reason": {"replaced in spring"}, "expires": {"2026-06-30"}}
		for i := 0; i+1 < len(change); i += 2 {
			f.Set(change[i], change[i+1])
		}
		return f
	}
	s := newTestServer(t, w)
	if got := (client{t: t, s: s, role: "viewer"}).post("/compliance/waivers", form()).Code; got != http.StatusForbidden {
		t.Errorf("a viewer grants: %d", got)
	}
	c := client{t: t, s: s, role: "auditor"}
	for name, tt := range map[string]struct {
		form url.Values
		says string
	}{
		"no-reason":      {form("reason", "later"), "at least 10 characters"},
		"no-end":         {form("expires", ""), "missing"},
		"too-long":       {form("expires", "2029-01-01"), "at most a year"},
		"in-the-past":    {form("expires", "2026-01-01"), "is not after"},
		"unknown-rule":   {form("rule", "nobody"), "No rule has the id nobody"},
		"unknown-device": {form("device", "nobody"), "No device is called nobody"},
	} {
		got := c.post("/compliance/waivers", tt.form)
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), tt.says) {
			t.Errorf("%s: %d without %q", name, got.Code, tt.says)
		}
	}
	if len(w.waivers) != 0 {
		t.Fatalf("kept %+v", w.waivers)
	}
	if got := c.post("/compliance/waivers", form()).Code; got != http.StatusSeeOther || len(w.waivers) != 1 {
		t.Fatalf("granting answers %d, kept %+v", got, w.waivers)
	}
	if x := w.waivers[0]; x.Device != string(w.devices[0].ID) || x.Approver != "m.auditor" || !x.Expires.Equal(time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("kept %+v", x)
	}
	if got := c.post("/compliance/waivers/W1/revoke", url.Values{}).Code; got != http.StatusSeeOther || w.waivers[0].RevokedBy != "m.auditor" {
		t.Errorf("revoking answers %d, kept %+v", got, w.waivers[0])
	}
	if got := c.post("/compliance/waivers/W1/revoke", url.Values{}).Code; got != http.StatusNotFound {
		t.Errorf("revoking again answers %d", got)
	}
}

func TestThePrintedListTellsWhatWasNotAssessed(t *testing.T) {
	w := newWorld(30)
	page := (client{t: t, s: newTestServer(t, w), role: "viewer"}).get("/reports/compliance?site=Mill").Body.String()
	for _, want := range []string{"Site Mill", "Not assessed", "the section was not understood", "Devices without a configuration", "SHA-256 of this list"} {
		if !strings.Contains(page, want) {
			t.Errorf("the list does not say %q", want)
		}
	}
	for _, d := range w.devices {
		if d.Site != "Mill" && strings.Contains(page, d.Name+"<") {
			t.Errorf("a list of one site names %s of %s", d.Name, d.Site)
		}
	}
}

func TestTheRuleOfTheManualWorks(t *testing.T) {
	b, err := docsFS.ReadFile("docs/compliance.md")
	if err != nil {
		t.Fatal(err)
	}
	set, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?m)(?:^    .*\n)+`).FindAllString(string(b), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d examples in the manual, want a pack and a file of waivers", len(blocks))
	}
	for i := range blocks {
		blocks[i] = strings.ReplaceAll(strings.TrimPrefix(blocks[i], "    "), "\n    ", "\n")
	}
	p, err := compliance.Load("manual", []byte(blocks[0]))
	if err != nil {
		t.Fatal(err)
	}
	reader := configstore.NewReader(set.Get, scrub.KeyMasker([]byte("k")))
	if err := p.Prove(func(id, text string) (compliance.Subject, error) {
		return configstore.Subject(reader.Read(netdev.PlatformID(id), []byte(text)), netdev.Device{}), nil
	}); err != nil {
		t.Error(err)
	}
	if _, err := compliance.LoadWaivers("manual", []byte(blocks[1])); err != nil {
		t.Error(err)
	}
}
