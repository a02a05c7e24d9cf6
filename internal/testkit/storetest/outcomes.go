package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/netdev"
)

func fenced(t *testing.T, p Place) {
	s, dev := store(t, p, start()), p.Device(t.Context(), "core1")
	old, err := s.BumpFence(t.Context(), dev)
	if err != nil {
		t.Fatal(err)
	}
	held := configstore.Fence{Job: "job-1", Attempt: 1, Counter: old}
	if _, err := s.Put(t.Context(), text(dev, "a"), held); err != nil {
		t.Fatalf("put under the fence that is held: %v", err)
	}
	if n, err := s.BumpFence(t.Context(), dev); err != nil || n != old+1 {
		t.Fatalf("second bump %d, %v, want %d", n, err, old+1)
	}
	late := text(dev, "b")
	late.Attempt.ID = "late"
	for range 2 { // a repeated result is answered the same
		if _, err := s.Put(t.Context(), late, held); !errors.Is(err, configstore.ErrSuperseded) {
			t.Errorf("put under a lost fence: %v, want ErrSuperseded", err)
		}
	}
	if err := s.Fail(t.Context(), configstore.Attempt{Device: dev, Source: configstore.Running, Reason: netdev.Timeout}, []byte("x"), "end", held); !errors.Is(err, configstore.ErrSuperseded) {
		t.Errorf("failure under a lost fence: %v, want ErrSuperseded", err)
	}
	if got, err := s.History(t.Context(), dev, configstore.Running); err != nil || len(got) != 1 {
		t.Errorf("history %+v, %v, want the first text alone", got, err)
	}
	attempts, err := s.Attempts(t.Context(), dev, 10)
	if err != nil || len(attempts) != 3 {
		t.Fatalf("attempts %+v, %v, want three", attempts, err)
	}
	for _, a := range attempts[:2] {
		if a.Outcome != configstore.Failed || !slices.Contains(a.Flags, "superseded") || a.Revision != "" {
			t.Errorf("late attempt %+v, want a failed one with the flag superseded", a)
		}
	}
	if q, err := s.Quarantined(t.Context(), dev); err != nil || len(q) != 0 {
		t.Errorf("quarantine %+v, %v, want none of a late attempt", q, err)
	}
	if _, err := s.BumpFence(t.Context(), "nobody"); !errors.Is(err, configstore.ErrNoDevice) {
		t.Errorf("fence of nobody: %v, want ErrNoDevice", err)
	}
}

func failures(t *testing.T, p Place) {
	c := start()
	s, dev := store(t, p, c), p.Device(t.Context(), "core1")
	a := put(t, s, text(dev, "a")).Revision
	const secret = "password hunter2"
	for i := range 5 {
		err := s.Fail(t.Context(), configstore.Attempt{ID: fmt.Sprintf("f%d", i), Device: dev, Source: configstore.Running, Outcome: configstore.PartialText,
			Reason: netdev.NoEndMarker, Detail: "\x00\xff<b>"}, []byte(secret), "end", configstore.Fence{})
		if err != nil {
			t.Fatal(err)
		}
	}
	head, err := s.Head(t.Context(), dev, configstore.Running)
	if err != nil || head.ID != a.ID || !head.LastSeen.Equal(a.LastSeen) {
		t.Errorf("head %+v, %v, want it as it was", head, err)
	}
	got, err := s.Attempts(t.Context(), dev, 1)
	if err != nil || len(got) != 1 || got[0].Reason != netdev.NoEndMarker || got[0].Outcome != configstore.PartialText || got[0].Detail != "\x00\xff<b>" {
		t.Errorf("attempt %+v, %v, want it as it was told", got, err)
	}
	q, err := s.Quarantined(t.Context(), dev)
	if err != nil || len(q) != 3 || q[0].Attempt != "f4" {
		t.Errorf("quarantine %+v, %v, want the newest three", q, err)
	}
	if got, err := s.QuarantinedText(t.Context(), "f4"); err != nil || string(got) != secret {
		t.Errorf("quarantined text %q, %v, want what came", got, err)
	}
	c.t = c.t.AddDate(0, 0, 8)
	if got, err := s.QuarantinedText(t.Context(), "f4"); !errors.Is(err, configstore.ErrNotQuarantined) {
		t.Errorf("quarantined text after 8 days: %q, %v, want none", got, err)
	}
	other := p.Device(t.Context(), "other")
	if err := s.Fail(t.Context(), configstore.Attempt{Device: other, Source: configstore.Running, Reason: netdev.Truncated}, []byte("x"), "end", configstore.Fence{}); err != nil {
		t.Fatal(err)
	}
	if q, err := s.Quarantined(t.Context(), dev); err != nil || len(q) != 0 {
		t.Errorf("quarantine after 8 days %+v, %v, want none", q, err)
	}
	clean(t, s)
}

