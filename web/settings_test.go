package web

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/notify"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

// desk is the settings of a world.
type desk struct {
	w       *world
	creds   []vault.Listed
	usage   map[string]vault.Usage
	editErr error
	edits   []vault.Edit
	tested  []netip.Addr
	answers []CredentialAnswer
	users   []auth.User
	userErr error
	hook    notify.View
	hookErr error
	changes []notify.Change
	recent  []notify.Notice
	sites   []SitePrefix
	done    []string // what was changed
}

func newDesk(w *world) *desk {
	lo := []netip.Prefix{netip.MustParsePrefix("127.7.0.0/16")}
	d := &desk{w: w, usage: map[string]vault.Usage{
		"campus-v3": {Devices: map[vault.Kind]int{vault.SSH: 498, vault.SNMP: 500}, Success: w.now.Add(-2 * time.Minute)},
		"ham-ssh":   {Success: w.now.Add(-26 * time.Hour), Refusal: w.now.Add(-time.Hour), Refusing: 9}}}
	d.creds = []vault.Listed{
		{ID: "CRED1", Name: "campus-v3", Scope: lo, SSHUser: "netops", SNMPVersion: netdev.SNMPv3, SNMPUser: "ro", SNMPAuth: "sha256", SNMPPriv: "aes128",
			Set: []vault.Field{vault.FieldPassword, vault.FieldEnable, vault.FieldAuthPassword, vault.FieldPrivPassword}, Changed: w.now.Add(-50 * time.Hour), ChangedBy: "mara"},
		{ID: "CRED2", Name: "ham-ssh", Scope: lo, SSHUser: "svc", Set: []vault.Field{vault.FieldPassword}},
		{ID: "CRED3", Name: "ups-v2c", Scope: lo, SNMPVersion: netdev.SNMPv2c, Set: []vault.Field{vault.FieldCommunity}},
		{ID: "CRED4", Name: "paused", Scope: lo, SSHUser: "x", Paused: w.now.Add(-time.Hour)},
		{ID: "CRED5", Name: "broken", Scope: lo, SSHUser: "x", Damaged: true}}
	for _, r := range auth.Roles() {
		d.users = append(d.users, auth.User{ID: "U" + string(r), Name: "m." + string(r), Role: r, Created: w.now.Add(-time.Hour)})
	}
	d.users[0].Disabled = w.now
	d.hook = notify.View{Host: "https://hooks.example.net", Signed: true, Events: notify.Kinds(), Disabled: w.now, Why: "it answered 410 Gone", Changed: w.now, ChangedBy: "mara"}
	for _, st := range []notify.State{notify.Waiting, notify.Sent, notify.GivenUp} {
		d.recent = append(d.recent, notify.Notice{ID: "N" + string(st), Kind: notify.BackupFailed, State: st, Last: "it answered 503", Created: w.now, Due: w.now})
	}
	d.sites = []SitePrefix{{netip.MustParsePrefix("127.7.0.0/24"), "Harbour", false}, {netip.MustParsePrefix("127.8.0.0/24"), "sim", true}}
	return d
}

func (d *desk) Credentials(context.Context) ([]vault.Listed, map[string]vault.Usage, error) {
	return d.creds, d.usage, nil
}

