package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/plumbline-net/plumbline/internal/notify"
	"github.com/plumbline-net/plumbline/internal/sim"
)

// giver gives an appliance its secrets as people do, and looks at every answer.
type giver struct {
	*browser
	p       *process
	dir     string
	keys    string // a directory for what command lines keep without one
	lab     *sim.Network
	secrets *canaries
	link    string // the token of the set-up link
	token   string // of the API
	n       lookedAt

	mu       sync.Mutex
	told     bytes.Buffer // what the webhook received, but its address
	messages int
	hook     *httptest.Server
}

func newGiver(t *testing.T, p *process, dir string) *giver {
	t.Helper()
	lab, err := sim.New(sim.Options{Seed: 1, Plan: "campus"})
	if err != nil {
		t.Fatal(err)
	}
	g := &giver{browser: newBrowser(t, p.base), p: p, dir: dir, keys: t.TempDir(), lab: lab, secrets: newCanaries()}
	for _, m := range regexp.MustCompile(`(\w+): "([^"]+)"`).FindAllSubmatch(lab.CredentialsFile(), -1) {
		g.secrets.add("the demo's "+string(m[1]), string(m[2]))
	}
	if len(g.secrets.what) < 5 {
		t.Fatalf("%d secrets in the credentials of the demo, want 5", len(g.secrets.what))
	}
	return g
}

// word makes a secret up, with what has to be escaped somewhere.
func (g *giver) word(what string) string {
	s := `Cy"<&+` + rand.Text()
	g.secrets.add(what, s)
	return s
}

// key makes a private key, sealed with a passphrase.
func (g *giver) key(what, passphrase string) string {
	g.t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		g.t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))
	if err != nil {
		g.t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(block))
	g.secrets.add(what+", opened", string(key.Seed()))
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, line := range lines[2 : len(lines)-1] { // the first says only how it is sealed
		g.secrets.add(what, line)
	}
	return text
}

// clean holds an answer to what must not be in it; echo was typed into a field
// that is shown again.
func (g *giver) clean(where string, said []byte, echo ...string) {
	g.t.Helper()
	for _, h := range g.secrets.found(said, echo...) {
		g.t.Errorf("%s shows %s", where, h)
	}
}

// send fills a form in; the answer must have that status.
func (g *giver) send(page, path string, form url.Values, want int, echo ...string) answer {
	g.t.Helper()
	a := g.post(page, path, form)
	if a.status != want {
		g.t.Errorf("POST %s answers %d, want %d: %.600s", path, a.status, want, a.body)
	}
	g.clean("POST "+path, a.said, echo...)
	return a
}

// setUp makes the first administrator by the link, and comes in by the door;
// on the way it makes the mistakes that people make.
func (g *giver) setUp() {
	t := g.t
	m := regexp.MustCompile(`/setup\?token=(\S+)`).FindStringSubmatch(g.p.said())
	if m == nil {
		t.Fatal("no set-up link was printed")
	}
	if a := g.do(http.MethodGet, "/login", nil); a.status == http.StatusServiceUnavailable {
		if os.Getenv("CI") == "true" {
			t.Fatal("the assets are not built")
		}
		t.Skip("the assets are not built: make assets")
	}
	g.link = m[1]
	g.secrets.add("the set-up link", g.link)
	password := g.word("the administrator's password")
	g.clean("the link", g.do(http.MethodGet, "/setup?token="+g.link, nil).said)
	g.send("/setup", "/setup", url.Values{"user": {"boss"}, "password": {password}, "again": {password + "x"}}, http.StatusUnprocessableEntity)
	g.send("/setup", "/setup", url.Values{"user": {"boss"}, "password": {password}, "again": {password}}, http.StatusSeeOther)
	g.session()
	g.send("/me", "/logout", nil, http.StatusSeeOther)

	g.send("/login", "/login", url.Values{"user": {"boss"}, "password": {password + "x"}}, http.StatusUnauthorized)
	g.send("/login", "/login", url.Values{"user": {password}, "password": {"in the wrong field"}}, http.StatusUnauthorized, password)
	g.clean("a form without its token", g.do(http.MethodPost, "/login", url.Values{"user": {"boss"}, "password": {password}}).said)
	g.send("/login", "/login", url.Values{"user": {"boss"}, "password": {password}, "next": {"/devices"}}, http.StatusSeeOther)
	g.session()

	token, code, err := ask(t, "admin", "token", "--data", g.dir, "--user", "ci", "--role", "admin", "--for", "1h")
	if code != 0 {
		t.Fatal(err)
	}
	g.token = strings.TrimSpace(token)
	g.secrets.add("the token of the command line", g.token)
	stranger := newBrowser(t, g.base)
	for _, h := range []string{"Bearer " + g.token + "x", "Basic " + password, g.token} {
		if a := stranger.do(http.MethodGet, "/api/v1/devices", nil, "Authorization", h); a.status != http.StatusUnauthorized {
			t.Errorf("a wrong header of authorization answers %d", a.status)
		} else {
			g.clean("the answer to a wrong header of authorization", a.said)
		}
	}
}

