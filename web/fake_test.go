package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/event"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// What is built elsewhere is what the pages ask for.
var (
	_ Inventory = discovery.Inventory(nil)
	_ Store     = (*configstore.Store)(nil)
	_ Auth      = (*auth.Service)(nil)
	_ Audit     = (*audit.Log)(nil)
	_ Events    = (*event.Hub)(nil)
)

// world is a small hand-written appliance: what it holds is in its fields.
type world struct {
	backupErr  error // of BackupDevices
	now        time.Time
	devices    []netdev.Device
	facts      map[netdev.DeviceID]netdev.Facts
	identity   map[netdev.DeviceID]netdev.Identity
	links      []topology.Link
	unresolved []topology.Unresolved
	candidates []discovery.Candidate
	places     []discovery.Place
	ports      []discovery.Port
	runs       []discovery.Run
	sightings  []discovery.Sighting
	listening  []Listening
	live       map[discovery.RunID]Live
	revisions  []configstore.Revision // newest first
	texts      map[configstore.RevisionID]string
	states     map[netdev.DeviceID]configstore.DeviceState
	attempts   map[netdev.DeviceID][]configstore.Attempt
	results    []configstore.RuleResult
	findings   []drift.Finding
	batches    []jobs.Batch // newest first; one a device below
	jobs       []jobs.Job   // newest first
	schedules  []schedule.Schedule
	firings    []jobs.Firing
	paused     map[netdev.DeviceID]time.Time
	asked      []string               // of jobs and schedules
	approvals  []configstore.Approval // newest first
	edges      []drift.Edge
	moved      netdev.DeviceID // its head moves just before something is done

	inside  inside
	waivers []compliance.Waiver

	noAdmin  bool
	audited  []audit.Record
	auditErr error
	started  []DiscoveryRequest
	hub      *event.Hub
}

var testNow = time.Date(2026, 3, 14, 9, 30, 0, 0, time.UTC)

func (w *world) Devices(context.Context) ([]netdev.Device, error) { return w.devices, nil }

func (w *world) Device(_ context.Context, id netdev.DeviceID) (netdev.Device, error) {
	for _, d := range w.devices {
		if d.ID == id {
			return d, nil
		}
	}
	return netdev.Device{}, discovery.ErrNoDevice
}

func (w *world) FindDevice(_ context.Context, ref string) (netdev.Device, error) {
	for _, d := range w.devices {
		if string(d.ID) == ref || strings.EqualFold(d.Name, ref) || d.Address.String() == ref {
			return d, nil
		}
	}
	return netdev.Device{}, discovery.ErrNoDevice
}

func (w *world) Facts(_ context.Context, id netdev.DeviceID) (netdev.Facts, netdev.Identity, error) {
	return w.facts[id], w.identity[id], nil
}
func (w *world) Links(context.Context) ([]topology.Link, error)            { return w.links, nil }
func (w *world) Unresolved(context.Context) ([]topology.Unresolved, error) { return w.unresolved, nil }
func (w *world) Candidates(context.Context) ([]discovery.Candidate, error) { return w.candidates, nil }

func (w *world) Candidate(_ context.Context, id string) (discovery.Candidate, error) {
	for _, c := range w.candidates {
		if c.ID == id {
			return c, nil
		}
	}
	return discovery.Candidate{}, discovery.ErrNoCandidate
}

func (w *world) DecideCandidate(_ context.Context, id string, state discovery.CandidateState, by string, run discovery.RunID) error {
	for i := range w.candidates {
		if c := &w.candidates[i]; c.ID == id {
			c.State, c.By, c.Run, c.Decided = state, by, run, w.now
			return nil
		}
	}
	return discovery.ErrNoCandidate
}

func (w *world) Hosts(context.Context) ([]discovery.Place, error) {
	return slices.DeleteFunc(slices.Clone(w.places), func(p discovery.Place) bool { return !p.Until.IsZero() }), nil
}