func (d *desk) ChangeCredential(_ context.Context, e vault.Edit, _ string) (before, after vault.Listed, err error) {
	if d.editErr != nil {
		return before, after, d.editErr
	}
	d.edits = append(d.edits, e)
	return before, vault.Listed{ID: "CRED9", Name: e.Credential.Name}, nil
}
func (d *desk) act(what string) error                              { d.done = append(d.done, what); return d.userErr }
func (d *desk) DeleteCredential(_ context.Context, n string) error { return d.act("delete " + n) }
func (d *desk) MoveCredential(_ context.Context, id string, up bool) error {
	return d.act("move " + id + map[bool]string{true: " up", false: " down"}[up])
}
func (d *desk) TestCredential(_ context.Context, _, _ string, a netip.Addr) ([]CredentialAnswer, error) {
	d.tested = append(d.tested, a)
	return d.answers, nil
}
func (d *desk) Users(context.Context) ([]auth.User, error) { return d.users, nil }
func (d *desk) AddUser(_ context.Context, name, password string, role auth.Role) (auth.User, error) {
	if password != "" {
		if err := auth.CheckPassword(password, name); err != nil {
			return auth.User{}, err
		}
	}
	return auth.User{}, d.act("add " + name + " as " + string(role))
}
func (d *desk) SetRole(_ context.Context, id string, r auth.Role) error {
	return d.act("role " + id + " " + string(r))
}
func (d *desk) Disable(_ context.Context, id string, closed bool) error {
	return d.act(map[bool]string{true: "disable ", false: "open "}[closed] + id)
}
func (d *desk) DeleteUser(_ context.Context, id string) error { return d.act("remove " + id) }
func (d *desk) Webhook() Webhook                              { return hookDesk{d} }
func (d *desk) Effective() []settings.Shown                   { return settings.Default().Explain() }
func (d *desk) Sites(context.Context) ([]SitePrefix, error)   { return d.sites, nil }
func (d *desk) SaveSite(_ context.Context, p netip.Prefix, site string) error {
	return d.act("site " + p.String() + "=" + site)
}

type hookDesk struct{ d *desk }

func (h hookDesk) View(context.Context) (notify.View, error) { return h.d.hook, nil }
func (h hookDesk) Set(_ context.Context, c notify.Change, _ string) error {
	h.d.changes = append(h.d.changes, c)
	return h.d.hookErr
}
func (h hookDesk) Remove(context.Context) error { return h.d.act("unhook") }
func (h hookDesk) Test(context.Context) (string, bool, error) {
	return "it answered 204 No Content", true, nil
}
func (h hookDesk) Recent(context.Context, int) ([]notify.Notice, error) { return h.d.recent, nil }

func settingsPaths() []string {
	return []string{"/settings/credentials", "/settings/credentials/new", "/settings/credentials/CRED1", "/settings/credentials/CRED3", "/settings/credentials/CRED4",
		"/settings/credentials/CRED5", "/settings/users", "/settings/tokens", "/settings/notify", "/settings/sites", "/settings/appliance"}
}

func TestSettingsPagesStandAndShowWhatTheRoleMayOpen(t *testing.T) {
	s := newTestServer(t, newWorld(4))
	need := map[string]auth.Permission{"/settings/credentials": auth.CredentialUse, "/settings/users": auth.AccessRead, "/settings/tokens": auth.AccessRead,
		"/settings/notify": auth.NotifyEdit, "/settings/sites": auth.InventoryRead, "/settings/appliance": auth.SettingsEdit}
	for _, role := range auth.Roles() {
		c := client{t: t, s: s, role: string(role)}
		for _, path := range settingsPaths() {
			got := c.get(path)
			var perm auth.Permission
			for prefix, p := range need {
				if strings.HasPrefix(path, prefix) {
					perm = p
				}
			}
			want := http.StatusOK
			switch {
			case !role.Can(perm):
				want = http.StatusForbidden
			case strings.HasSuffix(path, "/new") && !role.Can(auth.CredentialEdit):
				want = http.StatusNotFound
			}
			if got.Code != want {
				t.Errorf("%s on %s: %d, want %d", role, path, got.Code, want)
			}
			if got.Code != http.StatusOK {
				continue
			}
			checkMarkup(t, path, got.Body.String())
			for prefix, p := range need {
				if listed := strings.Contains(got.Body.String(), `href="`+prefix+`"`); listed != role.Can(p) && prefix != "/settings/credentials" {
					t.Errorf("%s on %s: the menu lists %s is %v, the role may is %v", role, path, prefix, listed, role.Can(p))
				}
			}
		}
		if got := c.get("/settings"); got.Code != http.StatusSeeOther || c.get(got.Header().Get("Location")).Code != http.StatusOK {
			t.Errorf("%s: /settings leads to %d %q", role, got.Code, got.Header().Get("Location"))
		}
	}
}

// credentialForms is a form that is right.
func credentialForms() url.Values {
	return url.Values{"name": {"new"}, "scope": {"192.0.2.0/24"}, "snmp": {"1"}, "version": {"3"}, "snmp_user": {"ro"}, "auth": {"sha256"}, "priv": {"aes128"},
		"auth_password": {"canary-auth"}, "priv_password": {"canary-priv"}, "ssh": {"1"}, "ssh_user": {"netops"}, "password": {"canary-pass"}, "enable": {"canary-enable"},
		"key": {"canary-key"}, "passphrase": {"canary-phrase"}, "community": {"canary-community"}}
}

