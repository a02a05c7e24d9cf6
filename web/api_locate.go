package web

import (
	"context"
	"errors"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/netdev"
)

// apiCandidate is a neighbour that no device matches.
type apiCandidate struct {
	ID        string          `json:"id"`
	Name      string          `json:"name,omitempty"`
	ChassisID string          `json:"chassis_id,omitempty"`
	What      string          `json:"what,omitempty"`
	Addresses []string        `json:"addresses,omitempty"`
	State     string          `json:"state" doc:"open, accepted or ignored"`
	By        string          `json:"by,omitempty"`
	Decided   time.Time       `json:"decided,omitzero"`
	Run       discovery.RunID `json:"run,omitempty"`
	FirstSeen time.Time       `json:"first_seen"`
	LastSeen  time.Time       `json:"last_seen"`
	Told      []apiTold       `json:"told"`
}

type apiTold struct {
	Device   netdev.DeviceID `json:"device"`
	Name     string          `json:"name"`
	Port     string          `json:"port"`
	Protocol string          `json:"protocol"`
	PortID   string          `json:"port_id,omitempty"`
	Reason   string          `json:"reason"`
	Since    time.Time       `json:"since"`
}

type candidatesIn struct {
	PageIn
	State string `query:"state" enum:"open,accepted,ignored" default:"open"`
}

func (s *Server) apiCandidates(ctx context.Context, in *candidatesIn) (*out[pageOut[apiCandidate]], error) {
	all, err := s.Inventory.Candidates(ctx)
	if err != nil {
		return nil, err
	}
	rows := []apiCandidate{}
	for _, c := range inState(all, stateOf(in.State)) {
		r := apiCandidate{ID: c.ID, Name: c.Name, ChassisID: c.ChassisID, What: c.What, State: string(c.State), By: c.By, Decided: c.Decided, Run: c.Run, FirstSeen: c.FirstSeen, LastSeen: c.LastSeen, Told: []apiTold{}}
		for _, a := range c.Addresses {
			r.Addresses = append(r.Addresses, a.String())
		}
		for _, t := range c.Told {
			r.Told = append(r.Told, apiTold{t.ID, t.Device, t.Port, t.Protocol, t.PortID, t.Reason, t.Since})
		}
		rows = append(rows, r)
	}
	return cut(rows, func(c apiCandidate) string { return c.ID }, in.PageIn), nil
}

type acceptIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body *struct {
		Address string `json:"address,omitempty" maxLength:"64" doc:"one of those it told; may be left out where it told one"`
	}
}

func (s *Server) apiAcceptCandidate(ctx context.Context, in *acceptIn) (*out[discoverOut], error) {
	address := ""
	if in.Body != nil {
		address = in.Body.Address
	}
	_, run, err := s.accept(ctx, userOf(ctx), in.ID, address)
	if errors.Is(err, errNoAddress) {
		return nil, badRequest(err)
	}
	return &out[discoverOut]{discoverOut{ID: run}}, err
}

func (s *Server) apiIgnoreCandidate(ctx context.Context, in *byID) (*nothing, error) {
	return &nothing{}, s.Inventory.DecideCandidate(ctx, in.ID, discovery.CandidateIgnored, userOf(ctx), "")
}

func (s *Server) apiRestoreCandidate(ctx context.Context, in *byID) (*nothing, error) {
	err := s.restore(ctx, userOf(ctx), in.ID)
	if errors.Is(err, errNotIgnored) {
		return nil, huma.Error409Conflict(visible(err.Error()))
	}
	return &nothing{}, err
}

// apiPlace is where an end system is or was.
type apiPlace struct {
	MAC        netdev.MAC      `json:"mac"`
	Address    string          `json:"address,omitempty"`
	Device     netdev.DeviceID `json:"device"`
	Name       string          `json:"name"`
	Port       string          `json:"port"`
	VLAN       int             `json:"vlan,omitempty"`
	Confidence float64         `json:"confidence"`
	Because    string          `json:"because"`
	From       time.Time       `json:"from"`
	To         time.Time       `json:"to,omitzero"`
	LastSeen   time.Time       `json:"last_seen"`
}

func newAPIPlace(p discovery.Place) apiPlace {
	out := apiPlace{MAC: p.MAC, Device: p.Device, Name: p.Name, Port: p.Port, VLAN: p.VLAN, Confidence: p.Confidence, Because: p.Because, From: p.Since, To: p.Until, LastSeen: p.LastSeen}
	if p.Address.IsValid() {
		out.Address = p.Address.String()
	}
	return out
}

func (s *Server) apiHosts(ctx context.Context, in *PageIn) (*out[pageOut[apiPlace]], error) {
	all, err := s.Inventory.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]apiPlace, len(all))
	for i, p := range all {
		rows[i] = newAPIPlace(p)
	}
	return cut(rows, func(p apiPlace) string { return string(p.MAC) }, *in), nil
}

type searchIn struct {
	Q string `query:"q" maxLength:"256" doc:"a name, an address, a MAC in any writing, a serial number, a model or a port's description"`
}

type searchOut struct {
	MAC    netdev.MAC `json:"mac,omitempty" doc:"as which the query was read"`
	Groups []apiGroup `json:"groups"`
	Places []apiPlace `json:"places" doc:"where the MAC or address is and was, those of now first"`
}

type apiGroup struct {
	Name  string   `json:"name"`
	Total int      `json:"total"`
	Hits  []apiHit `json:"hits"`
}

type apiHit struct {
	Device netdev.DeviceID `json:"device,omitempty"`
	Title  string          `json:"title"`
	Field  string          `json:"field"`
	Text   string          `json:"text"`
	Path   string          `json:"path"`
}

func (s *Server) apiSearch(ctx context.Context, in *searchIn) (*out[searchOut], error) {
	f, err := s.search(ctx, seer(ctx), in.Q)
	if err != nil {
		return nil, err
	}
	o := searchOut{MAC: f.MAC, Groups: []apiGroup{}, Places: []apiPlace{}}
	for _, g := range f.Groups {
		group := apiGroup{Name: g.Name, Total: g.Total}
		for _, h := range g.Hits {
			group.Hits = append(group.Hits, apiHit{h.ID, h.Title, h.Field, h.Before + h.Match + h.After, h.Href})
		}
		o.Groups = append(o.Groups, group)
	}
	for _, p := range f.Places {
		o.Places = append(o.Places, newAPIPlace(p))
	}
	return &out[searchOut]{o}, nil
}