func (w *world) FindHost(_ context.Context, ref string) ([]discovery.Place, error) {
	m, _ := netdev.ReadMAC(ref)
	for _, p := range w.places {
		if p.Address.String() == ref {
			m = p.MAC
		}
	}
	return slices.DeleteFunc(slices.Clone(w.places), func(p discovery.Place) bool { return p.MAC != m }), nil
}

func (w *world) FindPorts(_ context.Context, text string, limit int) ([]discovery.Port, int, error) {
	m, _ := netdev.ReadMAC(text)
	hits := slices.DeleteFunc(slices.Clone(w.ports), func(p discovery.Port) bool {
		return !strings.Contains(strings.ToLower(p.Alias), strings.ToLower(text)) && (m == "" || p.MAC != m)
	})
	return hits[:min(limit, len(hits))], len(hits), nil
}

func (w *world) Runs(_ context.Context, limit int) ([]discovery.Run, error) {
	return w.runs[:min(limit, len(w.runs))], nil
}

func (w *world) Run(_ context.Context, id discovery.RunID) (discovery.Run, error) {
	for _, r := range w.runs {
		if r.ID == id {
			return r, nil
		}
	}
	return discovery.Run{}, discovery.ErrNoRun
}

func (w *world) History(_ context.Context, dev netdev.DeviceID, src configstore.Source) ([]configstore.Revision, error) {
	var out []configstore.Revision
	for _, r := range w.revisions {
		if r.Device == dev && r.Source == src {
			out = append(out, r)
		}
	}
	return out, nil
}

func (w *world) Revision(_ context.Context, id configstore.RevisionID) (configstore.Revision, error) {
	for _, r := range w.revisions {
		if r.ID == id {
			return r, nil
		}
	}
	return configstore.Revision{}, configstore.ErrNoRevision
}

func (w *world) Text(_ context.Context, id configstore.RevisionID) ([]byte, error) {
	return []byte(w.texts[id]), nil
}

func (w *world) Attempts(_ context.Context, dev netdev.DeviceID, limit int) ([]configstore.Attempt, error) {
	a := w.attempts[dev]
	return a[:min(limit, len(a))], nil
}

func (w *world) Recent(_ context.Context, _ time.Time, limit int) ([]configstore.Revision, error) {
	return w.revisions[:min(limit, len(w.revisions))], nil
}
func (w *world) States(context.Context) (map[netdev.DeviceID]configstore.DeviceState, error) {
	return w.states, nil
}

func (w *world) Results(_ context.Context, f configstore.ResultFilter) ([]configstore.RuleResult, error) {
	return slices.DeleteFunc(slices.Clone(w.results), func(r configstore.RuleResult) bool {
		d, _ := w.Device(context.Background(), r.Device)
		return f.Device != "" && r.Device != f.Device || f.Rule != "" && r.Rule != f.Rule || f.Verdict != "" && r.Verdict != f.Verdict ||
			f.Pack != "" && r.Pack != f.Pack || f.Site != nil && d.Site != *f.Site || f.Role != nil && d.Role != *f.Role
	}), nil
}

func (w *world) Findings(_ context.Context, f configstore.FindingFilter) ([]drift.Finding, error) {
	return slices.DeleteFunc(slices.Clone(w.findings), func(r drift.Finding) bool {
		return f.Device != "" && r.Device != f.Device || f.Kind != "" && r.Kind != f.Kind || f.State != "" && r.State != f.State || f.Live && !r.Live()
	}), nil
}

// A session's secret and a token of the fake are "as-ROLE".
func (w *world) HasAdmin(context.Context) (bool, error) { return !w.noAdmin, nil }

func (w *world) CheckSetup(_ context.Context, token string) error {
	if token != "right" {
		return auth.ErrBadSetup
	}
	return nil
}

