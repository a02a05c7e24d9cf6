package configstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/netdev"
)

// ErrNoGroup is returned where no finding is of a group.
var ErrNoGroup = errors.New("no such difference")

// Group gives the same difference on all devices that have it, or had it.
func (s *Store) Group(ctx context.Context, key string) (drift.Group, error) {
	all, err := s.Findings(ctx, FindingFilter{})
	if err != nil {
		return drift.Group{}, err
	}
	for _, g := range drift.Groups(inGroup(all, key)) {
		return g, nil
	}
	return drift.Group{}, ErrNoGroup
}

func inGroup(fs []drift.Finding, key string) []drift.Finding {
	return slices.DeleteFunc(fs, func(f drift.Finding) bool { return drift.GroupKey(f.Kind, f.Change) != key })
}

// SayOfGroup acknowledges a difference on the members that are as they were
// shown, or takes that back, in one transaction. e says which.
func (s *Store) SayOfGroup(ctx context.Context, key string, members []Member, e drift.Event) (Done, error) {
	if e.At.IsZero() {
		e.At = s.now()
	}
	e.At = e.At.UTC()
	var done Done
	err := s.rows.InTx(ctx, func(ctx context.Context) error {
		done = Done{}
		live, err := s.rows.Findings(ctx, FindingFilter{Live: true})
		if err != nil {
			return err
		}
		live = inGroup(live, key)
		if len(live) == 0 {
			return ErrNoGroup
		}
		shown := map[netdev.DeviceID]Member{}
		for _, m := range members {
			shown[m.Device] = m
		}
		var rows []drift.Finding
		var edges []drift.Edge
		for _, g := range drift.Groups(live) {
			for _, dev := range g.Devices() {
				r, ed, why, err := s.sayOf(ctx, g.Members, dev, shown, e)
				if err != nil {
					return err
				}
				delete(shown, dev)
				if why != "" {
					done.Left = append(done.Left, LeftOut{dev, why})
					continue
				}
				rows, edges = append(rows, r...), append(edges, ed...)
				done.Devices = append(done.Devices, dev)
			}
		}
		for _, m := range members {
			if _, ok := shown[m.Device]; ok {
				done.Left = append(done.Left, LeftOut{m.Device, leftGone})
				delete(shown, m.Device)
			}
		}
		if err := s.rows.SaveFindings(ctx, rows); err != nil {
			return err
		}
		return s.rows.AddEdges(ctx, edges)
	})
	if err != nil {
		return Done{}, fmt.Errorf("%s a difference: %w", e.What, err)
	}
	return done, nil
}

// sayOf moves the findings of one device, or says why it is left out.
func (s *Store) sayOf(ctx context.Context, all []drift.Finding, dev netdev.DeviceID, shown map[netdev.DeviceID]Member, e drift.Event) (rows []drift.Finding, edges []drift.Edge, left string, err error) {
	m, ok := shown[dev]
	if !ok {
		return nil, nil, leftNew, nil
	}
	if left, err = s.seenAs(ctx, m); err != nil || left != "" {
		return nil, nil, left, err
	}
	for _, f := range all {
		if f.Device != dev {
			continue
		}
		f, ed, err := f.Step(e)
		if errors.Is(err, drift.ErrState) {
			return nil, nil, err.Error(), nil
		}
		if err != nil {
			return nil, nil, "", err
		}
		rows, edges = append(rows, f), append(edges, ed...)
	}
	return rows, edges, "", nil
}
