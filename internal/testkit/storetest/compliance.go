package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/netdev"
)

// failing judges a device by one rule that fails and one that passes.
func failing(t *testing.T, s *configstore.Store, dev netdev.DeviceID) configstore.RevisionID {
	t.Helper()
	rev := put(t, s, text(dev, "a of "+string(dev))).Revision.ID
	results := []compliance.Result{{Rule: "no-telnet", Pack: "base", Verdict: compliance.Fail, Reason: "telnet"}, {Rule: "ntp", Pack: "more", Verdict: compliance.Pass}}
	if err := s.SaveJudgement(t.Context(), configstore.Judgement{Device: dev, Revision: rev, Results: results, Rules: "r1"}); err != nil {
		t.Fatal(err)
	}
	return rev
}

func waivers(t *testing.T, p Place) {
	c := start()
	s := store(t, p, c)
	one, two := p.Device(t.Context(), "core1"), p.Device(t.Context(), "core2")
	rev := failing(t, s, one)
	failing(t, s, two)
	says := func(what string, dev netdev.DeviceID, want compliance.Verdict) configstore.RuleResult {
		t.Helper()
		got, err := s.Results(t.Context(), configstore.ResultFilter{Device: dev, Rule: "no-telnet"})
		if err != nil || len(got) != 1 || got[0].Verdict != want {
			t.Fatalf("%s: %+v, %v, want %s", what, got, err, want)
		}
		return got[0]
	}
	now := c.now()
	w := compliance.Waiver{Rule: "no-telnet", Device: string(one), Reason: "replaced in spring", Approver: "mk", Expires: now.Add(24 * time.Hour)}
	if err := s.GrantWaiver(t.Context(), compliance.Waiver{Rule: "no-telnet", Reason: "later", Approver: "mk", Expires: w.Expires}); err == nil {
		t.Error("a waiver without a reason is kept")
	}
	if err := s.GrantWaiver(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	if got := says("granted", one, compliance.Waived); got.Waiver == nil || got.Waiver.Reason != w.Reason || got.Reason != "telnet" {
		t.Errorf("waived verdict %+v, want it to name its waiver and to keep why it fails", got)
	}
	says("of another device", two, compliance.Fail)
	if err := s.SaveJudgement(t.Context(), configstore.Judgement{Device: one, Revision: rev, Results: []compliance.Result{{Rule: "no-telnet", Verdict: compliance.Fail}}}); err != nil {
		t.Fatal(err)
	}
	says("judged again", one, compliance.Waived)
	list, err := s.Waivers(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("waivers %+v, %v, want one", list, err)
	}
	if _, err := s.RevokeWaiver(t.Context(), list[0].ID, "op"); err != nil {
		t.Fatal(err)
	}
	says("revoked", one, compliance.Fail)
	if _, err := s.RevokeWaiver(t.Context(), list[0].ID, "op"); !errors.Is(err, configstore.ErrNoWaiver) {
		t.Errorf("revoked twice: %v, want ErrNoWaiver", err)
	}
	w.Expires = c.now().Add(time.Hour)
	if err := s.GrantWaiver(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	says("granted again", one, compliance.Waived)
	c.t = c.t.Add(2 * time.Hour)
	if n, err := s.ExpireWaivers(t.Context()); err != nil || n != 1 {
		t.Errorf("expired %d, %v, want one", n, err)
	}
	says("over", one, compliance.Fail)
}

func tallies(t *testing.T, p Place) {
	s := store(t, p, start())
	one, two := p.Device(t.Context(), "core1"), p.Device(t.Context(), "core2")
	failing(t, s, one)
	failing(t, s, two)
	for _, by := range []configstore.TallyBy{configstore.BySite, configstore.ByRole, configstore.ByDevice, configstore.ByRule} {
		all, err := s.Tally(t.Context(), by, configstore.TallyFilter{})
		if err != nil {
			t.Fatal(err)
		}
		sum := map[compliance.Verdict]int{}
		for _, x := range all {
			sum[x.Verdict] += x.N
			got, err := s.Results(t.Context(), configstore.ResultFilter{Pack: x.Pack, Verdict: x.Verdict})
			if err != nil || len(got) != 2 {
				t.Errorf("%s: list behind %+v has %d rows, %v", by, x, len(got), err)
			}
		}
		if sum[compliance.Fail] != 2 || sum[compliance.Pass] != 2 {
			t.Errorf("by %s: %+v, want two that fail and two that pass", by, all)
		}
	}
	nowhere := "nowhere"
	if got, err := s.Tally(t.Context(), configstore.BySite, configstore.TallyFilter{Site: &nowhere}); err != nil || len(got) != 0 {
		t.Errorf("of a site without devices: %+v, %v", got, err)
	}
	if got, err := s.Results(t.Context(), configstore.ResultFilter{Site: &nowhere}); err != nil || len(got) != 0 {
		t.Errorf("verdicts of a site without devices: %+v, %v", got, err)
	}
	if _, err := s.Tally(t.Context(), "colour", configstore.TallyFilter{}); err == nil {
		t.Error("counting by a colour is no error")
	}
	other, err := s.JudgedByOther(t.Context(), "r1")
	if err != nil || len(other) != 0 {
		t.Errorf("judged by other rules than r1: %v, %v", other, err)
	}
	if other, err = s.JudgedByOther(t.Context(), "r2"); err != nil || len(other) != 2 {
		t.Errorf("judged by other rules than r2: %v, %v, want both", other, err)
	}
}
