package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// deviceHead is on every tab of a device.
type deviceHead struct {
	ID, Name, Site, SiteHref string
	What                     string
	Address                  string
	States                   []stateView
	Tabs                     []tabView
	CanRun                   bool
	FormToken                string
	Banner                   *bannerView
	MapHref                  string
}

type stateView struct{ Tone, Icon, Text, Href string }

type tabView struct {
	Href, Label, Count string
	Rows               bool // Count is the number of rows behind Href
	On                 bool
}

// bannerView tells of a last read that gave no revision.
type bannerView struct{ Title, Text, Reason string }

// loaded is a device with what every tab needs.
type loaded struct {
	row      deviceRow
	facts    netdev.Facts
	identity netdev.Identity
	running  []configstore.Revision
	startup  []configstore.Revision
	attempts []configstore.Attempt
	results  []configstore.RuleResult
	baseline *configstore.Approval // nil: none is approved
	head     deviceHead
}

func (s *Server) deviceRoot(c echo.Context) error {
	d, err := s.Inventory.FindDevice(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, deviceHref(d.ID, "facts"))
}

// load reads one device; tab is the one that is shown.
func (s *Server) load(c echo.Context, id netdev.DeviceID, tab string) (loaded, error) {
	ctx := c.Request().Context()
	var l loaded
	d, err := s.Inventory.Device(ctx, id)
	if err != nil {
		return l, err
	}
	if l.facts, l.identity, err = s.Inventory.Facts(ctx, d.ID); err != nil {
		return l, err
	}
	if err := s.loadConfigs(ctx, &l, d); err != nil {
		return l, err
	}
	l.head = s.deviceHead(c, l, tab)
	more, err := s.managedStates(ctx, l, s.Now())
	l.head.States = append(l.head.States, more...)
	return l, err
}

func (s *Server) loadConfigs(ctx context.Context, l *loaded, d netdev.Device) (err error) {
	if l.running, err = s.Store.History(ctx, d.ID, configstore.Running); err != nil {
		return err
	}
	if l.startup, err = s.Store.History(ctx, d.ID, configstore.Startup); err != nil {
		return err
	}
	if l.attempts, err = s.Store.Attempts(ctx, d.ID, 200); err != nil {
		return err
	}
	if l.results, err = s.Store.Results(ctx, configstore.ResultFilter{Device: d.ID}); err != nil {
		return err
	}
	states, err := s.Store.States(ctx)
	if err != nil {
		return err
	}
	l.row = newDeviceRow(d, states[d.ID])
	paused, err := s.pausedLogins(ctx)
	if err != nil {
		return err
	}
	l.row.Paused = paused[d.ID]
	for _, r := range l.results {
		l.row.judge(r.Result)
	}
	open, err := s.findings(ctx, d.ID)
	for _, f := range open {
		l.row.drifts(f)
	}
	if err != nil {
		return err
	}
	baselines, err := s.Drift.Baselines(ctx, d.ID)
	if a, ok := baselines[d.ID]; ok {
		l.baseline, l.row.Approved = &a, true
	}
	return err
}

