package web

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/discovery/capture"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// pagePaths are the pages of a world with devices; some of one without.
func pagePaths(w *world) []string {
	paths := []string{"/", "/devices", "/devices?q=site:Harbour", "/devices?q=nonsense:x", "/devices?q=zzzz", "/changes", "/topology", "/drift", "/drift?kind=baseline", "/drift?state=open", "/devices/baseline", "/compliance/results", "/discovery", "/discovery/candidates", "/discovery/candidates?state=ignored", "/search", "/search?q=127.7", "/search?q=nothing+at+all", "/search?q=0c22.fb4a.910e", "/search/places", "/capture", "/capture?show=rest", "/capture?proves=link", "/help", "/help/changelog", "/help?q=scope", "/me", "/settings/sites", "/nowhere"}
	for _, d := range w.devices[:min(len(w.devices), 2)] {
		for _, tab := range []string{"facts", "interfaces", "neighbors", "configs", "drift", "compliance", "events"} {
			paths = append(paths, deviceHref(d.ID, tab))
		}
	}
	for _, r := range w.revisions[:min(len(w.revisions), 3)] {
		paths = append(paths, revisionHref(r.ID), revisionHref(r.ID)+"?view=unified", revisionHref(r.ID)+"/text")
	}
	for _, c := range w.candidates {
		paths = append(paths, candidateHref(c.ID))
	}
	for _, f := range w.findings[:min(len(w.findings), 2)] {
		paths = append(paths, groupHref(drift.GroupKey(f.Kind, f.Change)))
	}
	for _, x := range w.sightings {
		paths = append(paths, sightingHref(x.ID))
	}
	for _, r := range w.runs {
		paths = append(paths, "/discovery/"+string(r.ID))
	}
	if len(w.batches) > 0 {
		paths = append(paths, "/jobs/B1", "/jobs/B1?state=failed", "/jobs/B1?reason=auth-failed", "/jobs/B1?before=J0003", "/jobs/B1/J0000", "/schedules/S1", "/schedules/S2")
	}
	paths = append(paths, "/jobs", "/jobs?what=verify", "/schedules", "/schedules/new")
	return paths
}

func TestEveryPageStandsWithNoneOneAndManyRows(t *testing.T) {
	for _, n := range []int{0, 1, 12, 130} {
		w := newWorld(n)
		s := newTestServer(t, w)
		for _, role := range []string{"admin", "viewer"} {
			c := client{t: t, s: s, role: role}
			for _, path := range pagePaths(w) {
				got := c.get(path)
				want := map[bool]int{true: 404, false: 200}[path == "/nowhere"]
				if path == "/devices/baseline" && role == "viewer" {
					want = 403
				}
				if got.Code != want {
					t.Errorf("%d devices, %s, %s: %d", n, role, path, got.Code)
					continue
				}
				checkMarkup(t, path, got.Body.String())
				part := c.do("GET", path, nil, map[string]string{"HX-Request": "true", "HX-Request-Type": "partial"})
				if part.Code != got.Code || !strings.Contains(strings.Join(part.Header().Values("Vary"), ","), "HX-Request") {
					t.Errorf("%s as a fragment: %d, Vary %q", path, part.Code, part.Header().Values("Vary"))
				}
			}
		}
	}
}

var styled = regexp.MustCompile(`(?i)^(style|on[a-z]+|srcdoc)$`)

// checkMarkup looks for what the policy forbids and what readers need.
func checkMarkup(t *testing.T, path, body string) (elements int) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	ids := map[string]bool{}
	h1 := 0
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		elements++
		switch {
		case n.Data == "h1":
			h1++
		case n.Data == "style", n.Data == "iframe", n.Data == "object", n.Data == "script" && n.FirstChild != nil:
			t.Errorf("%s: element %s", path, n.Data)
		}
		for _, a := range n.Attr {
			if styled.MatchString(a.Key) || (a.Key == "href" || a.Key == "src" || a.Key == "action") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				t.Errorf("%s: <%s %s=%q>", path, n.Data, a.Key, a.Val)
			}
			if a.Key == "id" {
				if ids[a.Val] {
					t.Errorf("%s: the id %q stands twice", path, a.Val)
				}
				ids[a.Val] = true
			}
		}
	}
	if h1 != 1 {
		t.Errorf("%s: %d h1", path, h1)
	}
	return elements
}

