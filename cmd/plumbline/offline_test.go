package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runCommand runs one command line and gives its exit code and outputs.
func runCommand(t *testing.T, stdin string, args ...string) (int, string, string) {
	t.Helper()
	root := newRoot()
	var out, errs bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&errs)
	root.SetIn(strings.NewReader(stdin))
	root.SetArgs(args)
	err := root.Execute()
	if err == nil {
		return 0, out.String(), errs.String()
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code, out.String(), errs.String() + err.Error()
	}
	return 2, out.String(), errs.String() + err.Error()
}

func textFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRedactMasksAndKeepsEveryOtherByte(t *testing.T) {
	t.Setenv("STATE_DIRECTORY", t.TempDir())
	in := "Building configuration...\r\nenable secret Canary1x\r\nhostname a"
	code, out, _ := runCommand(t, in, "redact", "--platform", "cisco_ios", "-")
	if code != 0 || !strings.HasPrefix(out, "Building configuration...\r\nenable secret <secret:") || !strings.HasSuffix(out, ">\r\nhostname a") {
		t.Errorf("exit %d, %q", code, out)
	}
	_, again, _ := runCommand(t, in, "redact", "--platform", "generic", "-")
	if again != out {
		t.Errorf("another run, another fingerprint: %q and %q", out, again)
	}
	info, err := os.Stat(filepath.Join(os.Getenv("STATE_DIRECTORY"), "offline.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v %v", info, err)
	}
	key := textFile(t, "key", "0123456789abcdef0123456789abcdef")
	if _, other, _ := runCommand(t, in, "redact", "--platform", "cisco_ios", "--key", key, "-"); other == out {
		t.Error("another key, the same fingerprint")
	}
}

func TestRedactWithoutAPlaceForItsKeySaysSo(t *testing.T) {
	t.Setenv("STATE_DIRECTORY", filepath.Join(textFile(t, "file", ""), "below"))
	code, out, errs := runCommand(t, "enable secret Canary1x\n", "redact", "--platform", "cisco_ios", "-")
	if code != 0 || strings.Contains(out, "Canary1x") || !strings.Contains(errs, "this run only") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

func TestParseShowsNoSecretAndRendersEveryByte(t *testing.T) {
	t.Setenv("STATE_DIRECTORY", t.TempDir())
	in := "interface e1\r\n  description x\n\nenable secret Canary1x\nend\n"
	if _, out, _ := runCommand(t, in, "parse", "--platform", "cisco_ios", "--render", "-"); out != in {
		t.Errorf("rendered %q", out)
	}
	code, out, _ := runCommand(t, in, "parse", "--platform", "cisco_ios", "--json", "-")
	var doc struct {
		Platform     string
		Lines        int
		UnknownLines int `json:"unknown_lines"`
		Tree         struct {
			Children []struct {
				Key, Text, Kind string
				From, To        int
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 0 {
		t.Fatal(code, err)
	}
	if strings.Contains(out, "Canary1x") || doc.Lines != 5 || doc.UnknownLines != 0 || len(doc.Tree.Children) != 2 || doc.Tree.Children[1].From != 4 {
		t.Errorf("%s", out)
	}
}

func TestDiffSaysWhetherTheMeaningDiffers(t *testing.T) {
	t.Setenv("STATE_DIRECTORY", t.TempDir())
	old := textFile(t, "old", "! Last configuration change at noon by ann\nntp server 192.0.2.1\ninterface Gi0/1\n description a\nenable secret Canary1x\n")
	tests := map[string]struct {
		text string
		args []string
		code int
		want string
	}{
		"noise-only":  {"! Last configuration change at dusk by bob\nntp server 192.0.2.1\ninterface Gi0/1\n description a\nenable secret Canary1x\n", []string{"--json"}, 0, `"equal": true`},
		"a-change":    {"ntp server 192.0.2.1\ninterface Gi0/1\n description b\nenable secret Canary1x\n", []string{"--json"}, 1, `"new_line": 3`},
		"a-secret":    {"ntp server 192.0.2.1\ninterface Gi0/1\n description a\nenable secret Canary2x\n", []string{"--json"}, 1, `"op": "secret"`},
		"as-text":     {"ntp server 192.0.2.1\ninterface Gi0/1\n description b\nenable secret Canary1x\n", []string{"--unified"}, 1, "+ description b\n"},
		"text-equal":  {"ntp server 192.0.2.1\ninterface Gi0/1\n description a\nenable secret Canary1x\n", []string{"--unified"}, 0, ""},
		"text-json":   {"ntp server 192.0.2.1\ninterface Gi0/1\n description b\nenable secret Canary1x\n", []string{"--unified", "--json"}, 1, `"op": "+"`},
		"for-people":  {"ntp server 192.0.2.1\ninterface Gi0/1\n description b\nenable secret Canary1x\n", nil, 1, "interface GigabitEthernet0/1 / description"},
		"people-same": {"ntp server 192.0.2.1\ninterface Gi0/1\n description a\nenable secret Canary1x\n", nil, 0, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"diff", "--platform", "cisco_ios", old, textFile(t, "new", tc.text)}, tc.args...)
			code, out, errs := runCommand(t, "", args...)
			if code != tc.code || !strings.Contains(out, tc.want) || tc.want == "" && out != "" {
				t.Errorf("exit %d, %s%s", code, out, errs)
			}
			if strings.Contains(out+errs, "Canary") {
				t.Errorf("a secret in %s%s", out, errs)
			}
		})
	}
}

func TestWrongUseOfOfflineCommandsIsExitTwo(t *testing.T) {
	file := textFile(t, "f", "a\n")
	tests := map[string][]string{
		"unknown-platform": {"parse", "--platform", "no_such", file, "--render"},
		"path-as-platform": {"parse", "--platform", "../data/generic", file, "--render"},
		"no-platform":      {"redact", file},
		"no-file":          {"diff", "--platform", "generic", file, file + "x"},
		"two-forms":        {"parse", "--platform", "generic", file, "--render", "--json"},
		"short-key":        {"redact", "--platform", "generic", "--key", file, file},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("STATE_DIRECTORY", t.TempDir())
			if code, out, errs := runCommand(t, "", args...); code != 2 || out != "" || errs == "" {
				t.Errorf("exit %d, %q, %q", code, out, errs)
			}
		})
	}
}
