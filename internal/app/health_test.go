package app

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/health"
	"github.com/plumbline-net/plumbline/netdev"
)

func lineOf(t *testing.T, a *Appliance, key string) health.Line {
	t.Helper()
	f, err := a.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range health.Judge(f) {
		if l.Key == key {
			return l
		}
	}
	t.Fatalf("no line %q", key)
	return health.Line{}
}

// What is measured turns the lines, on a real directory.
func TestAlarmsFollowWhatIsMeasured(t *testing.T) {
	l := newLibrary(t)
	a := l.a
	l.keep(t, netdev.Device{Name: "core1"}, "hostname core1\n")
	log := audit.New(a.DB, a.Vault.AuditKey(), audit.Options{Now: func() time.Time { return l.now }, Anchored: a.anchored})
	for range 3 {
		if err := log.Append(t.Context(), audit.Record{ActorKind: audit.System, Actor: "test", Verb: audit.Start}); err != nil {
			t.Fatal(err)
		}
	}
	w := &watch{a: a, audit: log, log: slog.New(slog.DiscardHandler), every: time.Hour}
	if err := errors.Join(a.DB.Pulse(t.Context()), log.Anchor(t.Context()), w.selfChecks(t.Context())); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"store", "night", "texts", "queue", "workers", "server", "store-check", "audit-check", "anchor", "files"} {
		if x := lineOf(t, a, key); x.Level != health.OK {
			t.Errorf("at first: %+v", x)
		}
	}

	key := filepath.Join(a.Dir, "master.key")
	_ = os.Chmod(key, 0o644)
	if x := lineOf(t, a, "files"); x.Level != health.Bad || !strings.Contains(x.Text, "mode 644") {
		t.Errorf("a key that others may read: %+v", x)
	}
	_ = os.Chmod(key, 0o600)
	if x := lineOf(t, a, "files"); x.Level != health.OK {
		t.Errorf("it does not clear: %+v", x)
	}

	l.now = l.now.Add(100 * time.Hour)
	for key, want := range map[string]health.Level{"texts": health.Bad, "night": health.Bad, "server": health.Bad, "audit-check": health.Warn, "anchor": health.Warn} {
		if x := lineOf(t, a, key); x.Level != want {
			t.Errorf("after four days: %+v, want %s", x, want)
		}
	}
	l.keep(t, netdev.Device{Name: "core1"}, "hostname core1\n")
	if err := errors.Join(a.DB.Pulse(t.Context()), log.Anchor(t.Context()), w.selfChecks(t.Context())); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"texts", "night", "server", "audit-check", "anchor", "disk"} {
		if x := lineOf(t, a, key); x.Level == health.Bad || key != "disk" && x.Level != health.OK {
			t.Errorf("after a new backup: %+v", x)
		}
	}

	raw, err := sql.Open("sqlite", "file:"+filepath.Join(a.Dir, db.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, s := range []string{`DROP TRIGGER audit_no_update`, `UPDATE audit SET actor = 'bob' WHERE seq = 2`, `UPDATE blob SET body = x'00'`} {
		if _, err := raw.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.VerifyAudit(t.Context(), log, l.now, nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.VerifyStore(t.Context(), l.now); err != nil {
		t.Fatal(err)
	}
	if x := lineOf(t, a, "audit-check"); x.Level != health.Bad || !strings.Contains(x.Text, "record 2 was changed") {
		t.Errorf("a record was changed: %+v", x)
	}
	if x := lineOf(t, a, "store-check"); x.Level != health.Bad {
		t.Errorf("a text was damaged: %+v", x)
	}
}

// The pages' check of the chain runs beside them and names the record.
func TestTheChainIsVerifiedBesideThePages(t *testing.T) {
	l := newLibrary(t)
	log := audit.New(l.a.DB, l.a.Vault.AuditKey(), audit.Options{})
	for range 2500 {
		err := log.Append(t.Context(), audit.Record{ActorKind: audit.System, Actor: "test", Verb: audit.Start})
		if err != nil {
			t.Fatal(err)
		}
	}
	trail := &auditLog{Log: log, a: l.a, log: slog.New(slog.DiscardHandler), life: t.Context()}
	if err := errors.Join(trail.StartVerify(t.Context()), trail.StartVerify(t.Context())); err != nil {
		t.Fatal(err)
	}
	trail.wait()
	ch, err := trail.Chain(t.Context())
	if err != nil || ch.Running || ch.Done != 2500 || ch.Seen != 2500 || ch.Fault != "" || !ch.Verified.Equal(l.now) {
		t.Errorf("%+v, %v", ch, err)
	}
}

// While another program holds the database the server says so, pages are read,
// and all goes on by itself afterwards.
func TestTheServerOutlivesALockedDatabase(t *testing.T) {
	l := newLibrary(t)
	l.keep(t, netdev.Device{Name: "core1"}, "hostname core1\n")
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(l.a.Dir, db.FileName)+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	tx, err := raw.Begin()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	w := &watch{a: l.a, audit: audit.New(l.a.DB, l.a.Vault.AuditKey(), audit.Options{}), log: slog.New(slog.DiscardHandler), every: 10 * time.Millisecond}
	go func() { done <- w.run(ctx) }()
	until := func(what string, ok func() bool) {
		t.Helper()
		for limit := time.Now().Add(40 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(limit) {
				t.Fatal(what)
			}
		}
	}
	until("the lock was never told", func() bool { return l.a.Outage() != nil })
	if x := lineOf(t, l.a, "store"); x.Level != health.Bad || !strings.Contains(x.Do, "Another program") {
		t.Errorf("health says %+v", x)
	}
	if hits, _, err := l.search(t, "hostname"); err != nil || len(hits) != 1 {
		t.Errorf("reading meanwhile: %v, %v", hits, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	until("it did not clear", func() bool { return l.a.Outage() == nil })
	if x := lineOf(t, l.a, "store"); x.Level != health.OK {
		t.Errorf("health says %+v afterwards", x)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Nothing is missing of what is never to be read, and nothing failed that a
// person stopped.
func TestHealthCountsOnlyDevicesThatAreToBeRead(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	devices := []netdev.Device{{ID: "core1"}, {ID: "ap1", Managed: netdev.Managed{Controller: "wlc1"}}}
	states := map[netdev.DeviceID]configstore.DeviceState{"core1": {Freshness: configstore.Fresh,
		LastAttempt: &configstore.Attempt{Outcome: configstore.Failed, Reason: netdev.Cancelled, Ended: now.Add(-time.Hour)}}}
	texts, night := countTexts(now, devices, states)
	if want := (health.Texts{Devices: 1, Fresh: 1}); texts != want {
		t.Errorf("got %+v, want %+v", texts, want)
	}
	if night.Failed != 0 {
		t.Errorf("got %d failed, want none: %v", night.Failed, night.Reasons)
	}
}