// payloads are what a device might say instead of a name.
var payloads = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg/onload=alert(1)>`, `</title><script>alert(1)</script>`, `</textarea><script>alert(1)</script>`,
	`javascript:alert(1)`, `{{.User}}`, `{{template "shell"}}`, `<!--`, `-->`, `<![CDATA[<b>]]>`, `&lt;b&gt;`, `"onmouseover="alert(1)`, "`onload=alert(1)`", `\u003cscript\u003e`,
	"a\u202egnp.exe", "a\u2066b\u2069", "a\x1b[31mred", "a\x00b", "a\r\nSet-Cookie: x=1", "\xff\xfe\xfd", `=cmd|'/c calc'!A0`, `@SUM(1)`, `%00%0a<b>`, strings.Repeat("A<b>", 4000),
}

// kind is a path without what depends on the text of a device.
func kind(path string) string {
	if strings.HasPrefix(path, groupHref("")) {
		return groupHref("")
	}
	return path
}

func TestWhatADeviceSaysIsTextOnEveryPage(t *testing.T) {
	if len(payloads) != 25 {
		t.Fatalf("%d payloads", len(payloads))
	}
	calm := map[string]int{}
	plain := newWorld(4)
	hostileWorld(plain, "calm")
	s := newTestServer(t, plain)
	for _, path := range pagePaths(plain) {
		calm[kind(path)] = checkMarkup(t, path, client{t: t, s: s, role: "admin"}.get(path).Body.String())
	}
	for i, p := range payloads {
		w := newWorld(4)
		hostileWorld(w, p)
		c := client{t: t, s: newTestServer(t, w), role: "admin"}
		for _, path := range pagePaths(w) {
			got := c.get(path)
			if got.Code >= 500 {
				t.Errorf("payload %d on %s: %d", i, path, got.Code)
			}
			body := got.Body.String()
			if n := checkMarkup(t, path, body); n != calm[kind(path)] && !strings.HasSuffix(path, "/compliance") && !(kind(path) == groupHref("") && strings.Contains(p, "\n")) { // a text of two lines is two rows there
				t.Errorf("payload %d on %s: %d elements, %d with a harmless text", i, path, n, calm[kind(path)])
			}
			if j := strings.IndexFunc(body, func(r rune) bool { return hidden(r) && r != '\n' && r != '\r' }); j >= 0 {
				t.Errorf("payload %d on %s: a hidden character at %q", i, path, body[max(0, j-30):min(len(body), j+10)])
			}
		}
		for _, path := range []string{"/devices.csv", "/topology.csv", "/drift.csv", "/compliance/results.csv", "/changes.csv", "/discovery/candidates.csv", "/search/places.csv", "/capture.csv"} {
			checkNeutral(t, path, c.get(path).Body.String())
		}
	}
}

func checkNeutral(t *testing.T, path, body string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("%s: the cell %.40q would be a formula", path, cell)
			}
			if strings.ContainsFunc(cell, func(r rune) bool { return unicode.IsControl(r) }) {
				t.Errorf("%s: control characters in %.40q", path, cell)
			}
		}
	}
}

// hostileWorld puts p into every field that a device fills.
func hostileWorld(w *world, p string) {
	for i := range w.devices {
		d := &w.devices[i]
		d.Name, d.Site, d.Role, d.Vendor, d.OS, d.Model, d.Version, d.Serial = p, p, p, p, p, p, p, p
		d.Tags = []string{p}
		f := w.facts[d.ID]
		f.SysName, f.SysDescr, f.SysObjectID, f.SysLocation, f.SysContact, f.Local.ChassisID = p, p, p, p, p, p
		for j := range f.Interfaces {
			x := &f.Interfaces[j]
			x.Name, x.Descr, x.Alias, x.MAC = p, p, p, netdev.MAC(p)
		}
		for j := range f.Neighbors {
			x := &f.Neighbors[j]
			x.Protocol, x.LocalPort, x.ChassisID, x.PortID, x.PortDescr, x.SysName, x.SysDescr, x.Platform = p, p, p, p, p, p, p, p
		}
		for j := range f.Entities {
			x := &f.Entities[j]
			x.Name, x.Descr, x.Model, x.Serial, x.Class = p, p, p, p, p
		}
		f.Tables = []netdev.TableState{{Table: p, Coverage: netdev.Partial, Reason: netdev.Timeout, Detail: p}}
		w.facts[d.ID] = f
		w.identity[d.ID] = netdev.Identity{Why: []netdev.Why{{Field: p, Value: p, Because: p}}}
		for j := range w.attempts[d.ID] {
			w.attempts[d.ID][j].Detail = p
		}
	}
	for i := range w.sightings {
		x := &w.sightings[i]
		x.Protocol, x.SourceMAC, x.Near.Port, x.Via, x.Because, x.Far.Device, x.Far.Port = p, netdev.MAC(p), p, p, p, p, p
		x.Says = netdev.Neighbor{Protocol: p, ChassisID: p, PortID: p, SysName: p, SysDescr: p}
		x.Facts = capture.Facts{"sys_name": p, "capabilities": []any{p, p}, "notes": []string{p}}
	}
	for i := range w.revisions {
		r := &w.revisions[i]
		r.ChangedBy, r.ChangedAt, r.Flags = p, p, []string{p}
	}
	for id := range w.texts {
		w.texts[id] = "hostname x\n" + strings.ReplaceAll(p, "\n", " ") + "\nend\n"
	}
	for i := range w.results {
		x := &w.results[i]
		x.Title, x.Reason, x.Remediation = p, p, []string{p}
		for j := range x.Evidence {
			x.Evidence[j].Text = p
		}
	}
	for i := range w.findings {
		x := &w.findings[i].Change
		x.Path, x.Old, x.New = []string{p}, p, p
	}
	for i := range w.links {
		l := &w.links[i]
		l.A.Device, l.A.Port, l.B.Device, l.B.Port, l.Because = p, p, p, p, p
	}
	for i := range w.unresolved {
		u := &w.unresolved[i]
		u.Device, u.Port, u.Protocol, u.ChassisID, u.PortID, u.SysName, u.Reason = p, p, p, p, p, p, p
	}
	for i := range w.candidates {
		c := &w.candidates[i]
		c.Name, c.ChassisID, c.What, c.Addresses = p, p, p, append(c.Addresses, netip.MustParseAddr("fe80::1").WithZone(p))
		for j := range c.Told {
			c.Told[j].Unresolved = w.unresolved[0]
			c.Told[j].Addresses = c.Addresses
		}
	}
	for i := range w.places {
		x := &w.places[i]
		x.Name, x.Port, x.Because = p, p, p
	}
	for i := range w.ports {
		x := &w.ports[i]
		x.Name, x.Port, x.Alias = p, p, "127.7 "+p
	}
	for i := range w.runs {
		for j := range w.runs[i].Errors {
			w.runs[i].Errors[j].Detail = p
		}
	}
	for id, l := range w.live {
		for i := range l.Cells {
			l.Cells[i].Name = p
		}
		for i := range l.Log {
			l.Log[i].Text = p
		}
		w.live[id] = l
	}
	for i := range w.jobs {
		w.jobs[i].Detail, w.jobs[i].By = p, p
	}
	for i := range w.batches {
		w.batches[i].Title, w.batches[i].By = p, p
	}
	for i := range w.schedules {
		w.schedules[i].Choice = p[:min(len(p), 3000)] // a name with such characters is refused
	}
	for i := range w.firings {
		w.firings[i].Detail = p
	}
}

func TestEveryNumberThatIsALinkIsTheLengthOfItsList(t *testing.T) {
	pages := []string{"/", "/devices", "/devices?q=kind:switch", "/changes", "/drift", "/compliance/results", "/discovery/candidates", "/topology?as=table", "/search?q=a",
		"/devices/01DEVICE000/facts", "/devices/01DEVICE000/interfaces", "/devices/01DEVICE000/compliance"}
	for _, n := range []int{0, 1, 24, 240} {
		w := newWorld(n)
		c := client{t: t, s: newTestServer(t, w), role: "admin"}
		done := map[string]bool{}
		for _, page := range pages[:map[bool]int{true: len(pages), false: 9}[n > 0]] {
			doc, err := html.Parse(strings.NewReader(c.get(page).Body.String()))
			if err != nil {
				t.Fatal(err)
			}
			for e := range doc.Descendants() {
				count, href := attr(e, "data-count"), attr(e, "href")
				if count == "" || done[count+" "+href] {
					continue
				}
				done[count+" "+href] = true
				if got := rowsBehind(t, c, href); num(got) != count && strconv.Itoa(got) != count {
					t.Errorf("%d devices, %s: %s says %s, the list has %d", n, page, href, count, got)
				}
			}
		}
		if want := map[int]int{0: 0, 1: 12, 24: 40, 240: 40}[n]; len(done) < want {
			t.Errorf("%d devices: only %d numbers were found", n, len(done))
		}
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// rowsBehind counts the rows of a list by its JSON.
func rowsBehind(t *testing.T, c client, href string) int {
	t.Helper()
	u, err := url.Parse(href)
	if err != nil {
		t.Fatal(err)
	}
	u.Path += ".json"
	got := c.get(u.String())
	var rows []map[string]any
	if err := json.Unmarshal(got.Body.Bytes(), &rows); err != nil {
		t.Fatalf("%s: %d: %v", u, got.Code, err)
	}
	return len(rows)
}

func TestCSVAndJSONHaveTheRowsAndHeadsOfThePage(t *testing.T) {
	w := newWorld(24)
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	for _, path := range []string{"/devices", "/topology", "/drift", "/compliance/results", "/changes", "/discovery/candidates", "/search/places", "/capture", "/devices/01DEVICE003/interfaces", "/devices/01DEVICE003/events"} {
		doc, err := html.Parse(strings.NewReader(c.get(path + "?rows=250").Body.String()))
		if err != nil {
			t.Fatal(err)
		}
		var heads []string
		rows := 0
		for n := range doc.Descendants() {
			switch {
			case n.Data == "th" && attr(n, "scope") == "col":
				heads = append(heads, strings.TrimSpace(textOf(n)))
			case n.Data == "th" && attr(n, "scope") == "row":
				rows++
			}
		}
		got, err := csv.NewReader(strings.NewReader(c.get(path + ".csv").Body.String())).ReadAll()
		if err != nil || len(got) != rows+1 || !slices.Equal(got[0], heads) {
			t.Errorf("%s: CSV has %d rows with %q, the page %d with %q (%v)", path, len(got)-1, got[0], rows, heads, err)
		}
		if n := rowsBehind(t, c, path); n != rows {
			t.Errorf("%s: JSON has %d rows, the page %d", path, n, rows)
		}
	}
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func TestPagesOfAListShowEachRowOnce(t *testing.T) {
	w := newWorld(237)
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	seen := map[string]int{}
	path := "/devices?sort=-name"
	for range 5 {
		doc, err := html.Parse(strings.NewReader(c.get(path).Body.String()))
		if err != nil {
			t.Fatal(err)
		}
		path = ""
		for n := range doc.Descendants() {
			if n.Data == "th" && attr(n, "scope") == "row" {
				seen[strings.TrimSpace(textOf(n))]++
			}
			if attr(n, "rel") == "next" {
				path = attr(n, "href")
			}
		}
		if path == "" {
			break
		}
	}
	if len(seen) != 237 {
		t.Errorf("%d of 237 rows were seen", len(seen))
	}
	for name, n := range seen {
		if n != 1 {
			t.Errorf("%s was seen %d times", name, n)
		}
	}
}

func TestLinksOfEveryPageResolve(t *testing.T) {
	w := newWorld(7)
	s := newTestServer(t, w)
	for _, role := range []string{"viewer", "admin"} {
		c := client{t: t, s: s, role: role}
		done, todo := map[string]bool{}, []string{"/"}
		for len(todo) > 0 && len(done) < 1500 {
			path := todo[0]
			todo = todo[1:]
			if done[path] {
				continue
			}
			done[path] = true
			got := c.get(path)
			if got.Code != http.StatusOK && got.Code != http.StatusSeeOther {
				t.Errorf("%s as %s: %d", path, role, got.Code)
			}
			if !strings.HasPrefix(got.Header().Get("Content-Type"), "text/html") {
				continue
			}
			doc, err := html.Parse(strings.NewReader(got.Body.String()))
			if err != nil {
				t.Fatal(err)
			}
			for n := range doc.Descendants() {
				href, _, _ := strings.Cut(attr(n, "href"), "#")
				if n.Data == "a" && strings.HasPrefix(href, "/") {
					todo = append(todo, href)
				}
			}
		}
		for _, kind := range []string{"/devices/01DEVICE000/facts", "/devices/01DEVICE000/events", "/configs/01REV000R02", "/discovery/RUN0", "/discovery/RUN1", "/changes", "/topology", "/drift", "/compliance/results", "/help/security"} {
			if !done[kind] {
				t.Errorf("as %s no link leads to %s", role, kind)
			}
		}
	}
}

func TestNoPageShowsMoreThanTheMaskedText(t *testing.T) {
	w := newWorld(4)
	c := client{t: t, s: newTestServer(t, w), role: string(auth.Admin)}
	id := configstore.RevisionID("01REV003R02")
	body := c.get("/configs/" + string(id) + "/raw").Body.String()
	if body != w.texts[id] {
		t.Error("the download is not the masked text")
	}
	if !strings.Contains(body, "<secret:3f9a1c27b001>") {
		t.Error("the fixture has no mask")
	}
}

func TestWhatIsNotSavedIsNamedHoweverManyRulesAreBroken(t *testing.T) {
	s := newTestServer(t, newWorld(1))
	for _, rules := range []int{0, 1, 5, 6, 7, 100} {
		f := fleet{Rows: []deviceRow{{Device: netdev.Device{ID: "d", Name: "acc1"}, Unsaved: 2}}}
		for i := range rules {
			f.Results = append(f.Results, configstore.RuleResult{Device: "d", Result: compliance.Result{Rule: fmt.Sprint("rule-", i), Severity: compliance.High, Verdict: compliance.Fail}})
		}
		rows, err := s.attention(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		named := slices.ContainsFunc(rows, func(a attentionView) bool { return a.Icon == "unsaved" && a.N == 1 })
		whole := slices.ContainsFunc(rows, func(a attentionView) bool { return strings.Contains(a.Title, "more rule") && a.N == rules })
		if !named || len(rows) > attentionMax || whole != (rules > 5) {
			t.Errorf("%d rules: %+v", rules, rows)
		}
	}
}