func states(t *testing.T, p Place) {
	c := start()
	s := store(t, p, c)
	ctx := t.Context()
	fresh, stale, never, untried := p.Device(ctx, "fresh"), p.Device(ctx, "stale"), p.Device(ctx, "never"), p.Device(ctx, "untried")
	put(t, s, text(stale, "a"))
	c.t = c.t.Add(48 * time.Hour)
	put(t, s, text(fresh, "a"))
	up := text(fresh, "b")
	up.Source = configstore.Startup
	put(t, s, up)
	for _, dev := range []netdev.DeviceID{stale, never} {
		if err := s.Fail(ctx, configstore.Attempt{Device: dev, Source: configstore.Running, Reason: netdev.AuthFailed}, nil, "", configstore.Fence{}); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.States(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := all[untried]; ok {
		t.Error("a device that was never tried has a state")
	}
	for dev, want := range map[netdev.DeviceID]configstore.Freshness{fresh: configstore.Fresh, stale: configstore.Stale, never: configstore.Never} {
		one, err := s.State(ctx, dev)
		if err != nil || one.Freshness != want || all[dev].Freshness != want {
			t.Errorf("state %s, among all %s, %v, want %s", one.Freshness, all[dev].Freshness, err, want)
		}
	}
	if got := all[stale]; got.LastAttempt.Reason != netdev.AuthFailed || got.Running == nil {
		t.Errorf("stale device %+v, want its last text and why it is stale", got)
	}
	if got := all[fresh]; got.Startup == nil || got.Running == nil || got.Startup.Revision.TextHash == got.Running.Revision.TextHash {
		t.Errorf("fresh device %+v, want both of its texts", got)
	}
	src, err := s.Sources(ctx, fresh)
	if want := []configstore.Source{configstore.Running, configstore.Startup}; err != nil || !slices.Equal(src, want) {
		t.Errorf("sources %v, %v, want %v", src, err, want)
	}
}

func joined(t *testing.T, p Place) {
	s, dev := store(t, p, start()), p.Device(t.Context(), "core1")
	put(t, s, text(dev, "a"))
	boom := errors.New("boom")
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := s.Put(ctx, text(dev, "b"), configstore.Fence{}); err != nil {
			return err
		}
		if h, err := s.Head(ctx, dev, configstore.Running); err != nil || h.Seq != 2 {
			t.Errorf("head inside %+v, %v, want the second", h, err)
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("error %v, want boom", err)
	}
	h, err := s.Head(t.Context(), dev, configstore.Running)
	if err != nil || h.Seq != 1 {
		t.Errorf("head %+v, %v, want the first: the transaction was undone", h, err)
	}
	if text, err := s.Text(t.Context(), h.ID); string(text) != "a" || err != nil {
		t.Errorf("text %q, %v, want a", text, err)
	}
	clean(t, s)
}

func refused(t *testing.T, p Place) {
	s, dev := store(t, p, start()), p.Device(t.Context(), "core1")
	tests := map[string]configstore.Capture{
		"no-device":      text("", "a"),
		"unknown-device": text("nobody", "a"),
		"no-source":      {Device: dev, Raw: []byte("a"), Text: []byte("a")},
		"strange-source": {Device: dev, Source: configstore.Source(strings.Repeat("x", 1<<16)), Raw: []byte("a"), Text: []byte("a")},
		"too-large":      {Device: dev, Source: configstore.Running, Raw: make([]byte, configstore.MaxBytes+1)},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := s.Put(t.Context(), c, configstore.Fence{}); err == nil {
				t.Error("it was stored")
			} else if len(err.Error()) > 300 {
				t.Errorf("error of %d bytes", len(err.Error()))
			}
		})
	}
	st, err := s.Stats(t.Context())
	if err != nil || st.Revisions != 0 || st.StoredBytes != 0 {
		t.Errorf("stats %+v, %v, want nothing", st, err)
	}
	if got, err := s.Attempts(t.Context(), "", 10); err != nil || len(got) != 0 {
		t.Errorf("attempts %+v, %v, want none", got, err)
	}
	if got := put(t, s, text(dev, "")); got.Outcome != configstore.Changed || got.Revision.Bytes != 0 {
		t.Errorf("empty text %+v, want a revision of no bytes", got)
	}
	clean(t, s)
}