func TestTypedSecretsComeBackOnNoPageAndInNoRecord(t *testing.T) {
	tests := map[string]struct {
		path, field, value string
		err                error
		want               string
	}{
		"wrong-scope":      {"/settings/credentials", "scope", "192.0.2.0/33", nil, "192.0.2.0/33"},
		"host-bits":        {"/settings/credentials", "scope", "192.0.2.7/24", nil, "write 192.0.2.0/24 for the prefix"},
		"refused":          {"/settings/credentials", "", "", &vault.EditError{Field: vault.FieldScope, Text: "0.0.0.0/0 is wider than a /8"}, "wider than a /8"},
		"refused-change":   {"/settings/credentials/CRED1", "", "", &vault.EditError{Field: vault.FieldSSH, Text: "user: missing"}, "user: missing"},
		"saved":            {"/settings/credentials", "", "", nil, ""},
		"a-user-that-a-b-": {"/settings/users", "name", "a b", nil, "1 to 64 letters"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(4)
			s := newTestServer(t, w)
			s.Settings.(*desk).editErr = tt.err
			form := credentialForms()
			if tt.field != "" {
				form.Set(tt.field, tt.value)
			}
			got := client{t: t, s: s, role: "admin"}.post(tt.path, form)
			if tt.want != "" && (got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), tt.want)) {
				t.Errorf("got %d without %q", got.Code, tt.want)
			}
			if tt.want == "" && (got.Code != http.StatusSeeOther || len(s.Settings.(*desk).edits) != 1) {
				t.Errorf("got %d %s", got.Code, got.Body)
			}
			for _, text := range append([]string{got.Body.String(), got.Header().Get("Location")}, recordsText(w)...) {
				if strings.Contains(text, "canary") {
					t.Errorf("a secret came back: %.200q", text)
				}
			}
			checkMarkup(t, tt.path, map[bool]string{true: got.Body.String(), false: "<h1></h1>"}[got.Code == 422])
		})
	}
}

func recordsText(w *world) []string {
	var out []string
	for _, r := range w.audited {
		out = append(out, r.Object+"|"+r.Before+"|"+r.After+"|"+r.Outcome)
	}
	return out
}

func TestACredentialFormBecomesAnEdit(t *testing.T) {
	s := newTestServer(t, newWorld(1))
	form := credentialForms()
	form["forget"] = []string{"enable"}
	form.Set("scope", "192.0.2.0/24\r\n198.51.100.7, 2001:db8::/48")
	form.Set("sites", "Harbour")
	form.Set("key", "a\r\nb\r\n")
	if got := (client{t: t, s: s, role: "engineer"}).post("/settings/credentials/CRED1", form); got.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	e := s.Settings.(*desk).edits[0]
	if e.ID != "CRED1" || e.Credential.Name != "campus-v3" || scopeText(e.Credential.Scope, " ") != "192.0.2.0/24 198.51.100.7 2001:db8::/48" || !slices.Equal(e.Forget, []vault.Field{vault.FieldEnable}) {
		t.Errorf("edit %+v", e)
	}
	if ssh, snmp := e.Credential.SSH, e.Credential.SNMP; ssh == nil || snmp == nil || ssh.PrivateKey.Reveal() != "a\nb\n" || ssh.Password.Reveal() != "canary-pass" ||
		snmp.AuthPassword.Reveal() != "canary-auth" || snmp.Community.IsSet() {
		t.Errorf("logins %+v %+v", ssh, snmp)
	}
}

