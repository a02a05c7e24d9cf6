package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/netdev"
)

func TestEightNotationsOfAMACGiveOneAnswer(t *testing.T) {
	c := client{t: t, s: newTestServer(t, newWorld(4)), role: "viewer"}
	const want = "On har-rtr-01, port Te1/0/4, VLAN 30, since 08:30, confidence 95%."
	for name, q := range map[string]string{
		"colons": "0c:22:fb:4a:91:0e", "upper": "0C:22:FB:4A:91:0E", "hyphens": "0c-22-fb-4a-91-0e", "dots": "0C22.FB4A.910E", "three-hyphens": "0c22-fb4a-910e",
		"two-groups": "0c22fb-4a910e", "bare": "0C22FB4A910E", "no-zeros": "c:22:fb:4a:91:e", "its-address": "198.51.100.117",
	} {
		got := c.get("/search?go=1&q=" + url.QueryEscape(q))
		if body := got.Body.String(); got.Code != http.StatusOK || strings.Count(body, want) != 1 || !strings.Contains(body, "Te1/0/9") || !strings.Contains(body, "the only address on an edge port") {
			t.Errorf("%s: %d, without the answer, why, or the place before", name, got.Code)
		}
	}
}

func TestEnterOpensTheBestHit(t *testing.T) {
	w := newWorld(24)
	c := client{t: t, s: newTestServer(t, w), role: "admin"}
	d := w.devices[7]
	for name, tt := range map[string]struct{ q, to string }{
		"name":            {strings.ToUpper(d.Name), deviceHref(d.ID, "facts")},
		"address":         {d.Address.String(), deviceHref(d.ID, "facts")},
		"serial":          {strings.ToLower(d.Serial), deviceHref(d.ID, "facts")},
		"sole-hit":        {"3.114", deviceHref(w.devices[0].ID, "interfaces")},
		"own-mac-of-port": {"0200.0000.00a4", deviceHref(w.devices[0].ID, "interfaces")},
		"neighbour":       {"visitor", candidateHref("C1")},
		"filter":          {"site:Mill kind:switch", "/devices?q=site%3AMill+kind%3Aswitch"},
		"many":            {"x-9300", ""},
		"nothing":         {"zzzz", ""},
		"empty":           {"", ""},
	} {
		got := c.get("/search?go=1&q=" + url.QueryEscape(tt.q))
		if to := got.Header().Get("Location"); to != tt.to || got.Code != map[bool]int{true: 303, false: 200}[to != ""] {
			t.Errorf("%s: %d to %q, want %q", name, got.Code, to, tt.to)
		}
	}
}

func TestAnAnswerIsGroupedCappedAndMarked(t *testing.T) {
	w := newWorld(24)
	c := client{t: t, s: newTestServer(t, w), role: "admin"}
	body := c.get("/search?q=9300").Body.String()
	if n := strings.Count(body, "<mark>9300</mark>"); n != groupMax {
		t.Errorf("%d marked hits, want %d", n, groupMax)
	}
	if !strings.Contains(body, "all 24") || !strings.Contains(body, "model X-<mark>") {
		t.Error("neither how many there are nor which field matched")
	}
	viewer := client{t: t, s: newTestServer(t, w), role: "viewer"}
	for _, role := range []client{c, viewer} {
		if got := role.get("/search?q=" + url.QueryEscape(`"><script>alert(1)</script>`)); got.Code != 200 || strings.Contains(got.Body.String(), "<script>alert") {
			t.Errorf("a hostile query: %d", got.Code)
		}
	}
}

func FuzzMarked(f *testing.F) {
	f.Add("Desk İ 3", "i")
	f.Add("x", "xx")
	f.Fuzz(func(t *testing.T, text, query string) {
		b, m, a := marked(text, query, false)
		if b+m+a != text {
			t.Errorf("%q with %q is cut to %q %q %q", text, query, b, m, a)
		}
	})
}

