package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/search"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/health"
)

// inside is what the fake appliance says of itself.
type inside struct {
	outage    *health.Outage
	status    health.Status
	records   []audit.Record // newest first
	chain     AuditChain
	verifying int
	searched  []*search.Query
	searchErr error
}

var errFull = errors.New("full")

func (w *world) Health(context.Context) (health.Status, error) {
	f := w.inside.status
	f.Outage = w.inside.outage
	return f, nil
}
func (w *world) Outage() *health.Outage { return w.inside.outage }

func (w *world) OutageOf(err error) string {
	if errors.Is(err, errFull) {
		return "The disk of the database is full"
	}
	return ""
}

func (w *world) Find(_ context.Context, f audit.Filter, before int64, limit int) ([]audit.Record, error) {
	var out []audit.Record
	for _, r := range w.inside.records {
		if (before == 0 || r.Seq < before) && strings.Contains(r.Actor, f.Who) && strings.HasPrefix(string(r.Verb), f.Verb) && (f.Until.IsZero() || !r.At.After(f.Until)) {
			out = append(out, r)
		}
	}
	return out[:min(limit, len(out))], nil
}

func (w *world) Count(ctx context.Context, f audit.Filter, from int64) (int, error) {
	rows, err := w.Find(ctx, f, 0, 1<<30)
	return len(slices.DeleteFunc(rows, func(r audit.Record) bool { return r.Seq < from })), err
}

func (w *world) Chain(context.Context) (AuditChain, error) { return w.inside.chain, nil }

func (w *world) StartVerify(context.Context) error {
	w.inside.verifying++
	return nil
}

// Search asks the newest running texts of the fake.
func (w *world) Search(_ context.Context, req configstore.SearchRequest, found func(configstore.SearchHit) error) (configstore.SearchSum, error) {
	w.inside.searched = append(w.inside.searched, req.Query)
	sum := configstore.SearchSum{Of: len(w.devices)}
	for _, d := range w.devices {
		st := w.states[d.ID]
		if st.Running == nil {
			sum.Skipped = append(sum.Skipped, configstore.SearchSkip{Device: d, Why: configstore.SkipNoText})
			continue
		}
		sum.Texts++
		got := req.Query.Find(w.texts[st.Running.Revision.ID], nil, 3)
		if !got.Holds {
			continue
		}
		h := configstore.SearchHit{Device: d, Revision: st.Running.Revision, Total: got.Total}
		for _, x := range got.Hits {
			h.Lines = append(h.Lines, configstore.SearchLine{Hit: x, Before: []string{"before"}, After: []string{"after"}, Path: []string{"section <b>"}})
		}
		sum.Devices, sum.Lines, sum.Kept = sum.Devices+1, sum.Lines+got.Total, sum.Kept+len(h.Lines)
		if err := found(h); err != nil {
			return sum, err
		}
	}
	return sum, w.inside.searchErr
}

func TestWhileTheStoreCannotBeWrittenEveryPageSaysSoAndIsRead(t *testing.T) {
	w := newWorld(4)
	c := client{t: t, s: newTestServer(t, w), role: "operator"}
	if got := c.get("/healthz"); got.Code != http.StatusOK || got.Body.String() != "ok\n" {
		t.Fatalf("healthz: %d %q", got.Code, got.Body)
	}
	w.inside.outage = &health.Outage{Kind: "full", Text: "The disk of the database is full", Since: testNow}
	if got := c.get("/healthz"); got.Code != http.StatusServiceUnavailable || strings.Contains(got.Body.String(), "disk") {
		t.Errorf("healthz of a full disk: %d %q, want 503 without a detail", got.Code, got.Body)
	}
	for _, path := range []string{"/", "/devices", "/changes", "/health", "/search?q=har"} {
		if got := c.get(path); got.Code != http.StatusOK || strings.Count(got.Body.String(), "data-outage") != 1 {
			t.Errorf("%s: %d, without the banner", path, got.Code)
		}
	}
	w.auditErr = fmt.Errorf("audit: %w", errFull)
	got := c.post("/backup", url.Values{"id": {string(w.devices[0].ID)}})
	if got.Code != http.StatusServiceUnavailable || !strings.Contains(got.Body.String(), "The disk of the database is full. Nothing was changed.") || got.Header().Get("Retry-After") == "" {
		t.Errorf("an action: %d, want 503 with what is wrong and when to come again", got.Code)
	}
	w.inside.outage, w.auditErr = nil, nil
	if got := c.get("/"); strings.Contains(got.Body.String(), "data-outage") || c.get("/healthz").Code != http.StatusOK {
		t.Error("the banner stays after the outage")
	}
}

