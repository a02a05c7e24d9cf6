package health

import (
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

var now = time.Date(2026, 3, 14, 9, 30, 0, 0, time.UTC)

func healthy() Status {
	return Status{Now: now, Pulse: now.Add(-4 * time.Second), Night: Night{Changed: 2, Unchanged: 8}, Texts: Texts{Devices: 10, Fresh: 10}, Queue: Queue{Running: 3},
		Disk: Disk{Database: 50 << 20, Free: 100 << 30, Total: 200 << 30, PerDay: 1 << 20, DaysLeft: 3650}, Records: 200, Revisions: 40, Key: "/keys/master",
		Checks: map[string]SelfCheck{StoreCheck: {At: now.Add(-24 * time.Hour), Seen: 40}, AuditCheck: {At: now.Add(-time.Hour), Seen: 190}, AnchorCheck: {At: now.Add(-time.Minute), Seen: 199}}}
}

// Every alarm can be brought about, says what to do and where, and clears.
func TestEveryAlarmCanBeBroughtAboutAndClears(t *testing.T) {
	check := func(kind string, c SelfCheck) func(*Status) {
		return func(f *Status) {
			m := map[string]SelfCheck{}
			for k, v := range f.Checks {
				m[k] = v
			}
			m[kind] = c
			f.Checks = m
		}
	}
	tests := map[string]struct {
		key   string
		level Level
		make  func(*Status)
	}{
		"disk-full":  {"store", Bad, func(f *Status) { f.Outage = &Outage{Kind: "full", Text: "The disk is full", Since: now} }},
		"locked":     {"store", Bad, func(f *Status) { f.Outage = &Outage{Kind: "busy", Text: "Busy", Since: now} }},
		"read-only":  {"store", Bad, func(f *Status) { f.Outage = &Outage{Kind: "read-only", Text: "Read-only", Since: now} }},
		"disk-fails": {"store", Bad, func(f *Status) { f.Outage = &Outage{Kind: "disk", Text: "Fails", Since: now} }},
		"some-failed": {"night", Warn, func(f *Status) {
			f.Night = Night{Unchanged: 9, Failed: 1, Reasons: map[netdev.Reason]int{netdev.AuthFailed: 1}}
		}},
		"many-failed": {"night", Bad, func(f *Status) {
			f.Night = Night{Unchanged: 6, Failed: 4, Reasons: map[netdev.Reason]int{netdev.AuthFailed: 4}}
		}},
		"no-night-at-all":      {"night", Bad, func(f *Status) { f.Night = Night{} }},
		"stale":                {"texts", Bad, func(f *Status) { f.Texts = Texts{Devices: 10, Fresh: 9, Stale: 1} }},
		"never-read":           {"texts", Warn, func(f *Status) { f.Texts = Texts{Devices: 10, Fresh: 9, Never: 1} }},
		"jobs-wait":            {"queue", Warn, func(f *Status) { f.Queue = Queue{Waiting: 5, Oldest: now.Add(-20 * time.Minute)} }},
		"jobs-wait-for-long":   {"queue", Bad, func(f *Status) { f.Queue = Queue{Waiting: 5, Oldest: now.Add(-3 * time.Hour)} }},
		"worker-silent":        {"workers", Bad, func(f *Status) { f.Queue = Queue{Running: 3, Silent: 1} }},
		"little-room":          {"disk", Warn, func(f *Status) { f.Disk.Free = 500 << 20 }},
		"no-room":              {"disk", Bad, func(f *Status) { f.Disk.Free = 10 << 20 }},
		"full-in-a-month":      {"disk", Warn, func(f *Status) { f.Disk.DaysLeft = 20 }},
		"full-in-days":         {"disk", Bad, func(f *Status) { f.Disk.DaysLeft = 3 }},
		"server-silent":        {"server", Bad, func(f *Status) { f.Pulse = now.Add(-10 * time.Minute) }},
		"texts-damaged":        {"store-check", Bad, check(StoreCheck, SelfCheck{At: now, Seen: 40, Faults: 1, Detail: "revision 3 is lost"})},
		"store-check-late":     {"store-check", Warn, check(StoreCheck, SelfCheck{At: now.Add(-10 * 24 * time.Hour), Seen: 40})},
		"store-check-too-late": {"store-check", Bad, check(StoreCheck, SelfCheck{At: now.Add(-20 * 24 * time.Hour), Seen: 40})},
		"chain-broken":         {"audit-check", Bad, check(AuditCheck, SelfCheck{At: now, Seen: 3, Faults: 1, Detail: "record 4 was changed"})},
		"chain-check-late":     {"audit-check", Warn, check(AuditCheck, SelfCheck{At: now.Add(-72 * time.Hour), Seen: 3})},
		"anchor-late":          {"anchor", Warn, check(AnchorCheck, SelfCheck{At: now.Add(-5 * time.Hour), Seen: 199})},
		"older-database":       {"anchor", Bad, check(AnchorCheck, SelfCheck{At: now, Seen: 900})},
		"others-may-read":      {"files", Bad, func(f *Status) { f.Files = []string{"/keys/master has mode 644"} }},
	}
	line := func(f Status, key string) Line {
		for _, l := range Judge(f) {
			if l.Key == key {
				return l
			}
		}
		t.Fatalf("no line %q", key)
		return Line{}
	}
	for _, l := range Judge(healthy()) {
		if l.Level != OK || l.Do != "" {
			t.Errorf("of a healthy appliance: %+v", l)
		}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := healthy()
			tc.make(&f)
			l := line(f, tc.key)
			if l.Level != tc.level || l.Text == "" || l.Do == "" || l.Href == "" || Worst(Judge(f)) != tc.level {
				t.Errorf("%+v, want %s with what to do and where", l, tc.level)
			}
			if l := line(healthy(), tc.key); l.Level != OK {
				t.Errorf("it does not clear: %+v", l)
			}
		})
	}
}

func TestAnEmptyApplianceHasNoAlarm(t *testing.T) {
	f := Status{Now: now, Disk: Disk{Free: 100 << 30, Total: 200 << 30, DaysLeft: -1}, Key: "/keys/master"}
	for _, l := range Judge(f) {
		if l.Level == Bad || l.Level == Warn {
			t.Errorf("%+v", l)
		}
	}
}