func TestACandidateIsAskedOnlyWhenAPersonAccepts(t *testing.T) {
	w := newWorld(4)
	c := client{t: t, s: newTestServer(t, w), role: "operator"}
	for _, path := range []string{"/discovery/candidates", "/discovery/candidates/C1", "/discovery/candidates.csv", "/search?q=visitor"} {
		c.get(path)
	}
	viewer := client{t: t, s: c.s, role: "viewer"}
	for _, act := range []string{"accept", "ignore", "restore"} {
		if got := viewer.post("/discovery/candidates/C1/"+act, url.Values{}); got.Code != http.StatusForbidden {
			t.Errorf("a viewer may %s: %d", act, got.Code)
		}
	}
	if got := c.post("/discovery/candidates/C1/accept", url.Values{"address": {"127.7.0.1"}}); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("an address that it did not tell: %d", got.Code)
	}
	if len(w.started) != 0 {
		t.Fatalf("started %+v", w.started)
	}
	w.audited = nil
	got := c.post("/discovery/candidates/C1/accept", url.Values{"address": {"127.7.9.9"}})
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/discovery/RUN1" {
		t.Errorf("accepted: %d to %q", got.Code, got.Header().Get("Location"))
	}
	if len(w.started) != 1 || len(w.started[0].Targets) != 1 || w.started[0].Targets[0] != "127.7.9.9" || w.started[0].Crawl {
		t.Errorf("started %+v, want exactly its address", w.started)
	}
	if x := w.candidates[0]; x.State != discovery.CandidateAccepted || x.By != "m.operator" || x.Run != "RUN1" {
		t.Errorf("it is %+v", x)
	}
	if len(w.audited) != 1 || w.audited[0].Verb != audit.CandidateAccept || w.audited[0].Object != "id=C1" {
		t.Errorf("audited %+v", w.audited)
	}
}

func TestWhatWasIgnoredIsListedApartAndCanBeTakenBack(t *testing.T) {
	w := newWorld(4)
	c := client{t: t, s: newTestServer(t, w), role: "operator"}
	if got := c.post("/discovery/candidates/C1/ignore", url.Values{}); got.Code != http.StatusSeeOther {
		t.Errorf("ignored: %d", got.Code)
	}
	if body := c.get("/discovery/candidates").Body.String(); strings.Contains(body, "visitor") {
		t.Error("it is listed among the open ones")
	}
	if body := c.get("/discovery/candidates?state=ignored").Body.String(); !strings.Contains(body, "visitor") || !strings.Contains(body, "printer") {
		t.Error("it is not listed apart")
	}
	if got := c.post("/discovery/candidates/C1/restore", url.Values{}); got.Code != http.StatusSeeOther || w.candidates[0].State != discovery.CandidateOpen {
		t.Errorf("taken back: %d, %s", got.Code, w.candidates[0].State)
	}
	if got := c.post("/discovery/candidates/C1/restore", url.Values{}); got.Code != http.StatusConflict {
		t.Errorf("taken back twice: %d", got.Code)
	}
	var verbs []audit.Verb
	for _, r := range w.audited {
		verbs = append(verbs, r.Verb)
	}
	if len(verbs) != 3 || verbs[0] != audit.CandidateIgnore || verbs[1] != audit.CandidateRestore {
		t.Errorf("audited %v", verbs)
	}
}

func TestTheAPIDecidesAboutCandidatesAsThePagesDo(t *testing.T) {
	w := newWorld(4)
	c := client{t: t, s: newTestServer(t, w), role: "operator", bearer: true}
	if got := c.post("/api/v1/discovery/candidates/C1/ignore", url.Values{}); got.Code >= 300 || w.candidates[0].State != discovery.CandidateIgnored {
		t.Errorf("ignored: %d %s", got.Code, got.Body)
	}
	if got := c.post("/api/v1/discovery/candidates/C1/restore", url.Values{}); got.Code >= 300 || w.candidates[0].State != discovery.CandidateOpen {
		t.Errorf("taken back: %d %s", got.Code, got.Body)
	}
	if got := c.post("/api/v1/discovery/candidates/C1/restore", url.Values{}); got.Code != http.StatusConflict {
		t.Errorf("taken back twice: %d", got.Code)
	}
	if got := c.do("POST", "/api/v1/discovery/candidates/C1/accept", nil, nil); got.Code != http.StatusOK || len(w.started) != 1 {
		t.Errorf("accepted: %d %s", got.Code, got.Body)
	}
	got := c.get("/api/v1/search?q=0c22.fb4a.910e").Body.String()
	if !strings.Contains(got, `"port":"Te1/0/4"`) || !strings.Contains(got, `"mac":"0c:22:fb:4a:91:0e"`) {
		t.Errorf("search: %s", got)
	}
}

func TestAPlaceThatIsOnlyAnUplinkIsNotCalledThePlace(t *testing.T) {
	p := discovery.Place{MAC: netdev.MAC("0c:22:fb:4a:91:0e"), Name: "core1", Port: "p1", Confidence: 0.3, Since: testNow, LastSeen: testNow}
	if s := sentenceOf(p, when{p.Since, testNow}, when{p.LastSeen, testNow}); !strings.HasPrefix(s, "Somewhere behind core1, port p1") {
		t.Error(s)
	}
	p.Until = testNow
	if s := sentenceOf(p, when{p.Since, testNow}, when{p.LastSeen, testNow}); !strings.HasPrefix(s, "Not seen now. Last on core1, port p1") {
		t.Error(s)
	}
}
