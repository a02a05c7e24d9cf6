package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
)

func TestAScheduleIsMadeByItsForm(t *testing.T) {
	w := newWorld(4)
	c := client{t: t, s: newTestServer(t, w), role: "operator"}
	form := func(change map[string]string) url.Values {
		f := url.Values{"name": {"core"}, "what": {"backup"}, "choice": {"role:core"}, "cron": {" 30  2 * * * "}, "zone": {"Europe/Berlin"}, "closes": {"05:00"}, "ramp": {"30m"},
			"exclude": {w.devices[1].Name + "\n\n"}, "blackouts": {"2026-12-24 – 2027-01-02 # rest\r\n"}, "enabled": {"1"}}
		for k, v := range change {
			f.Set(k, v)
		}
		return f
	}
	tests := map[string]struct {
		change map[string]string
		field  string // "": it is kept
		says   string
	}{
		"good":       {nil, "", ""},
		"cron":       {map[string]string{"cron": "61 2 * * *"}, "cron", "61"},
		"zone":       {map[string]string{"zone": "Mars/Olympus"}, "zone", "Europe/Berlin"},
		"window":     {map[string]string{"opens": "03:00"}, "opens", "nothing would ever start"},
		"ramp":       {map[string]string{"ramp": "half an hour"}, "ramp", "30m"},
		"blackout":   {map[string]string{"blackouts": "christmas"}, "blackouts", "2026-12-24"},
		"no-device":  {map[string]string{"exclude": "nobody"}, "exclude", "nobody"},
		"no-name":    {map[string]string{"name": ""}, "name", "name"},
		"other-what": {map[string]string{"what": "walk"}, "what", "verify"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			n := len(w.schedules)
			got := c.post("/schedules", form(tc.change))
			body := got.Body.String()
			if tc.field != "" {
				if got.Code != http.StatusUnprocessableEntity || len(w.schedules) != n || !strings.Contains(body, `id="e-`+tc.field+`" role="alert"`) ||
					!strings.Contains(body, `aria-describedby="e-`+tc.field) || !strings.Contains(body, tc.says) {
					t.Errorf("%d, %d kept: no word of %q beside the field %s", got.Code, len(w.schedules)-n, tc.says, tc.field)
				}
				if name != "no-name" && !strings.Contains(body, `value="core"`) {
					t.Error("what was typed is lost")
				}
				return
			}
			s := w.schedules[len(w.schedules)-1]
			if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/schedules/"+s.ID || s.Cron != "30 2 * * *" || s.By != "m.operator" || !s.Enabled ||
				s.Ramp.Minutes() != 30 || !slices.Equal(s.Exclude, []netdev.DeviceID{w.devices[1].ID}) || !slices.Equal(s.Blackouts, []string{"2026-12-24 – 2027-01-02 # rest"}) {
				t.Errorf("%d to %q, kept %+v", got.Code, got.Header().Get("Location"), s)
			}
			page := c.get("/schedules/" + s.ID).Body.String()
			if !strings.Contains(page, w.devices[1].Name) || !strings.Contains(page, `value="30m"`) || !strings.Contains(page, "every day at 02:30, until 05:00") {
				t.Error("the form does not show what is kept")
			}
		})
	}
	if last := w.audited[len(w.audited)-1]; last.Verb != audit.ScheduleChange {
		t.Errorf("audited %+v", last)
	}
}

func TestTheNextRunsAreToldInTheZoneWithTheNightsOfClockChange(t *testing.T) {
	w := newWorld(1)
	w.now = testNow.AddDate(0, 0, 13) // 27 March; clocks change on the 29th
	page := client{t: t, s: newTestServer(t, w), role: "viewer"}.get("/schedules/S1").Body.String()
	for _, want := range []string{`datetime="2026-03-29T01:00:00Z"`, "Sun 29 Mar 03:00 CEST", "clocks go forward that night", "Sat 28 Mar 02:30 CET", "Mon 30 Mar 02:30 CEST"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not told", want)
		}
	}
	if strings.Contains(page, "<form class=\"card-body") {
		t.Error("a viewer has the form")
	}
}

