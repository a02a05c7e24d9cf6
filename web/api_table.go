package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// apiTable mirrors pages under /api/v1: same permission, same verb, same rows.
func (s *Server) apiTable() []route {
	return []route{
		{Method: get, Path: "/api/v1/openapi.json", Permission: auth.InventoryRead, Scope: scopeGlobal, API: true, Handler: s.openAPI},
		apiRow(get, "/devices", auth.InventoryRead, "", s.apiDevices),
		apiRow(get, "/devices/:id", auth.InventoryRead, "", s.apiDevice),
		apiRow(get, "/devices/:id/facts", auth.InventoryRead, "", s.apiFacts),
		apiRow(get, "/devices/:id/configs", auth.ConfigRead, "", s.apiConfigs),
		apiRow(post, "/devices/:id/backup", auth.JobRun, audit.BackupRun, s.apiBackup),
		apiRow(get, "/links", auth.TopologyRead, "", s.apiLinks),
		apiRow(get, "/unresolved", auth.JobRead, "", s.apiUnresolved),
		apiRow(get, "/candidates", auth.JobRead, "", s.apiCandidates),
		apiRow(post, "/discovery/candidates/:id/accept", auth.InventoryEdit, audit.CandidateAccept, s.apiAcceptCandidate),
		apiRow(post, "/discovery/candidates/:id/ignore", auth.InventoryEdit, audit.CandidateIgnore, s.apiIgnoreCandidate),
		apiRow(post, "/discovery/candidates/:id/restore", auth.InventoryEdit, audit.CandidateRestore, s.apiRestoreCandidate),
		apiRow(get, "/search", auth.InventoryRead, "", s.apiSearch),
		apiRow(get, "/hosts", auth.InventoryRead, "", s.apiHosts),
		apiRow(get, "/changes", auth.ConfigRead, "", s.apiChanges),
		apiRow(get, "/compliance/results", auth.ComplianceRead, "", s.apiResults),
		apiRow(get, "/discovery", auth.JobRead, "", s.apiRuns),
		apiRow(post, "/discovery", auth.JobRun, audit.DiscoveryRun, s.apiDiscover),
		apiRow(get, "/discovery/:id", auth.JobRead, "", s.apiRun),
	}
}

type (
	byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	nothing struct{}
	PageIn  struct {
		Limit int    `query:"limit" minimum:"1" maximum:"250" default:"100"`
		After string `query:"after" maxLength:"400" doc:"the next of the page before"`
	}
	out[T any] struct{ Body T }
	// pageOut is one page of rows; Next is there when more follow.
	pageOut[T any] struct {
		Items []T    `json:"items"`
		Total int    `json:"total"`
		Next  string `json:"next,omitempty"`
	}
)

// cut gives one page of rows by keyset.
func cut[T any](rows []T, id func(T) string, in PageIn) *out[pageOut[T]] {
	start := 0
	if in.After != "" {
		if i := slices.IndexFunc(rows, func(r T) bool { return id(r) == in.After }); i >= 0 {
			start = i + 1
		}
	}
	end := min(start+in.Limit, len(rows))
	o := &out[pageOut[T]]{Body: pageOut[T]{Items: slices.Clone(rows[start:end]), Total: len(rows)}}
	if o.Body.Items == nil {
		o.Body.Items = []T{}
	}
	if end < len(rows) && end > start {
		o.Body.Next = id(rows[end-1])
	}
	return o
}

// apiDeviceRow is a device with what is known of its configurations.
type apiDeviceRow struct {
	ID        netdev.DeviceID   `json:"id"`
	Name      string            `json:"name"`
	Address   string            `json:"address"`
	Aliases   []string          `json:"aliases,omitempty"`
	Site      string            `json:"site,omitempty"`
	Role      string            `json:"role,omitempty"`
	Vendor    string            `json:"vendor,omitempty"`
	Platform  netdev.PlatformID `json:"platform,omitempty"`
	OS        string            `json:"os,omitempty"`
	Kind      netdev.Kind       `json:"kind"`
	Model     string            `json:"model,omitempty"`
	Version   string            `json:"version,omitempty"`
	Serial    string            `json:"serial,omitempty"`
	FirstSeen time.Time         `json:"first_seen"`
	LastSeen  time.Time         `json:"last_seen"`
	Backup    string            `json:"backup" doc:"stored, stale, failed or never"`
	Reason    netdev.Reason     `json:"reason,omitempty"`
	Running   *apiHead          `json:"running,omitempty"`
	Startup   *apiHead          `json:"startup,omitempty"`
	Pass      int               `json:"pass"`
	Fail      int               `json:"fail"`
	Unknown   int               `json:"unknown"`
	Unsaved   int               `json:"unsaved"`
	Managed   *netdev.Managed   `json:"managed,omitempty" doc:"who manages it in our place"`
	Approved  string            `json:"approved" doc:"yes, no, or never: does it run what was approved"`
}