func (s *Server) deviceHead(c echo.Context, l loaded, tab string) deviceHead {
	d, now, v := l.row, s.Now(), viewerOf(c)
	h := deviceHead{ID: string(d.ID), Name: d.name(), Site: said(d.Site), Address: addressText(d.Address), CanRun: v.Can(auth.JobRun) && !d.ByController(), FormToken: auth.CSRF(s.formSecret(c))}
	if d.Site != "" {
		h.SiteHref = filter{}.toggled(word{Key: "site", Value: d.Site}, false)
	}
	var what []string
	for _, p := range []string{d.Model, strings.TrimSpace(d.OS + " " + d.Version)} {
		if p != "" {
			what = append(what, said(p))
		}
	}
	h.What = strings.Join(what, ", ")
	h.States = deviceStates(l, now)
	base := "/devices/" + segment(string(d.ID)) + "/"
	tabs := []struct {
		key, label, count string
		need              auth.Permission
	}{
		{"facts", "Facts", "", auth.InventoryRead},
		{"interfaces", "Interfaces", num(len(l.facts.Interfaces)), auth.InventoryRead},
		{"neighbors", "Neighbours", num(len(l.facts.Neighbors)), auth.InventoryRead},
		{"configs", "Configurations", num(len(l.running) + len(l.startup)), auth.ConfigRead},
		{"drift", "Drift", driftCount(l.row), auth.DriftRead},
		{"compliance", "Compliance", failCount(l.row), auth.ComplianceRead},
		{"events", "Events", "", auth.InventoryRead},
	}
	for _, t := range tabs {
		if v.Can(t.need) {
			h.Tabs = append(h.Tabs, tabView{Href: base + t.key, Label: t.label, Count: t.count, Rows: t.key != "compliance", On: t.key == tab})
		}
	}
	h.Banner = banner(l, now)
	if v.Can(auth.TopologyRead) {
		h.MapHref = "/topology?focus=" + segment(string(d.ID))
	}
	return h
}

func failCount(r deviceRow) string {
	if r.Fail == 0 {
		return ""
	}
	return num(r.Fail) + " fail"
}

func driftCount(r deviceRow) string {
	if n := r.Unsaved + r.Unapproved; n > 0 {
		return num(n)
	}
	return ""
}

func deviceStates(l loaded, now time.Time) []stateView {
	d := l.row
	var out []stateView
	tone, icon, text := backupLook(d)
	if d.Backup == "stored" {
		text = "backed up " + when{d.confirmed(), now}.Age()
	}
	out = append(out, stateView{tone, icon, text, deviceHref(d.ID, "events")})
	if words := pausedWords(d, now); words != "" {
		out = append(out, stateView{"t-warn", "pause", words, deviceHref(d.ID, "events")})
	}
	if d.Fail > 0 {
		out = append(out, stateView{"t-bad", "shield-x", plural(d.Fail, "rule fails", "rules fail"), deviceHref(d.ID, "compliance")})
	}
	if d.Unsaved > 0 {
		out = append(out, stateView{"t-warn", "unsaved", "not saved", deviceHref(d.ID, "drift") + "?kind=startup"})
	}
	if d.Unapproved > 0 {
		out = append(out, stateView{"t-warn", "drift", "not approved", deviceHref(d.ID, "drift") + "?kind=baseline"})
	}
	return out
}

// banner says that the last read is not what is shown, and what is.
func banner(l loaded, now time.Time) *bannerView {
	a := l.row.State.LastAttempt
	if l.row.Backup != "failed" || a == nil {
		return nil
	}
	_, _, words := reasonLook(a.Reason)
	b := &bannerView{Title: "The last backup failed " + when{a.Ended, now}.Age() + ": " + words + ".", Reason: string(a.Reason), Text: "No configuration is kept yet."}
	if r := l.row.State.Running; r != nil {
		b.Text = "What is shown is the revision last confirmed " + when{r.ConfirmedAt, now}.Short() + " UTC."
	}
	return b
}

// factsView is the first tab.
type factsView struct {
	page
	Head     deviceHead
	Asked    when
	How      string // it was asked, or listed by its controller
	Identity []factView
	Hardware []factView
	Parts    int
	Why      []whyView
	Tables   []tableState
	Address  []factView
}

type factView struct {
	Label, Value, Source string
	Mono                 bool
}

type whyView struct{ Field, Value, Because string }

type tableState struct{ Table, Coverage, Tone, Icon, Detail, Rows string }

