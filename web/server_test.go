package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
)

// client asks a server without a network.
type client struct {
	t      testing.TB
	s      http.Handler
	role   string // signed in as; "" for a stranger
	bearer bool
}

func (c client) do(method, path string, form url.Values, head map[string]string) *httptest.ResponseRecorder {
	c.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	switch {
	case c.role != "" && c.bearer:
		r.Header.Set("Authorization", "Bearer as-"+c.role)
	case c.role != "":
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: "as-" + c.role})
	}
	for k, v := range head {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	c.s.ServeHTTP(w, r)
	return w
}

func (c client) get(path string) *httptest.ResponseRecorder { return c.do("GET", path, nil, nil) }

// post sends a form as a page of ours does.
func (c client) post(path string, form url.Values) *httptest.ResponseRecorder {
	form.Set("form_token", auth.CSRF("as-"+c.role))
	return c.do("POST", path, form, map[string]string{"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"})
}

// example fills a route's parameters with what newWorld has.
func example(path string) string {
	if strings.Contains(path, "/schedules/") {
		return strings.ReplaceAll(path, ":id", "S1")
	}
	if strings.Contains(path, "/candidates/") {
		return strings.ReplaceAll(path, ":id", "C1")
	}
	for part, id := range map[string]string{"/settings/credentials/": "CRED1", "/settings/users/": "Uauditor", "/settings/tokens/": "T1"} {
		if strings.HasPrefix(path, part) {
			return strings.ReplaceAll(path, ":id", id)
		}
	}
	if strings.HasPrefix(path, "/capture/") {
		return strings.ReplaceAll(path, ":id", "7")
	}
	if strings.Contains(path, "/compliance/rules/") {
		return strings.ReplaceAll(path, ":id", "login-banner")
	}
	return strings.NewReplacer(":id", map[bool]string{true: "RUN1", false: map[bool]string{true: "B1", false: "01DEVICE003"}[strings.Contains(path, "/jobs/")]}[strings.Contains(path, "/discovery/")],
		":rev", "01REV003R02", ":other", "01REV003R01", ":job", "J0000", ":page", "keys", "*", "x.js").Replace(path)
}

func TestEveryRouteHasAPermissionAndEveryUnsafeOneAVerb(t *testing.T) {
	s := newTestServer(t, newWorld(1))
	public := map[string]bool{"/login": true, "/setup": true, "/healthz": true, "/static/*": true}
	seen := map[string]bool{}
	for _, r := range s.table() {
		key := r.Method + " " + r.Path
		if seen[key] {
			t.Errorf("%s stands twice", key)
		}
		seen[key] = true
		if r.Permission == "" || r.Scope == "" {
			t.Errorf("%s: permission %q, scope %q", key, r.Permission, r.Scope)
		}
		if (r.Permission == auth.Public) != public[r.Path] {
			t.Errorf("%s: permission %q, but public is %v", key, r.Permission, public[r.Path])
		}
		if unsafeMethod(r.Method) && !r.Verb.Known() {
			t.Errorf("%s changes something and has no audit verb", key)
		}
	}
	for _, r := range s.echo.Routes() {
		path := strings.NewReplacer("{", ":", "}", "").Replace(r.Path)
		if !seen[r.Method+" "+path] && r.Method != "echo_route_not_found" {
			t.Errorf("%s %s is registered without a row", r.Method, r.Path)
		}
	}
}

func TestAStrangerReachesNothing(t *testing.T) {
	w := newWorld(4)
	c := client{t: t, s: newTestServer(t, w)}
	for _, r := range c.s.(*Server).table() {
		if r.Permission == auth.Public {
			continue
		}
		got := c.do(r.Method, example(r.Path), nil, nil)
		want, name := http.StatusSeeOther, "/login"
		if r.API {
			want, name = http.StatusUnauthorized, ""
		}
		if got.Code != want || !strings.HasPrefix(got.Header().Get("Location"), name) {
			t.Errorf("%s %s: %d to %q, want %d", r.Method, r.Path, got.Code, got.Header().Get("Location"), want)
		}
	}
	for _, path := range []string{"/no/such/page", "/devices/x/y/z", "/../etc/passwd"} {
		if got := c.get(path); got.Code != http.StatusSeeOther {
			t.Errorf("%s: %d, want a redirect that tells nothing", path, got.Code)
		}
	}
}

