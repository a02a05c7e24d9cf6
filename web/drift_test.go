package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/netdev"
)

// strayed approves the first running revision of each device, and lets what
// runs on every third device differ from it.
func strayed(n int) *world {
	w := newWorld(n)
	for _, r := range w.revisions {
		if r.Source == configstore.Running && r.Seq == 1 {
			w.approvals = append(w.approvals, configstore.Approval{Device: r.Device, Source: configstore.Running, Revision: r.ID, By: "m.admin", At: testNow.Add(-48 * time.Hour), Comment: "as built"})
		}
	}
	for _, f := range slices.Clone(w.findings) {
		g := f
		g.Kind, g.Key, g.Reference = drift.Baseline, "baseline|ntp|change", "01REV"+string(f.Device[8:])+"R01"
		g.Revision = "01REV" + string(f.Device[8:]) + "R02"
		w.findings = append(w.findings, g)
	}
	w.edges = []drift.Edge{{ID: drift.ID{Device: w.devices[0].ID, Kind: drift.Baseline}, To: drift.Open, Why: drift.Appeared, At: testNow.Add(-time.Hour)}}
	return w
}

func groupOf(w *world, kind drift.Kind) drift.Group {
	for _, g := range drift.Groups(w.findings) {
		if g.Kind == kind {
			return g
		}
	}
	return drift.Group{}
}

func TestTheSameDriftIsOneRowWhateverTheNumberOfDevices(t *testing.T) {
	w := strayed(24)
	c := client{t: t, s: newTestServer(t, w), role: "admin"}
	for _, kind := range []drift.Kind{drift.Startup, drift.Baseline} {
		path := "/drift?kind=" + string(kind)
		g := groupOf(w, kind)
		if got := rowsBehind(t, c, path); got != 1 || len(g.Devices()) < 5 {
			t.Errorf("%s: %d rows for %d devices", path, got, len(g.Devices()))
		}
		var rows []struct {
			Devices []string
			State   string
		}
		if err := json.Unmarshal(c.get("/drift.json?kind="+string(kind)).Body.Bytes(), &rows); err != nil || len(rows) != 1 || len(rows[0].Devices) != len(g.Devices()) || rows[0].State != "open" {
			t.Errorf("as JSON: %+v, %v", rows, err)
		}
		var api struct{ Items []apiFinding }
		if err := json.Unmarshal(c.get("/api/v1/drift?kind="+string(kind)).Body.Bytes(), &api); err != nil || len(api.Items) != len(g.Members) || api.Items[0].Group != g.Key {
			t.Errorf("API: %d findings, %v; the group has %d", len(api.Items), err, len(g.Members))
		}
		body := c.get(groupHref(g.Key)).Body.String()
		for _, want := range []string{"ntp server 192.0.2.11 prefer", "ntp server 198.51.100.10", plural(len(g.Devices()), "device", "devices"), "What happened"} {
			if !strings.Contains(body, want) {
				t.Errorf("the page of the group lacks %q", want)
			}
		}
	}
	if got := c.get("/drift?kind=previous"); got.Header().Get("Location") != "/changes" {
		t.Errorf("previous leads to %q", got.Header().Get("Location"))
	}
	if got := c.get("/drift?kind=rule"); got.Header().Get("Location") != "/compliance/results" {
		t.Errorf("rule leads to %q", got.Header().Get("Location"))
	}
	if got := c.get("/drift/nothing"); got.Code != http.StatusNotFound {
		t.Errorf("a group that is none: %d", got.Code)
	}
}

func TestAttentionCountsWhatItsLinkLists(t *testing.T) {
	w := strayed(24)
	s := newTestServer(t, w)
	c := client{t: t, s: s, role: "admin"}
	body := c.get("/").Body.String()
	for words, title := range map[string]string{"saved:no": "not saved on ", "approved:no": "not the approved one on "} {
		n := rowsBehind(t, c, "/devices?q="+words)
		if n == 0 || !strings.Contains(body, title+plural(n, "device", "devices")) {
			t.Errorf("%s lists %d devices, the overview says otherwise", words, n)
		}
	}
	if never := rowsBehind(t, c, "/devices?q=approved:never"); never+rowsBehind(t, c, "/devices?q=approved:yes")+rowsBehind(t, c, "/devices?q=approved:no") != 24 {
		t.Error("the words of approved do not add up")
	}
}

