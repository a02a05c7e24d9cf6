package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

func TestSchedulesAreKeptByTheCommandLine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if code, _, errs := runCommand(t, "", "discover", "127.94.8.1", "--save", "--data", dir, "--retries", "0", "--timeout", "50ms"); code > 1 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	schedule := func(args ...string) (int, string, string) {
		return runCommand(t, "", append(append([]string{"admin", "schedule"}, args...), "--data", dir)...)
	}
	list := func() map[string]scheduleLine {
		code, out, errs := schedule("list", "--json")
		var lines []scheduleLine
		if err := json.Unmarshal([]byte(out), &lines); code != 0 || err != nil {
			t.Fatalf("list: exit %d, %v, %q %q", code, err, out, errs)
		}
		by := map[string]scheduleLine{}
		for _, l := range lines {
			by[l.Name] = l
		}
		return by
	}
	if l := list()["Nightly backup"]; !l.Enabled || l.Cron != "0 2 * * *" || len(l.Next) != 5 {
		t.Errorf("a new appliance has %+v, want a nightly backup that is on", l)
	}
	if code, _, errs := schedule("set", "core", "--where", "role:core", "--cron", "30 1 * * 1-5", "--zone", "Europe/Berlin", "--closes", "05:00"); code != 0 {
		t.Fatalf("set: exit %d: %s", code, errs)
	}
	if code, _, errs := schedule("set", "core", "--enabled=false", "--blackout", "2026-12-24 – 2027-01-02"); code != 0 {
		t.Fatalf("change: exit %d: %s", code, errs)
	}
	if l := list()["core"]; l.Enabled || l.Choice != "role:core" || l.Zone != "Europe/Berlin" || l.Words != "Monday to Friday at 01:30, until 05:00" || len(l.Blackouts) != 1 || len(l.Next) != 0 {
		t.Errorf("after a change of two things: %+v", l)
	}
	for name, tc := range map[string]struct {
		args []string
		says string
	}{
		"zone":   {[]string{"set", "x", "--zone", "Mars/Olympus"}, "--zone: "},
		"where":  {[]string{"set", "x", "--where", "nonsense:1"}, "--where: "},
		"device": {[]string{"set", "x", "--exclude", "nobody"}, "nobody"},
		"ranges": {[]string{"set", "x", "--what", "discovery", "--where", "300.1.1.1/24"}, "--where: "},
		"switch": {[]string{"set", "x", "--enabled", "maybe"}, "--enabled"},
	} {
		if code, _, errs := schedule(tc.args...); code != 2 || !strings.Contains(errs, tc.says) {
			t.Errorf("%s: exit %d, %q; want 2 and %q", name, code, errs, tc.says)
		}
	}
	if code, _, _ := schedule("delete", "core"); code != 0 || list()["core"].Name != "" {
		t.Error("deleted, and still there")
	}
	if code, _, _ := schedule("delete", "core"); code != 1 {
		t.Errorf("deleting what is not there: exit %d, want 1", code)
	}
}
