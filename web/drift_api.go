package web

import (
	"context"
	"errors"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/netdev"
)

// apiFinding is one difference of one device.
type apiFinding struct {
	Device    netdev.DeviceID `json:"device"`
	Kind      drift.Kind      `json:"kind"`
	Key       string          `json:"key"`
	Group     string          `json:"group" doc:"the same for the same difference on any device"`
	State     drift.State     `json:"state"`
	Since     time.Time       `json:"since"`
	AsOf      *time.Time      `json:"as_of,omitempty" doc:"the device is stale: the state is that of this time"`
	By        string          `json:"by,omitempty"`
	Note      string          `json:"note,omitempty"`
	Until     *time.Time      `json:"until,omitempty"`
	Returns   int             `json:"returns"`
	Reference string          `json:"reference"`
	Revision  string          `json:"revision"`
	Change    drift.Change    `json:"change"`
}

func newAPIFinding(f drift.Finding) apiFinding {
	return apiFinding{Device: f.Device, Kind: f.Kind, Key: f.Key, Group: drift.GroupKey(f.Kind, f.Change), State: f.State, Since: f.Since.UTC(), AsOf: some(f.AsOf),
		By: f.By, Note: f.Note, Until: some(f.Until), Returns: f.Returns, Reference: f.Reference, Revision: f.Revision, Change: f.Change}
}

// some is a time where there is one.
func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

type driftIn struct {
	PageIn
	Kind   string `query:"kind" enum:"startup,baseline,previous" doc:"of one kind; without it startup and baseline"`
	State  string `query:"state" enum:"open,acknowledged,resolved" doc:"in one state; without it all that are there"`
	Device string `query:"device" maxLength:"64"`
	Group  string `query:"group" maxLength:"64"`
}

func (s *Server) apiDrift(ctx context.Context, in *driftIn) (*out[pageOut[apiFinding]], error) {
	kinds := driftKinds()
	if in.Kind != "" {
		kinds = []drift.Kind{drift.Kind(in.Kind)}
	}
	var rows []apiFinding
	for _, k := range kinds {
		all, err := s.Store.Findings(ctx, configstore.FindingFilter{Device: netdev.DeviceID(in.Device), Kind: k, State: drift.State(in.State), Live: in.State == ""})
		if err != nil {
			return nil, err
		}
		for _, f := range all {
			if r := newAPIFinding(f); in.Group == "" || r.Group == in.Group {
				rows = append(rows, r)
			}
		}
	}
	return cut(rows, func(f apiFinding) string { return string(f.Device) + " " + f.Key }, in.PageIn), nil
}

type apiEdge struct {
	At     time.Time       `json:"at"`
	Device netdev.DeviceID `json:"device"`
	From   drift.State     `json:"from"`
	To     drift.State     `json:"to"`
	Why    drift.Why       `json:"why"`
	By     string          `json:"by,omitempty"`
	Note   string          `json:"note,omitempty"`
}

type apiGroupOut struct {
	Group   string       `json:"group"`
	Kind    drift.Kind   `json:"kind"`
	State   drift.State  `json:"state"`
	Change  drift.Change `json:"change"`
	Members []apiFinding `json:"members"`
	History []apiEdge    `json:"history" doc:"newest first"`
}

func (s *Server) apiGroup(ctx context.Context, in *byID) (*out[apiGroupOut], error) {
	g, err := s.Drift.Group(ctx, in.ID)
	if err != nil {
		return nil, notThere(err)
	}
	edges, err := s.Drift.Edges(ctx, configstore.EdgeFilter{Group: g.Key}, historyShown)
	if err != nil {
		return nil, err
	}
	o := apiGroupOut{Group: g.Key, Kind: g.Kind, State: g.State(), Change: g.Change, Members: []apiFinding{}, History: []apiEdge{}}
	for _, m := range g.Members {
		o.Members = append(o.Members, newAPIFinding(m))
	}
	for _, e := range edges {
		o.History = append(o.History, apiEdge{e.At.UTC(), e.Device, e.From, e.To, e.Why, e.By, e.Note})
	}
	return &out[apiGroupOut]{o}, nil
}

func notThere(err error) error {
	if errors.Is(err, configstore.ErrNoGroup) {
		return huma.Error404NotFound("This difference is not there any more.")
	}
	return err
}

