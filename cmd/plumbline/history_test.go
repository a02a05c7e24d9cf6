package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/netdev"
)

// ask runs a command and gives what it printed and its exit code.
func ask(t *testing.T, args ...string) (string, int, error) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	code := 0
	if e, ok := errors.AsType[*exitError](err); ok {
		code = e.code
	} else if err != nil {
		code = 2
	}
	return out.String(), code, err
}

// keep makes a data directory with one device of two revisions.
func keep(t *testing.T) (dir string, revs []configstore.Revision) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	d, err := app.OpenData(t.Context(), app.DataOptions{Dir: dir, Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	dev, err := d.DB.AddDevice(t.Context(), netdev.Device{Name: "core1.example.net"})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range []string{"a\xff\x00\n", "b\n\n"} {
		st, err := d.Store.Put(t.Context(), configstore.Capture{Device: dev.ID, Source: configstore.Running, Raw: []byte(s + "password x"),
			Text: []byte(s + "password <1>"), Attempt: configstore.Attempt{Ended: time.Date(2026, 3, 1+i, 0, 0, 0, 0, time.UTC)}}, configstore.Fence{})
		if err != nil {
			t.Fatal(err)
		}
		revs = append(revs, st.Revision)
	}
	return dir, revs
}

func TestHistoryTellsTheHashOfWhatShowPrints(t *testing.T) {
	dir, revs := keep(t)
	out, code, err := ask(t, "history", "CORE1", "--data", dir, "--json")
	if code != 0 {
		t.Fatal(err)
	}
	var got struct {
		Device    string
		Revisions []struct {
			ID     string
			Time   time.Time
			SHA256 string
			Bytes  int
		}
		Seconds *float64
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Device != "core1.example.net" || len(got.Revisions) != 2 || got.Seconds == nil || got.Revisions[1].ID != string(revs[0].ID) {
		t.Fatalf("history %s, want two revisions, newest first", out)
	}
	for _, r := range got.Revisions {
		text, code, err := ask(t, "show", "core1", "--data", dir, "--revision", r.ID)
		if code != 0 || fmt.Sprintf("%x", sha256.Sum256([]byte(text))) != r.SHA256 || len(text) != r.Bytes {
			t.Errorf("show %s: %q, %v, want %d bytes with hash %s", r.ID, text, err, r.Bytes, r.SHA256)
		}
	}
	if out, _, _ := ask(t, "history", "core1", "--data", dir); strings.Count(out, "\n") != 3 || !strings.Contains(out, string(revs[0].ID)) {
		t.Errorf("table %q, want a header and two lines", out)
	}
}

func TestShowPrintsTheChosenTextByteForByte(t *testing.T) {
	dir, revs := keep(t)
	tests := map[string]struct {
		args []string
		want string
		code int
	}{
		"newest":             {nil, "b\n\npassword x", 0},
		"masked":             {[]string{"--masked"}, "b\n\npassword <1>", 0},
		"at-a-time":          {[]string{"--at", "2026-03-01T12:00:00Z"}, "a\xff\x00\npassword x", 0},
		"by-id":              {[]string{"--revision", string(revs[0].ID)}, "a\xff\x00\npassword x", 0},
		"before-the-first":   {[]string{"--at", "2020-01-01T00:00:00Z"}, "", 1},
		"no-startup":         {[]string{"--source", "startup"}, "", 1},
		"unknown-revision":   {[]string{"--revision", "nothing"}, "", 1},
		"not-a-time":         {[]string{"--at", "yesterday"}, "", 2},
		"two-choices":        {[]string{"--at", "2026-03-01T12:00:00Z", "--revision", "x"}, "", 2},
		"revision-elsewhere": {[]string{"--source", "startup", "--revision", string(revs[0].ID)}, "", 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			out, code, err := ask(t, append([]string{"show", "core1", "--data", dir}, tc.args...)...)
			if out != tc.want || code != tc.code {
				t.Errorf("%q, exit %d (%v), want %q, exit %d", out, code, err, tc.want, tc.code)
			}
		})
	}
	if _, code, _ := ask(t, "show", "nobody", "--data", dir); code != 2 {
		t.Errorf("unknown device: exit %d, want 2", code)
	}
}

func TestReadingMakesNoDataDirectory(t *testing.T) {
	for _, args := range [][]string{{"history", "x"}, {"show", "x"}, {"admin", "stats"}, {"admin", "verify"}} {
		dir := filepath.Join(t.TempDir(), "none")
		_, code, err := ask(t, append(args, "--data", dir)...)
		if code != 2 || !strings.Contains(fmt.Sprint(err), dir) || strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("%v: exit %d, %v, want 2 and one line that names the directory", args, code, err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%v made %s", args, dir)
		}
	}
}

func TestAnotherMasterKeyIsRefused(t *testing.T) {
	dir, _ := keep(t)
	other, _ := keep(t)
	path := filepath.Join(dir, "master.key")
	key, err := os.ReadFile(filepath.Join(other, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	refused := func(which string) {
		t.Helper()
		out, code, err := ask(t, "show", "core1", "--data", dir)
		if code != 2 || out != "" || !strings.Contains(fmt.Sprint(err), "master key") {
			t.Errorf("%s key: %q, exit %d, %v, want exit 2 and a word about the key", which, out, code, err)
		}
	}
	if err := os.WriteFile(path, key, 0o600); err != nil {
		t.Fatal(err)
	}
	refused("another")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	refused("missing")
	if _, err := os.Stat(path); err == nil {
		t.Error("a new master key was made")
	}
}

func TestStatsAndVerifyCountTheStore(t *testing.T) {
	dir, _ := keep(t)
	out, code, err := ask(t, "admin", "stats", "--data", dir, "--json")
	var s configstore.Stats
	if uerr := json.Unmarshal([]byte(out), &s); code != 0 || uerr != nil {
		t.Fatalf("%s, %v, %v", out, err, uerr)
	}
	stored := s.StoredBytes
	s.StoredBytes = 0
	if want := (configstore.Stats{Devices: 1, Revisions: 2, RawBytes: 27, Whole: 1, Deltas: 1}); s != want || stored == 0 {
		t.Errorf("stats %+v and %d stored, want %+v", s, stored, want)
	}
	out, code, err = ask(t, "admin", "verify", "--data", dir)
	if code != 0 || out != "2 revisions, 0 faults\n" {
		t.Errorf("verify %q, exit %d, %v", out, code, err)
	}
}