func (w *world) Setup(ctx context.Context, token, name, password string, _ auth.Origin) (string, auth.Principal, error) {
	if err := w.CheckSetup(ctx, token); err != nil {
		return "", auth.Principal{}, err
	}
	if err := auth.CheckPassword(password, name); err != nil {
		return "", auth.Principal{}, err
	}
	w.noAdmin = false
	p, err := w.Authenticate(ctx, "as-admin")
	return "as-admin", p, err
}

func (w *world) Login(ctx context.Context, name, password string, _ auth.Origin) (string, auth.Principal, error) {
	switch password {
	case "right":
		p, err := w.Authenticate(ctx, "as-"+name)
		return "as-" + name, p, err
	case "throttled":
		return "", auth.Principal{}, auth.ErrThrottled
	}
	return "", auth.Principal{}, auth.ErrBadLogin
}

func (w *world) Authenticate(_ context.Context, secret string) (auth.Principal, error) {
	role, ok := strings.CutPrefix(secret, "as-")
	if !ok || !auth.Role(role).Known() {
		return auth.Principal{}, auth.ErrNotLoggedIn
	}
	return auth.Principal{UserID: "U" + role, User: "m." + role, Role: auth.Role(role), Session: "S1"}, nil
}
func (w *world) Logout(context.Context, string) error { return nil }

func (w *world) Sessions(context.Context, string) ([]auth.Session, error) {
	return []auth.Session{{ID: "S1", Created: w.now.Add(-time.Hour), Seen: w.now, Address: "127.0.0.1", Agent: "Browser"}}, nil
}
func (w *world) EndSession(context.Context, string) error { return nil }

func (w *world) SetPassword(_ context.Context, _, password, _ string) error {
	return auth.CheckPassword(password, "nobody")
}

func (w *world) Tokens(context.Context, string) ([]auth.Token, error) {
	return []auth.Token{{ID: "T1", Name: "nightly report", Role: auth.Viewer, Expires: w.now.Add(24 * time.Hour)}}, nil
}

func (w *world) NewToken(context.Context, string, string, auth.Role, time.Duration) (string, auth.Token, error) {
	return "plb_once", auth.Token{}, nil
}
func (w *world) RevokeToken(context.Context, string) error { return nil }

func (w *world) Append(_ context.Context, r audit.Record) error {
	if w.auditErr != nil {
		return w.auditErr
	}
	w.audited = append(w.audited, r)
	return nil
}

func (w *world) Plan(_ context.Context, req DiscoveryRequest) (Plan, error) {
	if slices.Contains(req.Targets, "wrong") {
		return Plan{}, fmt.Errorf("target %q: neither an address, a prefix nor a range", "wrong")
	}
	return Plan{Addresses: 254, Excluded: 2, Datagrams: 508, Rate: 5000, Shortest: 102 * time.Millisecond,
		Credentials: []PlanSecret{{"campus-v3", "snmp v3", 254}}}, nil
}

func (w *world) StartDiscovery(_ context.Context, _ string, req DiscoveryRequest) (discovery.RunID, error) {
	w.started = append(w.started, req)
	return "RUN1", nil
}

func (w *world) LiveRun(id discovery.RunID) (Live, bool) {
	l, ok := w.live[id]
	return l, ok
}

func (w *world) Sightings(context.Context) ([]discovery.Sighting, error) { return w.sightings, nil }
func (w *world) Listening() []Listening                                  { return w.listening }

func (w *world) BackupDevices(context.Context, string, []netdev.DeviceID) (string, error) {
	return "B1", w.backupErr
}

// builtin reads the platform files once for all tests.
var builtin = sync.OnceValues(platform.Builtin)