type apiHead struct {
	Revision  configstore.RevisionID `json:"revision"`
	Confirmed time.Time              `json:"confirmed"`
	FirstSeen time.Time              `json:"first_seen"`
	Lines     int                    `json:"lines"`
}

func newAPIDevice(r deviceRow) apiDeviceRow {
	d := apiDeviceRow{ID: r.ID, Name: r.Name, Address: addressText(r.Address), Site: r.Site, Role: r.Role, Vendor: r.Vendor, Platform: r.Platform, OS: r.OS, Kind: r.Kind,
		Model: r.Model, Version: r.Version, Serial: r.Serial, FirstSeen: r.FirstSeen.UTC(), LastSeen: r.LastSeen.UTC(), Backup: r.Backup, Reason: r.Reason,
		Pass: r.Pass, Fail: r.Fail, Unknown: r.Unknown, Unsaved: r.Unsaved, Approved: r.approvedWord(), Running: newAPIHead(r.State.Running), Startup: newAPIHead(r.State.Startup)}
	if r.ByController() {
		d.Managed = &r.Managed
	}
	for _, a := range r.Aliases {
		d.Aliases = append(d.Aliases, a.String())
	}
	return d
}

func newAPIHead(h *configstore.HeadState) *apiHead {
	if h == nil {
		return nil
	}
	return &apiHead{h.Revision.ID, h.ConfirmedAt.UTC(), h.Revision.FirstSeen.UTC(), h.Revision.Lines}
}

type devicesIn struct {
	PageIn
	Q string `query:"q" maxLength:"1000" doc:"words of the filter: site:berlin backup:failed"`
}

func (s *Server) apiDevices(ctx context.Context, in *devicesIn) (*out[pageOut[apiDeviceRow]], error) {
	f, err := s.fleet(ctx)
	if err != nil {
		return nil, err
	}
	words, err := parseFilter(in.Q, s.Now())
	if err != nil {
		return nil, badRequest(err)
	}
	var rows []apiDeviceRow
	for _, r := range f.Rows {
		if words.match(r) {
			rows = append(rows, newAPIDevice(r))
		}
	}
	return cut(rows, func(r apiDeviceRow) string { return string(r.ID) }, in.PageIn), nil
}

