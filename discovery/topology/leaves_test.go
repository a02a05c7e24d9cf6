package topology

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/plumbline-net/plumbline/netdev"
)

// listed is an access point that a controller lists.
func listed(n int) Observation {
	mac := chassisMAC(n)
	return Observation{ID: netdev.DeviceID("ap-" + string(mac)), Name: fmt.Sprintf("ap%d", n), Kind: netdev.AccessPoint, Managed: true,
		Facts: netdev.Facts{SysName: fmt.Sprintf("ap%d", n), Local: netdev.LocalChassis{ChassisID: string(mac), ChassisSubtype: 4}}}
}

func learned(o *Observation, port int, macs ...netdev.MAC) {
	for _, m := range macs {
		o.Facts.FDB = append(o.Facts.FDB, netdev.FDBEntry{MAC: m, Port: fmt.Sprintf("Gi0/%d", port), IfIndex: netdev.IfIndex(100 + port), Status: "learned"})
	}
}

func TestAnAccessPointHangsWhereSwitchesSeeIt(t *testing.T) {
	const client = netdev.MAC("02:00:00:00:ee:01")
	tests := map[string]struct {
		make  func() []Observation
		want  []string
		hosts []string
	}{
		"its-lldp-names-it": {func() []Observation {
			a := box(1, 4)
			sees(&a, 2, 9, "eth0")
			learned(&a, 2, chassisMAC(9), client)
			return []Observation{a, listed(9)}
		}, []string{"l2 ap-02:00:00:00:09:00 eth0 – d01 Gi0/2 [lldp-one] 0.70"}, []string{"02:00:00:00:ee:01 Gi0/2 0.70"}},
		"cdp-beside-lldp-is-the-same-cable": {func() []Observation {
			a, ap := box(1, 4), listed(9)
			sees(&a, 2, 9, "Gi0")
			ap.Facts.Address = netip.MustParseAddr("198.51.100.9")
			a.Facts.Neighbors = append(a.Facts.Neighbors, netdev.Neighbor{Protocol: "cdp", LocalPort: "Gi0/2", LocalIfIndex: 102, ChassisID: "ap9", SysName: "ap9",
				PortID: "GigabitEthernet0", Addresses: []netip.Addr{netip.MustParseAddr("198.51.100.9")}})
			return []Observation{a, ap}
		}, []string{"l2 ap-02:00:00:00:09:00 Gi0 – d01 Gi0/2 [cdp-one lldp-one] 0.70"}, nil},
		"alone-on-an-edge-port": {func() []Observation {
			a := box(1, 4)
			learned(&a, 2, chassisMAC(9))
			return []Observation{a, listed(9)}
		}, []string{"l2 ap-02:00:00:00:09:00  – d01 Gi0/2 [fdb] 0.80"}, nil},
		"beside-others-only-probable": {func() []Observation {
			a := box(1, 4)
			learned(&a, 2, chassisMAC(9), client)
			return []Observation{a, listed(9)}
		}, []string{"l2 ap-02:00:00:00:09:00  – d01 Gi0/2 [fdb-probable] 0.45"}, []string{"02:00:00:00:ee:01 Gi0/2 0.70"}},
		"behind-another-switch-it-is-that-one's": {func() []Observation {
			a, b := box(1, 4), box(2, 4)
			sees(&a, 1, 2, "Gi0/1")
			sees(&b, 1, 1, "Gi0/1")
			learned(&a, 1, chassisMAC(9))
			learned(&b, 3, chassisMAC(9))
			return []Observation{a, b, listed(9)}
		}, []string{"l2 ap-02:00:00:00:09:00  – d02 Gi0/3 [fdb] 0.80", "l2 d01 Gi0/1 – d02 Gi0/1 [lldp-both] 1.00"}, nil},
		"two-edge-ports-are-no-proof": {func() []Observation {
			a, b := box(1, 4), box(2, 4)
			learned(&a, 1, chassisMAC(9))
			learned(&b, 3, chassisMAC(9))
			return []Observation{a, b, listed(9)}
		}, []string{}, nil},
		"a-lie-takes-nothing-from-a-device-that-answered": {func() []Observation {
			a, b, lie := box(1, 4), box(2, 4), listed(2)
			lie.Name, lie.Facts.SysName = b.Name, b.Name
			sees(&a, 1, 2, "Gi0/3")
			sees(&b, 3, 1, "Gi0/1")
			return []Observation{a, b, lie}
		}, []string{"l2 d01 Gi0/1 – d02 Gi0/3 [lldp-both] 1.00"}, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			obs := tc.make()
			g := Build(obs)
			if d := cmp.Diff(tc.want, say(g)); d != "" {
				t.Error(d)
			}
			var hosts []string
			for _, h := range g.Hosts {
				hosts = append(hosts, fmt.Sprintf("%s %s %.2f", h.MAC, h.Port, h.Confidence))
			}
			if d := cmp.Diff(tc.hosts, hosts); d != "" {
				t.Error(d)
			}
			slices.Reverse(obs)
			if d := cmp.Diff(say(g), say(Build(obs))); d != "" {
				t.Errorf("another order, another graph: %s", d)
			}
		})
	}
}
