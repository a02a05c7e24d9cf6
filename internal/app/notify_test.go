package app

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/health"
	"github.com/plumbline-net/plumbline/internal/notify"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
)

func TestABatchOfBackupsIsToldInOneMessageAKind(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []notify.Message
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var m notify.Message
		if err := json.Unmarshal(body, &m); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, m)
	}))
	defer srv.Close()
	b := newBench(t, "127.73.0.1")
	hook := notify.New(b.a.DB, b.a.Vault, batches{b.a, b.w.board}, notify.Options{})
	b.w.outbox = hook.Outbox
	b.work(b.handlers(true))
	b.discover()
	var names []string
	for _, d := range b.net.Devices() {
		if d.HasStartup() && len(names) < 5 {
			names = append(names, d.Name())
		}
	}
	fresh := names[4]
	b.backup(names[:4]...) // nobody is to be told yet
	if err := hook.Set(t.Context(), notify.Change{URL: netdev.NewSecret(srv.URL), Events: notify.Kinds()}, "anna"); err != nil {
		t.Fatal(err)
	}
	b.net.Device(names[0]).Inject(sim.RejectPassword)
	drifting := b.net.Device(names[1])
	for r := rand.New(rand.NewPCG(1, 2)); !drifting.Drifts(); {
		drifting.ChangeConfig(r)
	}
	batch, rows := b.backup(names...)
	if rows[names[0]].State != "failed" || rows[names[1]].State != "changed" {
		t.Fatalf("rows %+v", rows)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- hook.Run(ctx) }()
	b.until("three messages arrive", func() bool { mu.Lock(); defer mu.Unlock(); return len(seen) >= 3 })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	slices.SortFunc(seen, func(x, y notify.Message) int {
		return slices.Index(notify.Kinds(), x.Event) - slices.Index(notify.Kinds(), y.Event)
	})
	first := []notify.Item{{Device: names[0], Site: seen[0].Items[0].Site, Reason: string(netdev.AuthFailed)}}
	if m := seen[0]; m.Event != notify.BackupFailed || !slices.Equal(m.Items, first) || m.Path != "/jobs/"+batch.ID {
		t.Errorf("failed: %+v", m)
	}
	if m := seen[1]; m.Event != notify.DriftOpened || m.Count != 1 || m.Items[0].Device != names[1] || m.Items[0].Reason != "startup" {
		t.Errorf("drift: %+v", m)
	}
	if m := seen[2]; len(seen) != 3 || m.Event != notify.ComplianceFailing || !slices.ContainsFunc(m.Items, func(i notify.Item) bool { return i.Device == fresh }) ||
		slices.ContainsFunc(m.Items, func(i notify.Item) bool { return i.Device == names[2] || i.Device == names[3] }) {
		t.Errorf("%d messages, newly failing: %+v", len(seen), m)
	}
}

func TestADiskThatFillsUpIsAnAlarmOnceADay(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.74.0.1")
	hook := notify.New(b.a.DB, b.a.Vault, batches{b.a, b.w.board}, notify.Options{})
	b.w.outbox = hook.Outbox
	if err := hook.Set(t.Context(), notify.Change{URL: netdev.NewSecret("http://127.0.0.1:9/"), Events: notify.Kinds()}, "anna"); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 14, 2, 0, 0, 0, time.UTC)
	b.w.now = func() time.Time { return now }
	pending := func() int {
		events, err := b.a.DB.PendingEvents(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		return len(events)
	}
	look := func(left int64) {
		if err := b.w.noteDisk(t.Context(), func(string) (int64, int64, error) { return left, 1 << 40, nil }); err != nil {
			t.Fatal(err)
		}
	}
	look(health.FreeWarn)
	if n := pending(); n != 0 {
		t.Errorf("%d alarms with enough space", n)
	}
	look(health.FreeWarn - 1)
	look(1)
	if n := pending(); n != 1 {
		t.Errorf("%d alarms on one day", n)
	}
	now = now.Add(24 * time.Hour)
	look(1)
	if n := pending(); n != 2 {
		t.Errorf("%d alarms in two days", n)
	}
	if left, all, err := room(b.dir); err != nil || left <= 0 || all < left {
		t.Errorf("room for %d of %d, %v", left, all, err)
	}
}
