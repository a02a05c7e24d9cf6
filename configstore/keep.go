package configstore

import (
	"context"
	"errors"
	"slices"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/configstore/pull"
	"github.com/plumbline-net/plumbline/configstore/scrub"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// skips are the reasons that mean that the device was not touched at all.
var skips = []netdev.Reason{netdev.WindowClosed, netdev.LockoutGuard, netdev.NoCredential, netdev.OutOfScope}

// failed keeps that no text came.
func (b *Backup) failed(ctx context.Context, report *Report, a Attempt, cause error, fence Fence) error {
	a.Source, a.Outcome, a.Reason, a.Detail = Running, Failed, netdev.ReasonOf(cause), detail(cause)
	if slices.Contains(skips, a.Reason) {
		a.Outcome = SkippedOutcome
	}
	report.Outcome, report.Reason, report.Detail = a.Outcome, a.Reason, a.Detail
	return b.opt.Store.Fail(ctx, a, nil, "", fence)
}

// detail is the error without the reason it starts with, which is kept apart.
func detail(err error) string {
	e, ok := errors.AsType[*netdev.OpError](err)
	if !ok {
		return err.Error()
	}
	s := e.Detail
	if e.Op != "" {
		s = e.Op + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// keep stores the good texts of a pull, quarantines the rest, and judges what
// is the head then.
func (b *Backup) keep(ctx context.Context, report *Report, p *platform.Platform, a Attempt, res pull.Result, fence Fence) error {
	var running, startup *Reading
	var head, saved Stored
	for _, t := range res.Texts {
		src := source(t)
		a := a
		a.ID, a.Source, a.Flags = "", src, t.Flags
		if t.Err != nil {
			a.Outcome, a.Reason, a.Detail = Failed, t.Err.Reason, detail(t.Err)
			if len(t.Quarantine) > 0 {
				a.Outcome, a.Bytes = PartialText, len(t.Quarantine)
			}
			if src == Running {
				report.Outcome, report.Reason, report.Detail = a.Outcome, a.Reason, a.Detail
			}
			if err := b.opt.Store.Fail(ctx, a, t.Quarantine, t.Rule, fence); err != nil {
				return err
			}
			continue
		}
		reading := b.opt.Reader.Read(p.ID, t.Raw)
		stored, err := b.opt.Store.Put(ctx, capture(a, reading, t), fence)
		if err != nil {
			return err
		}
		if err := b.change(ctx, report.Device.Platform, reading, &stored); err != nil {
			return err
		}
		switch src {
		case Running:
			running, head = &reading, stored
			report.Outcome, report.Revision, report.Bytes, report.SHA256 = stored.Outcome, stored.Revision, len(t.Raw), stored.Revision.SHA256
		case Startup:
			startup, saved = &reading, stored
		}
	}
	if running == nil {
		return nil // the verdicts on the last good text stay what they are
	}
	return b.judge(ctx, report.Device, head, *running, startup, saved)
}

// change says what a new revision changed against the one before, and keeps
// what the change is known by.
func (b *Backup) change(ctx context.Context, p netdev.PlatformID, now Reading, st *Stored) error {
	if st.Outcome != Changed || st.Previous == nil || st.Revision.Source.extra() {
		return nil
	}
	found, err := b.opt.Store.driftFrom(ctx, b.opt.Reader, drift.Previous, p, st.Previous.ID, now)
	if errors.Is(err, ErrDamaged) {
		b.opt.Log.ErrorContext(ctx, "text before this one cannot be read", "device", st.Revision.Device, "rev", st.Previous.ID, "error", err)
		return nil
	}
	if err != nil {
		return err
	}
	st.Changed = append([]drift.Finding{}, found...)
	return b.opt.Store.rows.SetChangeKey(ctx, st.Revision.ID, drift.SetKey(found))
}

func source(t pull.Text) Source {
	if t.Part != "" {
		return Source("command:" + t.Source + "-" + t.Part)
	}
	return Source(t.Source)
}

func capture(a Attempt, r Reading, t pull.Text) Capture {
	c := Capture{Device: a.Device, Source: a.Source, Raw: t.Raw, Text: r.Clean.Text, UnknownLines: r.Tree.UnknownLines,
		BookVersion: r.Version, Flags: t.Flags, Attempt: a,
		SecretsMoved: slices.ContainsFunc(r.Clean.Secrets, func(s scrub.Secret) bool { return s.Mask == scrub.Unverifiable })}
	if t.Absent {
		c.Flags = append(slices.Clone(c.Flags), "absent")
	}
	if ch := r.Clean.Changed; ch != nil {
		c.ChangedBy, c.ChangedAt = ch.By, ch.At
	}
	return c
}

// judge asks the rules of the running text and compares it with what it is
// measured by: the revision before, where this one is new; the startup of the
// same visit; what was approved. What cannot be compared leaves its findings as
// they are.
func (b *Backup) judge(ctx context.Context, dev netdev.Device, head Stored, running Reading, startup *Reading, saved Stored) error {
	j := Judgement{Device: dev.ID, Source: Running, Revision: head.Revision.ID, At: b.opt.Now(), Results: Verdicts(b.opt.Rules, running, dev),
		References: map[drift.Kind]RevisionID{}, Rules: compliance.Fingerprint(b.opt.Rules)}
	add := func(kind drift.Kind, ref RevisionID, found []drift.Finding) {
		j.Kinds, j.Findings, j.References[kind] = append(j.Kinds, kind), append(j.Findings, found...), ref
	}
	if startup != nil {
		add(drift.Startup, saved.Revision.ID, driftBetween(drift.Startup, *startup, running))
	}
	if head.Changed != nil {
		add(drift.Previous, head.Previous.ID, head.Changed)
	}
	baselines, err := b.opt.Store.Baselines(ctx, dev.ID)
	if err != nil {
		return err
	}
	if a, ok := baselines[dev.ID]; ok {
		var found []drift.Finding
		if a.Revision != head.Revision.ID {
			found, err = b.opt.Store.driftFrom(ctx, b.opt.Reader, drift.Baseline, dev.Platform, a.Revision, running)
		}
		switch {
		case errors.Is(err, ErrDamaged):
			b.opt.Log.ErrorContext(ctx, "approved text cannot be read", "device", dev.ID, "rev", a.Revision, "error", err)
		case err != nil:
			return err
		default:
			add(drift.Baseline, a.Revision, found)
		}
	}
	return b.opt.Store.SaveJudgement(ctx, j)
}