func TestRolesReachWhatTheMatrixSays(t *testing.T) {
	w := newWorld(4)
	s := newTestServer(t, w)
	for _, role := range auth.Roles() {
		for _, r := range s.table() {
			if r.Permission == auth.Public || r.Path == "/events" || r.Path == "/logout" {
				continue
			}
			got := client{t: t, s: s, role: string(role), bearer: true}.do(r.Method, example(r.Path), nil, nil)
			if forbidden := got.Code == http.StatusForbidden && strings.Contains(got.Body.String(), string(r.Permission)); forbidden == role.Can(r.Permission) {
				t.Errorf("%s on %s %s: %d, but the matrix says %v for %s", role, r.Method, r.Path, got.Code, role.Can(r.Permission), r.Permission)
			}
		}
	}
}

func TestEveryAnswerCarriesThePolicy(t *testing.T) {
	s := newTestServer(t, newWorld(4))
	for _, role := range []string{"", "admin"} {
		c := client{t: t, s: s, role: role}
		for _, r := range append(s.table(), route{Method: get, Path: "/nowhere"}) {
			if r.Path == "/events" && role != "" {
				continue
			}
			h := c.do(r.Method, example(r.Path), nil, nil).Header()
			if h.Get("Content-Security-Policy") != csp || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "same-origin" || h.Get("X-Request-Id") == "" {
				t.Errorf("%s %s as %q: headers %v", r.Method, r.Path, role, h)
			}
			if r.Path != "/static/*" && h.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s: Cache-Control %q", r.Method, r.Path, h.Get("Cache-Control"))
			}
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Error("the policy allows inline script or style")
	}
}

func TestAFormNeedsItsTokenAndItsOrigin(t *testing.T) {
	good := auth.CSRF("as-admin")
	tests := map[string]struct {
		token, origin, site string
		want                int
	}{
		"token-and-both":             {good, "http://127.0.0.1:8080", "same-origin", 303},
		"token-and-origin":           {good, "http://127.0.0.1:8080", "", 303},
		"token-and-fetch-site":       {good, "", "same-origin", 303},
		"no-token":                   {"", "http://127.0.0.1:8080", "same-origin", 403},
		"token-of-another-session":   {auth.CSRF("as-viewer"), "http://127.0.0.1:8080", "same-origin", 403},
		"token-from-another-site":    {good, "http://127.0.0.1:8080", "cross-site", 403},
		"token-from-another-origin":  {good, "http://evil.example", "", 403},
		"token-that-says-nothing":    {good, "", "", 403},
		"token-of-the-right-scheme":  {good, "https://127.0.0.1:8080", "", 403},
		"token-of-a-sibling-service": {good, "http://127.0.0.1:9090", "same-site", 403},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(4)
			c := client{t: t, s: newTestServer(t, w), role: "admin"}
			head := map[string]string{}
			if tt.origin != "" {
				head["Origin"] = tt.origin
			}
			if tt.site != "" {
				head["Sec-Fetch-Site"] = tt.site
			}
			got := c.do("POST", "/devices/01DEVICE000/backup", url.Values{"form_token": {tt.token}}, head)
			if got.Code != tt.want {
				t.Errorf("got %d, want %d: %s", got.Code, tt.want, got.Body)
			}
			if acted := len(w.audited) > 0; acted != (tt.want == 303) {
				t.Errorf("audited %v", w.audited)
			}
		})
	}
}

func TestWithoutAnAuditRecordNothingIsDone(t *testing.T) {
	w := newWorld(4)
	w.auditErr = errors.New("disk full")
	c := client{t: t, s: newTestServer(t, w), role: "admin"}
	got := c.post("/discovery", url.Values{"targets": {"127.7.0.0/24"}, "start": {"1"}})
	if got.Code != http.StatusInternalServerError || len(w.started) != 0 {
		t.Errorf("got %d, started %v", got.Code, w.started)
	}
	if strings.Contains(got.Body.String(), "disk full") {
		t.Error("the page tells what went wrong inside")
	}
	w.auditErr = nil
	if got = c.post("/discovery", url.Values{"targets": {"127.7.0.0/24"}, "start": {"1"}}); got.Code != http.StatusSeeOther || len(w.started) != 1 {
		t.Errorf("got %d, started %v", got.Code, w.started)
	}
	if len(w.audited) != 1 || w.audited[0].Verb != audit.DiscoveryRun || w.audited[0].Actor != "m.admin" || w.audited[0].ActorKind != audit.User {
		t.Errorf("audited %+v", w.audited)
	}
}

