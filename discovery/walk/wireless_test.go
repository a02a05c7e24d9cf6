package walk

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// controller reads lines with one platform that has the tables given.
func controller(t testing.TB, tables string, lines ...string) netdev.Facts {
	t.Helper()
	set, err := platform.Load(fstest.MapFS{"x_wlc.yaml": {Data: []byte("id: x_wlc\ntitle: X\nvendor: x\nrecognise: [{sysobjectid: '1.3.6.1.4.1.99999'}]\naccess_points:\n" + tables)}})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := snmp.ReadRecord(strings.NewReader("1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1\n" + strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return Collect(context.Background(), rec, set)
}

func TestAccessPointsAreReadAsTheFileSays(t *testing.T) {
	const flat = "  - {table: 1.3.6.1.4.1.99999.2, columns: {mac: 1, name: 2, address: 3, state: 4}, states: {1: up}}\n"
	tests := map[string]struct {
		tables string
		lines  []string
		want   []netdev.ManagedAP
	}{
		"zero-mac-and-zero-address-say-nothing": {flat, []string{"1.3.6.1.4.1.99999.2.1.7|4x|000000000000", "1.3.6.1.4.1.99999.2.2.7|4|a", "1.3.6.1.4.1.99999.2.3.7|64|0.0.0.0", "1.3.6.1.4.1.99999.2.4.7|2|9"},
			[]netdev.ManagedAP{{Name: "a", State: "9"}}},
		"same-mac-twice-is-one": {flat, []string{"1.3.6.1.4.1.99999.2.1.7|4x|020000000001", "1.3.6.1.4.1.99999.2.1.8|4x|020000000001", "1.3.6.1.4.1.99999.2.2.8|4|late"},
			[]netdev.ManagedAP{{Name: "late", MAC: "02:00:00:00:00:01"}}},
		"second-table-fills-what-the-first-left": {flat + "  - {table: 1.3.6.1.4.1.99999.3, columns: {mac: 1, model: 2, name: 3}}\n",
			[]string{"1.3.6.1.4.1.99999.2.1.7|4x|020000000001", "1.3.6.1.4.1.99999.2.2.7|4|first", "1.3.6.1.4.1.99999.3.1.4|4x|020000000001", "1.3.6.1.4.1.99999.3.2.4|4|M", "1.3.6.1.4.1.99999.3.3.4|4|second"},
			[]netdev.ManagedAP{{Name: "first", MAC: "02:00:00:00:00:01", Model: "M"}}},
		"index-too-short-or-no-octets": {"  - {table: 1.3.6.1.4.1.99999.2, index: [skip, serial, mac], columns: {name: 2}}\n",
			[]string{"1.3.6.1.4.1.99999.2.2.1|4|short", "1.3.6.1.4.1.99999.2.2.1.900.65|4|long", "1.3.6.1.4.1.99999.2.2.1.2.300.65.2.0.0.0.0.2|4|wide", "1.3.6.1.4.1.99999.2.2.1.1.65.2.0.0.0.0.1|4|whole"},
			[]netdev.ManagedAP{{Name: "long"}, {Name: "short"}, {Name: "whole", Serial: "A", MAC: "02:00:00:00:00:01"}, {Name: "wide", MAC: "02:00:00:00:00:02"}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := controller(t, tc.tables, tc.lines...)
			if d := cmp.Diff(tc.want, f.AccessPoints, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); d != "" {
				t.Error(d)
			}
			for _, s := range f.Tables {
				if s.Table == netdev.AccessPointTable && s.Coverage != netdev.Complete {
					t.Errorf("table %+v, want complete", s)
				}
			}
		})
	}
}

func FuzzAccessPoints(f *testing.F) {
	f.Add([]byte("1.3.6.1.4.1.99999.2.1.2.0.0.0.0.1|4x|ffffff\n1.3.6.1.4.1.99999.2.2.1.4294967295.1|4|x\n1.3.6.1.4.1.99999.2.3.9|64|1.2.3.4\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, index := range []string{"mac", "skip, serial", "serial, mac", "address"} {
			controller(t, fmt.Sprintf("  - {table: 1.3.6.1.4.1.99999.2, index: [%s], columns: {mac: 1, name: 2, address: 3}, match: {address: '^(.*):'}}\n", index), string(data))
		}
	})
}
