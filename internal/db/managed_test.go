package db_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/netdev"
)

func listed(n string, address string) netdev.ManagedAP {
	ap := netdev.ManagedAP{Name: "ap" + n, MAC: netdev.MAC("02:a1:00:00:00:0" + n), Model: "M1", Serial: "AP-000" + n, Version: "1.2", State: "up"}
	if address != "" {
		ap.Address = netip.MustParseAddr(address)
	}
	return ap
}

// controller is one that listed access points, completely unless said.
func controller(address, name string, aps ...netdev.ManagedAP) discovery.Found {
	f := answered(address, name, "SN-"+name)
	f.Identity.Kind, f.Facts.AccessPoints = netdev.WirelessController, aps
	f.Facts.Tables = append(f.Facts.Tables, netdev.TableState{Table: netdev.AccessPointTable, Coverage: netdev.Complete, Rows: len(aps)})
	return f
}

func cut(f discovery.Found) discovery.Found {
	f.Facts.Tables = []netdev.TableState{{Table: netdev.AccessPointTable, Coverage: netdev.Partial, Reason: netdev.Timeout}}
	return f
}

func find(t *testing.T, d *db.DB, ref string) netdev.Device {
	t.Helper()
	v, err := d.FindDevice(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAnAccessPointIsADeviceOfItsController(t *testing.T) {
	d := open(t, t.TempDir())
	_, fresh := scan(t, d, topology.Graph{}, controller("10.0.0.1", "wlc1", listed("1", "10.9.0.1"), listed("2", "")))
	if fresh != 1 {
		t.Errorf("%d new that answered, want the controller alone", fresh)
	}
	wlc, ap := find(t, d, "wlc1"), find(t, d, "10.9.0.1")
	m := ap.Managed
	if ap.Name != "ap1" || ap.Kind != netdev.AccessPoint || ap.Vendor != "acme" || ap.Model != "M1" || ap.Serial != "AP-0001" || ap.Version != "1.2" || ap.Platform != "" ||
		!ap.ByController() || m.Controller != wlc.ID || m.Name != "wlc1" || m.MAC != "02:a1:00:00:00:01" || m.State != "up" || m.Listed.IsZero() || !m.Missing.IsZero() {
		t.Errorf("%+v", ap)
	}
	if wlc.ByController() || find(t, d, "ap2").Address.IsValid() {
		t.Error("the controller is managed, or an address was made up")
	}
	type step struct {
		found   discovery.Found
		missing bool
		address string
	}
	for i, s := range []step{
		{controller("10.0.0.1", "wlc1", listed("2", "")), true, "10.9.0.1"},
		{controller("10.0.0.1", "wlc1", listed("1", "10.9.0.7"), listed("2", "")), false, "10.9.0.7"},
		{cut(controller("10.0.0.1", "wlc1")), false, "10.9.0.7"},
		{answered("10.0.0.1", "wlc1", "SN-wlc1"), false, "10.9.0.7"}, // the table was absent: no list
		{controller("10.0.0.1", "wlc1", listed("2", "")), true, "10.9.0.7"},
	} {
		scan(t, d, topology.Graph{}, s.found)
		got := find(t, d, "ap1")
		if got.ID != ap.ID || got.Managed.Missing.IsZero() == s.missing || addr(s.address) != got.Address || !got.ByController() {
			t.Errorf("step %d: %+v, want missing %v at %s", i, got, s.missing, s.address)
		}
	}
	first := find(t, d, "ap1").Managed.Missing
	scan(t, d, topology.Graph{}, controller("10.0.0.1", "wlc1", listed("2", "")))
	if again := find(t, d, "ap1").Managed.Missing; !again.Equal(first) {
		t.Errorf("missing since %s, want it still since %s", again, first)
	}
	if all, err := d.Devices(t.Context()); err != nil || len(all) != 3 {
		t.Errorf("%d devices, %v, want 3", len(all), err)
	}
}

func TestAnAccessPointThatMovesIsTheNewControllers(t *testing.T) {
	d := open(t, t.TempDir())
	scan(t, d, topology.Graph{}, controller("10.0.0.1", "wlc1", listed("1", "")), controller("10.0.0.2", "wlc2", listed("2", "")))
	id := find(t, d, "ap1").ID
	// Both list it, as a pair does: it stays with the one that had it.
	scan(t, d, topology.Graph{}, controller("10.0.0.2", "wlc2", listed("1", ""), listed("2", "")), controller("10.0.0.1", "wlc1", listed("1", "")))
	if m := find(t, d, "ap1").Managed; m.Name != "wlc1" {
		t.Errorf("managed by %s, want wlc1 still", m.Name)
	}
	scan(t, d, topology.Graph{}, controller("10.0.0.1", "wlc1"), controller("10.0.0.2", "wlc2", listed("1", ""), listed("2", "")))
	if ap := find(t, d, "ap1"); ap.ID != id || ap.Managed.Name != "wlc2" || !ap.Managed.Missing.IsZero() {
		t.Errorf("%+v, want it listed by wlc2", ap)
	}
}

func TestAnAccessPointThatAnswersItselfIsStillOneDevice(t *testing.T) {
	d := open(t, t.TempDir())
	self := answered("10.9.0.1", "ap1.example.net", "AP-0001")
	self.Identity.Kind, self.Identity.Model = netdev.AccessPoint, "M1-own"
	scan(t, d, topology.Graph{}, self, controller("10.0.0.1", "wlc1", listed("1", "10.9.0.9")))
	ap := find(t, d, "10.9.0.1")
	if ap.Managed.Name != "wlc1" || ap.Name != "ap1.example.net" || ap.Model != "M1-own" || ap.Address != addr("10.9.0.1") {
		t.Errorf("%+v, want its own words, and its controller", ap)
	}
	// A member of a cluster that answers for the cluster is not its own controller.
	member := controller("10.9.0.5", "ap5", listed("5", "10.9.0.5"), listed("6", ""))
	member.Identity.Serial = "AP-0005"
	scan(t, d, topology.Graph{}, member)
	if find(t, d, "ap5").ByController() || find(t, d, "ap6").Managed.Name != "ap5" {
		t.Error("the cluster's speaker manages itself, or not the other one")
	}
	// One that left its controller and answers for itself is ours again.
	scan(t, d, topology.Graph{}, controller("10.0.0.1", "wlc1"))
	scan(t, d, topology.Graph{}, controller("10.0.0.1", "wlc1", listed("4", "")))
	scan(t, d, topology.Graph{}, self)
	if find(t, d, "10.9.0.1").ByController() {
		t.Error("it is managed by who does not list it")
	}
}

func TestAControllersWordTakesNoAddressAway(t *testing.T) {
	d := open(t, t.TempDir())
	scan(t, d, topology.Graph{}, answered("10.0.0.5", "core1", "SN5"))
	lie := listed("1", "10.0.0.5")
	lie.Name = strings.Repeat("<script>", 9000)
	scan(t, d, topology.Graph{}, controller("10.0.0.1", "wlc1", lie))
	if got := find(t, d, "10.0.0.5"); got.Name != "core1" || got.ByController() {
		t.Errorf("%+v, want core1 where it answered", got)
	}
	ap := find(t, d, "wlc1")
	all, err := d.Devices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Managed.Controller == ap.ID && (v.Address.IsValid() || len(v.Name) > 255) {
			t.Errorf("%d bytes of a name at %s", len(v.Name), v.Address)
		}
	}
	// Who answers at an address that only a controller told of is not the access point.
	scan(t, d, topology.Graph{}, controller("10.0.0.1", "wlc1", listed("2", "10.0.0.9")))
	printer := answered("10.0.0.9", "printer", "")
	scan(t, d, topology.Graph{}, printer)
	if got := find(t, d, "10.0.0.9"); got.Name != "printer" || got.ByController() || find(t, d, "ap2").Address.IsValid() {
		t.Errorf("%+v, want the printer alone there", got)
	}
}

func TestALinkToAnAccessPointLivesByItsSwitch(t *testing.T) {
	d := open(t, t.TempDir())
	sw, wlc := bridge("10.0.0.2", "acc1"), controller("10.0.0.1", "wlc1", listed("1", "10.9.0.1"))
	sw.Site = "hamburg"
	link := func(ap netdev.DeviceID) topology.Graph {
		return topology.Graph{Links: []topology.Link{{A: topology.End{ID: "10.0.0.2", Device: "acc1", Port: "1/1/47"}, B: topology.End{ID: ap, Device: "ap1", Port: "eth0"},
			Layer: "l2", Evidence: []string{"lldp-one"}, Confidence: .7, Rows: []topology.EvidenceRow{{Device: "10.0.0.2"}}}}}
	}
	graph := link("ap-02:a1:00:00:00:01")
	graph.Hosts = at("10.0.0.2", "1/1/47", 0.7).Hosts
	scan(t, d, graph, sw, wlc)
	ap := find(t, d, "ap1")
	if ap.Site != "hamburg" {
		t.Errorf("site %q, want that of its switch", ap.Site)
	}
	links := func() []topology.Link {
		ls, err := d.Links(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return ls
	}
	if ls := links(); len(ls) != 1 || ls[0].A.ID != ap.ID && ls[0].B.ID != ap.ID {
		t.Fatalf("links %+v", ls)
	}
	ps, err := d.Hosts(t.Context())
	if err != nil || len(ps) != 1 || ps[0].Confidence != 0.7 {
		t.Errorf("places %+v, %v: what is behind an access point is not on the way to another device", ps, err)
	}
	scan(t, d, topology.Graph{}, wlc) // the switch was not asked
	if ls := links(); len(ls) != 1 || ls[0].Stale {
		t.Errorf("links %+v, want the one that nobody contradicted", ls)
	}
	scan(t, d, link(ap.ID), sw) // named by its id where the controller was not asked
	if len(links()) != 1 {
		t.Errorf("links %+v", links())
	}
	scan(t, d, topology.Graph{}, sw)
	if len(links()) != 0 {
		t.Errorf("links %+v, want none: the switch does not see it any more", links())
	}
}

func TestWhatWasJudgedOnAnAccessPointCountsNoMoreUnderAController(t *testing.T) {
	d := open(t, t.TempDir())
	ctx := t.Context()
	scan(t, d, topology.Graph{}, answered("10.9.0.1", "ap1", "AP-0001"), answered("10.0.0.9", "sw1", "SN-9"))
	ap, sw := find(t, d, "ap1"), find(t, d, "sw1")
	for _, dev := range []netdev.Device{ap, sw} {
		r := configstore.RuleResult{Device: dev.ID, Result: compliance.Result{Rule: "r", Pack: "p", Verdict: compliance.Fail}}
		f := drift.Finding{ID: drift.ID{Device: dev.ID, Source: "running", Kind: drift.Startup, Key: "k"}, State: drift.Open}
		if err := errors.Join(d.SaveVerdicts(ctx, []configstore.RuleResult{r}), d.SaveFindings(ctx, []drift.Finding{f})); err != nil {
			t.Fatal(err)
		}
	}
	counts := func() []int {
		results, err1 := d.Verdicts(ctx, configstore.ResultFilter{})
		findings, err2 := d.Findings(ctx, configstore.FindingFilter{Live: true})
		verdicts, err3 := d.CountVerdicts(ctx)
		kinds, err4 := d.CountFindings(ctx)
		tally, err5 := d.TallyVerdicts(ctx, configstore.ByDevice, configstore.TallyFilter{})
		if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
			t.Fatal(err)
		}
		return []int{len(results), len(findings), verdicts[compliance.Fail], kinds[drift.Startup], len(tally)}
	}
	if got := counts(); !slices.Equal(got, []int{2, 2, 2, 2, 2}) {
		t.Errorf("two devices on their own count as %v", got)
	}
	scan(t, d, topology.Graph{}, controller("10.0.0.1", "wlc1", listed("1", "10.9.0.1")))
	if !find(t, d, "ap1").ByController() {
		t.Fatal("the access point was not taken over")
	}
	if got := counts(); !slices.Equal(got, []int{1, 1, 1, 1, 1}) {
		t.Errorf("one device on its own and one managed count as %v", got)
	}
	if kept, err := d.Verdicts(ctx, configstore.ResultFilter{Device: ap.ID}); err != nil || len(kept) != 1 {
		t.Errorf("kept of the access point: %v, %v", kept, err)
	}
}
