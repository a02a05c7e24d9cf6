package db_test

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

func visitor(by string) topology.Unresolved {
	return topology.Unresolved{ID: netdev.DeviceID(by), Device: "acc1", Port: "p9", Protocol: "lldp", ChassisID: "02:00:00:00:00:99", PortID: "eth0", SysName: "visitor",
		Reason: "no device here has this identity", Addresses: []netip.Addr{addr("10.9.9.9")}, What: "some system"}
}

func TestACandidateIsOneWhoeverTellsOfIt(t *testing.T) {
	d := open(t, t.TempDir())
	a, b := answered("10.0.0.1", "acc1", "SN1"), answered("10.0.0.2", "acc2", "SN2")
	g := topology.Graph{Unresolved: []topology.Unresolved{visitor("10.0.0.1"), visitor("10.0.0.2")}}
	scan(t, d, g, a, b)
	cs, err := d.Candidates(t.Context())
	if err != nil || len(cs) != 1 || len(cs[0].Told) != 2 || cs[0].Name != "visitor" || cs[0].State != discovery.CandidateOpen || len(cs[0].Addresses) != 1 || cs[0].FirstSeen.IsZero() {
		t.Fatalf("candidates %+v, %v", cs, err)
	}
	first := cs[0]
	scan(t, d, g, a, b)
	if cs, _ = d.Candidates(t.Context()); len(cs) != 1 || cs[0].ID != first.ID || !cs[0].FirstSeen.Equal(first.FirstSeen) || !cs[0].LastSeen.After(first.LastSeen) || !cs[0].Told[0].Since.Equal(first.Told[0].Since) {
		t.Errorf("seen again it is %+v, was %+v", cs, first)
	}
	scan(t, d, topology.Graph{}, partial(a), partial(b))
	if cs, _ = d.Candidates(t.Context()); len(cs) != 1 {
		t.Errorf("walks in part made it %d candidates", len(cs))
	}
	scan(t, d, topology.Graph{}, a, b)
	if cs, _ = d.Candidates(t.Context()); len(cs) != 0 {
		t.Errorf("nobody tells of it any more, and it is listed: %+v", cs)
	}
}

func TestAnIgnoredCandidateStaysIgnoredUntilItIsTakenBack(t *testing.T) {
	d := open(t, t.TempDir())
	a := answered("10.0.0.1", "acc1", "SN1")
	g := topology.Graph{Unresolved: []topology.Unresolved{visitor("10.0.0.1")}}
	scan(t, d, g, a)
	cs, _ := d.Candidates(t.Context())
	id := cs[0].ID
	if err := d.DecideCandidate(t.Context(), id, discovery.CandidateIgnored, "mara", ""); err != nil {
		t.Fatal(err)
	}
	for _, g := range []topology.Graph{g, {}, g} { // seen, gone, back again
		scan(t, d, g, a)
		if c, err := d.Candidate(t.Context(), id); err != nil || c.State != discovery.CandidateIgnored || c.By != "mara" || c.Decided.IsZero() {
			t.Errorf("it is %+v, %v", c, err)
		}
	}
	if err := d.DecideCandidate(t.Context(), id, discovery.CandidateOpen, "mara", ""); err != nil {
		t.Fatal(err)
	}
	if c, err := d.Candidate(t.Context(), id); err != nil || c.State != discovery.CandidateOpen {
		t.Errorf("taken back it is %+v, %v", c, err)
	}
	if err := d.DecideCandidate(t.Context(), "nobody", discovery.CandidateIgnored, "mara", ""); !errors.Is(err, discovery.ErrNoCandidate) {
		t.Errorf("one that is not there: %v", err)
	}
	if err := d.DecideCandidate(t.Context(), id, "managed", "mara", ""); err == nil {
		t.Error("a state that does not exist is taken")
	}
}

func TestACandidateThatBecameADeviceIsNoneAnyMore(t *testing.T) {
	d := open(t, t.TempDir())
	a := answered("10.0.0.1", "acc1", "SN1")
	scan(t, d, topology.Graph{Unresolved: []topology.Unresolved{visitor("10.0.0.1")}}, a)
	v := answered("10.9.9.9", "visitor", "SN9")
	v.Facts.BridgeMAC = "02:00:00:00:00:99"
	scan(t, d, topology.Graph{}, v) // alone: who told of it is not asked again
	if cs, err := d.Candidates(t.Context()); err != nil || len(cs) != 0 {
		t.Errorf("candidates %+v, %v", cs, err)
	}
}

// Whoever claims the address of a device, with another chassis, is not taken
// for that device.
func TestACandidateThatClaimsADevicesAddressIsListed(t *testing.T) {
	d := open(t, t.TempDir())
	v := answered("10.9.9.9", "core1", "SN9")
	v.Facts.BridgeMAC = "02:00:00:00:00:77"
	scan(t, d, topology.Graph{Unresolved: []topology.Unresolved{visitor("10.0.0.1")}}, v, answered("10.0.0.1", "acc1", "SN1"))
	if cs, err := d.Candidates(t.Context()); err != nil || len(cs) != 1 {
		t.Errorf("candidates %+v, %v", cs, err)
	}
}