func TestAnEmptyListSaysWhatToDo(t *testing.T) {
	w := newWorld(3)
	w.findings = nil
	c := client{t: t, s: newTestServer(t, w), role: "admin"}
	if body := c.get("/drift?kind=baseline").Body.String(); !strings.Contains(body, "Nothing to compare yet: choose a reference") || !strings.Contains(body, `href="/devices/baseline"`) {
		t.Error("without an approval the list does not say what to do")
	}
	if body := (client{t: t, s: c.s, role: "viewer"}).get("/drift?kind=baseline").Body.String(); strings.Contains(body, `href="/devices/baseline"`) {
		t.Error("a viewer is led to what he may not do")
	}
	if body := c.get("/drift?kind=startup").Body.String(); !strings.Contains(body, "Nothing differs") {
		t.Error("what was compared and agrees is not said so")
	}
	for id, st := range w.states {
		st.Startup = nil
		w.states[id] = st
	}
	if body := c.get("/drift?kind=startup").Body.String(); !strings.Contains(body, "Nothing to compare yet: choose a reference") {
		t.Error("without a startup configuration the list says something else")
	}
}

// acts are the records of what was done, without those of reading as CSV.
func acts(w *world) []audit.Record {
	return slices.DeleteFunc(slices.Clone(w.audited), func(r audit.Record) bool { return r.Verb == audit.ReportExport })
}

func shownMembers(g drift.Group, w *world) []string {
	var out []string
	for _, d := range g.Devices() {
		out = append(out, string(d)+" "+string(w.states[d].Running.Revision.ID))
	}
	return out
}

func TestAGroupIsAcknowledgedInOneRecordAndTakenBack(t *testing.T) {
	w := strayed(12)
	c := client{t: t, s: newTestServer(t, w), role: "operator"}
	g := groupOf(w, drift.Startup)
	ack := groupHref(g.Key) + "/acknowledge"
	for name, form := range map[string]url.Values{
		"without-a-reason": {"member": shownMembers(g, w)},
		"until-yesterday":  {"member": shownMembers(g, w), "comment": {"known"}, "until": {"2026-03-13"}},
		"no-day":           {"member": shownMembers(g, w), "comment": {"known"}, "until": {"soon"}},
	} {
		if got := c.post(ack, form); got.Code != http.StatusUnprocessableEntity || len(w.audited) != 0 {
			t.Errorf("%s: %d, audited %v", name, got.Code, w.audited)
		}
	}
	w.moved = g.Devices()[0]
	got := c.post(ack, url.Values{"member": shownMembers(g, w), "comment": {"change BER-114"}, "until": {"2026-03-20"}})
	left := fmt.Sprintf("%s: its configuration changed", w.devices[0].Name)
	if got.Code != 200 || !strings.Contains(got.Body.String(), left) || len(w.audited) != 1 || w.audited[0].Verb != audit.DriftAcknowledge || w.audited[0].Actor != "m.operator" || w.audited[0].Request == "" {
		t.Errorf("%d, audited %+v; want the one that moved named", got.Code, w.audited)
	}
	w.moved = ""
	if got := c.post(ack, url.Values{"member": shownMembers(g, w), "comment": {"change BER-114"}}); got.Code != http.StatusSeeOther {
		t.Errorf("the rest: %d", got.Code)
	}
	if n := groupOf(w, drift.Startup); n.State() != drift.Acknowledged || n.Members[0].By != "m.operator" || n.Members[0].Note != "change BER-114" {
		t.Errorf("%+v", n)
	}
	if got := rowsBehind(t, c, "/drift?kind=startup&state=acknowledged"); got != 1 {
		t.Errorf("acknowledged: %d rows", got)
	}
	if got := rowsBehind(t, c, "/drift?kind=startup&state=open"); got != 0 {
		t.Errorf("open: %d rows", got)
	}
	if got := c.post(groupHref(g.Key)+"/reopen", url.Values{"member": shownMembers(g, w)}); got.Code != http.StatusSeeOther || groupOf(w, drift.Startup).State() != drift.Open {
		t.Errorf("taken back: %d, %s", got.Code, groupOf(w, drift.Startup).State())
	}
	if last := w.audited[len(w.audited)-1]; last.Verb != audit.DriftReopen || len(acts(w)) != 3 {
		t.Errorf("audited %+v", w.audited)
	}
	v := client{t: t, s: c.s, role: "viewer"}
	if got := v.post(ack, url.Values{"member": shownMembers(g, w), "comment": {"x"}}); got.Code != http.StatusForbidden || strings.Contains(v.get(groupHref(g.Key)).Body.String(), "/acknowledge") {
		t.Errorf("a viewer: %d", got.Code)
	}
}