func TestATestSaysInWordsWhatCameOfIt(t *testing.T) {
	tests := map[string]struct {
		answer CredentialAnswer
		want   string
	}{
		"answered":     {CredentialAnswer{Kind: vault.SNMP, OK: true, Sent: true, Name: "core1", How: "SNMPv3 authPriv"}, "SNMP: answered as core1.</strong> SNMPv3 authPriv"},
		"wrong-digest": {CredentialAnswer{Kind: vault.SNMP, Sent: true, Reason: netdev.AuthFailed, Detail: "wrong digest"}, "SNMP: refused.</strong> wrong digest"},
		"scope":        {CredentialAnswer{Kind: vault.SSH, Reason: netdev.OutOfScope}, "SSH: outside its scope: nothing was sent"},
		"guard":        {CredentialAnswer{Kind: vault.SSH, Reason: netdev.LockoutGuard, Detail: "2 failed logins within an hour"}, "SSH: nothing was sent.</strong> 2 failed logins"},
		"silent":       {CredentialAnswer{Kind: vault.SNMP, Sent: true, Reason: netdev.Timeout}, "SNMP: no answer"},
		"changed-key":  {CredentialAnswer{Kind: vault.SSH, Sent: true, Reason: netdev.HostKeyChanged, Detail: "known SHA256:a"}, "SSH: stopped before any secret was sent"},
		"hostile-name": {CredentialAnswer{Kind: vault.SSH, OK: true, Sent: true, Name: "<b>x\u202e"}, "prompt &lt;b&gt;x\\u202e"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(1)
			s := newTestServer(t, w)
			d := s.Settings.(*desk)
			d.answers = []CredentialAnswer{tt.answer}
			got := client{t: t, s: s, role: "operator"}.post("/settings/credentials/CRED1/test", url.Values{"address": {"127.7.0.9"}})
			if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), tt.want) {
				t.Errorf("%d, without %q", got.Code, tt.want)
			}
			if len(d.tested) != 1 || len(w.audited) != 2 || w.audited[0].Verb != audit.CredentialTest || w.audited[0].After != "at 127.7.0.9" || w.audited[1].Outcome == "asked" {
				t.Errorf("tested %v, audited %+v", d.tested, w.audited)
			}
		})
	}
	s := newTestServer(t, newWorld(1))
	for _, text := range []string{"", "127.7.0.0/24", "core1", "fe80::1%eth0"} {
		got := client{t: t, s: s, role: "operator"}.post("/settings/credentials/CRED1/test", url.Values{"address": {text}})
		if got.Code != http.StatusUnprocessableEntity || len(s.Settings.(*desk).tested) != 0 {
			t.Errorf("%q: %d", text, got.Code)
		}
	}
}

func TestEverySettingsActionIsRecordedBeforeItIsDone(t *testing.T) {
	forms := map[string]url.Values{
		"/settings/credentials": credentialForms(), "/settings/credentials/:id": credentialForms(), "/settings/credentials/:id/delete": {"sure": {"1"}},
		"/settings/credentials/:id/test": {"address": {"127.7.0.9"}}, "/settings/users": {"name": {"eva"}, "role": {"viewer"}}, "/settings/users/:id/role": {"role": {"viewer"}},
		"/settings/users/:id/delete": {"sure": {"1"}}, "/settings/notify": {"event": {"drift.opened"}}, "/settings/sites": {"prefix": {"192.0.2.0/24"}, "site": {"Mill"}}}
	for _, fail := range []bool{false, true} {
		w := newWorld(1)
		s := newTestServer(t, w)
		d := s.Settings.(*desk)
		for _, r := range s.settingsTable() {
			if r.Method == get {
				continue
			}
			w.audited, w.auditErr = nil, nil
			if fail {
				w.auditErr = context.DeadlineExceeded
			}
			before := len(d.done) + len(d.edits) + len(d.tested) + len(d.changes)
			form := forms[r.Path]
			if form == nil {
				form = url.Values{}
			}
			got := client{t: t, s: s, role: "admin"}.post(example(r.Path), form)
			did := len(d.done)+len(d.edits)+len(d.tested)+len(d.changes) > before
			switch {
			case fail && (did || got.Code != http.StatusInternalServerError):
				t.Errorf("%s without a record: %d, done is %v", r.Path, got.Code, did)
			case !fail && (len(w.audited) == 0 || w.audited[0].Verb != r.Verb || w.audited[0].Actor != "m.admin" || got.Code >= 400):
				t.Errorf("%s: %d, audited %+v", r.Path, got.Code, w.audited)
			}
		}
	}
}