func TestTheAppliancesOwnNumbersAreForThoseWhoMayReadThem(t *testing.T) {
	w := newWorld(4)
	w.inside.status = health.Status{Now: testNow, Key: "/var/lib/keys/<master>", Texts: health.Texts{Devices: 4, Stale: 1}}
	s := newTestServer(t, w)
	admin, viewer := client{t: t, s: s, role: "admin"}.get("/health").Body.String(), client{t: t, s: s, role: "viewer"}.get("/health").Body.String()
	if !strings.Contains(admin, "/var/lib/keys/&lt;master&gt;") || strings.Contains(admin, "<master>") || !strings.Contains(admin, `data-line="disk"`) {
		t.Error("an administrator does not see the disk and the key")
	}
	if strings.Contains(viewer, "/var/lib/keys") || strings.Contains(viewer, `data-line="disk"`) || !strings.Contains(viewer, `data-line="texts" data-level="bad"`) || !strings.Contains(viewer, "/devices?q=backup%3Astale") {
		t.Error("a viewer sees the appliance's own numbers, or not the stale device")
	}
	for role, facts := range map[string]bool{"admin": true, "viewer": false} {
		if got := (client{t: t, s: s, role: role, bearer: true}).get("/api/v1/health"); got.Code != 200 || strings.Contains(got.Body.String(), `"facts"`) != facts {
			t.Errorf("the API for %s: %d %s", role, got.Code, got.Body)
		}
	}
}

func auditWorld(n int) *world {
	w := newWorld(1)
	for i := n; i >= 1; i-- {
		w.inside.records = append(w.inside.records, audit.Record{Seq: int64(i), At: testNow.Add(time.Duration(i-n) * time.Minute), ActorKind: audit.User, Actor: []string{"ann", "<script>alert(1)</script>"}[i%2],
			Verb: audit.DeviceChange, Object: "=cmd|" + strings.Repeat("x", 3000), Before: "a", After: "b\u202e", MAC: []byte{0xab, 0xcd, 1, 2, 3, 4, 5, 6}})
	}
	w.inside.chain = AuditChain{Records: int64(n)}
	return w
}

func TestTheAuditLogIsPagedFilteredAndExported(t *testing.T) {
	w := auditWorld(230)
	c := client{t: t, s: newTestServer(t, w), role: "auditor"}
	first := c.get("/audit").Body.String()
	if !strings.Contains(first, "1–100 of") || !strings.Contains(first, "abcd01020304") || strings.Contains(first, "<script>alert") || strings.Contains(first, strings.Repeat("x", 1001)) {
		t.Error("the first page lacks its count or a seal, or shows text of others raw or without a cap")
	}
	if second := c.get("/audit?after=131").Body.String(); !strings.Contains(second, "101–200 of") || !strings.Contains(second, ">130<") || strings.Contains(second, ">131<") {
		t.Error("the second page does not begin after the first")
	}
	if got := c.get("/audit?who=ann").Body.String(); !strings.Contains(got, "1–100 of") || !strings.Contains(got, `data-total="audit">115<`) {
		t.Error("a filter does not count what it takes")
	}
	if got := c.get("/audit?since=soon").Body.String(); !strings.Contains(got, "is no day such as") || !strings.Contains(got, "No record is like that") {
		t.Error("a day that is none is not told, or answered as if it were not there")
	}
	w.audited = nil
	csv := c.get("/audit.csv?who=ann").Body.String()
	if lines := strings.Count(csv, "\n"); lines != 116 || !strings.Contains(csv, "'=cmd|") {
		t.Errorf("the CSV has %d lines, or a cell that a spreadsheet takes for a formula", lines)
	}
	if len(w.audited) != 1 || w.audited[0].Verb != audit.AuditExport {
		t.Errorf("the export is recorded as %+v", w.audited)
	}
	if got := (client{t: t, s: c.s, role: "engineer"}).get("/audit"); got.Code != http.StatusForbidden {
		t.Errorf("an engineer reads the audit log: %d", got.Code)
	}
	api := client{t: t, s: c.s, role: "auditor", bearer: true}.get("/api/v1/audit?limit=2&after=3").Body.String()
	if !strings.Contains(api, `"seq":2`) || strings.Contains(api, `"seq":3,`) || strings.Contains(api, `"next"`) {
		t.Errorf("the API says %s", api)
	}
}