// apiMember is a device as the caller saw it; one that moved since is left out.
type apiMember struct {
	Device   netdev.DeviceID        `json:"device" maxLength:"64"`
	Revision configstore.RevisionID `json:"revision" maxLength:"64" doc:"the newest running revision that the caller saw"`
}

type apiLeft struct {
	Device netdev.DeviceID `json:"device"`
	Why    string          `json:"why"`
}

type apiDone struct {
	Devices []netdev.DeviceID `json:"devices"`
	Left    []apiLeft         `json:"left_out"`
}

func newAPIDone(d configstore.Done) *out[apiDone] {
	o := apiDone{Devices: append([]netdev.DeviceID{}, d.Devices...), Left: []apiLeft{}}
	for _, l := range d.Left {
		o.Left = append(o.Left, apiLeft{l.Device, l.Why})
	}
	return &out[apiDone]{o}
}

type acknowledgeIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Members []apiMember `json:"members" minItems:"1" maxItems:"10000"`
		Comment string      `json:"comment" minLength:"1" maxLength:"500"`
		Until   *time.Time  `json:"until,omitempty" doc:"then it is open again; without it, it stays until the difference is gone"`
	}
}

func (s *Server) apiAcknowledge(ctx context.Context, in *acknowledgeIn) (*out[apiDone], error) {
	e := drift.Event{What: drift.Acknowledge, Note: in.Body.Comment}
	if in.Body.Until != nil {
		if e.Until = in.Body.Until.UTC(); !e.Until.After(s.Now()) {
			return nil, badRequest(errors.New("until: that time is over"))
		}
	}
	done, err := s.Drift.SayOfGroup(ctx, actorOf(ctx), in.ID, asMembers(in.Body.Members), e)
	return newAPIDone(done), notThere(err)
}

type reopenIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Members []apiMember `json:"members" minItems:"1" maxItems:"10000"`
		Comment string      `json:"comment,omitempty" maxLength:"500"`
	}
}

func (s *Server) apiReopen(ctx context.Context, in *reopenIn) (*out[apiDone], error) {
	done, err := s.Drift.SayOfGroup(ctx, actorOf(ctx), in.ID, asMembers(in.Body.Members), drift.Event{What: drift.Withdraw, Note: in.Body.Comment})
	return newAPIDone(done), notThere(err)
}

func asMembers(in []apiMember) []configstore.Member {
	var out []configstore.Member
	for _, m := range in {
		out = append(out, configstore.Member(m))
	}
	return out
}

type apiApproval struct {
	Revision configstore.RevisionID `json:"revision"`
	By       string                 `json:"by"`
	At       time.Time              `json:"at"`
	Comment  string                 `json:"comment,omitempty"`
}

// apiBaseline lists what was approved of a device, newest first: the first is
// its baseline.
func (s *Server) apiBaseline(ctx context.Context, in *byID) (*out[[]apiApproval], error) {
	if _, err := s.Inventory.Device(ctx, netdev.DeviceID(in.ID)); err != nil {
		return nil, err
	}
	all, err := s.Drift.Approvals(ctx, netdev.DeviceID(in.ID))
	rows := []apiApproval{}
	for _, a := range all {
		rows = append(rows, apiApproval{a.Revision, a.By, a.At.UTC(), a.Comment})
	}
	return &out[[]apiApproval]{rows}, err
}

type approveIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Revision configstore.RevisionID `json:"revision" maxLength:"64"`
		Comment  string                 `json:"comment,omitempty" maxLength:"500"`
	}
}

func (s *Server) apiApprove(ctx context.Context, in *approveIn) (*out[[]apiApproval], error) {
	dev, err := s.Inventory.Device(ctx, netdev.DeviceID(in.ID))
	if err != nil {
		return nil, err
	}
	err = s.Drift.Approve(ctx, actorOf(ctx), dev, in.Body.Revision, in.Body.Comment)
	if errors.Is(err, configstore.ErrNotApprovable) {
		return nil, badRequest(configstore.ErrNotApprovable)
	}
	if err != nil {
		return nil, err
	}
	return s.apiBaseline(ctx, &byID{in.ID})
}
