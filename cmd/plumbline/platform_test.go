package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/plumbline-net/plumbline/netdev/platform"
)

func TestPlatformListSaysWhatIsProvenAndWhatIsTheOperators(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "platforms"), 0o700); err != nil {
		t.Fatal(err)
	}
	own := map[string]string{"acme_ours.yaml": "id: acme_ours\ntitle: Ours\n", "linux.yaml": "id: linux\ntitle: Our Linux\n"}
	for name, text := range own {
		if err := os.WriteFile(filepath.Join(dir, "platforms", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, code, err := ask(t, "platform", "list", "--data", dir, "--json")
	if code != 0 {
		t.Fatal(err)
	}
	var list []listedPlatform
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	got := map[string]listedPlatform{}
	for _, p := range list {
		got[string(p.ID)] = p
	}
	if p := got["cisco_iosxe"]; !p.Proven || p.Own || p.Family != "indent" || p.Vendor != "cisco" {
		t.Errorf("cisco_iosxe: %+v", p)
	}
	if p := got["acme_ours"]; p.Proven || !p.Own || p.Title != "Ours" {
		t.Errorf("acme_ours: %+v", p)
	}
	if p := got["linux"]; p.Proven || !p.Own {
		t.Errorf("linux, replaced by the operator: %+v: our fixtures do not stand for it", p)
	}
	if out, code, _ := ask(t, "platform", "list", "--data", dir); code != 0 || !strings.Contains(out, "unproven") {
		t.Errorf("the table: exit %d\n%.300s", code, out)
	}
}

func TestPlatformShowPrintsTheFileAndWhatIsTyped(t *testing.T) {
	dir := t.TempDir()
	out, code, err := ask(t, "platform", "show", "juniper_junos", "--data", dir)
	if code != 0 {
		t.Fatal(err)
	}
	p, _, err := platform.BuiltinOne("juniper_junos")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Sent() {
		if !slices.ContainsFunc(strings.Split(out, "\n"), func(l string) bool {
			return strings.HasPrefix(l, "#") && strings.Contains(l, s.Key) && strings.Contains(l, printable(s.Text))
		}) {
			t.Errorf("%s %q is typed and not told", s.Key, s.Text)
		}
	}
	if _, err := platform.Load(oneFile(t, "juniper_junos.yaml", out)); err != nil {
		t.Errorf("what is shown is no platform file: %v", err)
	}
	for name, args := range map[string][]string{"unknown": {"platform", "show", "no_such"}, "none": {"platform", "show"}, "path": {"platform", "show", "../x"}} {
		if out, code, _ := ask(t, append(args, "--data", dir)...); code != 2 || out != "" {
			t.Errorf("%s: exit %d, printed %.40q; want 2 and nothing", name, code, out)
		}
	}
}

// oneFile is a folder that holds one platform file and the vendors.
func oneFile(t *testing.T, name, text string) fstest.MapFS {
	t.Helper()
	return fstest.MapFS{name: {Data: []byte(text)}}
}
