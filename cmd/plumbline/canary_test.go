package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/app"
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
type canaries struct {
	what  map[string]string // by secret
	by    map[uint64][]dress
	first [1 << 16]bool // two bytes with which some dress begins
}

type dress struct{ secret, how, text string }

const leastSecret = 8 // bytes; anything shorter is found by chance

func newCanaries() *canaries { return &canaries{what: map[string]string{}, by: map[uint64][]dress{}} }

func (c *canaries) add(what, secret string) {
	if len(secret) < leastSecret || c.what[secret] != "" {
		return
	}
	c.what[secret] = what
	page := html.EscapeString(secret)
	js, _ := json.Marshal(secret)
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(secret)
	dresses := []dress{{how: "plain", text: secret}, {how: "html", text: page}, {how: "html", text: strings.ReplaceAll(page, "+", "&#43;")}, {how: "json", text: string(js[1 : len(js)-1])},
		{how: "json", text: plain.String()[1 : plain.Len()-2]}, {how: "csv", text: strings.ReplaceAll(secret, `"`, `""`)}, {how: "url", text: url.QueryEscape(secret)}, {how: "url", text: url.PathEscape(secret)},
		{how: "hex", text: hex.EncodeToString([]byte(secret))}, {how: "hex", text: strings.ToUpper(hex.EncodeToString([]byte(secret)))}}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for off := range 3 { // wherever it begins among what stands before it
			text := enc.EncodeToString(append(make([]byte, off), secret...))
			dresses = append(dresses, dress{how: "base64", text: text[(off*8+5)/6 : (off+len(secret))*8/6]})
		}
	}
	for i, d := range dresses {
		if slices.ContainsFunc(dresses[:i], func(x dress) bool { return x.text == d.text }) {
			continue
		}
		d.secret = secret
		key := binary.LittleEndian.Uint64([]byte(d.text))
		c.by[key] = append(c.by[key], d)
		c.first[uint16(key)] = true
	}
}

// found names what of the canaries lies in b, plain or in a usual dress; those
// of echo were typed by the one who is shown them.
func (c *canaries) found(b []byte, echo ...string) (hits []string) {
	for i := range max(0, len(b)-7) {
		if !c.first[binary.LittleEndian.Uint16(b[i:])] {
			continue
		}
		for _, d := range c.by[binary.LittleEndian.Uint64(b[i:])] {
			hit := c.what[d.secret] + " (" + d.how + ")"
			if bytes.HasPrefix(b[i:], []byte(d.text)) && !slices.Contains(echo, d.secret) && !slices.Contains(hits, hit) {
				hits = append(hits, hit)
			}
		}
	}
	return hits
}

// files looks through every file below dir and counts their bytes.
func (c *canaries) files(t *testing.T, dir string) (hits []string, size int) {
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
func (c *canaries) ofDevices(t *testing.T, dir string) (texts int) {
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

// lookedAt counts what was looked at.
type lookedAt struct{ pages, good, searches, commands, messages, size int }

// TestNoSecretLeavesItsPlace gives a demo every kind of secret, in the ways
// that people give them, and looks for each of them, and for every secret of
// the devices' texts, in all that the program leaves behind or says.
func TestNoSecretLeavesItsPlace(t *testing.T) {
	beside(t)
	t.Parallel()
	dir, truth := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "truth.json")
	p := serve(t, "--demo", "--data", dir, "--truth", truth, "--settings", textFile(t, "settings.yaml", "log: {level: debug}\n"))
	g := newGiver(t, p, dir)
	g.setUp()
	g.webhook()
	g.accounts()
	g.credentials()
	g.brokenFiles()

	for limit := time.Now().Add(120 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		if _, err := os.Stat(truth); err == nil {
			break // written when everything is backed up
		}
		if time.Now().After(limit) {
			t.Fatalf("not everything was backed up within 120 s\n%s", p.stderr())
		}
	}
	before := len(g.secrets.what)
	texts := g.secrets.ofDevices(t, dir)
	ofTexts := len(g.secrets.what) - before
	g.useAtADevice()
	g.hear()

	g.crawl(450)
	g.search()
	g.commands()
	g.delivered()
	hits, _ := g.secrets.files(t, dir) // with the write-ahead log and the queue as they are
	if code := p.end(syscall.SIGTERM); code != 0 {
		t.Errorf("stopped with SIGTERM: exit %d", code)
	}
	after, kept := g.secrets.files(t, dir)
	for _, h := range append(hits, after...) {
		t.Errorf("the data directory holds %s", h)
	}
	for _, h := range g.secrets.found([]byte(p.stderr())) {
		t.Errorf("the log holds %s", h)
	}
	for _, h := range g.secrets.found([]byte(p.said()), g.link) {
		t.Errorf("the standard output holds %s", h)
	}
	n := g.n
	t.Logf("%d secrets, %d of them given and %d of %d texts of devices: looked for in %d pages (%d of them 200, %d KiB), %d searches for them, %d command lines, %d messages of the webhook, %d KiB of files, %d KiB of log",
		len(g.secrets.what), len(g.secrets.what)-ofTexts, ofTexts, texts, n.pages, n.good, n.size>>10, n.searches, n.commands, n.messages, kept>>10, len(p.stderr())>>10)
}

// TestTheLookForSecretsFindsThem plants secrets where the test above looks.
func TestTheLookForSecretsFindsThem(t *testing.T) {
	secrets := newCanaries()
	secrets.add("a password", `Sim-"<canary>&+/9`)
	dir := t.TempDir()
	if hits, _ := secrets.files(t, dir); len(hits) != 0 {
		t.Errorf("an empty directory holds %v", hits)
	}
	if err := os.WriteFile(filepath.Join(dir, "plumbline.db-wal"), []byte("\x00\x01Sim-\"<canary>&+/9\x02"), 0o600); err != nil {
		t.Fatal(err)
	}
	if hits, size := secrets.files(t, dir); len(hits) != 1 || size == 0 {
		t.Errorf("a planted secret was found %d times", len(hits))
	}
	for name, page := range map[string]string{
		"html": `<td>Sim-&#34;&lt;canary&gt;&amp;&#43;/9</td>`, "json": `{"a":"Sim-\"\u003ccanary\u003e\u0026+/9"}`, "csv": `1,"Sim-""<canary>&+/9"`, "url": `/x?p=Sim-%22%3Ccanary%3E%26%2B%2F9`,
		"hex": "53696d2d223c63616e6172793e262b2f39", "base64": "eHlTaW0tIjxjYW5hcnk+JisvOXo=",
	} {
		if hits := secrets.found([]byte(page)); len(hits) != 1 || !strings.Contains(hits[0], name) {
			t.Errorf("%s: found %v", name, hits)
		}
	}
	dir, _ = keep(t)
	of := newCanaries()
	of.add("a text that is kept", "password x")
	if out, code, err := ask(t, "show", "core1", "--data", dir); code != 0 || len(of.found([]byte(out))) != 1 {
		t.Errorf("show prints the text with its secrets: exit %d, %v, %q", code, err, out)
	}
	if hits, _ := of.files(t, dir); len(hits) != 0 {
		t.Errorf("the store holds a text unsealed: %v", hits)
	}
}
