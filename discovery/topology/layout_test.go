package topology

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-net/plumbline/netdev"
)

var update = flag.Bool("update", false, "write the golden positions anew")

// shape builds a network by hand.
type shape struct {
	places []Place
	wires  []Wire
}

func (s *shape) add(site, role string, kind netdev.Kind, labels ...string) {
	for _, l := range labels {
		s.places = append(s.places, Place{ID: netdev.DeviceID("id-" + l), Label: l, Kind: kind, Role: role, Site: site})
	}
}

func (s *shape) join(a string, bs ...string) {
	for _, b := range bs {
		s.wires = append(s.wires, Wire{A: netdev.DeviceID("id-" + a), B: netdev.DeviceID("id-" + b), Key: fmt.Sprint(a, b, len(s.wires))})
	}
}

func names(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s-%02d", prefix, i+1)
	}
	return out
}

// shapes are the reference shapes of networks.
func shapes() map[string]shape {
	m := map[string]shape{}
	put := func(name string, build func(*shape)) {
		var s shape
		build(&s)
		m[name] = s
	}
	put("campus-tree", func(s *shape) {
		s.add("Mill", "", netdev.Router, "rtr")
		s.add("Mill", "", netdev.Switch, append(append([]string{"core"}, names("dist", 3)...), names("acc", 9)...)...)
		s.add("Mill", "", netdev.AccessPoint, names("ap", 6)...)
		s.join("rtr", "core")
		s.join("core", names("dist", 3)...)
		for i, a := range names("acc", 9) {
			s.join(names("dist", 3)[i%3], a)
		}
		s.join("acc-01", names("ap", 6)...)
	})
	put("dual-core", func(s *shape) {
		s.add("Mill", "", netdev.Firewall, "fw-01", "fw-02")
		s.add("Mill", "core", netdev.Switch, "core-01", "core-02")
		s.add("Mill", "distribution", netdev.Switch, names("dist", 4)...)
		s.add("Mill", "access", netdev.Switch, names("acc", 16)...)
		s.join("fw-01", "fw-02")
		for _, c := range []string{"core-01", "core-02"} {
			s.join(c, names("dist", 4)...)
			s.join("fw-01", c)
			s.join("fw-02", c)
		}
		s.join("core-01", "core-02", "core-02")
		for i, a := range names("acc", 16) {
			s.join(names("dist", 4)[i/4], a)
		}
	})
	put("collapsed-core", func(s *shape) {
		s.add("Mill", "", netdev.Router, "rtr")
		s.add("Mill", "", netdev.Switch, append([]string{"core"}, names("acc", 20)...)...)
		s.join("rtr", "core")
		s.join("core", names("acc", 20)...)
	})
	put("paired-distribution", func(s *shape) {
		s.add("Mill", "", netdev.Router, "rtr-01", "rtr-02")
		s.add("Mill", "", netdev.Switch, append(names("core", 2), append(names("dc", 2), names("leaf", 4)...)...)...)
		s.join("rtr-01", "core-01", "dc-01") // this alone brings dc-01 nearer to the edge than dc-02
		s.join("rtr-02", "core-02")
		s.join("core-01", "core-02")
		s.join("dc-01", append([]string{"dc-02", "dc-02", "core-01", "core-02"}, names("leaf", 4)...)...)
		s.join("dc-02", append([]string{"core-01", "core-02"}, names("leaf", 4)...)...)
	})
	put("spine-leaf", func(s *shape) {
		s.add("Hall", "", netdev.Switch, append(names("spine", 4), names("leaf", 8)...)...)
		for _, l := range names("leaf", 8) {
			s.join(l, names("spine", 4)...)
		}
	})
	put("ring", func(s *shape) {
		ns := names("ring", 7)
		s.add("Shore", "", netdev.Switch, ns...)
		for i, n := range ns {
			s.join(n, ns[(i+1)%7])
		}
	})
	put("hub-and-spoke", func(s *shape) {
		s.add("Hub", "", netdev.Router, "hub-rtr-01", "hub-rtr-02")
		s.add("Hub", "", netdev.Switch, "hub-sw")
		s.join("hub-sw", "hub-rtr-01", "hub-rtr-02")
		for i := range 7 {
			site := fmt.Sprintf("Spoke %d", i+1)
			r, w := fmt.Sprintf("sp%d-rtr", i+1), fmt.Sprintf("sp%d-sw", i+1)
			s.add(site, "", netdev.Router, r)
			s.add(site, "", netdev.Switch, w)
			s.join(r, w)
			s.join([]string{"hub-rtr-01", "hub-rtr-02"}[i%2], r)
		}
	})
	put("flat-l2", func(s *shape) {
		ns := names("sw", 5)
		s.add("", "", netdev.Switch, ns...)
		for i := range 4 {
			s.join(ns[i], ns[i+1])
		}
	})
	put("one-device", func(s *shape) { s.add("", "", netdev.Router, "alone") })
	put("two-islands", func(s *shape) {
		s.add("", "", netdev.Switch, "a1", "a2", "a3", "b1", "b2", "alone")
		s.join("a1", "a2", "a3")
		s.join("b1", "b2")
	})
	return m
}

