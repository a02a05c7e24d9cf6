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

const recordedWalks = "../../netdev/platform/testdata"

// offline runs the program's command line and gives what it printed and its
// exit code.
func offline(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var out bytes.Buffer
	root := newRoot()
	root.SetOut(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	if err == nil {
		return out.String(), 0
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return out.String(), e.code
	}
	return out.String(), 2
}

func TestIdentifyAnswersInArgumentOrder(t *testing.T) {
	first, second := recordedWalks+"/mikrotik_routeros/walk.snmprec", recordedWalks+"/arista_eos/walk.snmprec"
	out, code := offline(t, "identify", first, recordedWalks+"/nothing.snmprec", second, "--json")
	if code != 2 {
		t.Errorf("exit %d with an unreadable file, want 2", code)
	}
	var files, platforms []string
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		var o struct{ File, Platform string }
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		files, platforms = append(files, o.File), append(platforms, o.Platform)
	}
	if len(files) != 2 || files[0] != first || files[1] != second || platforms[0] != "mikrotik_routeros" || platforms[1] != "arista_eos" {
		t.Errorf("files %q, platforms %q", files, platforms)
	}
}

func TestTopologyOfADirectoryJoinsItsDevices(t *testing.T) {
	dir := t.TempDir()
	for _, id := range []string{"cisco_iosxe", "juniper_junos"} {
		b, err := os.ReadFile(filepath.Join(recordedWalks, id, "walk.snmprec"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, id+".snmprec"), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, code := offline(t, "topology", dir, "--json")
	if code != 0 {
		t.Fatalf("exit %d", code)
	}
	var g struct {
		Devices    []struct{ ID, Name, Kind string }
		Links      []struct{ Evidence []string }
		Unresolved []struct{ Reason string }
	}
	if err := json.Unmarshal([]byte(out), &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Devices) != 2 || g.Devices[0].Name != "orchard-dist1.example.net" || len(g.Links) != 1 || len(g.Unresolved) != 2 {
		t.Errorf("%+v", g)
	}
	if out, code := offline(t, "topology", dir); code != 0 || !strings.Contains(out, "2 devices, 1 links") {
		t.Errorf("exit %d, %s", code, out)
	}
	if _, code := offline(t, "topology", t.TempDir()); code != 2 {
		t.Errorf("exit %d for an empty directory, want 2", code)
	}
}