func TestARevisionIsApprovedOnItsPage(t *testing.T) {
	w := newWorld(4)
	c := client{t: t, s: newTestServer(t, w), role: "engineer"}
	page := c.get("/configs/01REV003R02").Body.String()
	if !strings.Contains(page, `action="/devices/01DEVICE003/baseline"`) || !strings.Contains(page, "Nobody approved this revision") {
		t.Fatal("the page has no form to approve")
	}
	for rev, want := range map[string]int{"01NONE": 404, "01REV000R01": 404, "01REV000S01": 404, "": 404} {
		if got := c.post("/devices/01DEVICE003/baseline", url.Values{"revision": {rev}}); got.Code != want {
			t.Errorf("%q: %d, want %d", rev, got.Code, want)
		}
	}
	if got := c.post("/devices/01DEVICE000/baseline", url.Values{"revision": {"01REV000S01"}}); got.Code != http.StatusBadRequest {
		t.Errorf("a startup text: %d", got.Code)
	}
	if got := c.post("/devices/01DEVICE003/baseline", url.Values{"revision": {"01REV003R02"}, "comment": {"as planned"}}); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/configs/01REV003R02" {
		t.Errorf("%d to %q", got.Code, got.Header().Get("Location"))
	}
	page = c.get("/configs/01REV003R02").Body.String()
	for _, want := range []string{"approved baseline", "m.engineer", "as planned", "no retention removes it"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, `action="/devices/01DEVICE003/baseline"`) {
		t.Error("what is the baseline can be approved once more")
	}
	if v := (client{t: t, s: c.s, role: "viewer"}).get("/configs/01REV003R01").Body.String(); strings.Contains(v, "/baseline") {
		t.Error("a viewer sees the form")
	}
}

func TestWhatRunsIsApprovedForAFilter(t *testing.T) {
	w := newWorld(12)
	c := client{t: t, s: newTestServer(t, w), role: "admin"}
	page := c.get("/devices/baseline?q=site:Harbour").Body.String()
	n := strings.Count(page, `name="member"`)
	if want := rowsBehind(t, c, "/devices?q=site:Harbour") - 1; n != want { // one was never backed up
		t.Fatalf("%d devices can be approved, want %d", n, want)
	}
	var chosen []string
	for _, d := range w.devices {
		if st, ok := w.states[d.ID]; ok && d.Site == "Harbour" {
			chosen = append(chosen, string(d.ID)+" "+string(st.Running.Revision.ID))
		}
	}
	w.moved = w.devices[0].ID
	got := c.post("/devices/baseline", url.Values{"member": chosen, "q": {"site:Harbour"}, "comment": {"as built"}})
	if got.Code != 200 || !strings.Contains(got.Body.String(), "Approved on "+plural(n-1, "device", "devices")) || !strings.Contains(got.Body.String(), w.devices[0].Name+": its configuration changed") || len(acts(w)) != 1 {
		t.Errorf("%d, audited %d", got.Code, len(acts(w)))
	}
	if left := strings.Count(got.Body.String(), `name="member"`); left != 1 {
		t.Errorf("%d are left, want the one that moved", left)
	}
	if got := c.post("/devices/baseline", url.Values{}); got.Code != http.StatusBadRequest {
		t.Errorf("nothing ticked: %d", got.Code)
	}
}

func TestTheSameChangeWithinAQuarterOfAnHourIsOneRow(t *testing.T) {
	at := func(dev, key string, minutes int) changeRow {
		return changeRow{Revision: configstore.Revision{ID: configstore.RevisionID(fmt.Sprint(dev, key, minutes)), Device: netdev.DeviceID(dev), Source: configstore.Running, ChangeKey: key, FirstSeen: testNow.Add(-time.Duration(minutes) * time.Minute), Added: 1}}
	}
	tests := map[string]struct {
		in   []changeRow
		want []int // devices of each row
	}{
		"three-devices":          {[]changeRow{at("a", "k", 0), at("b", "k", 5), at("c", "k", 15)}, []int{3}},
		"too-far-apart":          {[]changeRow{at("a", "k", 0), at("b", "k", 16)}, []int{1, 1}},
		"no-chain-of-quarters":   {[]changeRow{at("a", "k", 0), at("b", "k", 10), at("c", "k", 20)}, []int{2, 1}},
		"another-change":         {[]changeRow{at("a", "k", 0), at("b", "l", 1), at("c", "k", 2)}, []int{2, 1}},
		"what-is-not-known":      {[]changeRow{at("a", "", 0), at("b", "", 1)}, []int{1, 1}},
		"twice-on-a-device":      {[]changeRow{at("a", "k", 0), at("b", "k", 1), at("a", "k", 2)}, []int{2, 1}},
		"twice-on-a-later-one":   {[]changeRow{at("a", "k", 0), at("b", "k", 1), at("b", "k", 2)}, []int{2, 1}},
		"nothing-gives-no-group": {nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []int
			for _, g := range same(tt.in) {
				got = append(got, 1+len(g.Others))
				if added, _ := g.lines(); added != 1+len(g.Others) {
					t.Errorf("%d lines", added)
				}
				if all := sameAs(tt.in, g.Revision.ID); len(all) != 1+len(g.Others) {
					t.Errorf("its page lists %d", len(all))
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("rows of %v devices, want %v", got, tt.want)
			}
		})
	}
}
