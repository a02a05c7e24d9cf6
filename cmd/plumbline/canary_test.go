package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/sim"
)

// secretWords find the secrets of the simulated devices in their texts. They
// are written down here again, so that they do not share a mistake with what
// takes them out.
var secretWords = []*regexp.Regexp{
	regexp.MustCompile(`(?m)(?:secret|password|key|md5|key-string) [0579] (\S{8,})`),
	regexp.MustCompile(`(?m)^snmp-server community (\S{8,})`),
	regexp.MustCompile(`(?m)^snmp-server host .* version 2c (\S{8,})`),
	regexp.MustCompile(`(?m)authentication-key \d+ md5 (\S{8,})`),
	regexp.MustCompile(`"(\$[0-9]\$[^"]+)"`),
	regexp.MustCompile(`(?m)^ {4}community (\S{8,}) \{`),
	regexp.MustCompile(`ENC (\S{20,})`),
	regexp.MustCompile(`(?m)(?:sha512|ciphertext|password hash) (\S{8,})`),
	regexp.MustCompile(`priv-pass ciphertext (\S{8,})`),
	regexp.MustCompile(`auth sha-256 (\S{8,})`),
	regexp.MustCompile(`priv aes-128 (\S{8,})`),
	regexp.MustCompile(`password=(\S{8,})`),
	regexp.MustCompile(`(?m)^enable password (\S{8,})$`),
	regexp.MustCompile(`(?m)neighbor \S+ password (\S{8,})$`),
	regexp.MustCompile(`(?m)md5 (?:3 )?(\S{8,})$`),
	regexp.MustCompile(`(?s)BEGIN ENCRYPTED PRIVATE KEY-----\n(\S+)\n`),
}

// canaries are secrets, each with what it is and in the dresses it may wear.
type canaries map[string]canary

type canary struct {
	what    string
	dresses [][2]string // of its name and its bytes
}

func (c canaries) add(what, secret string) {
	if len(secret) < 8 {
		return
	}
	js, _ := json.Marshal(secret)
	c[secret] = canary{what, [][2]string{{"plain", secret}, {"html", html.EscapeString(secret)}, {"json", string(js[1 : len(js)-1])}, {"url", url.QueryEscape(secret)},
		{"hex", hex.EncodeToString([]byte(secret))}, {"base64", base64.RawStdEncoding.EncodeToString([]byte(secret))}}}
}

// found names what of the canaries lies in b, plain or in a usual dress.
func (c canaries) found(b []byte) (hits []string) {
	for _, one := range c {
		for _, d := range one.dresses {
			if bytes.Contains(b, []byte(d[1])) {
				hits = append(hits, one.what+" ("+d[0]+")")
				break
			}
		}
	}
	return hits
}

// files looks through every file below dir and counts their bytes.
func (c canaries) files(t *testing.T, dir string) (hits []string, size int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil // the queue drops files as it goes
		}
		if err != nil {
			return err
		}
		size += len(b)
		for _, h := range c.found(b) {
			hits = append(hits, filepath.Base(path)+": "+h)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return hits, size
}

// ofDevices takes the secrets out of every text that is kept.
func (c canaries) ofDevices(t *testing.T, dir string) (texts int) {
	t.Helper()
	d, err := app.OpenData(t.Context(), app.DataOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	devs, err := d.DB.Devices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, dev := range devs {
		n := 0
		for _, src := range []configstore.Source{configstore.Running, configstore.Startup} {
			h, err := d.Store.History(t.Context(), dev.ID, src)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range h {
				raw, err := d.Store.Raw(t.Context(), r.ID)
				if err != nil {
					t.Fatal(err)
				}
				texts++
				for _, w := range secretWords {
					for _, m := range w.FindAllSubmatch(raw, -1) {
						c.add(fmt.Sprintf("%s of %s: %.20s…", src, dev.Name, m[0]), strings.Trim(string(m[1]), `";`))
						n++
					}
				}
			}
		}
		if n == 0 && !dev.ByController() {
			t.Errorf("%s: no secret found in its texts, want some", dev.Name)
		}
	}
	return texts
}

// crawler reads pages.
type crawler struct {
	t           *testing.T
	base, token string
	client      http.Client
}

func (c *crawler) get(path string) (int, []byte) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.base+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.client.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	var head bytes.Buffer
	_ = res.Header.Write(&head)
	return res.StatusCode, append(head.Bytes(), b...)
}