func newTestServer(t testing.TB, w *world) *Server {
	t.Helper()
	set, err := builtin()
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Deps{Inventory: w, Store: w, Auth: w, Audit: w, Events: w.hub, Runner: w, Jobs: w, Drift: w, Capture: w, Logins: w, Settings: newDesk(w), Compliance: w, Texts: w, Health: w, AuditLog: w, Platforms: set, Now: func() time.Time { return w.now }, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if !s.assets.there() { // a clean checkout: pages do not depend on what npm builds
		files := fstest.MapFS{}
		s.assets.manifest = map[string]string{}
		for _, name := range []string{"app.js", "plumbline.css", "icons.svg", "logo.svg", "licences.txt"} {
			s.assets.manifest[name], files[name] = name, &fstest.MapFile{Data: []byte(name)}
		}
		s.assets.files = files
	}
	return s
}

// newWorld makes n devices; odd ones have trouble.
func newWorld(n int) *world {
	w := &world{now: testNow, facts: map[netdev.DeviceID]netdev.Facts{}, identity: map[netdev.DeviceID]netdev.Identity{}, live: map[discovery.RunID]Live{},
		texts: map[configstore.RevisionID]string{}, states: map[netdev.DeviceID]configstore.DeviceState{}, attempts: map[netdev.DeviceID][]configstore.Attempt{}, hub: event.NewHub(event.Options{})}
	kinds := []netdev.Kind{netdev.Router, netdev.Switch, netdev.Switch, netdev.Firewall}
	platforms := []netdev.PlatformID{"cisco_iosxe", "juniper_junos", "cisco_iosxe", "fortinet_fortios"}
	for i := range n {
		id := netdev.DeviceID(fmt.Sprintf("01DEVICE%03d", i))
		site := []string{"Harbour", "Mill"}[i%2]
		d := netdev.Device{ID: id, Name: fmt.Sprintf("%s-%s-%02d", strings.ToLower(site[:3]), []string{"rtr", "acc", "core", "fw"}[i%4], i+1), Address: netip.AddrFrom4([4]byte{127, 7, byte(i / 250), byte(i%250 + 1)}),
			Site: site, Vendor: "acme", Platform: platforms[i%4], OS: "os", Kind: kinds[i%4], Model: "X-9300", Version: "17.9.4", Serial: fmt.Sprintf("SER%04d", i), FirstSeen: testNow.Add(-72 * time.Hour), LastSeen: testNow.Add(-time.Minute)}
		w.devices = append(w.devices, d)
		w.addFacts(d, i, n)
		w.addTexts(d, i)
		w.addVerdicts(d, i)
	}
	slices.SortFunc(w.revisions, func(a, b configstore.Revision) int { return b.FirstSeen.Compare(a.FirstSeen) })
	if n > 0 {
		w.addRun(n)
		w.unresolved = []topology.Unresolved{{ID: w.devices[0].ID, Device: w.devices[0].Name, Port: "Te1/1/9", Protocol: "lldp", ChassisID: "02:00:00:00:00:99", PortID: "eth0", SysName: "visitor", Reason: "no device has this chassis"}}
		w.candidates = []discovery.Candidate{
			{ID: "C1", Name: "visitor", ChassisID: "02:00:00:00:00:99", What: "some system", Addresses: []netip.Addr{netip.MustParseAddr("127.7.9.9")}, State: discovery.CandidateOpen,
				FirstSeen: testNow.Add(-2 * time.Hour), LastSeen: testNow.Add(-time.Minute), Told: []discovery.Told{{Unresolved: w.unresolved[0], Since: testNow.Add(-2 * time.Hour)}}},
			{ID: "C2", Name: "printer", State: discovery.CandidateIgnored, By: "m.admin", Decided: testNow.Add(-time.Hour), FirstSeen: testNow.Add(-2 * time.Hour), LastSeen: testNow.Add(-time.Hour)}}
		w.addSightings()
		w.places = []discovery.Place{
			{MAC: "0c:22:fb:4a:91:0e", Address: netip.MustParseAddr("198.51.100.117"), Device: w.devices[0].ID, Name: w.devices[0].Name, Port: "Te1/0/4", VLAN: 30, Confidence: 0.95, Because: "the only address on an edge port", Since: testNow.Add(-time.Hour), LastSeen: testNow.Add(-time.Minute)},
			{MAC: "0c:22:fb:4a:91:0e", Device: w.devices[0].ID, Name: w.devices[0].Name, Port: "Te1/0/9", VLAN: 30, Confidence: 0.9, Because: "one of 2 addresses on an edge port", Since: testNow.Add(-50 * time.Hour), Until: testNow.Add(-time.Hour), LastSeen: testNow.Add(-2 * time.Hour)}}
		w.ports = []discovery.Port{{Device: w.devices[0].ID, Name: w.devices[0].Name, Port: "Te1/0/4", Alias: "desk 3.114", MAC: "02:00:00:00:00:a4"}}
	}
	return w
}

func (w *world) addFacts(d netdev.Device, i, n int) {
	f := netdev.Facts{Address: d.Address, Taken: testNow.Add(-4 * time.Minute), SysName: d.Name, SysDescr: "Network system 17.9.4", SysObjectID: "1.3.6.1.4.1.99999.1", SysLocation: d.Site, UptimeTicks: 96768000}
	for p := range 26 {
		x := netdev.Interface{Index: netdev.IfIndex(p + 1), Name: fmt.Sprintf("Te1/0/%d", p+1), Alias: "rack " + fmt.Sprint(p), SpeedBPS: 10e9, Admin: "up", Oper: "up", Type: ethernet, MTU: 1500, MAC: "02:00:00:00:00:01"}
		if p%3 == 1 {
			x.Oper = "down"
		}
		if p%7 == 3 {
			x.Admin, x.Oper = "down", "down"
		}
		if p > 23 {
			x.Name, x.Type = fmt.Sprintf("Vlan%d", p), 53
		}
		f.Interfaces = append(f.Interfaces, x)
	}
	f.Entities = []netdev.Entity{{Index: 1, Class: "chassis", Name: "Slot 1", Model: d.Model, Serial: d.Serial}, {Index: 2, Class: "powerSupply", Name: "Power 1", Model: "PWR-950", Serial: "LIT1"}}
	f.Addresses = []netdev.IPAddress{{Address: d.Address, PrefixLen: 24, IfIndex: 25}}
	f.Tables = []netdev.TableState{{Table: "ifTable", Coverage: netdev.Complete, Rows: 26}, {Table: "lldpRemTable", Coverage: netdev.Partial, Reason: netdev.Timeout, Detail: "row 9", Rows: 8}, {Table: "cdpCacheTable", Coverage: netdev.Absent}}
	if i > 0 {
		f.Neighbors = append(f.Neighbors, netdev.Neighbor{Protocol: "lldp", LocalPort: "Te1/0/1", ChassisID: "02:00:00:00:00:01", PortID: "Te1/0/2", SysName: w.devices[i-1].Name})
		w.links = append(w.links, topology.Link{A: topology.End{ID: w.devices[i-1].ID, Device: w.devices[i-1].Name, Port: "Te1/0/2"}, B: topology.End{ID: d.ID, Device: d.Name, Port: "Te1/0/1"}, Layer: "l2", Evidence: []string{"lldp-both"}, Confidence: 1, Because: "both ends name each other"})
	}
	w.facts[d.ID] = f
	w.identity[d.ID] = netdev.Identity{Vendor: "acme", Kind: d.Kind, Why: []netdev.Why{{Field: "vendor", Value: "acme", Because: "sysObjectID is under its number"}, {Field: "kind", Value: string(d.Kind), Because: "platform file says so"}, {Field: "serial", Value: d.Serial, Because: "entPhysicalSerialNum of the chassis"}}}
}

// baseText is a configuration; change gives its next revision.
func baseText(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "hostname %s\n!\nvlan 48\n name guest-wifi\n!\n", name)
	for i := range 40 {
		fmt.Fprintf(&b, "interface TenGigabitEthernet1/0/%d\n description port %d\n switchport mode trunk\n spanning-tree guard root\n!\n", i+1, i+1)
	}
	b.WriteString("clock timezone CET 1 0\nntp server 192.0.2.11 prefer\nntp server 192.0.2.12\nntp source Loopback0\nsnmp-server location building 3\nsnmp-server enable traps config\nend\n")
	return b.String()
}