func (l Layout) describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "size %dx%d\n", l.Width, l.Height)
	for _, k := range l.Blocks {
		fmt.Fprintf(&b, "block %q %d,%d %dx%d nodes %d links %d\n", k.Site, k.X, k.Y, k.W, k.H, k.Nodes, k.Links)
	}
	for _, s := range l.Spots {
		fmt.Fprintf(&b, "spot %s %d,%d %s row %d block %d fold %d count %d\n", s.Label, s.X, s.Y, s.Tier, s.Row, s.Block, s.Fold, s.Count)
	}
	return b.String()
}

func TestReferenceShapesStandWhereTheyAlwaysStood(t *testing.T) {
	for name, s := range shapes() {
		t.Run(name, func(t *testing.T) {
			got := Arrange(s.places, s.wires).describe()
			file := filepath.Join("testdata", "layout", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("positions moved (-golden +now):\n%s", d)
			}
		})
	}
}

func TestShuffledInputGivesTheSameBytes(t *testing.T) {
	for name, s := range shapes() {
		want, _ := json.Marshal(Arrange(s.places, s.wires))
		for seed := range uint64(20) {
			r := rand.New(rand.NewPCG(seed, 1))
			r.Shuffle(len(s.places), func(i, j int) { s.places[i], s.places[j] = s.places[j], s.places[i] })
			r.Shuffle(len(s.wires), func(i, j int) {
				s.wires[i], s.wires[j] = s.wires[j], s.wires[i]
				s.wires[i].A, s.wires[i].B = s.wires[i].B, s.wires[i].A
			})
			if got, _ := json.Marshal(Arrange(s.places, s.wires)); string(got) != string(want) {
				t.Errorf("%s: another order of the input gives another picture", name)
				break
			}
		}
	}
}

func TestTiersFollowTheDistanceFromTheEdge(t *testing.T) {
	want := map[string]map[string]Tier{
		"campus-tree":         {"rtr": TierEdge, "core": TierCore, "dist-02": TierDistribution, "acc-05": TierAccess, "6 access points": TierLeaf},
		"collapsed-core":      {"rtr": TierEdge, "core": TierCore, "20 switches": TierAccess},
		"paired-distribution": {"dc-01": TierCore, "dc-02": TierCore, "core-02": TierCore, "leaf-01": TierAccess},
		"spine-leaf":          {"spine-03": TierCore, "leaf-07": TierAccess},
		"dual-core":           {"fw-02": TierEdge, "core-01": TierCore, "dist-04": TierDistribution, "acc-16": TierAccess},
	}
	for name, tiers := range want {
		s := shapes()[name]
		got := map[string]Tier{}
		for _, p := range Arrange(s.places, s.wires).Spots {
			got[p.Label] = p.Tier
		}
		for label, tier := range tiers {
			if g, ok := got[label]; !ok || g != tier {
				t.Errorf("%s: %s is %v (there: %v), want %v", name, label, g, ok, tier)
			}
		}
	}
}

// sound checks what holds for every layout.
func sound(t *testing.T, places []Place, wires []Wire) {
	t.Helper()
	l := Arrange(places, wires)
	for i, p := range l.Spots {
		if p.X < 0 || p.Y < 0 || p.X > l.Width || p.Y > l.Height {
			t.Fatalf("%s stands at %d,%d, off the picture of %dx%d", p.Label, p.X, p.Y, l.Width, l.Height)
		}
		if b := l.Blocks[p.Block]; p.X-nodeHalf < b.X || p.X+nodeHalf > b.X+b.W || p.Y-nodeHalf < b.Y || p.Y+nodeHalf > b.Y+b.H {
			t.Fatalf("%s stands outside of its block", p.Label)
		}
		if p.Fold >= 0 {
			continue
		}
		for _, q := range l.Spots[:i] {
			if q.Fold < 0 && abs(p.X-q.X) < p.Half()+q.Half() && abs(p.Y-q.Y) < 2*nodeHalf {
				t.Fatalf("%s at %d,%d and %s at %d,%d overlap", p.Label, p.X, p.Y, q.Label, q.X, q.Y)
			}
		}
	}
	for i, b := range l.Blocks {
		for _, c := range l.Blocks[:i] {
			if b.X < c.X+c.W && c.X < b.X+b.W && b.Y < c.Y+c.H && c.Y < b.Y+b.H {
				t.Fatalf("blocks %q and %q overlap", b.Site, c.Site)
			}
		}
	}
	for _, w := range l.Wires {
		if len(w.Path) < 8 || (len(w.Path)-2)%6 != 0 {
			t.Fatalf("the path of %s has %d numbers", w.Key, len(w.Path))
		}
		crossesNoBlock(t, l, w)
	}
}