var (
	hrefs   = regexp.MustCompile(`(?:href|hx-get|src|data-url)="(/[^"#]*)`)
	idWords = regexp.MustCompile(`"(id|revision)":\s*"([0-9A-Z]{26})"`)
)

// all follows every plain link from start, and gives each page to see. What is
// meant to show secrets, or never ends, is left out.
func (c *crawler) all(start []string, most int, see func(path string, status int, body []byte)) int {
	seen := map[string]bool{}
	todo := start
	for len(todo) > 0 && len(seen) < most {
		path := todo[0]
		todo = todo[1:]
		plain, _, _ := strings.Cut(path, "?")
		if seen[path] || strings.HasSuffix(plain, "/raw") || plain == "/events" || strings.HasPrefix(plain, "/static/") {
			continue
		}
		seen[path] = true
		status, body := c.get(path)
		see(path, status, body)
		for _, m := range hrefs.FindAllSubmatch(body, -1) {
			todo = append(todo, html.UnescapeString(string(m[1])))
		}
	}
	return len(seen)
}

// TestNoSecretLeavesItsPlace runs the demo and looks for every secret of its
// credentials and of its devices' texts in all that the program leaves behind
// or says.
func TestNoSecretLeavesItsPlace(t *testing.T) {
	t.Parallel()
	dir, truth := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "truth.json")
	p := serve(t, "--demo", "--data", dir, "--truth", truth)
	token, code, err := ask(t, "admin", "token", "--data", dir, "--user", "ci", "--role", "admin", "--for", "1h")
	if code != 0 {
		t.Fatal(err)
	}
	token = strings.TrimSpace(token)
	secrets := canaries{}
	lab, err := sim.New(sim.Options{Seed: 1, Plan: "campus"})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(\w+): "([^"]+)"`).FindAllSubmatch(lab.CredentialsFile(), -1) {
		secrets.add("the credentials' "+string(m[1]), string(m[2]))
	}
	if len(secrets) < 5 {
		t.Fatalf("%d secrets in the credentials, want 5", len(secrets))
	}
	secrets.add("the token", token)
	if m := regexp.MustCompile(`/setup\?token=(\S+)`).FindStringSubmatch(p.said()); m != nil {
		secrets.add("the set-up link", m[1])
	}

	for limit := time.Now().Add(120 * time.Second * slower); ; time.Sleep(200 * time.Millisecond) {
		if _, err := os.Stat(truth); err == nil {
			break // written when everything is backed up
		}
		if time.Now().After(limit) {
			t.Fatalf("not everything was backed up within 120 s\n%s", p.stderr())
		}
	}
	texts := secrets.ofDevices(t, dir)

	web := &crawler{t: t, base: p.base, token: token}
	start := []string{"/", "/me", "/api/v1/openapi.json"}
	for _, l := range []string{"/devices", "/changes", "/topology", "/drift", "/compliance/results", "/discovery/candidates"} {
		start = append(start, l, l+".csv", l+".json")
	}
	for _, l := range []string{"devices", "links", "unresolved", "changes", "compliance/results", "drift", "discovery"} {
		start = append(start, "/api/v1/"+l)
	}
	_, devices := web.get("/api/v1/devices?limit=100")
	for _, m := range idWords.FindAllSubmatch(devices, -1) {
		if id := string(m[2]); string(m[1]) == "revision" {
			start = append(start, "/configs/"+id, "/configs/"+id+"/text")
		} else {
			start = append(start, "/api/v1/devices/"+id, "/api/v1/devices/"+id+"/facts", "/api/v1/devices/"+id+"/configs", "/devices/"+id+"/facts",
				"/devices/"+id+"/interfaces.csv", "/devices/"+id+"/configs.json", "/devices/"+id+"/events.csv")
		}
	}
	most := 300
	if testing.Short() {
		most = 100
	}
	good, noAssets, size := 0, 0, 0
	pages := web.all(start, most, func(path string, status int, body []byte) {
		size += len(body)
		switch {
		case status == http.StatusServiceUnavailable:
			noAssets++
		case status >= 500:
			t.Errorf("%s answers %d", path, status)
		case status == http.StatusOK:
			good++
		}
		for _, h := range secrets.found(body) {
			t.Errorf("%s shows %s", path, h)
		}
	})
	if noAssets > 0 {
		if os.Getenv("CI") == "true" {
			t.Errorf("%d pages were not read: the assets are not built", noAssets)
		}
		t.Logf("%d pages were not read: the assets are not built", noAssets)
	} else if good < most*9/10 {
		t.Errorf("only %d of %d pages answered 200", good, pages)
	}

	for _, args := range [][]string{{"history", "ber-core1", "--json"}, {"show", "ham-fw1", "--masked"}, {"show", "ber-core1", "--masked"}, {"show", "ham-core1", "--masked"},
		{"admin", "stats", "--json"}, {"admin", "users", "--json"}, {"admin", "verify"}} {
		out, _, err := ask(t, append(args, "--data", dir)...)
		if err != nil {
			out += err.Error()
		}
		for _, h := range secrets.found([]byte(out)) {
			t.Errorf("%v shows %s", args, h)
		}
	}
	hits, _ := secrets.files(t, dir) // with the write-ahead log and the queue as they are
	if code := p.end(syscall.SIGTERM); code != 0 {
		t.Errorf("stopped with SIGTERM: exit %d", code)
	}
	after, bytesKept := secrets.files(t, dir)
	for _, h := range append(hits, after...) {
		t.Errorf("the data directory holds %s", h)
	}
	for _, h := range secrets.found([]byte(p.stderr())) {
		t.Errorf("the log holds %s", h)
	}
	t.Logf("%d secrets of the credentials and of %d texts: looked for in %d pages (%d of them 200, %d KiB), %d KiB of files, %d KiB of log",
		len(secrets), texts, pages, good, size>>10, bytesKept>>10, len(p.stderr())>>10)
}