func changeText(s string) string {
	s = strings.Replace(s, "!\nvlan 48\n name guest-wifi\n!", "!\nvlan 48\n name guest-wifi\nvlan 310\n name lab-iot\nvlan 311\n name lab-cameras\n!", 1)
	s = strings.Replace(s, " description port 20\n", " description port 20 to mill-core-03 10G\n storm-control broadcast level 5.00\n", 1)
	s = strings.Replace(s, "ntp server 192.0.2.11 prefer\nntp server 192.0.2.12\n", "ntp server 198.51.100.10\n", 1)
	return strings.Replace(s, "snmp-server enable", "snmp-server community <secret:3f9a1c27b001> RO\nsnmp-server enable", 1)
}

func (w *world) addTexts(d netdev.Device, i int) {
	if i%11 == 10 {
		return // never backed up
	}
	add := func(src configstore.Source, seq int, first, last time.Time, text string, added, removed int) configstore.Revision {
		sum := sha256.Sum256([]byte(text))
		r := configstore.Revision{ID: configstore.RevisionID(fmt.Sprintf("01REV%s%s%02d", d.ID[8:], strings.ToUpper(string(src[:1])), seq)), Device: d.ID, Source: src, Seq: seq, FirstSeen: first, LastSeen: last,
			TextHash: hex.EncodeToString(sum[:]), Lines: strings.Count(text, "\n"), Bytes: len(text), Added: added, Removed: removed, ChangedBy: "jdoe"}
		w.revisions = append(w.revisions, r)
		w.texts[r.ID] = text
		return r
	}
	base := baseText(d.Name)
	head := add(configstore.Running, 1, testNow.Add(-70*time.Hour), testNow.Add(-time.Hour), base, 0, 0)
	if i%3 == 0 {
		head = add(configstore.Running, 2, testNow.Add(-time.Duration(20+i*70)*time.Minute), testNow.Add(-16*time.Minute), changeText(base), 8, 3)
	}
	st := configstore.DeviceState{Running: &configstore.HeadState{Revision: head, ConfirmedAt: testNow.Add(-16 * time.Minute)}, Freshness: "fresh"}
	if d.Platform != "fortinet_fortios" {
		st.Startup = &configstore.HeadState{Revision: add(configstore.Startup, 1, testNow.Add(-70*time.Hour), testNow.Add(-16*time.Minute), base, 0, 0), ConfirmedAt: testNow.Add(-16 * time.Minute)}
	}
	a := configstore.Attempt{ID: "A" + string(d.ID), Device: d.ID, Source: configstore.Running, Started: testNow.Add(-17 * time.Minute), Ended: testNow.Add(-16 * time.Minute), Outcome: configstore.UnchangedText, Revision: head.ID}
	switch i % 9 {
	case 5:
		a.Outcome, a.Reason, a.Detail, a.Revision = configstore.Failed, netdev.AuthFailed, "the device refused the password", ""
	case 7:
		a.Outcome, a.Reason, a.Detail, a.Revision = configstore.Failed, netdev.Truncated, "EOF after 41 kB", ""
	}
	st.LastAttempt = &a
	w.attempts[d.ID] = []configstore.Attempt{a}
	w.states[d.ID] = st
}