func TestAForeignHostNameIsNotAnswered(t *testing.T) {
	s := newTestServer(t, newWorld(1))
	for host, want := range map[string]int{"127.0.0.1:8080": 200, "localhost": 200, "[::1]:80": 200, "rebind.example:8080": 421, "": 421} {
		r := httptest.NewRequest("GET", "/login", nil)
		r.Host = host
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %q: got %d, want %d", host, w.Code, want)
		}
	}
}

func TestSessionCookiesAreStrict(t *testing.T) {
	for _, secure := range []bool{false, true} {
		w := newWorld(1)
		s := newTestServer(t, w)
		s.Secure = secure
		rec := client{t: t, s: s}.signIn(secure)
		if rec.Code != http.StatusSeeOther {
			t.Fatalf("secure %v: got %d: %s", secure, rec.Code, rec.Body)
		}
		for _, c := range rec.Result().Cookies() {
			if c.MaxAge < 0 {
				continue
			}
			if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || c.Secure != secure || strings.HasPrefix(c.Name, "__Host-") != secure {
				t.Errorf("secure %v: cookie %v", secure, c)
			}
		}
	}
}

// signIn opens the login page and sends its form.
func (c client) signIn(secure bool) *httptest.ResponseRecorder {
	c.t.Helper()
	page := c.get("/login")
	scheme := map[bool]string{true: "https", false: "http"}[secure]
	var cookies []string
	for _, k := range page.Result().Cookies() {
		cookies = append(cookies, k.Name+"="+k.Value)
	}
	_, after, ok := strings.Cut(page.Body.String(), `name="form_token" value="`)
	if !ok {
		c.t.Fatalf("no form token: %s", page.Body)
	}
	token, _, _ := strings.Cut(after, `"`)
	return c.do("POST", "/login", url.Values{"form_token": {token}, "user": {"admin"}, "password": {"right"}, "next": {"/devices"}},
		map[string]string{"Cookie": strings.Join(cookies, "; "), "Origin": scheme + "://127.0.0.1:8080"})
}

func TestTheWayBackStaysOnThisServer(t *testing.T) {
	for in, want := range map[string]string{"/devices?q=x": "/devices?q=x", "https://evil.example": "/", "//evil.example": "/", "/\\evil.example": "/", "": "/", "javascript:alert(1)": "/", "/a\r\nSet-Cookie: x": "/"} {
		if got := ownPath(in); got != want {
			t.Errorf("ownPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSetUpMovesTheTokenOutOfTheAddress(t *testing.T) {
	w := newWorld(0)
	w.noAdmin = true
	c := client{t: t, s: newTestServer(t, w)}
	if got := c.get("/"); got.Header().Get("Location") != "/setup" {
		t.Errorf("the first page leads to %q", got.Header().Get("Location"))
	}
	got := c.get("/setup?token=right")
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/setup" || len(got.Result().Cookies()) != 1 {
		t.Fatalf("got %d to %q", got.Code, got.Header().Get("Location"))
	}
	page := c.do("GET", "/setup", nil, map[string]string{"Cookie": setupCookie + "=right"})
	if !strings.Contains(page.Body.String(), "Who looks after this appliance") {
		t.Errorf("page: %s", page.Body)
	}
	if page = c.do("GET", "/setup", nil, map[string]string{"Cookie": setupCookie + "=wrong"}); !strings.Contains(page.Body.String(), "not valid any more") {
		t.Errorf("page: %s", page.Body)
	}
	w.noAdmin = false
	if got := c.get("/setup?token=right"); got.Code != http.StatusNotFound {
		t.Errorf("with an administrator the set-up answers %d", got.Code)
	}
}