func folded(t *testing.T, p Place) {
	c := start()
	s, dev := store(t, p, c), p.Device(t.Context(), "core1")
	begun := c.t
	const nights = 40
	for night := range nights {
		c.t = begun.AddDate(0, 0, night)
		put(t, s, text(dev, "a"))
		if night == 3 {
			if err := s.Fail(t.Context(), configstore.Attempt{Device: dev, Source: configstore.Running, Reason: netdev.Timeout}, nil, "", configstore.Fence{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := s.Attempts(t.Context(), dev, 100)
	if err != nil {
		t.Fatal(err)
	}
	var rows, checks int
	var run *configstore.Attempt
	for i, a := range got {
		rows++
		checks += a.Checks
		if a.Checks > 1 {
			run = &got[i]
		}
	}
	if checks != nights+1 || rows > 34 {
		t.Errorf("%d rows tell of %d attempts, want %d in at most 34 rows", rows, checks, nights+1)
	}
	if run == nil || run.Outcome != configstore.UnchangedText || run.Started.After(begun.AddDate(0, 0, 2)) || run.Ended.Before(begun.AddDate(0, 0, 8)) {
		t.Errorf("folded row %+v, want one from the second night to the ninth", run)
	}
	if n := slices.IndexFunc(got, func(a configstore.Attempt) bool { return a.Reason == netdev.Timeout }); n < 0 {
		t.Error("the failure between them is gone")
	}
}

// beside lets several writers store texts of one device while others read.
func beside(t *testing.T, p Place) {
	const writers, texts = 6, 8
	s, err := configstore.New(p.Rows, Keys{}, configstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dev := p.Device(t.Context(), "core1")
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range texts {
				st, err := s.Put(t.Context(), text(dev, fmt.Sprintf("writer %d text %d", w, i)), configstore.Fence{})
				if err != nil || st.Outcome != configstore.Changed {
					t.Errorf("writer %d text %d: %s, %v, want it stored", w, i, st.Outcome, err)
					continue
				}
				if got, err := s.Text(t.Context(), st.Revision.ID); err != nil || string(got) != fmt.Sprintf("writer %d text %d", w, i) {
					t.Errorf("writer %d text %d read back: %q, %v", w, i, got, err)
				}
			}
		})
	}
	wg.Wait()
	got, err := s.History(t.Context(), dev, configstore.Running)
	if err != nil || len(got) != writers*texts || got[0].Seq != len(got) {
		t.Errorf("%d revisions up to %d, %v, want %d", len(got), got[0].Seq, err, writers*texts)
	}
	clean(t, s)
}
