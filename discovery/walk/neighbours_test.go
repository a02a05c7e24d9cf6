package walk

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/plumbline-net/plumbline/netdev"
)

func TestOlderDiscoveryProtocolsAreReadFromTheirTables(t *testing.T) {
	tests := map[string]struct {
		lines []string
		want  netdev.Neighbor
	}{
		"fdp": {[]string{port(7, "ethernet1/7"),
			"1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1.3.7.1|4|barn-sw2", "1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1.5.7.1|4x|c0000207",
			"1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1.6.7.1|4|Version 8.0", "1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1.7.7.1|4|ethernet1/2",
			"1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1.8.7.1|4|Router 7x", "1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1.10.7.1|2|1"},
			netdev.Neighbor{Protocol: "fdp", LocalPort: "ethernet1/7", LocalIfIndex: 7, ChassisID: "barn-sw2", SysName: "barn-sw2", PortID: "ethernet1/2",
				SysDescr: "Version 8.0", Platform: "Router 7x", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.7")}}},
		"edp": {[]string{port(1003, "1:3"),
			"1.3.6.1.4.1.1916.1.13.2.1.3.1003.0.0.2.170.187.0.0.9|4|barn-sw3", "1.3.6.1.4.1.1916.1.13.2.1.5.1003.0.0.2.170.187.0.0.9|2|1",
			"1.3.6.1.4.1.1916.1.13.2.1.6.1003.0.0.2.170.187.0.0.9|2|24"},
			netdev.Neighbor{Protocol: "edp", LocalPort: "1:3", LocalIfIndex: 1003, ChassisID: "02:aa:bb:00:00:09", SysName: "barn-sw3", PortID: "1:24"}},
		"sonmp": {[]string{port(129, "1/2"),
			"1.3.6.1.4.1.45.1.6.13.2.1.1.3.1.2.192.0.2.8.773|64|192.0.2.8", "1.3.6.1.4.1.45.1.6.13.2.1.1.4.1.2.192.0.2.8.773|2|773",
			"1.3.6.1.4.1.45.1.6.13.2.1.1.3.1.0.192.0.2.9.0|64|192.0.2.9", "1.3.6.1.4.1.45.1.6.13.2.1.1.4.1.0.192.0.2.9.0|2|0"},
			netdev.Neighbor{Protocol: "sonmp", LocalPort: "1/2", LocalIfIndex: 129, ChassisID: "192.0.2.8", ChassisSubtype: 5, PortID: "3/5",
				Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.8")}}},
		"lldp-v2": {[]string{port(3, "ethernet1/3"),
			"1.3.111.2.802.1.1.13.1.4.1.1.5.0.3.1.1|2|4", "1.3.111.2.802.1.1.13.1.4.1.1.6.0.3.1.1|4x|02aabb000001",
			"1.3.111.2.802.1.1.13.1.4.1.1.7.0.3.1.1|2|5", "1.3.111.2.802.1.1.13.1.4.1.1.8.0.3.1.1|4|Eth9",
			"1.3.111.2.802.1.1.13.1.4.1.1.10.0.3.1.1|4|barn-sw4"},
			netdev.Neighbor{Protocol: "lldp", LocalPort: "ethernet1/3", LocalIfIndex: 3, ChassisID: "02:aa:bb:00:00:01", ChassisSubtype: 4, PortID: "Eth9",
				PortSubtype: 5, SysName: "barn-sw4"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := collect(t, tc.lines...).Neighbors
			if d := cmp.Diff([]netdev.Neighbor{tc.want}, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestMembersOfAnAggregateAreFacts(t *testing.T) {
	tests := map[string][]string{
		"lag-mib": {"1.2.840.10006.300.43.1.2.1.1.12.1|2|9", "1.2.840.10006.300.43.1.2.1.1.13.1|2|9", "1.2.840.10006.300.43.1.2.1.1.13.2|2|9", "1.2.840.10006.300.43.1.2.1.1.13.9|2|9"},
		"stack":   {"1.3.6.1.2.1.2.2.1.3.9|2|161", "1.3.6.1.2.1.31.1.2.1.3.9.1|2|1", "1.3.6.1.2.1.31.1.2.1.3.9.2|2|1", "1.3.6.1.2.1.31.1.2.1.3.0.9|2|1"},
	}
	for name, lines := range tests {
		t.Run(name, func(t *testing.T) {
			got := collect(t, append(lines, port(1, "e1"), port(2, "e2"), port(9, "po1"))...).LAG
			if d := cmp.Diff([]netdev.LAG{{Aggregate: "po1", Members: []string{"e1", "e2"}}}, got); d != "" {
				t.Error(d)
			}
		})
	}
}
