package topology

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/plumbline-net/plumbline/netdev"
)

// box makes a device with ports Gi0/1 … and a chassis MAC made of its number.
func box(n, ports int) Observation {
	f := netdev.Facts{SysName: fmt.Sprintf("box%d.lab.example", n), BridgeMAC: chassisMAC(n)}
	f.Local = netdev.LocalChassis{ChassisID: string(chassisMAC(n)), ChassisSubtype: 4}
	for p := 1; p <= ports; p++ {
		f.Interfaces = append(f.Interfaces, netdev.Interface{Index: netdev.IfIndex(100 + p), Name: fmt.Sprintf("Gi0/%d", p),
			Descr: fmt.Sprintf("GigabitEthernet0/%d", p), MAC: netdev.MAC(fmt.Sprintf("02:00:00:00:%02x:%02x", n, p))})
	}
	return Observation{ID: netdev.DeviceID(fmt.Sprintf("d%02d", n)), Name: f.SysName, Facts: f}
}

func chassisMAC(n int) netdev.MAC { return netdev.MAC(fmt.Sprintf("02:00:00:00:%02x:00", n)) }

func sees(o *Observation, port int, far int, portID string) {
	o.Facts.Neighbors = append(o.Facts.Neighbors, netdev.Neighbor{Protocol: "lldp", LocalPort: fmt.Sprintf("Gi0/%d", port),
		LocalIfIndex: netdev.IfIndex(100 + port), ChassisID: string(chassisMAC(far)), ChassisSubtype: 4, PortID: portID, PortSubtype: 5})
}

// say gives links as text: who, with which evidence, how sure.
func say(g Graph) []string {
	out := []string{}
	for _, l := range g.Links {
		out = append(out, fmt.Sprintf("%s %s %s – %s %s %v %.2f", l.Layer, l.A.ID, l.A.Port, l.B.ID, l.B.Port, l.Evidence, l.Confidence))
	}
	return out
}

func TestNeighboursBecomeOneLinkACable(t *testing.T) {
	two := func() (Observation, Observation) { return box(1, 4), box(2, 4) }
	tests := map[string]struct {
		make func() []Observation
		want []string
		lost string // reason of the one unresolved row
	}{
		"both-sides-say-it": {func() []Observation {
			a, b := two()
			sees(&a, 1, 2, "Gi0/3")
			sees(&b, 3, 1, "GigabitEthernet0/1")
			return []Observation{a, b}
		}, []string{"l2 d01 Gi0/1 – d02 Gi0/3 [lldp-both] 1.00"}, ""},
		"one-side-says-it": {func() []Observation {
			a, b := two()
			sees(&a, 1, 2, "Gi0/3")
			return []Observation{a, b}
		}, []string{"l2 d01 Gi0/1 – d02 Gi0/3 [lldp-one] 0.90"}, ""},
		"port-only-known-from-the-other-side": {func() []Observation {
			a, b := two()
			sees(&a, 1, 2, "something local")
			sees(&b, 3, 1, "Gi0/1")
			return []Observation{a, b}
		}, []string{"l2 d01 Gi0/1 – d02 Gi0/3 [lldp-both] 1.00"}, ""},
		"two-protocols-fold": {func() []Observation {
			a, b := two()
			sees(&a, 1, 2, "Gi0/3")
			b.Facts.Neighbors = append(b.Facts.Neighbors, netdev.Neighbor{Protocol: "cdp", LocalPort: "Gi0/3", LocalIfIndex: 103,
				ChassisID: "BOX1", PortID: "GigabitEthernet0/1", SysName: "BOX1"})
			return []Observation{a, b}
		}, []string{"l2 d01 Gi0/1 – d02 Gi0/3 [cdp-one lldp-one] 0.90"}, ""},
		"two-cables-between-two-devices": {func() []Observation {
			a, b := two()
			sees(&a, 1, 2, "Gi0/3")
			sees(&a, 2, 2, "Gi0/4")
			sees(&b, 3, 1, "Gi0/1")
			sees(&b, 4, 1, "Gi0/2")
			return []Observation{a, b}
		}, []string{"l2 d01 Gi0/1 – d02 Gi0/3 [lldp-both] 1.00", "l2 d01 Gi0/2 – d02 Gi0/4 [lldp-both] 1.00"}, ""},
		"same-name-other-chassis": {func() []Observation {
			a, b := two()
			a.Facts.Neighbors = []netdev.Neighbor{{Protocol: "lldp", LocalPort: "Gi0/1", LocalIfIndex: 101, ChassisID: "02:00:00:00:99:99",
				ChassisSubtype: 4, PortID: "Gi0/3", PortSubtype: 5, SysName: "box2.lab.example"}}
			return []Observation{a, b}
		}, []string{}, "its name is that of box2.lab.example, but its chassis id is another"},
		"nobody-here": {func() []Observation {
			a, b := two()
			sees(&a, 1, 77, "Gi0/3")
			return []Observation{a, b}
		}, []string{}, "no device here has this identity"},
		"loop": {func() []Observation {
			a, b := two()
			sees(&a, 1, 1, "Gi0/2")
			return []Observation{a, b}
		}, []string{}, "it is this device itself: a loop"},
		"seen-through-another-switch": {func() []Observation {
			a, b := two()
			c := box(3, 4)
			sees(&a, 1, 2, "Gi0/3")
			sees(&b, 3, 1, "Gi0/1")
			a.Facts.Neighbors = append(a.Facts.Neighbors, netdev.Neighbor{Protocol: "cdp", LocalPort: "Gi0/1", LocalIfIndex: 101,
				ChassisID: "box3.lab.example", PortID: "Gi0/2", SysName: "box3.lab.example"})
			return []Observation{a, b, c}
		}, []string{"l2 d01 Gi0/1 – d02 Gi0/3 [lldp-both] 1.00"}, "seen-through: both sides say by lldp that this port ends elsewhere"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			g := Build(tc.make())
			if d := cmp.Diff(tc.want, say(g)); d != "" {
				t.Error(d)
			}
			var reasons []string
			for _, u := range g.Unresolved {
				reasons = append(reasons, u.Reason)
			}
			if want := []string{tc.lost}; tc.lost != "" && !slices.Equal(reasons, want) || tc.lost == "" && len(reasons) > 0 {
				t.Errorf("unresolved %q, want %q", reasons, tc.lost)
			}
			for _, l := range g.Links {
				if len(l.Rows) == 0 || l.Because == "" {
					t.Errorf("a link without its evidence: %+v", l)
				}
			}
		})
	}
}

