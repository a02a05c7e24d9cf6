package walk

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

func collect(t testing.TB, lines ...string) netdev.Facts {
	t.Helper()
	rec, err := snmp.ReadRecord(strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	set, err := platform.Load()
	if err != nil {
		t.Fatal(err)
	}
	return Collect(context.Background(), rec, set)
}

// port gives the rows of one interface.
func port(index int, name string) string {
	return fmt.Sprintf("1.3.6.1.2.1.2.2.1.2.%d|4|%s", index, name)
}

func TestMACsAreReadInEveryNotation(t *testing.T) {
	tests := map[string]struct{ cell, want string }{
		"octets":         {"4x|001f9d0a0b0c", "00:1f:9d:0a:0b:0c"},
		"printable":      {"4|ABCDEF", "41:42:43:44:45:46"},
		"without-zeros":  {"4|0:1f:9d:a:b:c", "00:1f:9d:0a:0b:0c"},
		"dashes":         {"4|00-1F-9D-0A-0B-0C", "00:1f:9d:0a:0b:0c"},
		"dotted":         {"4|001f.9d0a.0b0c", "00:1f:9d:0a:0b:0c"},
		"padded-with-0":  {"4x|001f9d0a0b0c00", "00:1f:9d:0a:0b:0c"},
		"empty":          {"4|", ""},
		"not-an-address": {"4|hello world", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := collect(t, port(1, "e1"), "1.3.6.1.2.1.2.2.1.6.1|"+tc.cell)
			if got := string(f.Interfaces[0].MAC); got != tc.want {
				t.Errorf("MAC %q, want %q", got, tc.want)
			}
		})
	}
}

