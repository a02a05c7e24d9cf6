package configstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/netdev"
)

// ErrNoWaiver is returned for a waiver that does not exist or does not hold.
var ErrNoWaiver = errors.New("no such waiver")

// Waivers lists the waivers, newest first, those that are over too.
func (s *Store) Waivers(ctx context.Context) ([]compliance.Waiver, error) { return s.rows.Waivers(ctx) }

// GrantWaiver keeps a waiver and turns the failures it names into waived.
func (s *Store) GrantWaiver(ctx context.Context, w compliance.Waiver) error {
	w.ID, w.Created = s.rows.NewID(), s.now().UTC()
	if err := w.Check(w.Created); err != nil {
		return err
	}
	return s.rows.InTx(ctx, func(ctx context.Context) error {
		if err := s.rows.SaveWaiver(ctx, w); err != nil {
			return err
		}
		_, err := s.rewaive(ctx, w.Rule)
		return err
	})
}

// RevokeWaiver ends a waiver: what it covered fails again.
func (s *Store) RevokeWaiver(ctx context.Context, id, by string) (compliance.Waiver, error) {
	var out compliance.Waiver
	err := s.rows.InTx(ctx, func(ctx context.Context) error {
		all, err := s.rows.Waivers(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(w compliance.Waiver) bool { return w.ID == id && w.Active(s.now()) })
		if i < 0 {
			return fmt.Errorf("%w: %.40q", ErrNoWaiver, id)
		}
		out = all[i]
		out.Revoked, out.RevokedBy = s.now().UTC(), by
		if err := s.rows.SaveWaiver(ctx, out); err != nil {
			return err
		}
		_, err = s.rewaive(ctx, out.Rule)
		return err
	})
	return out, err
}

// ExpireWaivers lets fail again what a waiver covered that is over by now, and
// says how many verdicts that were.
func (s *Store) ExpireWaivers(ctx context.Context) (n int, err error) {
	err = s.rows.InTx(ctx, func(ctx context.Context) error {
		n, err = s.rewaive(ctx, "")
		return err
	})
	return n, err
}

// rewaive holds kept verdicts against the waivers as they are now: those of one
// rule, or all that are waived.
func (s *Store) rewaive(ctx context.Context, rule string) (int, error) {
	waivers, err := s.rows.Waivers(ctx)
	if err != nil {
		return 0, err
	}
	kept, err := s.rows.Verdicts(ctx, ResultFilter{Rule: rule, Verdict: compliance.Waived})
	if err != nil {
		return 0, err
	}
	if rule != "" {
		fails, err := s.rows.Verdicts(ctx, ResultFilter{Rule: rule, Verdict: compliance.Fail})
		if err != nil {
			return 0, err
		}
		kept = append(kept, fails...)
	}
	var moved []RuleResult
	for _, k := range kept {
		one := []compliance.Result{k.Result}
		compliance.Waive(one, waivers, s.now(), string(k.Device))
		if one[0].Verdict != k.Verdict {
			k.Since = s.now().UTC()
			moved = append(moved, RuleResult{Device: k.Device, Result: one[0], Since: k.Since, Judged: k.Judged, Revision: k.Revision})
		}
	}
	return len(moved), s.rows.SaveVerdicts(ctx, moved)
}

// JudgedByOther lists the devices whose kept verdicts come from other rules
// than those of the fingerprint.
func (s *Store) JudgedByOther(ctx context.Context, rules string) ([]netdev.DeviceID, error) {
	by, err := s.rows.JudgedBy(ctx)
	if err != nil {
		return nil, err
	}
	heads, err := s.rows.Heads(ctx, "")
	if err != nil {
		return nil, err
	}
	var out []netdev.DeviceID
	for _, h := range heads {
		if h.Source == Running && by[h.Device] != rules {
			out = append(out, h.Device)
		}
	}
	return out, nil
}
