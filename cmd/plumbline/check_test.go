package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const ownPack = `pack: {id: own, version: 1.0.0, title: Own}
rules:
  - id: own-no-telnet
    title: No telnet
    severity: high
    scope: {platform: [cisco_iosxe]}
    check: {lines: {none_of: [line vty ** / transport input telnet]}}
    controls: {nist80053: [CM-7 b]}
    tests:
      - {name: ssh, platform: cisco_iosxe, expect: pass, config: "line vty 0 4\n transport input ssh\n"}
      - {name: telnet, platform: cisco_iosxe, expect: fail, evidence_line: 2, config: "line vty 0 4\n transport input telnet\n"}
`

// checked writes files into one directory and runs check there.
func checked(t *testing.T, files map[string]string, args ...string) (string, int) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("XDG_STATE_HOME", dir) // the key of the fingerprints
	var out bytes.Buffer
	root := newRoot()
	root.SetOut(&out)
	root.SetArgs(append([]string{"check", "--platform", "cisco_iosxe"}, args...))
	err := root.ExecuteContext(t.Context())
	if err == nil {
		return out.String(), 0
	}
	if e, ok := errors.AsType[*exitError](err); ok && e.code == 1 { // the answer is no, and it is printed
		return out.String(), e.code
	}
	return out.String() + err.Error(), 2
}

func TestAPackThatDoesNotProveItselfIsRefused(t *testing.T) {
	tests := map[string]struct{ old, new, says string }{
		"an-example-disagrees":   {"expect: fail, evidence_line: 2", "expect: pass", `example "telnet": the verdict is fail`},
		"evidence-somewhere":     {"evidence_line: 2", "evidence_line: 1", "not line 1 first"},
		"no-example-that-fails":  {"      - {name: telnet", "#     - {name: telnet", "needs an example that passes and one that fails"},
		"outside-its-own-scope":  {"platform: cisco_iosxe, expect: pass", "platform: cisco_nxos, expect: pass", "outside the scope"},
		"a-word-nobody-knows":    {"none_of", "never_of", "never_of"},
		"a-platform-nobody-made": {"platform: cisco_iosxe, expect: pass", "platform: acme_os, expect: pass", `no platform "acme_os"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			pack := strings.Replace(ownPack, tt.old, tt.new, 1)
			out, code := checked(t, map[string]string{"own.yaml": pack, "a.cfg": "hostname a\n"}, "--pack", "own.yaml", "a.cfg")
			if code != 2 || !strings.Contains(out, tt.says) {
				t.Errorf("exit %d, %q; want 2 and %q", code, out, tt.says)
			}
		})
	}
	out, code := checked(t, map[string]string{"own.yaml": ownPack, "a.cfg": "line vty 0 4\n transport input telnet\n"}, "--pack", "own.yaml", "a.cfg")
	if code != 1 || !strings.Contains(out, "own-no-telnet") {
		t.Errorf("exit %d, %q; want 1 and the rule", code, out)
	}
}

func TestAWaiverTurnsAFailureIntoWaivedUntilItEnds(t *testing.T) {
	waivers := func(rest string) string {
		return "waivers:\n  - {id: W-1, rule: own-no-telnet, reason: replaced in spring, approver: mk, " + rest + "}\n"
	}
	tests := map[string]struct {
		file, want string
		code       int
	}{
		"holds":          {waivers("created: 2026-01-01T00:00:00Z, expires: 2026-12-31T00:00:00Z, device: a"), "waived", 0},
		"of-another":     {waivers("created: 2026-01-01T00:00:00Z, expires: 2026-12-31T00:00:00Z, device: b"), "fail", 1},
		"over":           {waivers("created: 2020-01-01T00:00:00Z, expires: 2020-12-31T00:00:00Z"), "fail", 1},
		"for-ever":       {waivers("created: 2026-01-01T00:00:00Z"), "expires: missing", 2},
		"for-two-years":  {waivers("created: 2026-01-01T00:00:00Z, expires: 2028-01-01T00:00:00Z"), "at most a year", 2},
		"without-reason": {strings.Replace(waivers("created: 2026-01-01T00:00:00Z, expires: 2026-12-31T00:00:00Z"), "replaced in spring", "later", 1), "reason: at least 10", 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, code := checked(t, map[string]string{"own.yaml": ownPack, "w.yaml": tt.file, "a.cfg": "line vty 0 4\n transport input telnet\n"},
				"--pack", "own.yaml", "--waivers", "w.yaml", "a.cfg")
			if code != tt.code || !strings.Contains(out, tt.want) {
				t.Errorf("exit %d, %q; want %d and %q", code, out, tt.code, tt.want)
			}
		})
	}
}

func TestCheckAnswersInTheFormsThatPipelinesRead(t *testing.T) {
	files := map[string]string{"own.yaml": ownPack, "a.cfg": "line vty 0 4\n transport input telnet\n", "b.cfg": "hostname b\n"}
	out, _ := checked(t, files, "--pack", "own.yaml", "--format", "sarif", "a.cfg", "b.cfg")
	var log sarifLog
	if err := json.Unmarshal([]byte(out), &log); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	r := log.Runs[0].Results
	if len(r) != 2 || r[0].Kind != "fail" || r[0].Level != "error" || r[0].Locations[0].Physical.Region.StartLine != 2 || r[1].Kind != "pass" || r[1].Level != "none" {
		t.Errorf("SARIF results %+v", r)
	}
	out, _ = checked(t, files, "--pack", "own.yaml", "--format", "junit", "a.cfg", "b.cfg")
	var suites junitSuites
	if err := xml.Unmarshal([]byte(out), &suites); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if s := suites.Suites; len(s) != 2 || s[0].Failures != 1 || s[1].Failures != 0 || !strings.Contains(s[0].Cases[0].Failure.Text, "2:  transport input telnet") {
		t.Errorf("JUnit suites %+v", s)
	}
	if out, code := checked(t, files, "--format", "pdf", "a.cfg"); code != 2 || !strings.Contains(out, "--format") {
		t.Errorf("exit %d, %q; want 2 and the flag", code, out)
	}
}