func (s *Server) deviceFacts(c echo.Context) error {
	l, err := s.load(c, netdev.DeviceID(c.Param("id")), "facts")
	if err != nil {
		return err
	}
	v := &factsView{page: page{Title: l.head.Name, Area: "/devices", Live: "device,job,config"}, Head: l.head, Asked: when{l.facts.Taken, s.Now()}}
	v.Identity, v.How = identityFacts(l), "asked"
	if l.row.ByController() {
		v.Identity = append(v.Identity, managedFacts(l.row)...)
		v.Why = managedWhy(l.row, s.Now())
		if l.facts.Taken.IsZero() {
			v.Asked, v.How = when{l.row.Managed.Listed, s.Now()}, "listed"
		}
	}
	for _, e := range l.facts.Entities {
		if e.Class == "port" || e.Class == "container" || e.Class == "sensor" {
			continue
		}
		v.Parts++
		if len(v.Hardware) < 40 {
			v.Hardware = append(v.Hardware, factView{Label: orDash(said(cmp.Or(e.Name, e.Class))), Value: orDash(said(cmp.Or(e.Model, e.Descr))), Source: said(e.Serial)})
		}
	}
	for _, w := range l.identity.Why {
		v.Why = append(v.Why, whyView{said(w.Field), said(w.Value), said(w.Because)})
	}
	for _, t := range l.facts.Tables {
		v.Tables = append(v.Tables, tableLook(t))
	}
	for _, a := range l.facts.Addresses {
		if len(v.Address) < 64 {
			v.Address = append(v.Address, factView{Label: interfaceName(l.facts, a.IfIndex), Value: fmt.Sprintf("%s/%d", a.Address, a.PrefixLen), Mono: true})
		}
	}
	return s.render(c, http.StatusOK, "device-facts", v)
}

func interfaceName(f netdev.Facts, i netdev.IfIndex) string {
	for _, x := range f.Interfaces {
		if x.Index == i {
			return said(cmp.Or(x.Name, x.Descr))
		}
	}
	return "–"
}

// identityFacts names each decided fact with its source.
func identityFacts(l loaded) []factView {
	d := l.row
	because := map[string]string{}
	for _, w := range l.identity.Why {
		because[w.Field] = said(w.Because)
	}
	var out []factView
	for _, f := range []struct {
		label, key, value string
		mono              bool
	}{
		{"Vendor", "vendor", d.Vendor, false}, {"Platform", "platform", string(d.Platform), false}, {"Kind", "kind", string(d.Kind), false},
		{"Model", "model", d.Model, false}, {"Version", "version", d.Version, false}, {"Serial", "serial", d.Serial, true},
		{"Name", "name", l.facts.SysName, false}, {"Location", "location", l.facts.SysLocation, false}, {"Contact", "contact", l.facts.SysContact, false},
		{"Chassis", "chassis", l.facts.Local.ChassisID, true}, {"Object", "sys_object_id", l.facts.SysObjectID, true}, {"Says", "sys_descr", l.facts.SysDescr, false},
	} {
		if f.value != "" {
			out = append(out, factView{Label: f.label, Value: said(f.value), Source: source(f.key, because), Mono: f.mono})
		}
	}
	if l.facts.UptimeTicks > 0 {
		out = append(out, factView{Label: "Up for", Value: span(time.Duration(l.facts.UptimeTicks) * 10 * time.Millisecond), Source: "SNMP"})
	}
	return out
}

func source(key string, because map[string]string) string {
	switch key {
	case "name", "location", "contact", "sys_object_id", "sys_descr":
		return "SNMP"
	case "chassis":
		return "LLDP"
	}
	if b := because[key]; b != "" {
		first, _, _ := strings.Cut(b, " ")
		return first
	}
	return ""
}

func tableLook(t netdev.TableState) tableState {
	v := tableState{Table: said(t.Table), Coverage: string(t.Coverage), Rows: num(t.Rows), Detail: said(strings.TrimSpace(string(t.Reason) + " " + t.Detail))}
	switch t.Coverage {
	case netdev.Complete, netdev.Unchanged:
		v.Tone, v.Icon = "t-ok", "circle-check"
	case netdev.Partial:
		v.Tone, v.Icon = "t-warn", "warn"
	default:
		v.Tone, v.Icon = "t-idle", "dash"
	}
	return v
}

// newestFirst orders attempts by when they ended.
func newestFirst(a []configstore.Attempt) []configstore.Attempt {
	a = slices.Clone(a)
	slices.SortStableFunc(a, func(x, y configstore.Attempt) int { return y.Started.Compare(x.Started) })
	return a
}