// session takes the cookies into the secrets.
func (g *giver) session() {
	g.t.Helper()
	if g.cookies["plumbline"] == "" {
		g.t.Fatal("no session")
	}
	for name, value := range g.cookies {
		g.secrets.add("the cookie "+name, value)
	}
}

// webhook opens a receiver and saves its address and a secret for signing.
func (g *giver) webhook() {
	g.hook = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.messages++
		_ = r.Header.Write(&g.told)
		g.told.WriteString(r.Host)
		_, _ = io.Copy(&g.told, r.Body)
	}))
	g.t.Cleanup(g.hook.Close)
	path := "/" + strings.Trim(rand.Text(), "=") + "?key=" + rand.Text()
	g.secrets.add("the webhook's path", path[1:27])
	g.secrets.add("the webhook's key", path[len(path)-26:])
	form := url.Values{"url": {"http://127.0.0.1:9" + path}, "secret": {g.word("the webhook's secret")}}
	for _, k := range notify.Kinds() {
		form.Add("event", string(k))
	}
	const page = "/settings/notify"
	bad := url.Values{"url": {"gopher://127.0.0.1" + path}, "secret": form["secret"], "event": form["event"]}
	g.send(page, page, bad, http.StatusUnprocessableEntity)
	g.send(page, page, form, http.StatusOK)
	if a := g.send(page, page+"/test", nil, http.StatusOK); !bytes.Contains(a.body, []byte("did not arrive")) {
		g.t.Error("a test that does not arrive is not told")
	}
	form.Set("url", g.hook.URL+path)
	g.send(page, page, form, http.StatusOK)
	if a := g.send(page, page+"/test", nil, http.StatusOK); !bytes.Contains(a.body, []byte("The test arrived")) {
		g.t.Error("the test of the webhook did not arrive")
	}
}

// delivered looks into what the webhook received.
func (g *giver) delivered() {
	g.t.Helper()
	told := ""
	for limit := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		g.mu.Lock()
		told, g.n.messages = g.told.String(), g.messages
		g.mu.Unlock()
		if strings.Contains(told, string(notify.DriftOpened)) {
			break
		}
		if time.Now().After(limit) {
			g.t.Fatal("no message tells of drift")
		}
	}
	if !strings.Contains(told, "Webhook-Signature: v1,") {
		g.t.Error("the messages are not signed")
	}
	g.clean("a message of the webhook", []byte(told))
}

var shownOnce = regexp.MustCompile(`\b(plb_[0-9A-Za-z_-]{20,}|[A-Z2-7]{26})\b`)

// accounts makes a second user with a typed password, a third whose password
// is made, a token, and changes a password.
func (g *giver) accounts() {
	page := "/settings/users"
	g.send(page, page, url.Values{"name": {"second"}, "role": {"viewer"}, "password": {g.word("the second user's password")}}, http.StatusOK)
	g.send(page, page, url.Values{"name": {"second"}, "role": {"viewer"}, "password": {g.word("a password of a name that is taken")}}, http.StatusUnprocessableEntity)
	a := g.send(page, page, url.Values{"name": {"third"}, "role": {"viewer"}}, http.StatusOK)
	g.once("the password that was made", a)
	a = g.send("/me", "/me/tokens", url.Values{"name": {"mine"}, "life": {"day"}}, http.StatusOK)
	g.once("the token of the page", a)
	g.send("/me", "/me/password", url.Values{"old": {g.word("a wrong old password")}, "password": {g.word("a new password")}, "again": {g.word("another new password")}}, http.StatusUnprocessableEntity)
}

// once takes up a secret that a page has just shown for the only time.
func (g *giver) once(what string, a answer) {
	g.t.Helper()
	found := false
	for _, m := range shownOnce.FindAll(a.body, -1) {
		if secret := string(m); !slices.Contains(ids(a.body), secret) {
			g.secrets.add(what, secret)
			found = true
		}
	}
	if !found {
		g.t.Errorf("%s is not shown", what)
	}
}

var anID = regexp.MustCompile(`/([0-9A-Z]{26})\b`)

func ids(page []byte) (out []string) {
	for _, m := range anID.FindAllSubmatch(page, -1) {
		out = append(out, string(m[1]))
	}
	return out
}

// logins are the fields of a credential with everything in it.
func (g *giver) logins(name, scope, version string) url.Values {
	of := func(what string) []string { return []string{g.word(name + "'s " + what)} }
	passphrase := of("passphrase")
	return url.Values{"name": {name}, "scope": {scope}, "ssh": {"1"}, "ssh_user": {"u"}, "password": of("password"), "enable": of("enable"), "key": {g.key(name+"'s private key", passphrase[0])},
		"passphrase": passphrase, "snmp": {"1"}, "version": {version}, "community": of("community"), "snmp_user": {"su"}, "auth": {"sha256"}, "auth_password": of("auth"), "priv": {"aes128"}, "priv_password": of("priv")}
}

