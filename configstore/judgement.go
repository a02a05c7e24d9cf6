package configstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/netdev"
)

// Judgement is what was found on one revision of one device: the results of
// every rule that was asked, and every finding of the kinds that were judged.
// A kind that is not in Kinds keeps its findings as they are; Results that are
// nil keep the verdicts.
type Judgement struct {
	Device   netdev.DeviceID
	Source   Source     // default Running
	Revision RevisionID // must be the head of Source
	At       time.Time
	Results  []compliance.Result
	Rules    string // fingerprint of the rules that Results came from
	Kinds    []drift.Kind
	Findings []drift.Finding
	// References are the revisions that the kinds were judged against.
	References map[drift.Kind]RevisionID
	By, Note   string // who moved a reference, and why; "" for a reading
}

// RuleResult is the kept verdict of one rule on one device.
type RuleResult struct {
	Device netdev.DeviceID
	compliance.Result
	Since    time.Time // since when the verdict is this one
	Judged   time.Time
	Revision RevisionID
}

// ResultFilter chooses verdicts; empty fields choose all.
type ResultFilter struct {
	Device  netdev.DeviceID
	Rule    string
	Verdict compliance.Verdict
	Pack    string
	Site    *string // "" is a site too: that of devices without one
	Role    *string
}

// FindingFilter chooses findings; empty fields choose all.
type FindingFilter struct {
	Device netdev.DeviceID
	Source Source
	Kind   drift.Kind
	State  drift.State
	Live   bool // those that are there: open and acknowledged
}

// EdgeFilter chooses edges; empty fields choose all.
type EdgeFilter struct {
	Device netdev.DeviceID
	Group  string // of drift.GroupKey
}

// SaveJudgement keeps a judgement in one transaction. A judgement of a revision
// that is no longer the head is refused with ErrSuperseded: old work does not
// overwrite new work.
func (s *Store) SaveJudgement(ctx context.Context, j Judgement) error {
	if j.Source == "" {
		j.Source = Running
	}
	if j.At.IsZero() {
		j.At = s.now()
	}
	j.At = j.At.UTC()
	err := s.rows.InTx(ctx, func(ctx context.Context) error {
		head, err := s.rows.Head(ctx, j.Device, j.Source)
		if err != nil {
			return err
		}
		if head.Revision != j.Revision {
			return ErrSuperseded
		}
		if err := s.saveResults(ctx, j); err != nil {
			return err
		}
		return s.saveFindings(ctx, j)
	})
	if err != nil {
		return fmt.Errorf("keep the judgement of %s: %w", j.Device, err)
	}
	return nil
}

func (s *Store) saveResults(ctx context.Context, j Judgement) error {
	if j.Results == nil {
		return nil
	}
	kept, err := s.rows.Verdicts(ctx, ResultFilter{Device: j.Device})
	if err != nil {
		return err
	}
	waivers, err := s.rows.Waivers(ctx)
	if err != nil {
		return err
	}
	compliance.Waive(j.Results, waivers, j.At, string(j.Device))
	var gone []string
	was := map[string]RuleResult{}
	for _, k := range kept {
		was[k.Rule] = k
		if !slices.ContainsFunc(j.Results, func(r compliance.Result) bool { return r.Rule == k.Rule }) {
			gone = append(gone, k.Rule)
		}
	}
	rows := make([]RuleResult, len(j.Results))
	for i, r := range j.Results {
		rows[i] = RuleResult{Device: j.Device, Result: r, Since: j.At, Judged: j.At, Revision: j.Revision}
		if k, ok := was[r.Rule]; ok && k.Verdict == r.Verdict {
			rows[i].Since = k.Since
		}
	}
	if err := s.rows.DropVerdicts(ctx, j.Device, gone); err != nil {
		return err
	}
	if err := s.rows.SaveVerdicts(ctx, rows); err != nil {
		return err
	}
	return s.rows.SaveJudgedBy(ctx, j.Device, j.Rules)
}

// saveFindings moves findings between their states and keeps how they moved.
func (s *Store) saveFindings(ctx context.Context, j Judgement) error {
	kept, err := s.rows.Findings(ctx, FindingFilter{Device: j.Device, Source: j.Source})
	if err != nil {
		return err
	}
	by := drift.Judging{At: j.At, By: j.By, Note: j.Note, Revision: string(j.Revision), References: map[drift.Kind]string{}}
	for _, k := range j.Kinds {
		by.References[k] = string(j.References[k])
	}
	seen := slices.Clone(j.Findings)
	for i := range seen {
		seen[i].Device, seen[i].Source = j.Device, string(j.Source)
	}
	rows, edges, err := drift.Judge(kept, seen, by)
	if err != nil {
		return err
	}
	if err := s.rows.SaveFindings(ctx, rows); err != nil {
		return err
	}
	return s.rows.AddEdges(ctx, edges)
}

// Results lists kept verdicts, by device and rule.
func (s *Store) Results(ctx context.Context, f ResultFilter) ([]RuleResult, error) {
	return s.rows.Verdicts(ctx, f)
}

// Findings lists findings as they stand now, the newest since first. Those of
// a device that is stale are frozen, and say as of when.
func (s *Store) Findings(ctx context.Context, f FindingFilter) ([]drift.Finding, error) {
	want := f.State
	switch f.State {
	case drift.Open, drift.Acknowledged: // one turns into the other by time alone
		f.State, f.Live = "", true
	}
	all, err := s.rows.Findings(ctx, f)
	if err != nil {
		return nil, err
	}
	heads, err := s.rows.Heads(ctx, f.Device)
	if err != nil {
		return nil, err
	}
	stale := map[netdev.DeviceID]bool{}
	for _, h := range heads {
		if h.Source == Running {
			stale[h.Device] = s.stale(h)
		}
	}
	now := s.now()
	out := all[:0]
	for _, r := range all {
		if r = r.At(now, stale[r.Device]); want == "" || r.State == want {
			out = append(out, r)
		}
	}
	return out, nil
}

// Edges gives the history of findings, newest first.
func (s *Store) Edges(ctx context.Context, f EdgeFilter, limit int) ([]drift.Edge, error) {
	return s.rows.Edges(ctx, f, limit)
}

// Counts is how many verdicts and open findings there are over all devices.
type Counts struct {
	Verdicts map[compliance.Verdict]int
	Findings map[drift.Kind]int // open and acknowledged
}

// Counts counts verdicts by verdict and open findings by kind.
func (s *Store) Counts(ctx context.Context) (Counts, error) {
	v, verr := s.rows.CountVerdicts(ctx)
	f, ferr := s.rows.CountFindings(ctx)
	return Counts{Verdicts: v, Findings: f}, errors.Join(verr, ferr)
}