func TestNobodyChangesHisOwnAccountAndNoTokenAnyAccount(t *testing.T) {
	for _, action := range []string{"role", "state", "password", "delete", "sessions"} {
		s := newTestServer(t, newWorld(1))
		form := url.Values{"role": {"viewer"}, "sure": {"1"}, "state": {"disabled"}}
		own := client{t: t, s: s, role: "admin"}.post("/settings/users/Uadmin/"+action, form)
		token := client{t: t, s: s, role: "admin", bearer: true}.do("POST", "/settings/users/Uviewer/"+action, form, nil)
		if own.Code != http.StatusForbidden || token.Code != http.StatusForbidden || len(s.Settings.(*desk).done) != 0 {
			t.Errorf("%s: own %d, token %d, done %v", action, own.Code, token.Code, s.Settings.(*desk).done)
		}
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	s := newTestServer(t, newWorld(1))
	s.Settings.(*desk).userErr = auth.ErrLastAdmin
	got := client{t: t, s: s, role: "admin"}.post("/settings/users/Uengineer/role", url.Values{"role": {"viewer"}})
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "The last administrator cannot be removed") {
		t.Errorf("%d", got.Code)
	}
}

func TestAMadePasswordIsGoodAndShownOnce(t *testing.T) {
	w := newWorld(1)
	c := client{t: t, s: newTestServer(t, w), role: "admin"}
	body := c.post("/settings/users", url.Values{"name": {"eva"}, "role": {"viewer"}}).Body.String()
	_, rest, found := strings.Cut(body, "<code data-password>")
	password, _, _ := strings.Cut(rest, "<")
	if !found || auth.CheckPassword(password, "eva") != nil {
		t.Errorf("password %q", password)
	}
	if strings.Contains(c.get("/settings/users").Body.String(), password) || strings.Contains(strings.Join(recordsText(w), ""), password) {
		t.Error("the password is shown again, or recorded")
	}
	if body := c.post("/settings/users", url.Values{"name": {"bot"}, "role": {"viewer"}, "program": {"1"}}).Body.String(); strings.Contains(body, "data-password") {
		t.Error("an account of a program got a password")
	}
}

func TestTheRolesOnThePageAreThoseOfTheMatrix(t *testing.T) {
	body := client{t: t, s: newTestServer(t, newWorld(1)), role: "auditor"}.get("/settings/users").Body.String()
	_, table, _ := strings.Cut(body, "data-matrix")
	for _, p := range auth.Permissions() {
		_, row, ok := strings.Cut(table, `class="mono">`+string(p)+"</th>")
		row, _, _ = strings.Cut(row, "</tr>")
		cells := strings.Split(row, "<td>")[1:]
		if !ok || len(cells) != len(auth.Roles()) {
			t.Fatalf("%s: %d cells", p, len(cells))
		}
		for i, r := range auth.Roles() {
			if strings.Contains(cells[i], "may") != r.Can(p) {
				t.Errorf("%s for %s: the page says %q", p, r, cells[i])
			}
		}
	}
}

func TestTheAddressOfTheWebhookIsNotShown(t *testing.T) {
	w := newWorld(1)
	s := newTestServer(t, w)
	form := url.Values{"url": {"https://hooks.example.net/canary-path"}, "secret": {"canary-secret"}, "event": {"drift.opened"}, "plain": {"1"}}
	for _, err := range []error{nil, &notify.ChangeError{Field: "url", Text: "only https and http are spoken"}} {
		s.Settings.(*desk).hookErr = err
		got := client{t: t, s: s, role: "engineer"}.post("/settings/notify", form)
		if want := map[bool]int{true: 200, false: 422}[err == nil]; got.Code != want || strings.Contains(got.Body.String()+strings.Join(recordsText(w), ""), "canary") {
			t.Errorf("%d, %v", got.Code, recordsText(w))
		}
	}
	if c := s.Settings.(*desk).changes[0]; c.URL.Reveal() != form.Get("url") || c.Secret.Reveal() != "canary-secret" || !c.Plain || !slices.Equal(c.Events, []notify.Kind{notify.DriftOpened}) {
		t.Errorf("change %+v", c)
	}
	if got := (client{t: t, s: s, role: "engineer"}).post("/settings/notify/test", url.Values{}); !strings.Contains(got.Body.String(), "The test arrived.</strong> it answered 204 No Content") {
		t.Error("the test's answer is not on the page")
	}
}