func (w *world) addVerdicts(d netdev.Device, i int) {
	st, ok := w.states[d.ID]
	if !ok {
		return
	}
	head := st.Running.Revision
	rules := []struct{ id, title string }{{"ntp-approved-servers", "Two servers of the approved list"}, {"snmp-default-community", "No default SNMP community"}, {"ssh-version-2", "SSH version 2 only"}, {"l2-storm-control", "Storm control on access ports"}, {"login-banner", "A banner before login"}}
	for j, r := range rules {
		v := configstore.RuleResult{Device: d.ID, Revision: head.ID, Judged: head.FirstSeen.Add(time.Second), Since: head.FirstSeen.Add(time.Second),
			Result: compliance.Result{Rule: r.id, Pack: "house", Title: r.title, Severity: []compliance.Severity{compliance.High, compliance.Critical, compliance.Medium, compliance.Low, compliance.Info}[j], Verdict: compliance.Pass, Evidence: []compliance.Evidence{{Line: 3, Text: "vlan 48"}}, Controls: map[string][]string{"cis": {"1.1"}, "stig": {"V-1"}}}}
		if (i+j)%4 == 0 {
			v.Verdict, v.Evidence, v.Remediation = compliance.Fail, []compliance.Evidence{{Line: 212, Text: "ntp server 198.51.100.10"}}, []string{"no ntp server 198.51.100.10", "ntp server 192.0.2.11"}
		}
		if (i+j)%13 == 5 {
			v.Verdict, v.Evidence, v.Reason = compliance.Unknown, nil, "the section was not understood"
		}
		w.results = append(w.results, v)
	}
	if i%3 == 0 && st.Startup != nil {
		w.findings = append(w.findings, drift.Finding{ID: drift.ID{Device: d.ID, Source: "running", Kind: drift.Startup, Key: "startup|ntp|change"}, Change: drift.Change{Op: "change", Path: []string{"ntp"}, Old: "ntp server 192.0.2.11 prefer", New: "ntp server 198.51.100.10"}, State: drift.Open, Since: head.FirstSeen, Seen: testNow})
		w.findings = append(w.findings, drift.Finding{ID: drift.ID{Device: d.ID, Source: "running", Kind: drift.Previous, Key: "previous|ntp|change"}, Change: drift.Change{Op: "change", Path: []string{"ntp"}, Old: "ntp server 192.0.2.11 prefer", New: "ntp server 198.51.100.10"}, State: drift.Open, Since: head.FirstSeen, Seen: testNow})
	}
}

