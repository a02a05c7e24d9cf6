package app

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/event"
	"github.com/plumbline-net/plumbline/internal/notify"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/web"
)

// pages is the pages of an appliance as serve has them, and a program that asks.
type pages struct {
	t     *testing.T
	b     *bench
	srv   *httptest.Server
	token map[auth.Role]string
	log   *bytes.Buffer
	told  []string // every answer so far
}

func newPages(t *testing.T, b *bench) *pages {
	t.Helper()
	p := &pages{t: t, b: b, token: map[auth.Role]string{}, log: &bytes.Buffer{}}
	log := slog.New(slog.NewJSONHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	users := auth.New(b.a.DB, auth.Options{Log: log})
	hook := notify.New(b.a.DB, b.a.Vault, batches{b.a, b.w.board}, notify.Options{Log: log})
	b.w.outbox = hook.Outbox
	records, hub := audit.New(b.a.DB, b.a.Vault.AuditKey(), audit.Options{Log: log}), event.NewHub(event.Options{})
	s, err := web.New(web.Deps{Inventory: b.a.DB, Store: b.a.Store, Auth: users, Audit: records, Events: hub, Runner: b.w,
		Compliance: rulebook{b.a.Store, b.a}, Jobs: nights{b.w.board, b.w.planner(), b.w}, Drift: b.a.Drift(records, hub.Publish),
		Capture: newListener(b.a.Data, settings.Capture{}, log, hub.Publish), Logins: b.a.Credentials, Texts: b.a, Health: b.a,
		AuditLog: &auditLog{Log: records, a: b.a, log: log, life: t.Context()}, Settings: &admin{users, b.w, hook, settings.Default()}, Platforms: b.a.Platforms, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	p.srv = httptest.NewServer(s)
	t.Cleanup(p.srv.Close)
	for _, role := range auth.Roles() {
		if _, err := users.Machine(t.Context(), "m."+string(role), role); err != nil {
			t.Fatal(err)
		}
		if p.token[role], _, err = users.NewToken(t.Context(), "m."+string(role), "test", role, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *pages) do(role auth.Role, method, path string, form url.Values) (int, string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.srv.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token[role])
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	text := res.Header.Get("Location") + "\n" + string(body)
	p.told = append(p.told, method+" "+path+"\n"+text)
	return res.StatusCode, text
}

var links = regexp.MustCompile(`(?:href|hx-get|src)="(/[^"#]*)`)

// crawl reads every page that a role can come to, and what it links to.
func (p *pages) crawl(role auth.Role) int {
	seen, next := map[string]bool{}, []string{"/", "/settings/credentials", "/api/v1/devices", "/api/v1/openapi.json", "/settings/credentials/new"}
	for len(next) > 0 && len(seen) < 250 {
		path := strings.ReplaceAll(next[0], "&amp;", "&")
		next = next[1:]
		if seen[path] || strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/events") {
			continue
		}
		seen[path] = true
		_, text := p.do(role, "GET", path, nil)
		for _, m := range links.FindAllStringSubmatch(text, -1) {
			next = append(next, m[1])
		}
	}
	return len(seen)
}

// Control R11: secrets are write-only.
func TestSecretsThatWereSavedAreOnNoPageAndInNoRecordLogOrFile(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.75.0.1")
	p := newPages(t, b)
	secrets := url.Values{"password": {"canary-password"}, "enable": {"canary-enable"}, "key": {"canary-key"}, "passphrase": {"canary-passphrase"},
		"community": {"canary-community"}, "auth_password": {"canary-auth-password"}, "priv_password": {"canary-priv-password"}}
	form := func(more url.Values) url.Values {
		out := url.Values{}
		for _, v := range []url.Values{secrets, {"name": {"one"}, "scope": {"127.75.0.0/16"}, "ssh": {"1"}, "ssh_user": {"u"}, "snmp": {"1"}, "version": {"3"}, "snmp_user": {"su"},
			"auth": {"sha256"}, "priv": {"aes128"}}, more} {
			for k := range v {
				out[k] = v[k]
			}
		}
		return out
	}
	save := func(path string, more url.Values, want int) string {
		t.Helper()
		status, text := p.do(auth.Engineer, "POST", path, form(more))
		if status != want {
			t.Errorf("%s: %d, want %d: %.300s", path, status, want, text)
		}
		return strings.TrimSuffix(strings.SplitN(text, "\n", 2)[0], "?saved=1")
	}
	one := save("/settings/credentials", nil, http.StatusSeeOther)
	save("/settings/credentials", url.Values{"name": {"two"}, "version": {"2c"}}, http.StatusSeeOther)
	save("/settings/credentials", url.Values{"name": {"three"}, "scope": {"0.0.0.0/0"}}, http.StatusUnprocessableEntity)
	save("/settings/credentials", url.Values{"name": {"four"}, "scope": {"canary-is-no-prefix"[7:]}}, http.StatusUnprocessableEntity)
	save(one, url.Values{"ssh_user": {""}}, http.StatusUnprocessableEntity)
	save(one, nil, http.StatusSeeOther)
	for _, addr := range []string{b.net.Devices()[0].Address().String(), "192.0.2.1"} {
		if status, _ := p.do(auth.Operator, "POST", one+"/test", url.Values{"address": {addr}}); status != http.StatusOK {
			t.Errorf("test: %d", status)
		}
	}
	for _, address := range []string{"https://127.0.0.1:9/canary-path", "gopher://canary-host/"} {
		p.do(auth.Engineer, "POST", "/settings/notify", url.Values{"url": {address}, "secret": {"canary-secret"}, "event": {"drift.opened"}})
	}
	if _, text := p.do(auth.Engineer, "POST", "/settings/notify/test", nil); !strings.Contains(text, "The test did not arrive") {
		t.Error("the test of the webhook says nothing")
	}
	for _, role := range auth.Roles() {
		if n := p.crawl(role); n < 25 {
			t.Errorf("%s came to %d pages only", role, n)
		}
	}
	if status, _ := p.do(auth.Engineer, "POST", one+"/delete", nil); status != http.StatusOK {
		t.Errorf("delete: %d", status)
	}
	if !strings.Contains(strings.Join(p.told, ""), "Stored; type to replace") {
		t.Error("no form of a stored credential was looked at")
	}
	found := func(where, text string) {
		if i := strings.Index(text, "canary-"); i >= 0 {
			t.Errorf("%s holds %q", where, text[max(0, i-60):min(len(text), i+30)])
		}
	}
	for _, text := range p.told {
		found("an answer", text)
	}
	found("the log", p.log.String())
	records, err := b.a.DB.FindAudit(t.Context(), audit.Filter{}, 0, 1000)
	if err != nil || len(records) < 8 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, r := range records {
		found("the audit log", strings.Join([]string{r.Object, r.Before, r.After, r.Outcome, r.Actor}, "|"))
	}
	files, err := filepath.Glob(filepath.Join(b.dir, "*.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		found(filepath.Base(f), string(text))
	}
}