// crossesNoBlock: a wire between blocks touches no third one.
func crossesNoBlock(t *testing.T, l Layout, w Drawn) {
	t.Helper()
	a, b := l.Spots[w.From].Block, l.Spots[w.To].Block
	for i := 0; a != b && i+1 < len(w.Path); i += 2 {
		for n, k := range l.Blocks {
			if x, y := w.Path[i], w.Path[i+1]; n != a && n != b && x > k.X && x < k.X+k.W && y > k.Y && y < k.Y+k.H {
				t.Fatalf("the wire from %s to %s runs through %q", l.Spots[w.From].Label, l.Spots[w.To].Label, k.Site)
			}
		}
	}
}

func abs(n int) int { return max(n, -n) }

func TestNoTwoNodesOverlapAndNoWireRunsThroughASite(t *testing.T) {
	for _, s := range shapes() {
		sound(t, s.places, s.wires)
	}
	for seed := range uint64(60) {
		places, wires := randomNetwork(rand.New(rand.NewPCG(seed, 7)), 80)
		sound(t, places, wires)
	}
}

func randomNetwork(r *rand.Rand, most int) ([]Place, []Wire) {
	kinds, roles := append(netdev.Kinds(), ""), []string{"", "", "", "core", "access", "Edge router", "spine", "x"}
	n := 1 + r.IntN(most)
	var places []Place
	var wires []Wire
	for i := range n {
		site := ""
		if k := r.IntN(6); k > 1 {
			site = fmt.Sprintf("Site %d", k)
		}
		places = append(places, Place{ID: netdev.DeviceID(fmt.Sprint("d", i)), Label: strings.Repeat("n", r.IntN(30)) + fmt.Sprint(i), Kind: kinds[r.IntN(len(kinds))], Role: roles[r.IntN(len(roles))], Site: site})
	}
	for i := range r.IntN(3 * n) {
		wires = append(wires, Wire{A: places[r.IntN(n)].ID, B: places[r.IntN(n)].ID, Key: fmt.Sprint(i)})
	}
	return places, wires
}

func TestEveryWireWithTwoPlacedEndsIsDrawnOnce(t *testing.T) {
	s := shapes()["dual-core"]
	l := Arrange(s.places, append(s.wires, Wire{A: "id-core-01", B: "nobody"}, Wire{A: "id-core-01", B: "id-core-01"}))
	if len(l.Wires) != len(s.wires) {
		t.Errorf("%d wires drawn of %d", len(l.Wires), len(s.wires))
	}
	seen := map[string]bool{}
	for _, w := range l.Wires {
		seen[w.Key] = true
	}
	if len(seen) != len(s.wires) {
		t.Errorf("%d different wires of %d", len(seen), len(s.wires))
	}
}

func FuzzArrange(f *testing.F) {
	f.Add(uint64(1), uint16(10))
	f.Add(uint64(2), uint16(200))
	f.Fuzz(func(t *testing.T, seed uint64, most uint16) {
		places, wires := randomNetwork(rand.New(rand.NewPCG(seed, 3)), 1+int(most)%300)
		sound(t, places, wires)
	})
}

func BenchmarkArrangeTenThousand(b *testing.B) {
	places, wires := bigNetwork(10000)
	for b.Loop() {
		Arrange(places, wires)
	}
}

// bigNetwork is sites of a hundred: a router, two cores, dists and access.
func bigNetwork(n int) ([]Place, []Wire) {
	var s shape
	for site := range n / 100 {
		at := func(i int) string { return fmt.Sprintf("s%03d-%02d", site, i) }
		for i := range 100 {
			kind := netdev.Switch
			if i == 0 {
				kind = netdev.Router
			}
			s.add(fmt.Sprintf("Site %03d", site), "", kind, at(i))
			switch {
			case i > 0 && i < 3:
				s.join(at(0), at(i))
			case i >= 3 && i < 13:
				s.join(at(1), at(i))
				s.join(at(2), at(i))
			case i >= 13:
				s.join(at(3+i%10), at(i))
			}
		}
		if site > 0 {
			s.join("s000-00", at(0))
		}
	}
	return s.places, s.wires
}