// TestTheLookForSecretsFindsThem plants secrets where the test above looks.
func TestTheLookForSecretsFindsThem(t *testing.T) {
	secrets := canaries{}
	secrets.add("a password", `Sim-"<canary>&/9`)
	dir := t.TempDir()
	if hits, _ := secrets.files(t, dir); len(hits) != 0 {
		t.Errorf("an empty directory holds %v", hits)
	}
	if err := os.WriteFile(filepath.Join(dir, "plumbline.db-wal"), []byte("\x00\x01Sim-\"<canary>&/9\x02"), 0o600); err != nil {
		t.Fatal(err)
	}
	if hits, size := secrets.files(t, dir); len(hits) != 1 || size == 0 {
		t.Errorf("a planted secret was found %d times", len(hits))
	}
	for name, page := range map[string]string{
		"html": `<td>Sim-&#34;&lt;canary&gt;&amp;/9</td>`, "json": `{"a":"Sim-\"\u003ccanary\u003e\u0026/9"}`, "url": `/x?p=Sim-%22%3Ccanary%3E%26%2F9`,
		"hex": "53696d2d223c63616e6172793e262f39", "base64": "U2ltLSI8Y2FuYXJ5PiYvOQ==",
	} {
		if hits := secrets.found([]byte(page)); len(hits) != 1 || !strings.Contains(hits[0], name) {
			t.Errorf("%s: found %v", name, hits)
		}
	}
	dir, _ = keep(t)
	of := canaries{}
	of.add("a text that is kept", "password x")
	if out, code, err := ask(t, "show", "core1", "--data", dir); code != 0 || len(of.found([]byte(out))) != 1 {
		t.Errorf("show prints the text with its secrets: exit %d, %v, %q", code, err, out)
	}
	if hits, _ := of.files(t, dir); len(hits) != 0 {
		t.Errorf("the store holds a text unsealed: %v", hits)
	}
}