// credentials gives some by the form and some by the command line.
func (g *giver) credentials() {
	t := g.t
	const page = "/settings/credentials"
	for _, version := range []string{"1", "2c", "3"} {
		form := g.logins("form-v"+version, "192.0.2.0/24", version)
		a := g.send(page+"/new", page, form, http.StatusSeeOther)
		one, _, _ := strings.Cut(a.location, "?")
		form.Set("ssh_user", "")
		g.send(one, one, form, http.StatusUnprocessableEntity)
		g.send(one, one+"/test", url.Values{"address": {"198.51.100.1"}}, http.StatusOK)
	}
	g.send(page+"/new", page, g.logins("form-wide", "0.0.0.0/0", "3"), http.StatusUnprocessableEntity)
	g.send(page+"/new", page, g.logins("form-broken", "no prefix", "2c"), http.StatusUnprocessableEntity)

	phrase := g.word("the file's passphrase")
	key := textFile(t, "key", g.key("the file's private key", phrase))
	text := "credentials:\n"
	for _, snmp := range []string{"version: 1, community: " + strconv.Quote(g.word("the file's community of version 1")), "version: 2c, community: " + strconv.Quote(g.word("the file's community of version 2c")),
		"version: 3, user: u, auth: sha256, auth_password: " + strconv.Quote(g.word("the file's auth")) + ", priv: aes128, priv_password: " + strconv.Quote(g.word("the file's priv"))} {
		text += "  - name: file-" + snmp[9:10] + "\n    scope: [192.0.2.0/24]\n    snmp: {" + snmp + "}\n    ssh: {user: u, password: " + strconv.Quote(g.word("the file's password")) +
			", enable: " + strconv.Quote(g.word("the file's enable")) + ", key: " + key + ", passphrase: " + strconv.Quote(phrase) + "}\n"
	}
	g.run(0, "admin", "credentials", "import", textFile(t, "credentials.yaml", text))
}

// run runs a command line of two words or more beside the server; want below 0
// is any exit code.
func (g *giver) run(want int, args ...string) string {
	g.t.Helper()
	code, out, errs := runCommand(g.t, "", append(args, "--data", g.dir)...)
	g.n.commands++
	if want >= 0 && code != want {
		g.t.Errorf("%v: exit %d, want %d: %s", args, code, want, errs)
	}
	where := strings.Join(args[:2], " ")
	if args[0] == "search" {
		where = "search" // its query may be a secret
	}
	g.clean(where, []byte(out+errs))
	return out
}

// brokenFiles gives files that are refused; what refuses them quotes nothing.
func (g *giver) brokenFiles() {
	one := func(rest string) string { return "credentials:\n  - name: a\n    scope: [192.0.2.0/24]\n" + rest }
	secret := strconv.Quote(g.word("a broken file's secret"))
	for _, text := range []string{one("    ssh: {user: u, password: {x: " + secret + "}}\n"), one("    ssh: {user: u, password: " + secret + ", passwort: x}\n"), one("    ssh: {user: u, password: " + secret + "\n"),
		one("    snmp: {version: 4, community: " + secret + "}\n"), one("    snmp: {version: 3, user: u, auth_password: " + secret + "}\n"), one("    ssh: {password: " + secret + "}\n"),
		strings.Replace(one("    ssh: {user: u, password: "+secret+"}\n"), "192.0.2.0/24", "x", 1), one("    ssh: " + secret + "\n"), secret} {
		g.run(2, "admin", "credentials", "import", textFile(g.t, "broken.yaml", text))
	}
	g.run(2, "backup", "--all", "--credentials", textFile(g.t, "broken.yaml", one("    ssh: {user: u, password: ["+secret+"]}\n")))
	open := textFile(g.t, "open.yaml", one("    ssh: {user: u, password: "+secret+"}\n"))
	if err := os.Chmod(open, 0o644); err != nil {
		g.t.Fatal(err)
	}
	g.run(2, "admin", "credentials", "import", open)
	g.run(2, "admin", "credentials", "import", textFile(g.t, "key.yaml", g.key("a key instead of a file", g.word("its passphrase"))))
	database := "postgres://u:" + url.QueryEscape(g.word("the password of a database")) + "@127.0.0.1/x"
	g.run(2, "serve", "--database", database)
}

// useAtADevice sends a community and a key to a device that refuses them.
func (g *giver) useAtADevice() {
	const page = "/settings/credentials"
	dev := g.lab.Devices()[0].Address().String()
	form := g.logins("refused", dev, "2c")
	a := g.send(page+"/new", page, form, http.StatusSeeOther)
	one, _, _ := strings.Cut(a.location, "?")
	if a := g.send(one, one+"/test", url.Values{"address": {dev}}, http.StatusOK); !bytes.Contains(a.body, []byte("SSH: refused")) || !bytes.Contains(a.body, []byte("SNMP: no answer")) {
		g.t.Errorf("a wrong key and a wrong community: %q", regexp.MustCompile(`(?:SNMP|SSH): [^<]*`).FindAll(a.body, -1))
	}
}