func TestAScheduleIsTurnedOffRunAndDeleted(t *testing.T) {
	w := newWorld(2)
	c := client{t: t, s: newTestServer(t, w), role: "operator"}
	c.post("/schedules/S1/disable", url.Values{})
	if s, err := w.Schedule(t.Context(), "S1"); err != nil || s.Enabled {
		t.Errorf("turned off: %+v, %v", s, err)
	}
	if got := c.post("/schedules/S1/run", url.Values{}); got.Header().Get("Location") != "/jobs/B1" || !slices.Contains(w.asked, "run S1 by m.operator") {
		t.Errorf("run now: %d to %q, %v", got.Code, got.Header().Get("Location"), w.asked)
	}
	c.post("/schedules/S1/delete", url.Values{})
	if got := c.get("/schedules/S1"); got.Code != http.StatusNotFound {
		t.Errorf("deleted, and its page answers %d", got.Code)
	}
	if got := (client{t: t, s: c.s, role: "viewer"}).post("/schedules/S2/delete", url.Values{}); got.Code != http.StatusForbidden || len(w.schedules) != 1 {
		t.Errorf("a viewer deletes: %d", got.Code)
	}
}

func TestAJobTellsItsCausesAndRetriesExactlyThem(t *testing.T) {
	w := newWorld(130)
	c := client{t: t, s: newTestServer(t, w), role: "operator"}
	page := c.get("/jobs/B1").Body.String()
	b := w.batches[0]
	for _, want := range []string{"Retry the " + num(b.Failed), `data-cause="auth-failed"`, `data-cause="window-closed"`, "Login refused, " + num(b.Failed), "left at the rate so far",
		`data-total="job">130<`, "name=\"reason\" value=\"auth-failed\"", "Nightly backup"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if !strings.Contains(page, "before=J0030") {
		t.Error("no second page of 130 devices")
	}
	if n := strings.Count(c.get("/jobs/B1?before=J0030").Body.String(), "<th scope=\"row\""); n != 30 {
		t.Errorf("the second page has %d devices, want 30", n)
	}
	if n := strings.Count(c.get("/jobs/B1?state=failed").Body.String(), "<th scope=\"row\""); n != b.Failed {
		t.Errorf("%d failed devices are listed, want %d", n, b.Failed)
	}
	if got := c.post("/jobs/B1/retry", url.Values{}); got.Header().Get("Location") != "/jobs/B2" {
		t.Errorf("retry: %d to %q", got.Code, got.Header().Get("Location"))
	}
	c.post("/jobs/B1/retry", url.Values{"reason": {"window-closed"}})
	c.post("/jobs/B1/cancel", url.Values{})
	want := []string{"retry B1 by m.operator for ", "retry B1 by m.operator for window-closed", "cancel B1 by m.operator"}
	if !slices.Equal(w.asked, want) {
		t.Errorf("asked %q, want %q", w.asked, want)
	}
	if got := c.post("/jobs/B1/retry", url.Values{"reason": {"moving"}}); got.Code != http.StatusConflict {
		t.Errorf("retry of a reason that none has: %d", got.Code)
	}
	if got := c.get("/jobs/B1/nothing"); got.Code != http.StatusNotFound {
		t.Errorf("a device that is not in it: %d", got.Code)
	}
	if got := c.get("/jobs/B9"); got.Code != http.StatusNotFound {
		t.Errorf("a job that is not there: %d", got.Code)
	}
}

func TestADeviceSaysThatItsLoginIsPaused(t *testing.T) {
	w := newWorld(3)
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	for _, path := range []string{"/devices", deviceHref(w.devices[0].ID, "facts")} {
		if n := strings.Count(c.get(path).Body.String(), "login paused until 10:10 UTC"); n != 1 {
			t.Errorf("%s tells it %d times, want once", path, n)
		}
	}
}

func TestTheAPIMirrorsJobsAndSchedules(t *testing.T) {
	w := newWorld(12)
	c := client{t: t, s: newTestServer(t, w), role: "operator"}
	ask := func(method, path, body string, into any) int {
		t.Helper()
		got := c.api(method, "/api/v1"+path, body)
		if into != nil {
			if err := json.Unmarshal(got.Body.Bytes(), into); err != nil {
				t.Fatalf("%s: %v in %s", path, err, got.Body)
			}
		}
		return got.Code
	}
	var list pageOf[apiBatch]
	if code := ask("GET", "/jobs", "", &list); code != 200 || len(list.Items) != 1 || list.Items[0].Total != 12 || list.Items[0].Failed != w.batches[0].Failed {
		t.Errorf("jobs: %d, %+v", code, list)
	}
	var rows pageOf[apiJobRow]
	if code := ask("GET", "/jobs/B1/devices?limit=5", "", &rows); code != 200 || len(rows.Items) != 5 || rows.Next == "" {
		t.Errorf("devices: %d, %+v", code, rows)
	}
	first := rows.Items[0].ID
	if ask("GET", "/jobs/B1/devices?limit=5&after="+rows.Next, "", &rows); rows.Items[0].ID >= first {
		t.Errorf("the second page begins with %s", rows.Items[0].ID)
	}
	var made apiScheduleOut
	body := `{"name":"api","what":"backup","cron":"0 3 * * *","zone":"UTC","enabled":true,"exclude":["` + w.devices[2].Name + `"]}`
	if code := ask("POST", "/schedules", body, &made); code != 200 || made.ID == "" || made.Words != "every day at 03:00" || len(made.Next) != 5 || len(made.Exclude) != 1 {
		t.Errorf("made: %d, %+v", code, made)
	}
	if code := ask("PUT", "/schedules/"+made.ID, strings.Replace(body, "0 3", "0 4", 1), &made); code != 200 || made.Words != "every day at 04:00" {
		t.Errorf("changed: %d, %+v", code, made)
	}
	var fault struct {
		Errors []struct{ Location, Message string }
	}
	if code := ask("PUT", "/schedules/"+made.ID, strings.Replace(body, "UTC", "Mars", 1), &fault); code != 422 || len(fault.Errors) != 1 || fault.Errors[0].Location != "body.zone" {
		t.Errorf("a wrong zone: %d, %+v", code, fault)
	}
	if code := ask("DELETE", "/schedules/"+made.ID, "", nil); code >= 300 {
		t.Errorf("delete: %d", code)
	}
	if code := ask("GET", "/schedules/"+made.ID, "", nil); code != 404 {
		t.Errorf("after the delete: %d", code)
	}
}

func TestHowABatchStandsIsSaidInWords(t *testing.T) {
	tests := map[string]struct {
		b    jobs.Batch
		want string
	}{
		"running":   {jobs.Batch{Total: 9, Running: 2, Done: 3, Waiting: 4}, "3 of 9"},
		"waiting":   {jobs.Batch{Total: 9, Waiting: 9}, "waiting"},
		"retrying":  {jobs.Batch{Total: 9, Retrying: 2, Done: 7}, "2 of 9 to be tried again"},
		"failed":    {jobs.Batch{Total: 9, Failed: 2, Skipped: 1, Done: 6}, "2 of 9 failed"},
		"skipped":   {jobs.Batch{Total: 9, Skipped: 1, Done: 8}, "1 of 9 skipped"},
		"cancelled": {jobs.Batch{Total: 9, Cancelled: 9}, "9 of 9 cancelled"},
		"done":      {jobs.Batch{Total: 9, Done: 9}, "all done"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if _, _, _, got := batchLook(tc.b); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
	if got := choiceWords(schedule.Schedule{What: schedule.Backup, Exclude: []netdev.DeviceID{"a"}}); got != "every device, without 1 device" {
		t.Errorf("%q", got)
	}
}

// api asks as a program does: with a token and JSON.
func (c client) api(method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Authorization", "Bearer as-"+c.role)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.s.ServeHTTP(w, r)
	return w
}
