package web

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"
	"time"
)

func TestTheAPIHasTheRowsOfThePages(t *testing.T) {
	w := newWorld(24)
	c := client{t: t, s: newTestServer(t, w), role: "viewer", bearer: true}
	for api, page := range map[string]string{"/api/v1/devices": "/devices", "/api/v1/devices?q=backup:failed": "/devices?q=backup:failed", "/api/v1/links": "/topology", "/api/v1/changes": "/changes",
		"/api/v1/compliance/results?verdict=fail": "/compliance/results?verdict=fail", "/api/v1/candidates": "/discovery/candidates", "/api/v1/hosts": "/search/places", "/api/v1/sightings": "/capture"} {
		var got struct {
			Items []map[string]any `json:"items"`
			Total int              `json:"total"`
		}
		if err := json.Unmarshal(c.get(api).Body.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v", api, err)
		}
		if want := rowsBehind(t, c, page); got.Total != want || len(got.Items) != min(want, 100) {
			t.Errorf("%s: %d of %d rows, the page has %d", api, len(got.Items), got.Total, want)
		}
	}
	var one struct {
		Items []struct{ ID, Name string }
		Next  string
	}
	if err := json.Unmarshal(c.get("/api/v1/devices?limit=5").Body.Bytes(), &one); err != nil || len(one.Items) != 5 || one.Next != one.Items[4].ID {
		t.Errorf("limit=5: %+v, %v", one, err)
	}
}

func TestTheAPISaysWhatIsWrong(t *testing.T) {
	w := newWorld(2)
	c := client{t: t, s: newTestServer(t, w), role: "operator", bearer: true}
	for path, want := range map[string]int{"/api/v1/devices?limit=0": 422, "/api/v1/devices?limit=9999": 422, "/api/v1/devices?q=nope:x": 400, "/api/v1/devices/none": 404, "/api/v1/none": 404, "/api/v1/openapi.json": 200} {
		if got := c.get(path); got.Code != want {
			t.Errorf("%s: %d, want %d: %s", path, got.Code, want, got.Body)
		}
	}
	r := httptest.NewRequest("POST", "http://127.0.0.1/api/v1/discovery", strings.NewReader(`{"targets":["127.7.0.0/24"],"dry_run":true,"unknown":1}`))
	r.Header.Set("Authorization", "Bearer as-operator")
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	c.s.ServeHTTP(rec, r)
	if rec.Code != http.StatusUnprocessableEntity || len(w.started) != 0 {
		t.Errorf("an unknown key: %d, started %v", rec.Code, w.started)
	}
}

func TestEventsReachTheirTopicsAndSayGaps(t *testing.T) {
	w := newWorld(1)
	srv := httptest.NewServer(newTestServer(t, w))
	defer srv.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", srv.URL+"/events?topics=run,secrets", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer as-viewer")
	r.Header.Set("Last-Event-ID", "999")
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	lines := bufio.NewScanner(got.Body)
	var text strings.Builder
	for lines.Scan() {
		text.WriteString(lines.Text() + "\n")
		if lines.Text() == "event: gap" {
			w.hub.Publish("job", "J1")
			w.hub.Publish("run", "RUN1\nevent: forged")
		}
		if strings.HasPrefix(lines.Text(), "data: RUN1") {
			break
		}
	}
	if s := text.String(); !strings.Contains(s, "event: gap") || !strings.Contains(s, "event: run\n") || strings.Contains(s, "job") || strings.Contains(s, "\nevent: forged") {
		t.Errorf("the stream says %q", s)
	}
}

func TestBuiltAssetsKeepTheirBudget(t *testing.T) {
	a, err := readAssets(distFS)
	if err != nil {
		t.Fatal(err)
	}
	if !a.there() {
		t.Log("no assets in this build; make assets makes them")
		return
	}
	sizes := map[string]int{}
	files, err := fs.ReadDir(a.files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := fs.ReadFile(a.files, f.Name())
		if err != nil {
			t.Fatal(err)
		}
		n := len(b)
		if ext := path.Ext(f.Name()); ext != ".woff2" {
			var z counter
			g := gzip.NewWriter(&z)
			if _, err := g.Write(b); err != nil {
				t.Fatal(err)
			}
			g.Close()
			n = int(z)
		}
		sizes[path.Ext(f.Name())] += n
	}
	for ext, limit := range map[string]int{".js": 22 << 10, ".css": 14 << 10, ".woff2": 90 << 10} {
		if sizes[ext] == 0 || sizes[ext] > limit {
			t.Errorf("%s: %d bytes, the limit is %d", ext, sizes[ext], limit)
		}
	}
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

func TestWithoutAssetsEveryPageSaysSo(t *testing.T) {
	s := newTestServer(t, newWorld(1))
	s.assets = assets{}
	for _, p := range []string{"/", "/login", "/devices"} {
		got := client{t: t, s: s, role: "admin"}.get(p)
		if got.Code != http.StatusServiceUnavailable || got.Body.String() != assetsMissing {
			t.Errorf("%s: %d %q", p, got.Code, got.Body)
		}
	}
	if got := (client{t: t, s: s, role: "admin", bearer: true}).get("/api/v1/devices"); got.Code != http.StatusOK {
		t.Errorf("the API without assets: %d", got.Code)
	}
}
