package discovery_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/sim"
)

func inventory(t *testing.T) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{Path: filepath.Join(t.TempDir(), db.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func keep(t *testing.T, d *db.DB, req discovery.Request) discovery.Report {
	t.Helper()
	rep, err := scanner(t).Scan(t.Context(), req, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rep.Keep(t.Context(), d, discovery.Run{ID: "R", Started: time.Now()}, time.Now()); err != nil {
		t.Fatal(err)
	}
	return rep
}

func checkHosts(t *testing.T, n *sim.Network, d *db.DB, want []sim.Host) {
	t.Helper()
	for _, h := range want {
		ps, err := d.FindHost(t.Context(), string(h.MAC))
		if err != nil || len(ps) != 1 {
			t.Errorf("%s: places %+v, %v", h.MAC, ps, err)
			continue
		}
		p := ps[0]
		if port := n.Device(h.At.Device).Name(); p.Name != port || p.VLAN != h.VLAN || p.Address != h.Address || p.Confidence < 0.9 {
			t.Errorf("%s is on %s %s VLAN %d with %s (%v), want %s %s VLAN %d with %s", h.MAC, p.Name, p.Port, p.VLAN, p.Address, p.Confidence, h.At.Device, h.At.Port, h.VLAN, h.Address)
		}
		if p.Port != h.At.Port && p.Port != h.At.Port+".0" { // some platforms bridge on the logical unit
			t.Errorf("%s is on port %s, want %s", h.MAC, p.Port, h.At.Port)
		}
	}
}

func TestHostsAreFoundAtThePortsTheyArePluggedInto(t *testing.T) {
	n := network(t, "127.141.0.1")
	d := inventory(t)
	var args []string
	for _, p := range n.Prefixes() {
		args = append(args, p.String())
	}
	rep := keep(t, d, request(t, n, args...))
	truth := n.Hosts()
	if all, err := d.Hosts(t.Context()); err != nil || len(all) != len(truth) || len(truth) < 12 || len(rep.Graph.Hosts) != len(truth) {
		t.Errorf("%d hosts kept, %d in the graph, want %d; %v", len(all), len(rep.Graph.Hosts), len(truth), err)
	}
	checkHosts(t, n, d, truth)
	// A scan of one core switch sees every host on its uplinks, and moves none.
	keep(t, d, request(t, n, n.Device("ber-core1").Address().String()))
	checkHosts(t, n, d, truth)
	if cs, err := d.Candidates(t.Context()); err != nil || len(cs) != 0 {
		t.Errorf("candidates %+v, %v", cs, err)
	}
}

// The packet oracle of "a neighbour can never enrol itself": whoever is only
// told of receives not one datagram, crawl or not, until a person accepts it;
// then it alone does.
func TestANeighbourReceivesNoPacketBeforeItIsAccepted(t *testing.T) {
	n := network(t, "127.142.0.1")
	d := inventory(t)
	asked := n.Device("ber-acc1")
	req := request(t, n, asked.Address().String())
	for _, crawl := range []bool{false, true} {
		req.Crawl = crawl
		keep(t, d, req)
		for _, o := range n.Devices() {
			if o != asked && o.SNMPRequests() != 0 {
				t.Errorf("crawl %v: %s was sent %d datagrams", crawl, o.Name(), o.SNMPRequests())
			}
		}
	}
	if devs, err := d.Devices(t.Context()); err != nil || len(devs) != 1 {
		t.Errorf("inventory %+v, %v", devs, err)
	}
	cs, err := d.Candidates(t.Context())
	if err != nil || len(cs) != 2 {
		t.Fatalf("candidates %+v, %v; want the two core switches", cs, err)
	}
	var c discovery.Candidate
	for _, c = range cs {
		if c.Name == "ber-core1" {
			break
		}
	}
	core := n.Device("ber-core1")
	if len(c.Addresses) != 1 || c.Addresses[0] != core.Address() || c.State != discovery.CandidateOpen {
		t.Fatalf("candidate %+v, want the address %s", c, core.Address())
	}
	if hs, err := d.Hosts(t.Context()); err != nil || len(hs) == 0 {
		t.Errorf("hosts %+v, %v", hs, err)
	} else {
		for _, h := range hs {
			for _, truth := range n.Hosts() {
				if truth.MAC == h.MAC && truth.At.Device != asked.Name() && h.Confidence > 0.3 {
					t.Errorf("%s is said to be on %s %s, and is on %s", h.MAC, h.Name, h.Port, truth.At.Device)
				}
			}
		}
	}
	req = request(t, n, c.Addresses[0].String())
	keep(t, d, req)
	for _, o := range n.Devices() {
		if o != asked && o != core && o.SNMPRequests() != 0 {
			t.Errorf("accepting one sent %s %d datagrams", o.Name(), o.SNMPRequests())
		}
	}
	if core.SNMPRequests() == 0 {
		t.Error("the accepted one was not asked")
	}
	for _, c := range must(d.Candidates(t.Context())) {
		if c.Name == "ber-core1" {
			t.Error("it is a device, and still a candidate")
		}
	}
}

func must(cs []discovery.Candidate, _ error) []discovery.Candidate { return cs }
