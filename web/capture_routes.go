package web

import (
	"context"
	"strconv"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/capture"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// captureTable are the rows of what is heard on the wire.
func (s *Server) captureTable() []route {
	return append(lists("/capture", auth.JobRead, s.capturePage),
		route{Method: get, Path: "/capture/heard/:id", Permission: auth.JobRead, Scope: scopeSite, Handler: s.sightingPage},
		apiRow(get, "/sightings", auth.JobRead, "", s.apiSightings))
}

// apiSighting is one sender that was heard on a wire, in its own words.
type apiSighting struct {
	ID        int64            `json:"id"`
	Near      topology.End     `json:"near"` // without id: an interface of the appliance
	Via       string           `json:"via"`
	Protocol  string           `json:"protocol"`
	SourceMAC netdev.MAC       `json:"source_mac,omitempty"`
	VLAN      int              `json:"vlan,omitempty"`
	Far       *topology.End    `json:"far,omitempty"` // the device of the inventory that sent it
	Proves    topology.Verdict `json:"proves,omitempty"`
	Because   string           `json:"because,omitempty"`
	Candidate string           `json:"candidate,omitempty"`
	Stale     bool             `json:"stale,omitempty"`
	Hold      float64          `json:"hold_seconds,omitempty"`
	Frames    int              `json:"frames"`
	First     time.Time        `json:"first_seen"`
	Last      time.Time        `json:"last_seen"`
	Facts     capture.Facts    `json:"facts"`
}

func (s *Server) apiSightings(ctx context.Context, in *PageIn) (*out[pageOut[apiSighting]], error) {
	all, err := s.Capture.Sightings(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]apiSighting, len(all))
	for i, x := range all {
		rows[i] = newAPISighting(x, s.Now())
	}
	return cut(rows, func(x apiSighting) string { return strconv.FormatInt(x.ID, 10) }, *in), nil
}

func newAPISighting(x discovery.Sighting, now time.Time) apiSighting {
	a := apiSighting{ID: x.ID, Near: x.Near, Via: x.Via, Protocol: x.Protocol, SourceMAC: x.SourceMAC, VLAN: x.VLAN, Proves: x.Verdict, Because: x.Because,
		Candidate: x.Candidate, Stale: x.Expired(now), Hold: x.Hold.Seconds(), Frames: x.Frames, First: x.Since.UTC(), Last: x.Time.UTC(), Facts: x.Facts}
	if x.Far.ID != "" {
		a.Far = &x.Far
	}
	return a
}