func TestTheStateOfTheChainIsSaidInWords(t *testing.T) {
	w := auditWorld(3)
	c := client{t: t, s: newTestServer(t, w), role: "auditor"}
	for name, tc := range map[string]struct {
		chain AuditChain
		want  string
	}{
		"not-verified": {AuditChain{Records: 3}, "3 records, not verified yet"},
		"whole":        {AuditChain{Records: 5, Verified: testNow.Add(-time.Minute), Seen: 3}, "all 3 records followed one another unchanged, verified 1 min ago. 2 came since"},
		"broken":       {AuditChain{Records: 3, Verified: testNow, Fault: "record 2 was changed"}, "The chain is broken: record 2 was changed"},
		"running":      {AuditChain{Records: 3000, Running: true, Done: 1000}, "Verifying: 1,000 of 3,000 records"},
		"anchored":     {AuditChain{Records: 3, Verified: testNow, Seen: 3, Anchored: testNow.Add(-time.Hour), Anchor: 2}, "Anchored 1 h ago at record 2"},
	} {
		w.inside.chain = tc.chain
		if got := c.get("/audit").Body.String(); !strings.Contains(got, tc.want) {
			t.Errorf("%s: the page does not say %q", name, tc.want)
		}
	}
	if got := c.post("/audit/verify", url.Values{}); got.Code != http.StatusSeeOther || w.inside.verifying != 1 {
		t.Errorf("verify: %d, begun %d times", got.Code, w.inside.verifying)
	}
}

func TestASearchInConfigurationsShowsLinesAndPointsAtMistakes(t *testing.T) {
	w := newWorld(13)
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	body := c.get("/search?in=config&q=" + url.QueryEscape("ntp source")).Body.String()
	if !strings.Contains(body, "<mark>ntp source</mark> Loopback0") || !strings.Contains(body, "12 lines on 12 devices") || !strings.Contains(body, "section &lt;b&gt;") || !strings.Contains(body, "/text#L") {
		t.Error("the page lacks the marked line, its section, its place or the counts")
	}
	if body = c.get("/search?in=config&q=" + url.QueryEscape(`/ntp (/`)).Body.String(); !strings.Contains(body, `<mark>(</mark>/`) || !strings.Contains(body, "at character 6") {
		t.Error("a pattern that does not compile is not pointed at")
	}
	if body = c.get("/search?in=config&q=" + url.QueryEscape(`missing:"<script>alert(1)</script>"`)).Body.String(); strings.Contains(body, "<script>alert") || !strings.Contains(body, "12 devices") || !strings.Contains(body, "Not known") {
		t.Error("what is missing is not answered, or the query is not escaped")
	}
	csv := c.get("/search/config.csv?q=vlan").Body.String()
	if !strings.HasPrefix(csv, "Device,Line,Text,Section,Revision,Since\n") || !strings.Contains(csv, ",3,vlan 48,") {
		t.Errorf("the CSV begins %.200q", csv)
	}
	w.inside.searchErr = context.DeadlineExceeded
	if body = c.get("/search?in=config&q=vlan").Body.String(); !strings.Contains(body, "Stopped after 2s: 12 of 13 configurations") {
		t.Error("a search that ran out of time passes for a whole one")
	}
	if got := c.get("/search/config.csv?q=vlan"); got.Code != http.StatusServiceUnavailable {
		t.Errorf("an export that is not complete: %d", got.Code)
	}
	w.inside.searchErr = nil
	if got := (client{t: t, s: c.s, role: "viewer", bearer: true}).get("/api/v1/search/config?q=vlan"); !strings.Contains(got.Body.String(), `"text":"vlan 48"`) || !strings.Contains(got.Body.String(), `"complete":true`) {
		t.Errorf("the API says %d %s", got.Code, got.Body)
	}
}
