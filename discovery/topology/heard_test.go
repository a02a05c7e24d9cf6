package topology

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-net/plumbline/netdev"
)

func heardAt() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// announces is a frame by which box n says that it is at port of far, as it is
// heard on a port of box near; near 0 is the host of the appliance.
func announces(near, port, n int, protocol, portID string) Heard {
	h := Heard{Near: End{Port: fmt.Sprintf("Gi0/%d", port)}, Via: "eth1", Since: heardAt(), Time: heardAt(), Hold: 2 * time.Minute,
		Says: netdev.Neighbor{Protocol: protocol, ChassisID: string(chassisMAC(n)), ChassisSubtype: 4, PortID: portID, PortSubtype: 5, SysName: fmt.Sprintf("box%d", n)}}
	if protocol != "lldp" {
		h.Says.ChassisID, h.Says.ChassisSubtype = h.Says.SysName, 0
	}
	if near > 0 {
		h.Near.ID = netdev.DeviceID(fmt.Sprintf("d%02d", near))
	}
	return h
}

func TestFramesOnAWireProveItsOtherEndAndNothingElse(t *testing.T) {
	mutual := func() []Observation {
		a, b := box(1, 4), box(2, 4)
		sees(&a, 1, 2, "Gi0/3")
		sees(&b, 3, 1, "Gi0/1")
		return []Observation{a, b, box(3, 4)}
	}
	bare := func() []Observation { return []Observation{box(1, 4), box(2, 4), box(3, 4)} }
	old := func(h Heard) Heard {
		h.Time = h.Time.Add(-time.Hour)
		h.Since = h.Time
		return h
	}
	unnamed := func(o []Observation) []Observation { // as devices that only answered a sweep
		for i := range o {
			o[i].Facts = netdev.Facts{SysName: o[i].Facts.SysName}
		}
		return o
	}
	phone := announces(1, 1, 7, "lldp", "port")
	phone.Says.Capabilities = []string{"bridge", "telephone"}
	left := announces(1, 1, 2, "lldp", "Gi0/3")
	left.Gone = true
	tests := map[string]struct {
		obs   []Observation
		heard []Heard
		want  []string
		says  []Verdict
	}{
		"a-link-that-no-walk-tells": {bare(), []Heard{announces(1, 1, 2, "lldp", "gigabitethernet0/3")},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [capture] 0.90"}, []Verdict{EndOfWire}},
		"both-ends-of-a-wire": {bare(), []Heard{announces(1, 1, 2, "lldp", "Gi0/3"), announces(2, 3, 1, "lldp", "Gi0/1")},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [capture] 0.90"}, []Verdict{EndOfWire, EndOfWire}},
		"devices-without-a-walk": {unnamed(bare()), []Heard{announces(1, 1, 2, "lldp", "Gi0/3"), announces(2, 3, 1, "lldp", "Gi0/1")},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [capture] 0.90"}, []Verdict{EndOfWire, EndOfWire}},
		"ports-named-in-their-own-ways": {unnamed(bare()), []Heard{announces(1, 1, 2, "lldp", "port three"), announces(2, 3, 1, "lldp", "port one")},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [capture] 0.90"}, []Verdict{EndOfWire, EndOfWire}},
		"two-wires-between-two-devices": {unnamed(bare()), []Heard{announces(1, 1, 2, "lldp", "Gi0/3"), announces(1, 2, 2, "lldp", "Gi0/4"),
			announces(2, 3, 1, "lldp", "Gi0/1"), announces(2, 4, 1, "lldp", "Gi0/2")},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [capture] 0.90", "l2 d01 Gi0/2 – d02 Gi0/4 [capture] 0.90"}, []Verdict{EndOfWire, EndOfWire, EndOfWire, EndOfWire}},
		"evidence-beside-that-of-walks": {mutual(), []Heard{announces(1, 1, 2, "lldp", "Gi0/3")},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [capture lldp-both] 1.00"}, []Verdict{EndOfWire}},
		"what-a-walk-proved-stands": {mutual(), []Heard{announces(1, 1, 3, "lldp", "Gi0/2")},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [lldp-both] 1.00"}, []Verdict{Contradicts}},
		"a-claim-to-a-port-that-a-walk-proved": {mutual(), []Heard{announces(3, 1, 2, "lldp", "Gi0/3")},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [lldp-both] 1.00"}, []Verdict{Contradicts}},
		"a-false-name": {bare(), []Heard{func() Heard {
			h := announces(1, 1, 9, "lldp", "Gi0/3")
			h.Says.SysName = "box2.lab.example"
			return h
		}()}, []string{}, []Verdict{Stranger}},
		"a-stranger": {bare(), []Heard{announces(1, 1, 77, "lldp", "x")}, []string{}, []Verdict{Stranger}},
		"the-device-itself-on-a-mirror-of-its-port": {bare(), []Heard{announces(1, 1, 1, "lldp", "Gi0/1"), announces(1, 1, 2, "lldp", "Gi0/3")},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [capture] 0.90"}, []Verdict{Itself, EndOfWire}},
		"the-host-of-the-appliance-is-no-device": {bare(), []Heard{announces(0, 1, 2, "lldp", "Gi0/3")}, []string{}, []Verdict{EndOfWire}},
		"another-protocol-passed-on-by-a-switch": {bare(), []Heard{announces(1, 1, 2, "lldp", "Gi0/3"), announces(1, 1, 3, "cdp", "Gi0/2")},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [capture] 0.90"}, []Verdict{EndOfWire, SeenThrough}},
		"two-protocols-of-one-sender": {bare(), []Heard{announces(1, 1, 2, "lldp", "Gi0/3"), announces(1, 1, 2, "cdp", "Gi0/3")},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [capture] 0.90"}, []Verdict{EndOfWire, EndOfWire}},
		"several-on-one-wire": {bare(), []Heard{announces(1, 1, 2, "lldp", "Gi0/3"), announces(1, 1, 3, "lldp", "Gi0/2")},
			[]string{}, []Verdict{SharedWire, SharedWire}},
		"a-telephone-stands-in-front": {bare(), []Heard{phone, announces(1, 1, 2, "lldp", "Gi0/3")}, []string{}, []Verdict{Stranger, SeenThrough}},
		"broadcasts-cross-switches":   {bare(), []Heard{announces(1, 1, 2, "mndp", "Gi0/3")}, []string{}, []Verdict{Nearby}},
		"expired-alone-is-a-stale-link": {bare(), []Heard{old(announces(1, 1, 2, "lldp", "Gi0/3"))},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [capture] 0.90 stale"}, []Verdict{Silent}},
		"left-is-a-stale-link": {bare(), []Heard{left}, []string{"l2 d01 Gi0/1 – d02 Gi0/3 [capture] 0.90 stale"}, []Verdict{Silent}},
		"expired-gives-way-to-who-is-there": {bare(), []Heard{old(announces(1, 1, 2, "lldp", "Gi0/3")), announces(1, 1, 3, "lldp", "Gi0/2")},
			[]string{"l2 d01 Gi0/1 – d03 Gi0/2 [capture] 0.90"}, []Verdict{Silent, EndOfWire}},
		"expired-is-no-evidence-any-more": {mutual(), []Heard{old(announces(1, 1, 2, "lldp", "Gi0/3"))},
			[]string{"l2 d01 Gi0/1 – d02 Gi0/3 [lldp-both] 1.00"}, []Verdict{Silent}},
		"no-port-is-less": {bare(), []Heard{announces(1, 1, 2, "lldp", "")}, []string{"l2 d01 Gi0/1 – d02  [capture] 0.70"}, []Verdict{EndOfWire}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			walked := Build(tc.obs).Links
			before := fmt.Sprint(walked)
			links, verdicts := Hear(walked, Recognize(tc.obs, tc.heard), heardAt())
			if d := cmp.Diff(tc.want, sayStale(links)); d != "" {
				t.Error(d)
			}
			if !slices.Equal(verdicts, tc.says) {
				t.Errorf("verdicts %q, want %q", verdicts, tc.says)
			}
			if fmt.Sprint(walked) != before {
				t.Error("what walks proved was changed in place")
			}
			for range 5 {
				r := slices.Clone(tc.heard)
				rand.Shuffle(len(r), func(i, j int) { r[i], r[j] = r[j], r[i] })
				links, _ := Hear(walked, Recognize(tc.obs, r), heardAt())
				if d := cmp.Diff(tc.want, sayStale(links)); d != "" {
					t.Errorf("in another order: %s", d)
				}
			}
		})
	}
}

func sayStale(links []Link) []string {
	out := say(Graph{Links: links})
	for i, l := range links {
		if l.Stale {
			out[i] += " stale"
		}
	}
	return out
}

func TestAFrameIsARowOfTheLinkThatItProves(t *testing.T) {
	obs := []Observation{box(1, 4), box(2, 4)}
	h := announces(1, 1, 2, "lldp", "Gi0/3")
	links, _ := Hear(nil, Recognize(obs, []Heard{h}), heardAt().Add(3*time.Minute))
	want := []EvidenceRow{{Device: "d01", Table: "capture", Row: "lldp frame on eth1: chassis 02:00:00:00:02:00 port Gi0/3 name box2 (not heard since)", Time: heardAt()}}
	if d := cmp.Diff(want, links[0].Rows); d != "" {
		t.Error(d)
	}
	if l := links[0]; l.FirstSeen != h.Since || l.LastSeen != h.Time || l.B.MAC != "02:00:00:00:02:03" || l.Because != "lldp heard by capture, found by chassis MAC 02:00:00:00:02:00" {
		t.Errorf("%+v", l)
	}
}

func TestCaptureAndOtherFamiliesAreSurerTogether(t *testing.T) {
	tests := map[string]struct {
		words []string
		was   float64
		want  float64
	}{
		"alone":                      {nil, 0, 0.9},
		"forwarding-tables":          {[]string{"fdb"}, 0.8, 0.98},
		"spanning-tree-and-tables":   {[]string{"fdb", "stp"}, 0.96, 0.99},
		"of-one-family":              {[]string{"lldp-one"}, 0.9, 0.9},
		"of-one-family-without-port": {[]string{"lldp-one"}, 0.7, 0.9},
		"weaker-of-one-family":       {[]string{"sonmp"}, 0.8, 0.9},
		"both-ends":                  {[]string{"cdp-both"}, 1, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l := Link{A: End{Port: "a"}, B: End{Port: "b"}, Evidence: tc.words, Confidence: tc.was}
			if got := withCapture(l); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestAPortIsKnownInEveryWriting(t *testing.T) {
	f := box(1, 2).Facts
	f.Interfaces = append(f.Interfaces, netdev.Interface{Index: 7, Name: "xe-0/0/1"}, netdev.Interface{Index: 8, Name: "xe-0/0/1.0"})
	for name, want := range map[string]string{"Gi0/1": "Gi0/1", "GigabitEthernet0/2": "Gi0/2", "02:00:00:00:01:01": "Gi0/1", "xe-0/0/1": "xe-0/0/1", "xe-0/0/1.0": "xe-0/0/1.0"} {
		if got, ok := Port(f, name); !ok || got != want {
			t.Errorf("%s: %q %v", name, got, ok)
		}
	}
	if _, ok := Port(f, "Gi0/9"); ok {
		t.Error("a port that is not there was found")
	}
	if got, ok := Port(netdev.Facts{}, "Gi0/9"); !ok || got != "Gi0/9" {
		t.Errorf("of a device without a walk: %q %v", got, ok)
	}
}
