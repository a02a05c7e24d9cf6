package db_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/netdev"
)

// answered is a device that answered completely at an address.
func answered(address, name, serial string) discovery.Found {
	return discovery.Found{
		Facts: netdev.Facts{Address: netip.MustParseAddr(address), Taken: time.Date(2026, 3, 1, 0, 0, 0, 5, time.UTC), SysName: name,
			Tables: []netdev.TableState{{Table: "interfaces", Coverage: netdev.Complete, Rows: 2}}},
		Identity:   netdev.Identity{Vendor: "acme", Platform: "acme_os", Kind: netdev.Switch, Model: "X1", Serial: serial},
		Credential: "lab", SNMPPort: 1161, SSHPort: 2222, Site: "berlin",
	}
}

func partial(f discovery.Found) discovery.Found {
	f.Facts.Tables = []netdev.TableState{{Table: "interfaces", Coverage: netdev.Partial, Reason: netdev.Timeout}}
	return f
}

func scan(t *testing.T, d *db.DB, g topology.Graph, found ...discovery.Found) ([]netdev.Device, int) {
	t.Helper()
	out, fresh, err := d.SaveScan(t.Context(), "run", found, g)
	if err != nil {
		t.Fatal(err)
	}
	return out, fresh
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestDeviceIsKeptOnceHoweverOftenItAnswers(t *testing.T) {
	d := open(t, t.TempDir())
	first, fresh := scan(t, d, topology.Graph{}, answered("10.0.0.2", "core1.example.net", "SN1"), answered("10.0.0.1", "core1.example.net", "SN1"), answered("10.0.0.3", "acc1", "SN2"))
	if fresh != 2 || len(first) != 3 || first[0].ID != first[1].ID || first[0].ID == first[2].ID {
		t.Fatalf("%d new of %+v, want two devices, the first found twice", fresh, first)
	}
	want := netdev.Device{ID: first[0].ID, Name: "core1.example.net", Address: addr("10.0.0.1"), Aliases: []netip.Addr{addr("10.0.0.2")},
		SNMPPort: 1161, SSHPort: 2222, Site: "berlin", Vendor: "acme", Platform: "acme_os", Kind: netdev.Switch, Model: "X1", Serial: "SN1"}
	if diff := cmp.Diff(first[0], want, cmpopts.EquateComparable(netip.Addr{}), cmpopts.IgnoreFields(netdev.Device{}, "FirstSeen", "LastSeen")); diff != "" {
		t.Errorf("device (-got +want):\n%s", diff)
	}
	again, fresh := scan(t, d, topology.Graph{}, answered("10.0.0.2", "core1.example.net", "SN1"))
	if fresh != 0 || again[0].ID != first[0].ID || again[0].Address != addr("10.0.0.1") || !again[0].LastSeen.After(first[0].LastSeen) || !again[0].FirstSeen.Equal(first[0].FirstSeen) {
		t.Errorf("%d new, %+v: want the same device, managed where it was", fresh, again[0])
	}
	for _, ref := range []string{string(first[0].ID), "CORE1.example.NET", "core1", "10.0.0.2", "::ffff:10.0.0.1"} {
		if got, err := d.FindDevice(t.Context(), ref); err != nil || got.ID != first[0].ID {
			t.Errorf("find %q: %s, %v, want %s", ref, got.ID, err, first[0].ID)
		}
	}
	for _, ref := range []string{"", "nobody", "10.0.0.77", "core1.example"} {
		if got, err := d.FindDevice(t.Context(), ref); !errors.Is(err, discovery.ErrNoDevice) {
			t.Errorf("find %q: %+v, %v, want ErrNoDevice", ref, got, err)
		}
	}
	all, err := d.Devices(t.Context())
	if err != nil || len(all) != 2 || all[0].Name != "acc1" {
		t.Errorf("devices %+v, %v, want acc1 before core1", all, err)
	}
}

func TestNameOfSeveralDevicesIsNotGuessed(t *testing.T) {
	d := open(t, t.TempDir())
	scan(t, d, topology.Graph{}, answered("10.0.0.1", "fw", "SN1"), answered("10.0.0.2", "fw", "SN2"))
	if got, err := d.FindDevice(t.Context(), "fw"); !errors.Is(err, discovery.ErrAmbiguous) {
		t.Errorf("find: %+v, %v, want ErrAmbiguous", got, err)
	}
}

func TestAddressThatMovedIsRecorded(t *testing.T) {
	d := open(t, t.TempDir())
	first, _ := scan(t, d, topology.Graph{}, answered("10.0.0.1", "old", "SN1"))
	next, fresh := scan(t, d, topology.Graph{}, answered("10.0.0.1", "new", "SN2"))
	if fresh != 1 || next[0].ID == first[0].ID {
		t.Fatalf("%d new, %+v: want another device at the address", fresh, next[0])
	}
	old, err := d.Device(t.Context(), first[0].ID)
	if err != nil || old.Address.IsValid() || len(old.Aliases) != 0 {
		t.Errorf("old device %+v, %v, want it without the address", old, err)
	}
	spans, err := d.Addresses(t.Context(), old.ID)
	if err != nil || len(spans) != 1 || spans[0].MovedTo != next[0].ID || spans[0].Until.IsZero() || spans[0].Address != addr("10.0.0.1") {
		t.Errorf("addresses %+v, %v, want one that moved to %s", spans, err, next[0].ID)
	}
	// It comes back at another address, and is itself again.
	back, fresh := scan(t, d, topology.Graph{}, answered("10.0.0.5", "old", "SN1"))
	if fresh != 0 || back[0].ID != old.ID || back[0].Address != addr("10.0.0.5") {
		t.Errorf("%d new, %+v: want the old device at its new address", fresh, back[0])
	}
}

func TestPartialWalkDoesNotReplaceAWholeOne(t *testing.T) {
	d := open(t, t.TempDir())
	whole := answered("10.0.0.1", "core1", "SN1")
	whole.Facts.Scalars = map[string]any{"1.3.6.1.4.1.1": "a\x00\xff", "1.3.6.1.4.1.2": int64(-4)}
	whole.Facts.Local = netdev.LocalChassis{ChassisID: "02:00:5e:00:00:01", ChassisSubtype: 4, Ports: []netdev.LocalPort{{Number: 7, ID: "p\xff"}}}
	whole.Facts.EngineID = []byte(engineID)
	whole.Identity.Name = "core1"
	whole.Identity.Why = []netdev.Why{{Field: "kind", Value: "switch", Because: "a rule"}}
	devs, _ := scan(t, d, topology.Graph{}, whole)
	less := partial(answered("10.0.0.1", "core1", ""))
	less.Identity = netdev.Identity{Kind: netdev.Other}
	less.Facts.Taken = whole.Facts.Taken.Add(time.Hour)
	after, _ := scan(t, d, topology.Graph{}, less)
	if after[0].Serial != "SN1" || after[0].Kind != netdev.Switch || after[0].Platform != "acme_os" {
		t.Errorf("device %+v, want what was known to stay", after[0])
	}
	facts, ident, err := d.Facts(t.Context(), devs[0].ID)
	opts := cmp.Options{cmpopts.EquateComparable(netip.Addr{})}
	if diff := cmp.Diff(facts, whole.Facts, opts); diff != "" || err != nil {
		t.Errorf("facts: %v (-got +want)\n%s", err, diff)
	}
	if diff := cmp.Diff(ident, whole.Identity); diff != "" {
		t.Errorf("identity (-got +want)\n%s", diff)
	}
	less.Facts.Taken = whole.Facts.Taken.AddDate(0, 0, 8)
	scan(t, d, topology.Graph{}, less)
	if facts, _, err = d.Facts(t.Context(), devs[0].ID); err != nil || !facts.Taken.Equal(less.Facts.Taken) {
		t.Errorf("facts of %s, %v, want the partial ones: the whole ones are a week old", facts.Taken, err)
	}
	added := addDevice(t, d, "by hand")
	if facts, _, err := d.Facts(t.Context(), added); err != nil || !facts.Taken.IsZero() {
		t.Errorf("facts of a device that was never walked: %+v, %v, want none", facts, err)
	}
	if _, _, err := d.Facts(t.Context(), "nobody"); !errors.Is(err, discovery.ErrNoDevice) {
		t.Errorf("facts of nobody: %v, want ErrNoDevice", err)
	}
}

const engineID = "\x80\x00\x00\x09\x03aaaabbbb"

func TestLinkStaysUntilAllWhoProveItWereHeard(t *testing.T) {
	d := open(t, t.TempDir())
	a, b := answered("10.0.0.1", "a", "SN1"), answered("10.0.0.2", "b", "SN2")
	link := func(rows ...netdev.DeviceID) topology.Link {
		l := topology.Link{A: topology.End{ID: "10.0.0.2", Device: "b", Port: "p2"}, B: topology.End{ID: "10.0.0.1", Device: "a", Port: "p1", MAC: "02:00:5e:00:00:01"},
			Layer: "l2", Evidence: []string{"lldp-both"}, Confidence: 1, Because: "both say so"}
		for _, r := range rows {
			l.Rows = append(l.Rows, topology.EvidenceRow{Device: r, Table: "lldp", Row: "1.2 = \"x\""})
		}
		return l
	}
	neighbour := topology.Unresolved{ID: "10.0.0.1", Device: "a", Port: "p9", SysName: strings.Repeat("n", 1<<16), Reason: "no such device"}
	devs, _ := scan(t, d, topology.Graph{Links: []topology.Link{link("10.0.0.1", "10.0.0.2")}, Unresolved: []topology.Unresolved{neighbour}}, a, b)
	get := func() []topology.Link {
		t.Helper()
		ls, err := d.Links(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return ls
	}
	first := get()
	if len(first) != 1 || first[0].Stale || first[0].Rows[0].Device != devs[0].ID {
		t.Fatalf("links %+v, want one whose proof names the devices", first)
	}
	ends := map[netdev.DeviceID]topology.End{first[0].A.ID: first[0].A, first[0].B.ID: first[0].B}
	if e := ends[devs[0].ID]; e.Device != "a" || e.Port != "p1" || e.MAC != "02:00:5e:00:00:01" {
		t.Errorf("end %+v, want port p1 of a", e)
	}
	if us, err := d.Unresolved(t.Context()); err != nil || len(us) != 1 || us[0].ID != devs[0].ID || len(us[0].SysName) > 255 {
		t.Errorf("unresolved %.300v, %v, want one of a, its name cut", us, err)
	}

	scan(t, d, topology.Graph{}, a) // b is silent
	if ls := get(); len(ls) != 1 || !ls[0].Stale || !ls[0].LastSeen.Equal(first[0].LastSeen) {
		t.Errorf("links %+v, want the old one, stale", ls)
	}
	if us, err := d.Unresolved(t.Context()); err != nil || len(us) != 0 {
		t.Errorf("unresolved %+v, %v, want none: a answered completely without it", us, err)
	}
	scan(t, d, topology.Graph{}, a, partial(b))
	if ls := get(); len(ls) != 1 {
		t.Errorf("links %+v, want the old one: b was not heard to the end", ls)
	}
	// The same cable told from the other side, by ids, is the same link.
	turned := link(devs[0].ID, devs[1].ID)
	turned.A, turned.B = turned.B, turned.A
	turned.A.ID, turned.B.ID = devs[0].ID, devs[1].ID
	scan(t, d, topology.Graph{Links: []topology.Link{turned}}, a, b)
	if ls := get(); len(ls) != 1 || ls[0].Stale || !ls[0].FirstSeen.Equal(first[0].FirstSeen) || !ls[0].LastSeen.After(first[0].LastSeen) {
		t.Errorf("links %+v, want the same one seen again", ls)
	}
	scan(t, d, topology.Graph{}, a, b)
	if ls := get(); len(ls) != 0 {
		t.Errorf("links %+v, want none: both were heard completely", ls)
	}
}

func TestHostileWordsOfADeviceAreKeptAsTheyAre(t *testing.T) {
	d := open(t, t.TempDir())
	for name, word := range map[string]string{
		"nul":           "a\x00b",
		"invalid-utf-8": "a\xff\xfeb",
		"sql":           `'; DROP TABLE device; --`,
		"wildcards":     "%_*?[",
		"control":       "\x1b[2J\r\n\u202e",
	} {
		t.Run(name, func(t *testing.T) {
			f := answered("10.0.0.1", word, "SN-"+name)
			f.Identity.Model, f.Identity.Version = word, word
			got, _ := scan(t, d, topology.Graph{}, f)
			if got[0].Name != word || got[0].Model != word || got[0].Version != word {
				t.Errorf("device %q, %q, %q, want %q", got[0].Name, got[0].Model, got[0].Version, word)
			}
			if found, err := d.FindDevice(t.Context(), word); err != nil || found.ID != got[0].ID {
				t.Errorf("find: %+v, %v, want it", found, err)
			}
		})
	}
	f := answered("10.0.0.2", strings.Repeat("ä", 1<<15), "SN-long")
	got, _ := scan(t, d, topology.Graph{}, f)
	if n := got[0].Name; len(n) > 255 || !strings.HasSuffix(n, "ä…") {
		t.Errorf("name of %d bytes ends %q, want it cut with a mark", len(n), n[len(n)-5:])
	}
}

func TestPlatformAPersonNamedOutlivesTheNextScan(t *testing.T) {
	d := open(t, t.TempDir())
	ctx := t.Context()
	f := answered("10.0.0.7", "edge7", "SN7")
	f.Identity.Platform, f.Identity.Kind = "plain_os", netdev.Server
	got, _ := scan(t, d, topology.Graph{}, f)
	v := got[0]
	v.Role = "edge" // a word about something else says nothing about the platform
	update := func() netdev.Device {
		t.Helper()
		if err := d.UpdateDevice(ctx, v); err != nil {
			t.Fatal(err)
		}
		f.Identity.Platform, f.Identity.Kind = "newer_os", netdev.Switch
		got, _ := scan(t, d, topology.Graph{}, f)
		return got[0]
	}
	if v = update(); v.Platform != "newer_os" || v.Kind != netdev.Switch {
		t.Errorf("%s, %s after a scan: want what it found", v.Platform, v.Kind)
	}
	v.Platform, v.Kind = "routing_suite", netdev.Router
	if v = update(); v.Platform != "routing_suite" || v.Kind != netdev.Router {
		t.Errorf("%s, %s after a scan: want what the person said", v.Platform, v.Kind)
	}
	if v = update(); v.Platform != "routing_suite" || v.Kind != netdev.Router {
		t.Errorf("%s, %s after another update: want what the person said", v.Platform, v.Kind)
	}
	v.Platform, v.Kind = "", ""
	if v = update(); v.Platform != "newer_os" || v.Kind != netdev.Switch {
		t.Errorf("%s, %s when the choice was given back: want what the scan found", v.Platform, v.Kind)
	}
}

func TestPersonsWordsAboutADeviceAreKept(t *testing.T) {
	d := open(t, t.TempDir())
	ctx := t.Context()
	v, err := d.AddDevice(ctx, netdev.Device{Address: addr("10.0.0.1"), Platform: "acme_os", SSHPort: 2022})
	if err != nil || v.ID == "" || v.Name != "10.0.0.1" || v.Kind != netdev.Other {
		t.Fatalf("added %+v, %v", v, err)
	}
	if _, err := d.AddDevice(ctx, netdev.Device{Address: addr("10.0.0.1")}); !errors.Is(err, discovery.ErrDeviceExists) {
		t.Errorf("second device at the address: %v, want ErrDeviceExists", err)
	}
	if all, err := d.Devices(ctx); err != nil || len(all) != 1 {
		t.Errorf("devices %+v, %v, want one", all, err)
	}
	v.Name, v.Site, v.Role, v.Tags = "edge", "paris", "edge", []string{"a", "b\"c"}
	if _, err := d.BumpFence(ctx, v.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.UpdateDevice(ctx, v); err != nil {
		t.Fatal(err)
	}
	got, err := d.Device(ctx, v.ID)
	if diff := cmp.Diff(got, v, cmpopts.EquateComparable(netip.Addr{})); diff != "" || err != nil {
		t.Errorf("updated: %v (-got +want)\n%s", err, diff)
	}
	if n, err := d.Fence(ctx, v.ID); err != nil || n != 1 {
		t.Errorf("fence %d, %v: an update must leave it alone", n, err)
	}
	if err := d.UpdateDevice(ctx, netdev.Device{ID: "nobody"}); !errors.Is(err, discovery.ErrNoDevice) {
		t.Errorf("update of nobody: %v, want ErrNoDevice", err)
	}
	seen, fresh := scan(t, d, topology.Graph{}, answered("10.0.0.1", "core", "SN9"))
	if fresh != 0 || seen[0].ID != v.ID || seen[0].Serial != "SN9" || seen[0].Role != "edge" {
		t.Errorf("%d new, %+v: want the added device, known better", fresh, seen[0])
	}
}

func TestRunsAreListedNewestFirst(t *testing.T) {
	d := open(t, t.TempDir())
	ctx := t.Context()
	var want []discovery.Run
	for i := range 5 {
		r := discovery.Run{ID: discovery.RunID(rune('a' + i)), State: discovery.RunRunning, Targets: []string{"10.0.0.0/8"}, By: "<b>",
			Started: time.Date(2026, 3, 1, 0, i, 0, 0, time.UTC), Errors: []discovery.RunError{{Address: "10.0.0.1", Reason: netdev.Timeout}}}
		if err := d.SaveRun(ctx, r); err != nil {
			t.Fatal(err)
		}
		r.State, r.Answered = discovery.RunDone, i
		if err := d.SaveRun(ctx, r); err != nil {
			t.Fatal(err)
		}
		want = append([]discovery.Run{r}, want...)
	}
	got, err := d.Runs(ctx, 3)
	if diff := cmp.Diff(got, want[:3]); diff != "" || err != nil {
		t.Errorf("runs: %v (-got +want)\n%s", err, diff)
	}
	if _, err := d.Run(ctx, "nothing"); !errors.Is(err, discovery.ErrNoRun) {
		t.Errorf("unknown run: %v, want ErrNoRun", err)
	}
}
