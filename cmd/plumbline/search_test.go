package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/health"
)

func TestSearchPrintsOneObjectALine(t *testing.T) {
	dir, revs := keep(t)
	tests := map[string]struct {
		args []string
		code int
		want string // text of the lines, joined by |
	}{
		"newest":          {[]string{`"<1>"`}, 0, "password <1>"},
		"at-a-time":       {[]string{`/^[ab]/`, "--at", "2026-03-01T12:00:00Z"}, 0, "a\ufffd\x00"},
		"secret":          {[]string{`"password x"`}, 0, ""},
		"nothing":         {[]string{"nothing"}, 0, ""},
		"not-a-query":     {[]string{`/a(/`}, 2, ""},
		"not-a-time":      {[]string{"a", "--at", "yesterday"}, 2, ""},
		"no-such-secret":  {[]string{"secret:same-as(core1:1)"}, 2, ""},
		"no-such-pattern": {[]string{"a name:[x"}, 2, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			out, code, err := ask(t, append([]string{"search", "--data", dir, "--json"}, tc.args...)...)
			if code != tc.code {
				t.Fatalf("exit %d, %v", code, err)
			}
			var got []string
			for line := range strings.Lines(out) {
				var l struct {
					Device, Revision, Text string
					Time                   time.Time
					Line                   int
				}
				if err := json.Unmarshal([]byte(line), &l); err != nil || l.Device != "core1.example.net" || l.Line < 1 || l.Time.IsZero() || (l.Revision != string(revs[0].ID) && l.Revision != string(revs[1].ID)) {
					t.Errorf("line %s: %v", line, err)
				}
				got = append(got, l.Text)
			}
			if s := strings.Join(got, "|"); s != tc.want {
				t.Errorf("found %q, want %q", s, tc.want)
			}
		})
	}
	if _, _, err := ask(t, "search", `ab /a(/`, "--data", dir); !strings.Contains(err.Error(), "\n  ab /a(/\n       ^") {
		t.Errorf("the mistake is not pointed at: %v", err)
	}
}

func TestStatusTellsWhatIsOutOfOrder(t *testing.T) {
	dir, _ := keep(t)
	if _, code, err := ask(t, "admin", "verify", "--data", dir); code != 0 {
		t.Fatal(err)
	}
	out, code, _ := ask(t, "admin", "status", "--data", dir, "--json")
	var got struct {
		Level       health.Level
		Lines       []health.Line
		Revisions   int
		SelfChecks  map[string]struct{ Seen int } `json:"self_checks"`
		Disk        health.Disk
		AuditNumber *int `json:"audit_records"`
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	// The device was read in March: that night has no backup.
	if code != 1 || got.Level != health.Bad || len(got.Lines) < 10 || got.Revisions != 2 || got.SelfChecks["store"].Seen != 2 || got.Disk.Database == 0 || got.AuditNumber == nil {
		t.Errorf("exit %d, %s", code, out)
	}
	if out, _, _ := ask(t, "admin", "status", "--data", dir); !strings.Contains(out, "bad") || strings.Count(out, "\n") != len(got.Lines) {
		t.Errorf("for people: %s", out)
	}
}
