package db_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/configstore/scrub"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/testkit/storetest"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// Whichever statement of an operation fails, nothing of it is kept, and the next
// try works.
func TestOperationThatFailsInTheMiddleLeavesNothing(t *testing.T) {
	d := open(t, t.TempDir())
	failAt := d.FailAt()
	s, err := configstore.New(d, storetest.Keys{}, configstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dev := addDevice(t, d, "core1")
	put := func(ctx context.Context, n int, src configstore.Source) error {
		text := []byte(fmt.Sprintf("text %d", n))
		_, err := s.Put(ctx, configstore.Capture{Device: dev, Source: src, Raw: append([]byte("raw "), text...), Text: text}, configstore.Fence{})
		return err
	}
	for n := range 2 {
		if err := put(t.Context(), n, configstore.Running); err != nil {
			t.Fatal(err)
		}
	}
	noted := drift.Finding{ID: drift.ID{Kind: drift.Startup, Key: "noted"}, Change: drift.Change{Op: "add", New: "noted"}}
	judge := func(ctx context.Context, results []compliance.Result, found ...drift.Finding) error {
		h, err := s.Head(ctx, dev, configstore.Running)
		if err != nil {
			return err
		}
		return s.SaveJudgement(ctx, configstore.Judgement{Device: dev, Revision: h.ID, Kinds: []drift.Kind{drift.Startup}, Results: results, Findings: found})
	}
	if err := judge(t.Context(), nil, noted); err != nil {
		t.Fatal(err)
	}
	tests := map[string]func(ctx context.Context) error{
		"new-text":   func(ctx context.Context) error { return put(ctx, 2, configstore.Running) },
		"first-text": func(ctx context.Context) error { return put(ctx, 0, configstore.Startup) },
		"new-extra":  func(ctx context.Context) error { return put(ctx, 3, "command:version") },
		"failed-read": func(ctx context.Context) error {
			return s.Fail(ctx, configstore.Attempt{Device: dev, Source: configstore.Running}, []byte("x"), "end", configstore.Fence{})
		},
		"judgement": func(ctx context.Context) error {
			return judge(ctx, []compliance.Result{{Rule: "r", Verdict: compliance.Pass}}, noted, drift.Finding{ID: drift.ID{Kind: drift.Startup, Key: "k"}})
		},
		"approval": func(ctx context.Context) error {
			h, err := s.History(ctx, dev, configstore.Running)
			if err != nil {
				return err
			}
			return s.Approve(ctx, configstore.NewReader(func(netdev.PlatformID) (*platform.Platform, bool) { return nil, false }, scrub.KeyMasker([]byte("k"))),
				netdev.Device{ID: dev}, configstore.Approval{Revision: h[1].ID, By: "anna"})
		},
		"acknowledgement": func(ctx context.Context) error {
			h, err := s.Head(ctx, dev, configstore.Running)
			if err != nil {
				return err
			}
			_, err = s.SayOfGroup(ctx, drift.GroupKey(drift.Startup, noted.Change), []configstore.Member{{Device: dev, Revision: h.ID}},
				drift.Event{What: drift.Acknowledge, By: "anna"})
			return err
		},
		"scan": func(ctx context.Context) error {
			g := topology.Graph{Links: []topology.Link{{A: topology.End{ID: "10.0.0.1"}, B: topology.End{ID: "10.0.0.2"}}}}
			_, _, err := d.SaveScan(ctx, "run", []discovery.Found{answered("10.0.0.1", "a", "SN1"), answered("10.0.0.2", "b", "SN2")}, g)
			return err
		},
	}
	for name, do := range tests {
		t.Run(name, func(t *testing.T) {
			before := counts(t, d)
			n := 1
			for ; n < 100; n++ {
				failAt(n)
				err := do(t.Context())
				failAt(0)
				if err == nil {
					break
				}
				if !errors.Is(err, db.ErrInjected) {
					t.Fatalf("statement %d: %v, want the injected fault", n, err)
				}
				if diff := cmp.Diff(counts(t, d), before); diff != "" {
					t.Fatalf("statement %d failed and rows changed (-after +before):\n%s", n, diff)
				}
			}
			if n < 4 || n == 100 {
				t.Errorf("%d statements were tried: this test does not test", n-1)
			}
			if diff := cmp.Diff(counts(t, d), before); diff == "" {
				t.Error("the try without a fault kept nothing")
			}
			if faults, err := s.Verify(t.Context()); err != nil || len(faults) > 0 {
				t.Errorf("verify: %q, %v", faults, err)
			}
		})
	}
}