func (w *world) addRun(n int) {
	r := discovery.Run{ID: "RUN1", State: discovery.RunRunning, Targets: []string{"127.7.0.0/24"}, By: "demo", Started: testNow.Add(-187 * time.Second), Total: 254, Asked: 158, Answered: 61, Silent: 90, Refused: 3, Walked: 60, Identified: 57, New: 4, Links: n,
		Errors: []discovery.RunError{{Address: "127.7.0.9", Reason: netdev.AuthFailed, Detail: "unknown user"}, {Address: "127.7.0.77", Reason: netdev.AuthFailed}, {Address: "127.7.0.131", Reason: netdev.AuthFailed}}}
	done := discovery.Run{ID: "RUN0", State: discovery.RunDone, Targets: []string{"127.7.0.0/24"}, By: "m.admin", Started: testNow.Add(-25 * time.Hour), Ended: testNow.Add(-25*time.Hour + 90*time.Second), Total: 254, Asked: 254, Answered: 61, Silent: 193, Identified: 61, New: 61, Links: n}
	w.runs = []discovery.Run{r, done}
	l := Live{Run: r}
	states := []string{"silent", "known", "silent", "silent", "known", "refused", "silent", "new"}
	for i := range 254 {
		st := "waiting"
		if i < 158 {
			st = states[(i*7+i/9)%8]
			if i > 150 {
				st = "work"
			}
		}
		l.Cells = append(l.Cells, Cell{Address: fmt.Sprintf("127.7.0.%d", i+1), State: st})
	}
	for i := range 14 {
		l.Log = append(l.Log, LogLine{testNow.Add(time.Duration(i-14) * time.Second), fmt.Sprintf("127.7.0.%d", 140+i), []string{"walk 9 of 14 tables", "no answer in 2 s", "new, X-9300", "refused: unknown user"}[i%4], []string{"", "", "ok", "bad"}[i%4]})
	}
	w.live["RUN1"] = l
	w.addJobs(n)
}
