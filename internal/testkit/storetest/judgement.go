package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/drift"
)

func findings(t *testing.T, p Place) {
	c := start()
	s, dev := store(t, p, c), p.Device(t.Context(), "core1")
	rev := put(t, s, text(dev, "a")).Revision.ID
	judge := func(keys ...string) {
		t.Helper()
		j := configstore.Judgement{Device: dev, Revision: rev, Kinds: []drift.Kind{drift.Startup}}
		for _, k := range keys {
			j.Findings = append(j.Findings, drift.Finding{ID: drift.ID{Kind: drift.Startup, Key: k}, Reference: "r",
				Change: drift.Change{Op: "add", Path: []string{"interface <x>", k}, New: "a\x00b"}})
		}
		if err := s.SaveJudgement(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	get := func(key string) drift.Finding {
		t.Helper()
		fs, err := s.Findings(t.Context(), configstore.FindingFilter{Device: dev, Kind: drift.Startup})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range fs {
			if f.Key == key {
				return f
			}
		}
		t.Fatalf("no finding %q among %+v", key, fs)
		return drift.Finding{}
	}
	judge("one", "two")
	first := get("one")
	if first.State != drift.Open || first.Returns != 0 || !first.Since.Equal(first.Seen) || first.Change.New != "a\x00b" {
		t.Errorf("first seen: %+v, want open since now", first)
	}
	judge("one")
	if again := get("one"); !again.Since.Equal(first.Since) || !again.Seen.After(first.Seen) {
		t.Errorf("seen again: %+v, want open since %s", again, first.Since)
	}
	if gone := get("two"); gone.State != drift.Resolved || gone.Ended.IsZero() || gone.Revision != string(rev) {
		t.Errorf("not seen any more: %+v, want resolved", gone)
	}
	judge("one", "two")
	if back := get("two"); back.State != drift.Open || back.Returns != 1 || !back.Ended.IsZero() || !back.Since.After(first.Since) {
		t.Errorf("came back: %+v, want open anew with one return", back)
	}
	// A kind that was not judged keeps its findings.
	if err := s.SaveJudgement(t.Context(), configstore.Judgement{Device: dev, Revision: rev, Kinds: []drift.Kind{drift.Previous}}); err != nil {
		t.Fatal(err)
	}
	if f := get("one"); f.State != drift.Open {
		t.Errorf("finding of a kind that was not judged: %+v, want open", f)
	}
	n, err := s.Counts(t.Context())
	if d := cmp.Diff(n.Findings, map[drift.Kind]int{drift.Startup: 2}); d != "" || err != nil {
		t.Errorf("open findings: %v (-got +want)\n%s", err, d)
	}
	open, err := s.Findings(t.Context(), configstore.FindingFilter{State: drift.Open})
	if err != nil || len(open) != 2 {
		t.Errorf("open findings %+v, %v, want two", open, err)
	}
}

func verdicts(t *testing.T, p Place) {
	s, dev := store(t, p, start()), p.Device(t.Context(), "core1")
	judge := func(body string, results ...compliance.Result) configstore.RevisionID {
		t.Helper()
		rev := put(t, s, text(dev, body)).Revision.ID
		if err := s.SaveJudgement(t.Context(), configstore.Judgement{Device: dev, Revision: rev, Results: results}); err != nil {
			t.Fatal(err)
		}
		return rev
	}
	fail := compliance.Result{Rule: "no-telnet", Title: "No telnet", Severity: compliance.High, Verdict: compliance.Fail,
		Evidence: []compliance.Evidence{{Line: 3, Text: "transport input telnet"}}, Controls: map[string][]string{"cis": {"1.2"}}, Remediation: []string{"transport input ssh"}}
	pass := compliance.Result{Rule: "ntp", Title: "NTP", Severity: compliance.Low, Verdict: compliance.Pass}
	judge("a", fail, pass)
	before, err := s.Results(t.Context(), configstore.ResultFilter{Rule: "no-telnet", Verdict: compliance.Fail})
	if err != nil || len(before) != 1 {
		t.Fatalf("results %+v, %v, want one", before, err)
	}
	if d := cmp.Diff(before[0].Result, fail); d != "" {
		t.Errorf("result (-got +want):\n%s", d)
	}
	rev := judge("b", fail)
	after, err := s.Results(t.Context(), configstore.ResultFilter{Device: dev})
	if err != nil || len(after) != 1 {
		t.Fatalf("results %+v, %v, want the one rule that was asked last", after, err)
	}
	if a := after[0]; !a.Since.Equal(before[0].Since) || !a.Judged.After(before[0].Judged) || a.Revision != rev {
		t.Errorf("result %+v, want it on %s since %s", a, rev, before[0].Since)
	}
	fixed := fail
	fixed.Verdict, fixed.Evidence = compliance.Pass, nil
	judge("c", fixed)
	now, err := s.Results(t.Context(), configstore.ResultFilter{})
	if err != nil || len(now) != 1 || now[0].Verdict != compliance.Pass || !now[0].Since.After(before[0].Since) {
		t.Errorf("results %+v, %v, want pass since now", now, err)
	}
	n, err := s.Counts(t.Context())
	if d := cmp.Diff(n.Verdicts, map[compliance.Verdict]int{compliance.Pass: 1}); d != "" || err != nil {
		t.Errorf("verdicts: %v (-got +want)\n%s", err, d)
	}
}

func lateJudgement(t *testing.T, p Place) {
	s, dev := store(t, p, start()), p.Device(t.Context(), "core1")
	old := put(t, s, text(dev, "a")).Revision.ID
	put(t, s, text(dev, "b"))
	err := s.SaveJudgement(t.Context(), configstore.Judgement{Device: dev, Revision: old, Results: []compliance.Result{{Rule: "r", Verdict: compliance.Pass}}})
	if !errors.Is(err, configstore.ErrSuperseded) {
		t.Errorf("judging what is no longer the head: %v, want ErrSuperseded", err)
	}
	if got, err := s.Results(t.Context(), configstore.ResultFilter{}); err != nil || len(got) != 0 {
		t.Errorf("results %+v, %v, want none", got, err)
	}
}
