package configstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plumbline-net/plumbline/configstore/diff"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/netdev"
)

// ErrPinned is returned where a revision may not be removed because somebody
// approved it.
var ErrPinned = errors.New("the revision was approved and is kept")

// ErrNotApprovable is returned for a revision that is no running configuration.
var ErrNotApprovable = errors.New("only a running configuration can be approved")

// Approval says that somebody took a revision for right. The newest one of a
// device and source is its baseline; older ones are history. An approved
// revision is never removed.
type Approval struct {
	Device   netdev.DeviceID
	Source   Source
	Revision RevisionID
	By       string
	At       time.Time
	Comment  string
}

// Approve makes a revision of a device its baseline, and judges what runs
// against it, in one transaction. The revision must be one of the device.
func (s *Store) Approve(ctx context.Context, r *Reader, dev netdev.Device, a Approval) error {
	if a.At.IsZero() {
		a.At = s.now()
	}
	a.Device, a.Source, a.At = dev.ID, Running, a.At.UTC()
	err := s.rows.InTx(ctx, func(ctx context.Context) error {
		rev, err := s.rows.Revision(ctx, a.Revision)
		if err != nil {
			return err
		}
		if rev.Device != dev.ID {
			return fmt.Errorf("%w: %s is of another device", ErrNoRevision, a.Revision)
		}
		if rev.Source != Running {
			return ErrNotApprovable
		}
		if err := s.rows.AddApproval(ctx, a); err != nil {
			return err
		}
		head, err := s.rows.Head(ctx, dev.ID, Running)
		if err != nil {
			return err
		}
		var found []drift.Finding
		if head.Revision != a.Revision {
			raw, err := s.Raw(ctx, head.Revision)
			if err != nil {
				return err
			}
			if found, err = s.driftFrom(ctx, r, drift.Baseline, dev.Platform, a.Revision, r.Read(dev.Platform, raw)); err != nil {
				return err
			}
		}
		return s.rejudge(ctx, a, head.Revision, found)
	})
	if err != nil {
		return fmt.Errorf("approve a revision of %s: %w", dev.ID, err)
	}
	return nil
}

// rejudge moves the findings about the baseline to what they are under a.
func (s *Store) rejudge(ctx context.Context, a Approval, head RevisionID, found []drift.Finding) error {
	return s.SaveJudgement(ctx, Judgement{Device: a.Device, Source: Running, Revision: head, At: a.At, By: a.By, Note: a.Comment,
		Kinds: []drift.Kind{drift.Baseline}, Findings: found, References: map[drift.Kind]RevisionID{drift.Baseline: a.Revision}})
}

// driftFrom says what differs from a kept revision to a reading. Both are read
// from what the device sent, by the same rulebook: an older one may have left
// other noise in.
func (s *Store) driftFrom(ctx context.Context, r *Reader, kind drift.Kind, p netdev.PlatformID, ref RevisionID, now Reading) ([]drift.Finding, error) {
	raw, err := s.Raw(ctx, ref)
	if err != nil {
		return nil, err
	}
	return driftBetween(kind, r.Read(p, raw), now), nil
}

// driftBetween gives a finding for each difference in meaning. Lines are those
// of the raw texts.
func driftBetween(kind drift.Kind, old, now Reading) []drift.Finding {
	d := diff.Meaning(old.Tree, now.Tree)
	if d.Equal {
		return nil
	}
	for i := range d.Changes {
		d.Changes[i].OldLine = old.rawLine(d.Changes[i].OldLine)
		d.Changes[i].NewLine = now.rawLine(d.Changes[i].NewLine)
	}
	return drift.Findings(kind, string(Running), d.Changes)
}

// Member is one device of a selection, with the running revision that whoever
// selected it saw.
type Member struct {
	Device   netdev.DeviceID
	Revision RevisionID
}

// LeftOut is a member for which nothing was done, and why.
type LeftOut struct {
	Device netdev.DeviceID
	Why    string
}

// Done says for which members something was done.
type Done struct {
	Devices []netdev.DeviceID
	Left    []LeftOut
}

// The reasons to leave a member out.
const (
	leftMoved    = "its configuration changed after the page was shown"
	leftNothing  = "no configuration of it is kept"
	leftApproved = "its configuration is approved already"
	leftNew      = "it came after the page was shown"
	leftGone     = "the difference is not there any more"
)

// ApproveHeads approves the running configuration of each member, as whoever
// selected it saw it: all of them in one transaction, those left out that moved.
func (s *Store) ApproveHeads(ctx context.Context, members []Member, a Approval) (Done, error) {
	if a.At.IsZero() {
		a.At = s.now()
	}
	a.At = a.At.UTC()
	var done Done
	err := s.rows.InTx(ctx, func(ctx context.Context) error {
		done = Done{}
		baselines, err := s.Baselines(ctx, "")
		if err != nil {
			return err
		}
		for _, m := range members {
			why, err := s.seenAs(ctx, m)
			if err != nil {
				return err
			}
			if why == "" && baselines[m.Device].Revision == m.Revision {
				why = leftApproved
			}
			if why != "" {
				done.Left = append(done.Left, LeftOut{m.Device, why})
				continue
			}
			one := a
			one.Device, one.Source, one.Revision = m.Device, Running, m.Revision
			if err := s.rows.AddApproval(ctx, one); err != nil {
				return err
			}
			if err := s.rejudge(ctx, one, m.Revision, nil); err != nil { // a text does not differ from itself
				return err
			}
			baselines[m.Device] = one
			done.Devices = append(done.Devices, m.Device)
		}
		return nil
	})
	if err != nil {
		return Done{}, fmt.Errorf("approve what runs: %w", err)
	}
	return done, nil
}

// seenAs says why a member is not as it was shown; "" when it is.
func (s *Store) seenAs(ctx context.Context, m Member) (string, error) {
	head, err := s.rows.Head(ctx, m.Device, Running)
	switch {
	case errors.Is(err, ErrNoRevision):
		return leftNothing, nil
	case err != nil:
		return "", err
	case head.Revision != m.Revision:
		return leftMoved, nil
	}
	return "", nil
}

// Approvals lists what was approved of a device, newest first.
func (s *Store) Approvals(ctx context.Context, dev netdev.DeviceID) ([]Approval, error) {
	return s.rows.Approvals(ctx, dev)
}

// Baselines gives the approval that running configurations are compared with,
// by device; of one device when dev is set.
func (s *Store) Baselines(ctx context.Context, dev netdev.DeviceID) (map[netdev.DeviceID]Approval, error) {
	list, err := s.rows.Baselines(ctx, dev)
	if err != nil {
		return nil, fmt.Errorf("baselines: %w", err)
	}
	out := make(map[netdev.DeviceID]Approval, len(list))
	for _, a := range list {
		if a.Source == Running {
			out[a.Device] = a
		}
	}
	return out, nil
}
