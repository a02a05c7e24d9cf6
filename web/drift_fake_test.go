package web

import (
	"context"
	"slices"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/netdev"
)

func (w *world) Baselines(_ context.Context, dev netdev.DeviceID) (map[netdev.DeviceID]configstore.Approval, error) {
	out := map[netdev.DeviceID]configstore.Approval{}
	for _, a := range slices.Backward(w.approvals) {
		if dev == "" || dev == a.Device {
			out[a.Device] = a
		}
	}
	return out, nil
}

func (w *world) Approvals(_ context.Context, dev netdev.DeviceID) ([]configstore.Approval, error) {
	return slices.DeleteFunc(slices.Clone(w.approvals), func(a configstore.Approval) bool { return a.Device != dev }), nil
}

func (w *world) Group(_ context.Context, key string) (drift.Group, error) {
	for _, g := range drift.Groups(w.findings) {
		if g.Key == key {
			return g, nil
		}
	}
	return drift.Group{}, configstore.ErrNoGroup
}

func (w *world) Edges(_ context.Context, f configstore.EdgeFilter, limit int) ([]drift.Edge, error) {
	return w.edges[:min(limit, len(w.edges))], nil
}

// record is what the real one does in the transaction of its action.
func (w *world) record(ctx context.Context, by audit.Record, verb audit.Verb) error {
	by.Verb = verb
	return w.Append(ctx, by)
}

func (w *world) Approve(ctx context.Context, by audit.Record, dev netdev.Device, rev configstore.RevisionID, comment string) error {
	r, err := w.Revision(ctx, rev)
	switch {
	case err != nil:
		return err
	case r.Device != dev.ID:
		return configstore.ErrNoRevision
	case r.Source != configstore.Running:
		return configstore.ErrNotApprovable
	}
	if err := w.record(ctx, by, audit.BaselineApprove); err != nil {
		return err
	}
	w.approvals = slices.Insert(w.approvals, 0, configstore.Approval{Device: dev.ID, Source: configstore.Running, Revision: rev, By: by.Actor, At: w.now, Comment: comment})
	return nil
}

// left splits off the member that moved.
func (w *world) left(members []configstore.Member) (done configstore.Done) {
	for _, m := range members {
		if m.Device == w.moved {
			done.Left = append(done.Left, configstore.LeftOut{Device: m.Device, Why: "its configuration changed after the page was shown"})
			continue
		}
		done.Devices = append(done.Devices, m.Device)
	}
	return done
}

func (w *world) ApproveHeads(ctx context.Context, by audit.Record, members []configstore.Member, comment string) (configstore.Done, error) {
	done := w.left(members)
	for _, m := range members {
		if m.Device != w.moved {
			w.approvals = slices.Insert(w.approvals, 0, configstore.Approval{Device: m.Device, Source: configstore.Running, Revision: m.Revision, By: by.Actor, At: w.now, Comment: comment})
		}
	}
	return done, w.record(ctx, by, audit.BaselineApprove)
}

func (w *world) SayOfGroup(ctx context.Context, by audit.Record, key string, members []configstore.Member, e drift.Event) (configstore.Done, error) {
	if _, err := w.Group(ctx, key); err != nil {
		return configstore.Done{}, err
	}
	e.At, e.By = w.now, by.Actor
	done := w.left(members)
	for i, f := range w.findings {
		if drift.GroupKey(f.Kind, f.Change) == key && slices.Contains(done.Devices, f.Device) {
			next, edges, err := f.Step(e)
			if err != nil {
				return configstore.Done{}, err
			}
			w.findings[i], w.edges = next, append(edges, w.edges...)
		}
	}
	verb := audit.DriftAcknowledge
	if e.What == drift.Withdraw {
		verb = audit.DriftReopen
	}
	return done, w.record(ctx, by, verb)
}