func (s *Server) apiDevice(ctx context.Context, in *byID) (*out[apiDeviceRow], error) {
	f, err := s.fleet(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range f.Rows {
		if string(r.ID) == in.ID {
			return &out[apiDeviceRow]{newAPIDevice(r)}, nil
		}
	}
	return nil, discovery.ErrNoDevice
}

type apiFactsOut struct {
	Facts netdev.Facts `json:"facts"`
	Taken time.Time    `json:"taken"`
	Why   []netdev.Why `json:"why"`
}

func (s *Server) apiFacts(ctx context.Context, in *byID) (*out[apiFactsOut], error) {
	if _, err := s.Inventory.Device(ctx, netdev.DeviceID(in.ID)); err != nil {
		return nil, err
	}
	f, id, err := s.Inventory.Facts(ctx, netdev.DeviceID(in.ID))
	return &out[apiFactsOut]{apiFactsOut{f, f.Taken.UTC(), id.Why}}, err
}

// apiRevision is a revision without any digest of unmasked bytes.
type apiRevision struct {
	ID        configstore.RevisionID `json:"id"`
	Device    netdev.DeviceID        `json:"device"`
	Name      string                 `json:"name,omitempty"`
	Source    configstore.Source     `json:"source"`
	FirstSeen time.Time              `json:"first_seen"`
	LastSeen  time.Time              `json:"last_seen"`
	Lines     int                    `json:"lines"`
	Added     int                    `json:"added"`
	Removed   int                    `json:"removed"`
	By        string                 `json:"by,omitempty"`
}

func newAPIRevision(r configstore.Revision, name string) apiRevision {
	return apiRevision{r.ID, r.Device, name, r.Source, r.FirstSeen.UTC(), r.LastSeen.UTC(), r.Lines, r.Added, r.Removed, r.ChangedBy}
}

func (s *Server) apiConfigs(ctx context.Context, in *byID) (*out[[]apiRevision], error) {
	if _, err := s.Inventory.Device(ctx, netdev.DeviceID(in.ID)); err != nil {
		return nil, err
	}
	rows := []apiRevision{}
	for _, src := range []configstore.Source{configstore.Running, configstore.Startup} {
		h, err := s.Store.History(ctx, netdev.DeviceID(in.ID), src)
		if err != nil {
			return nil, err
		}
		for _, r := range h {
			rows = append(rows, newAPIRevision(r, ""))
		}
	}
	return &out[[]apiRevision]{rows}, nil
}

func (s *Server) apiChanges(ctx context.Context, in *PageIn) (*out[pageOut[apiRevision]], error) {
	f, err := s.fleet(ctx)
	if err != nil {
		return nil, err
	}
	changes, err := s.changeRows(ctx, f, recentMax)
	if err != nil {
		return nil, err
	}
	var rows []apiRevision
	for _, c := range changes {
		rows = append(rows, newAPIRevision(c.Revision, c.Device.Name))
	}
	return cut(rows, func(r apiRevision) string { return string(r.ID) }, *in), nil
}

func (s *Server) apiLinks(ctx context.Context, in *PageIn) (*out[pageOut[topology.Link]], error) {
	all, err := s.Inventory.Links(ctx)
	if err != nil {
		return nil, err
	}
	rows, _ := linkList(all, s.Now()).sorted("a")
	return cut(rows, linkList(nil, s.Now()).ID, *in), nil
}

func (s *Server) apiUnresolved(ctx context.Context, in *PageIn) (*out[pageOut[topology.Unresolved]], error) {
	all, err := s.Inventory.Unresolved(ctx)
	if err != nil {
		return nil, err
	}
	return cut(all, func(u topology.Unresolved) string {
		return u.Device + " " + u.Port + " " + u.ChassisID + " " + u.PortID + " " + u.SysName
	}, *in), nil
}

type resultsIn struct {
	PageIn
	Verdict string `query:"verdict"`
	Rule    string `query:"rule"`
	Device  string `query:"device"`
}

// apiResult is a verdict on one device.
type apiResult struct {
	Device   netdev.DeviceID        `json:"device"`
	Revision configstore.RevisionID `json:"revision"`
	Since    time.Time              `json:"since"`
	compliance.Result
}

func (s *Server) apiResults(ctx context.Context, in *resultsIn) (*out[pageOut[apiResult]], error) {
	f := configstore.ResultFilter{Device: netdev.DeviceID(in.Device), Rule: in.Rule, Verdict: compliance.Verdict(in.Verdict)}
	all, err := s.Store.Results(ctx, f)
	if err != nil {
		return nil, err
	}
	var rows []apiResult
	for _, r := range all {
		rows = append(rows, apiResult{r.Device, r.Revision, r.Since.UTC(), r.Result})
	}
	id := func(r apiResult) string { return string(r.Device) + " " + r.Rule }
	slices.SortStableFunc(rows, func(a, b apiResult) int { return strings.Compare(id(a), id(b)) })
	return cut(rows, id, in.PageIn), nil
}

func (s *Server) apiRuns(ctx context.Context, _ *nothing) (*out[[]discovery.Run], error) {
	runs, err := s.Inventory.Runs(ctx, runsShown)
	if runs == nil {
		runs = []discovery.Run{}
	}
	return &out[[]discovery.Run]{runs}, err
}

func (s *Server) apiRun(ctx context.Context, in *byID) (*out[discovery.Run], error) {
	if l, ok := s.Runner.LiveRun(discovery.RunID(in.ID)); ok {
		return &out[discovery.Run]{l.Run}, nil
	}
	r, err := s.Inventory.Run(ctx, discovery.RunID(in.ID))
	return &out[discovery.Run]{r}, err
}

type discoverIn struct {
	Body struct {
		Targets  []string `json:"targets" minItems:"1" maxItems:"1000"`
		Excludes []string `json:"excludes,omitempty" maxItems:"1000"`
		Rate     int      `json:"rate,omitempty" minimum:"0"`
		Crawl    bool     `json:"crawl,omitempty"`
		Site     string   `json:"site,omitempty" maxLength:"200"`
		DryRun   bool     `json:"dry_run,omitempty"`
	}
}

type discoverOut struct {
	ID   discovery.RunID `json:"id,omitempty"`
	Plan *Plan           `json:"plan,omitempty"`
}

func (s *Server) apiDiscover(ctx context.Context, in *discoverIn) (*out[discoverOut], error) {
	req := DiscoveryRequest{in.Body.Targets, in.Body.Excludes, in.Body.Rate, in.Body.Crawl, in.Body.Site}
	plan, err := s.Runner.Plan(ctx, req)
	if err != nil {
		return nil, badRequest(err)
	}
	if in.Body.DryRun {
		return &out[discoverOut]{discoverOut{Plan: &plan}}, nil
	}
	id, err := s.Runner.StartDiscovery(ctx, userOf(ctx), req)
	return &out[discoverOut]{discoverOut{ID: id}}, err
}

func (s *Server) apiBackup(ctx context.Context, in *byID) (*out[map[string]string], error) {
	if _, err := s.Inventory.Device(ctx, netdev.DeviceID(in.ID)); err != nil {
		return nil, err
	}
	batch, err := s.Runner.BackupDevices(ctx, userOf(ctx), []netdev.DeviceID{netdev.DeviceID(in.ID)})
	return &out[map[string]string]{map[string]string{"batch": batch}}, err
}
