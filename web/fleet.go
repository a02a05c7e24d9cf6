package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/netdev"
)

// deviceRow is a device with all that lists say of it. Overview and inventory
// count the same rows by the same words, so that they cannot disagree.
type deviceRow struct {
	netdev.Device
	State      configstore.DeviceState
	Backup     string // stored failed stale never, controller: kept by it
	Reason     netdev.Reason
	Pass       int
	Fail       int
	Unknown    int
	Worst      compliance.Severity // of what fails
	Unsaved    int                 // open differences from the startup configuration
	Since      time.Time           // of the oldest of them
	Approved   bool                // a revision is approved to compare with
	Unapproved int                 // open differences from it
	Strayed    time.Time           // since when it differs
	Changed    time.Time           // when the running configuration last became another one
	Paused     time.Time           // until then nobody logs in, so that no account is locked; zero: no pause
}

// fleet is every device and what is judged on it, read once a page.
type fleet struct {
	Rows     []deviceRow
	Results  []configstore.RuleResult
	Findings []drift.Finding // that are there, of the kinds that have a list
	Names    map[netdev.DeviceID]netdev.Device
}

func (s *Server) fleet(ctx context.Context) (fleet, error) {
	var f fleet
	devices, err := s.Inventory.Devices(ctx)
	if err != nil {
		return f, err
	}
	states, err := s.Store.States(ctx)
	if err != nil {
		return f, err
	}
	if f.Results, err = s.Store.Results(ctx, configstore.ResultFilter{}); err != nil {
		return f, err
	}
	if f.Findings, err = s.findings(ctx, ""); err != nil {
		return f, err
	}
	baselines, err := s.Drift.Baselines(ctx, "")
	if err != nil {
		return f, err
	}
	paused, err := s.pausedLogins(ctx)
	if err != nil {
		return f, err
	}
	at := make(map[netdev.DeviceID]int, len(devices))
	f.Names = make(map[netdev.DeviceID]netdev.Device, len(devices))
	f.Rows = make([]deviceRow, len(devices))
	for i, d := range devices {
		f.Rows[i] = newDeviceRow(d, states[d.ID])
		f.Rows[i].Paused = paused[d.ID]
		_, f.Rows[i].Approved = baselines[d.ID]
		at[d.ID], f.Names[d.ID] = i, d
	}
	for _, r := range f.Results {
		if i, ok := at[r.Device]; ok {
			f.Rows[i].judge(r.Result)
		}
	}
	for _, d := range f.Findings {
		if i, ok := at[d.Device]; ok {
			f.Rows[i].drifts(d)
		}
	}
	return f, nil
}

// of gives the verdicts on one device.
func (f fleet) of(id netdev.DeviceID) []configstore.RuleResult {
	var out []configstore.RuleResult
	for _, r := range f.Results {
		if r.Device == id {
			out = append(out, r)
		}
	}
	return out
}

// findings lists the differences that are there, of the kinds that have a list.
func (s *Server) findings(ctx context.Context, dev netdev.DeviceID) ([]drift.Finding, error) {
	var out []drift.Finding
	for _, k := range driftKinds() {
		all, err := s.Store.Findings(ctx, configstore.FindingFilter{Device: dev, Kind: k, Live: true})
		if err != nil {
			return nil, err
		}
		out = append(out, all...)
	}
	return out, nil
}

func newDeviceRow(d netdev.Device, st configstore.DeviceState) deviceRow {
	r := deviceRow{Device: d, State: st, Backup: "never"}
	if st.Running != nil {
		if st.Running.Revision.Seq > 1 { // a first revision is a beginning, not a change
			r.Changed = st.Running.Revision.FirstSeen
		}
		r.Backup = "stored"
		if st.Freshness == configstore.Stale {
			r.Backup = "stale"
		}
	}
	// What a person stopped says nothing of the device.
	if a := st.LastAttempt; a != nil && a.Reason != netdev.Cancelled && (a.Outcome == configstore.Failed || a.Outcome == configstore.PartialText) {
		r.Backup, r.Reason = "failed", a.Reason
	}
	if d.ByController() {
		r.Backup, r.Reason = keptByController, ""
	}
	return r
}

func (r *deviceRow) judge(v compliance.Result) {
	switch v.Verdict {
	case compliance.Pass:
		r.Pass++
	case compliance.Fail:
		r.Fail++
		if weight(v.Severity) > weight(r.Worst) {
			r.Worst = v.Severity
		}
	case compliance.Unknown:
		r.Unknown++
	}
}

func (r *deviceRow) drifts(f drift.Finding) {
	n, since := &r.Unsaved, &r.Since
	if f.Kind == drift.Baseline {
		n, since = &r.Unapproved, &r.Strayed
	}
	*n++
	if since.IsZero() || f.Since.Before(*since) {
		*since = f.Since
	}
}

// weight orders severities.
func weight(s compliance.Severity) int {
	return slices.Index([]compliance.Severity{"", compliance.Info, compliance.Low, compliance.Medium, compliance.High, compliance.Critical}, s)
}

// trouble orders rows for the first look: failed, changed identity, failing
// rules, not saved, the rest.
func (r deviceRow) trouble() int {
	n := 0
	switch r.Backup {
	case "failed":
		n += 4000
	case "stale":
		n += 3000
	case "never":
		n += 50
	}
	n += 100 * weight(max(r.Worst, ""))
	if r.Fail > 0 {
		n += 400 + r.Fail
	}
	if r.Unsaved > 0 {
		n += 300
	}
	return n
}

func (r deviceRow) name() string {
	if r.Name != "" {
		return said(r.Name)
	}
	return addressText(r.Address)
}

// confirmed is when the running configuration was last seen to be the truth.
func (r deviceRow) confirmed() time.Time {
	if r.State.Running == nil {
		return time.Time{}
	}
	return r.State.Running.ConfirmedAt
}

// deviceHref is the address of a device's page.
func deviceHref(id netdev.DeviceID, tab string) string {
	return "/devices/" + segment(string(id)) + "/" + tab
}

// kindIcon is the drawing of a kind.
func kindIcon(k netdev.Kind) string {
	switch k {
	case netdev.Router:
		return "router"
	case netdev.Switch:
		return "switch"
	case netdev.Firewall:
		return "firewall"
	case netdev.AccessPoint:
		return "access-point"
	case netdev.WirelessController:
		return "controller"
	case netdev.UPS, netdev.PDU:
		return "ups"
	}
	return "host"
}

func orDash(s string) string {
	if strings.TrimSpace(s) == "" {
		return "–"
	}
	return s
}
