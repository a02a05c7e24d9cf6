package configstore

import (
	"context"
	"fmt"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Freshness says how far a device's kept text can be believed to be the one it
// runs.
type Freshness string

// The freshnesses.
const (
	Fresh Freshness = "fresh" // confirmed within its schedule and grace
	Stale Freshness = "stale" // confirmed once, too long ago
	Never Freshness = "never" // no text was ever read
)

// HeadState is the newest revision of a source and when the device last showed
// that text.
type HeadState struct {
	Revision    Revision
	ConfirmedAt time.Time
}

// DeviceState is derived from heads and attempts, never stored.
type DeviceState struct {
	Running     *HeadState
	Startup     *HeadState
	LastAttempt *Attempt
	Freshness   Freshness // of Running
}

// States gives the state of every device that was ever tried. A device that is
// not in the map was never tried, which is Never.
func (s *Store) States(ctx context.Context) (map[netdev.DeviceID]DeviceState, error) {
	last, err := s.rows.LastAttempts(ctx)
	if err != nil {
		return nil, fmt.Errorf("states of devices: %w", err)
	}
	heads, err := s.rows.Heads(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("states of devices: %w", err)
	}
	out := make(map[netdev.DeviceID]DeviceState, len(last))
	for dev, a := range last {
		out[dev] = DeviceState{LastAttempt: &a, Freshness: Never}
	}
	newest, err := s.rows.HeadRevisions(ctx)
	if err != nil {
		return nil, fmt.Errorf("states of devices: %w", err)
	}
	for _, h := range heads {
		if r, ok := newest[h.Revision]; ok {
			out[h.Device] = s.withHead(out[h.Device], h, s.open(r))
		}
	}
	return out, nil
}

// State gives the state of one device.
func (s *Store) State(ctx context.Context, dev netdev.DeviceID) (DeviceState, error) {
	st := DeviceState{Freshness: Never}
	last, err := s.rows.Attempts(ctx, dev, 1)
	if err != nil {
		return st, fmt.Errorf("state of %s: %w", dev, err)
	}
	if len(last) > 0 {
		st.LastAttempt = &last[0]
	}
	heads, err := s.rows.Heads(ctx, dev)
	if err != nil {
		return st, fmt.Errorf("state of %s: %w", dev, err)
	}
	for _, h := range heads {
		r, err := s.Revision(ctx, h.Revision)
		if err != nil {
			return st, fmt.Errorf("state of %s: %w", dev, err)
		}
		st = s.withHead(st, h, r)
	}
	return st, nil
}

func (s *Store) withHead(st DeviceState, h Head, r Revision) DeviceState {
	if st.Freshness == "" {
		st.Freshness = Never
	}
	hs := &HeadState{Revision: r, ConfirmedAt: h.ConfirmedAt}
	switch h.Source {
	case Startup:
		st.Startup = hs
	case Running:
		st.Running, st.Freshness = hs, Fresh
		if s.stale(h) {
			st.Freshness = Stale
		}
	}
	return st
}

func (s *Store) stale(h Head) bool { return s.now().Sub(h.ConfirmedAt) > s.staleAfter }