func TestBlockedPortIsALinkBySpanningTree(t *testing.T) {
	a, b := box(1, 4), box(2, 4)
	a.Facts.STP = []netdev.STPPort{{Port: "Gi0/2", State: "forwarding", DesignatedBridge: "8000." + string(chassisMAC(1)), DesignatedPort: "8002"}}
	b.Facts.STP = []netdev.STPPort{{Port: "Gi0/4", State: "blocking", DesignatedBridge: "8000." + string(chassisMAC(1)), DesignatedPort: "8002"}}
	want := []string{"l2 d01 Gi0/2 – d02 Gi0/4 [stp] 0.80"}
	if d := cmp.Diff(want, say(Build([]Observation{a, b}))); d != "" {
		t.Error(d)
	}
}

func TestOSPFNeighboursAreOneAdjacency(t *testing.T) {
	a, b := box(1, 2), box(2, 2)
	for i, o := range []*Observation{&a, &b} {
		o.Facts.RouterID = fmt.Sprintf("198.51.100.%d", i+1)
		o.Facts.Addresses = []netdev.IPAddress{{Address: netip.MustParseAddr(fmt.Sprintf("203.0.113.%d", i+1)), PrefixLen: 30, IfIndex: netdev.IfIndex(101 + i)}}
		o.Facts.Routing = &netdev.Routing{OSPF: []netdev.OSPFNeighbor{{Neighbor: fmt.Sprintf("203.0.113.%d", 2-i), RouterID: fmt.Sprintf("198.51.100.%d", 2-i), State: "full"}}}
	}
	want := []string{"l3 d01 Gi0/1 – d02 Gi0/2 [ospf] 0.85"}
	if d := cmp.Diff(want, say(Build([]Observation{a, b}))); d != "" {
		t.Error(d)
	}
	b.Facts.Routing.OSPF[0].State, a.Facts.Routing.OSPF[0].State = "down", "init"
	if got := say(Build([]Observation{a, b})); len(got) != 0 {
		t.Errorf("an adjacency that is down is drawn: %q", got)
	}
}