func TestForwardingRowsFindTheirPort(t *testing.T) {
	row := func(mac string, p int) string { return fmt.Sprintf("1.3.6.1.2.1.17.4.3.1.2.2.0.0.0.0.%s|2|%d", mac, p) }
	base := func(p, i int) string { return fmt.Sprintf("1.3.6.1.2.1.17.1.4.1.2.%d|2|%d", p, i) }
	tests := map[string]struct {
		lines []string
		want  []netdev.FDBEntry
	}{
		"through-the-map": {[]string{port(101, "e1"), port(102, "e2"), base(1, 101), base(2, 102), row("1", 2)},
			[]netdev.FDBEntry{{MAC: "02:00:00:00:00:01", Port: "e2", IfIndex: 102}}},
		"map-of-one-value-is-bogus": {[]string{port(1, "e1"), port(2, "e2"), base(1, 1), base(2, 1), row("1", 2)},
			[]netdev.FDBEntry{{MAC: "02:00:00:00:00:01", Port: "e2", IfIndex: 2}}},
		"port-that-is-no-interface-keeps-its-number": {[]string{port(101, "e1"), port(102, "e2"), base(1, 101), base(2, 102), row("1", 9)},
			[]netdev.FDBEntry{{MAC: "02:00:00:00:00:01", Port: "9"}}},
		"port-0-is-not-learned": {[]string{port(101, "e1"), base(1, 101), row("1", 0)}, nil},
		"vlan-of-a-database-id": {[]string{port(101, "e1"), port(102, "e2"), base(1, 101), base(2, 102), "1.3.6.1.2.1.17.7.1.4.2.1.3.0.30|66|7",
			"1.3.6.1.2.1.17.7.1.2.2.1.2.7.2.0.0.0.0.1|2|1", "1.3.6.1.2.1.17.7.1.2.2.1.3.7.2.0.0.0.0.1|2|3", row("1", 1)},
			[]netdev.FDBEntry{{MAC: "02:00:00:00:00:01", Port: "e1", IfIndex: 101, VLAN: 30, Status: "learned"}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(tc.want, collect(t, tc.lines...).FDB); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestManagementAddressesFindTheirNeighbour(t *testing.T) {
	rem := func(tm, p, i int) []string {
		return []string{fmt.Sprintf("1.0.8802.1.1.2.1.4.1.1.5.%d.%d.%d|4|box%d", tm, p, i, i), fmt.Sprintf("1.0.8802.1.1.2.1.4.1.1.7.%d.%d.%d|4|p%d", tm, p, i, i)}
	}
	man := func(tm, p, i int, addr string) string {
		return fmt.Sprintf("1.0.8802.1.1.2.1.4.2.1.3.%d.%d.%d.1.4.%s|2|2", tm, p, i, addr)
	}
	tests := map[string]struct {
		lines []string
		want  []string // "chassis address" of each neighbour
	}{
		"same-index":                  {append(rem(5, 1, 2), man(5, 1, 2, "192.0.2.1")), []string{"box2 192.0.2.1"}},
		"another-time-mark":           {append(rem(5, 1, 2), man(9, 1, 2, "192.0.2.1")), []string{"box2 192.0.2.1"}},
		"another-index-on-that-port":  {append(rem(5, 1, 2), man(9, 1, 7, "192.0.2.1")), []string{"box2 192.0.2.1"}},
		"two-on-the-port-none-is-it":  {append(append(rem(5, 1, 2), rem(5, 1, 3)...), man(9, 1, 7, "192.0.2.1")), []string{"box2 ", "box3 "}},
		"repeated-rows-are-one":       {append(append(rem(5, 1, 2), rem(6, 1, 2)...), man(5, 1, 2, "192.0.2.1")), []string{"box2 192.0.2.1"}},
		"neighbour-without-addresses": {rem(5, 1, 2), []string{"box2 "}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, n := range collect(t, tc.lines...).Neighbors {
				var as []string
				for _, a := range n.Addresses {
					as = append(as, a.String())
				}
				got = append(got, n.ChassisID+" "+strings.Join(as, ","))
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAddressesOfBothTablesAreOnce(t *testing.T) {
	f := collect(t,
		"1.3.6.1.2.1.4.20.1.2.192.0.2.1|2|3", "1.3.6.1.2.1.4.20.1.3.192.0.2.1|64|255.255.254.0",
		"1.3.6.1.2.1.4.34.1.3.1.4.192.0.2.1|2|3",
		"1.3.6.1.2.1.4.34.1.3.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1|2|4",
		"1.3.6.1.2.1.4.34.1.5.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1|6|1.3.6.1.2.1.4.32.1.5.4.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.0.64")
	want := []netdev.IPAddress{
		{Address: netip.MustParseAddr("192.0.2.1"), PrefixLen: 23, IfIndex: 3},
		{Address: netip.MustParseAddr("2001:db8::1"), PrefixLen: 64, IfIndex: 4},
	}
	if d := cmp.Diff(want, f.Addresses, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); d != "" {
		t.Error(d)
	}
}

func TestCapabilitiesAreReadAsOctetsAndAsText(t *testing.T) {
	for name, cell := range map[string]string{"octets": "4x|2800", "text": "4|28 2 4"} {
		t.Run(name, func(t *testing.T) {
			f := collect(t, "1.0.8802.1.1.2.1.4.1.1.5.0.1.1|4|box", "1.0.8802.1.1.2.1.4.1.1.12.0.1.1|"+cell)
			if d := cmp.Diff([]string{"bridge", "router"}, f.Neighbors[0].Capabilities); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAMissingTableIsAbsentAndNotEmpty(t *testing.T) {
	states := map[string]netdev.Coverage{}
	for _, s := range collect(t, port(1, "e1")).Tables {
		states[s.Table] = s.Coverage
	}
	if states["interfaces"] != netdev.Complete || states["arp"] != netdev.Absent || states["lldp"] != netdev.Absent {
		t.Errorf("coverage %v", states)
	}
}

func FuzzCollect(f *testing.F) {
	f.Add([]byte("1.3.6.1.2.1.2.2.1.2.1|4|e1\n1.3.6.1.2.1.17.4.3.1.2.1.2|2|-9\n1.0.8802.1.1.2.1.4.1.1.5.0.1|4x|01\n1.0.8802.1.1.2.1.4.2.1.3.0.1.1.1.200|2|1\n"))
	f.Add([]byte("1.3.6.1.2.1.4.34.1.3.2.16.1|2|1\n1.3.6.1.2.1.4.35.1.4.1.9.9|4x|00\n1.3.6.1.4.1.9.9.23.1.2.1.1.4.1|4x|ffffff\n1.3.6.1.2.1.14.10.1.3.1.2|64|1.2.3.4\n1.3.6.1.2.1.17.2.15.1.8.1|4x|00\n"))
	set, err := platform.Builtin()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := snmp.ReadRecord(strings.NewReader(string(data)))
		if err != nil {
			t.Fatal(err)
		}
		a, b := Collect(context.Background(), rec, set), Collect(context.Background(), rec, set)
		if d := cmp.Diff(a, b, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); d != "" {
			t.Fatalf("the same recording gives different facts: %s", d)
		}
	})
}