// tree makes bridges in a random tree with hosts on them, and the forwarding
// tables that they would have. Port 1 leads to the parent.
func tree(rng *rand.Rand, bridges, hosts int) (obs []Observation, truth []string) {
	parent, down := make([]int, bridges), make([]int, bridges)
	next := make([]int, bridges)
	for i := range bridges {
		obs = append(obs, box(i, bridges+hosts+2))
		next[i] = 2
		if i > 0 {
			p := rng.IntN(i)
			parent[i], down[i] = p, next[p]
			next[p]++
			truth = append(truth, fmt.Sprintf("d%02d Gi0/%d – d%02d Gi0/1", p, down[i], i))
		}
	}
	// learn enters a MAC behind port at bridge i, and at every other bridge on
	// the port that leads there.
	learn := func(mac netdev.MAC, i, port int) {
		toward := map[int]int{i: port}
		for n := i; n > 0; n = parent[n] {
			toward[parent[n]] = down[n]
		}
		for b := range bridges {
			p, ok := toward[b]
			if !ok {
				p = 1
			}
			if p > 0 {
				obs[b].Facts.FDB = append(obs[b].Facts.FDB, netdev.FDBEntry{MAC: mac, Port: fmt.Sprintf("Gi0/%d", p), IfIndex: netdev.IfIndex(100 + p), Status: "learned"})
			}
		}
	}
	for i := range bridges {
		learn(chassisMAC(i), i, 0)
	}
	for h := range hosts {
		i := rng.IntN(bridges)
		learn(netdev.MAC(fmt.Sprintf("02:aa:00:00:00:%02x", h)), i, next[i])
		next[i]++
	}
	slices.Sort(truth)
	return obs, truth
}

func TestForwardingTablesOfATreeGiveItsCables(t *testing.T) {
	for seed := range uint64(20) {
		obs, truth := tree(rand.New(rand.NewPCG(seed, 7)), 9, 40)
		g := Build(obs)
		var got []string
		for _, l := range g.Links {
			if !slices.Equal(l.Evidence, []string{"fdb"}) {
				t.Errorf("seed %d: evidence %v of %+v", seed, l.Evidence, l)
			}
			got = append(got, fmt.Sprintf("%s %s – %s %s", l.A.ID, l.A.Port, l.B.ID, l.B.Port))
		}
		slices.Sort(got)
		if d := cmp.Diff(truth, got); d != "" {
			t.Errorf("seed %d: %s", seed, d)
		}
		if len(g.Hosts) != 40 {
			t.Errorf("seed %d: %d hosts, want 40", seed, len(g.Hosts))
		}
		for _, h := range g.Hosts {
			if h.Confidence != 0.95 {
				t.Errorf("seed %d: host %+v is not at its own port", seed, h)
			}
		}
	}
}

func TestSparseForwardingTablesProveNoFalseCable(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 11))
		obs, truth := tree(rng, 9, 40)
		for i := range obs {
			obs[i].Facts.FDB = slices.DeleteFunc(obs[i].Facts.FDB, func(netdev.FDBEntry) bool { return rng.IntN(2) == 0 })
		}
		for _, l := range Build(obs).Links {
			text := fmt.Sprintf("%s %s – %s %s", l.A.ID, l.A.Port, l.B.ID, l.B.Port)
			if slices.Contains(l.Evidence, "fdb") && !slices.Contains(truth, text) {
				t.Errorf("seed %d: %s is said to be proven", seed, text)
			}
		}
	}
}

func TestTheOrderOfObservationsDoesNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	obs, _ := tree(rng, 8, 20)
	sees(&obs[1], 1, 0, "Gi0/2")
	sees(&obs[2], 1, 0, "nonsense")
	sees(&obs[3], 1, 99, "Gi0/9")
	obs[5].Name, obs[6].Name = "twin", "twin"
	var first []byte
	for range 10 {
		rng.Shuffle(len(obs), func(i, j int) { obs[i], obs[j] = obs[j], obs[i] })
		for i := range obs {
			n := obs[i].Facts.Neighbors
			rng.Shuffle(len(n), func(i, j int) { n[i], n[j] = n[j], n[i] })
		}
		b, err := json.Marshal(Build(obs))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if d := cmp.Diff(string(first), string(b)); d != "" {
			t.Fatal(d)
		}
	}
}

func FuzzBuild(f *testing.F) {
	f.Add("02:00:00:00:01:00", "Gi0/1", "box1", "8000.02:00:00:00:02:00", uint8(4))
	f.Add("", "\x00", "a(b)", "short", uint8(0))
	f.Fuzz(func(t *testing.T, id, port, name, stp string, sub uint8) {
		a, b := box(1, 2), box(2, 2)
		a.Facts.Neighbors = []netdev.Neighbor{{Protocol: "lldp", LocalPort: port, ChassisID: id, ChassisSubtype: int(sub), PortID: port, SysName: name},
			{Protocol: "cdp", LocalPort: port, ChassisID: name, PortID: id}}
		b.Facts.STP = []netdev.STPPort{{Port: port, DesignatedBridge: stp, DesignatedPort: id}}
		b.Facts.FDB = []netdev.FDBEntry{{MAC: netdev.MAC(id), Port: port}}
		for _, l := range Build([]Observation{a, b}).Links {
			if l.Confidence <= 0 || l.Confidence > 1 || l.A.Device == "" || l.B.Device == "" {
				t.Fatalf("link %+v", l)
			}
		}
	})
}
