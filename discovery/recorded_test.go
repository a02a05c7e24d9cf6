package discovery

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

const fixtures = "../netdev/platform/testdata"

func builtin(t testing.TB) *platform.Set {
	t.Helper()
	set, err := platform.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestEveryFixtureIsNamedAsItsMakerWould compares what identify.want.json of
// each platform says: words must be equal, numbers are lengths of tables, and
// access points are those that identify prints.
func TestEveryFixtureIsNamedAsItsMakerWould(t *testing.T) {
	set := builtin(t)
	walks, err := filepath.Glob(filepath.Join(fixtures, "*", "walk.snmprec"))
	if err != nil || len(walks) < 10 {
		t.Fatalf("%d fixtures, %v", len(walks), err)
	}
	for _, walk := range walks {
		t.Run(filepath.Base(filepath.Dir(walk)), func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join(filepath.Dir(walk), "identify.want.json"))
			if err != nil {
				t.Fatal(err)
			}
			var want map[string]any
			if err := json.Unmarshal(b, &want); err != nil {
				t.Fatal(err)
			}
			f, id, err := Recorded(context.Background(), walk, set)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]any{
				"vendor": id.Vendor, "platform": string(id.Platform), "os": id.OS, "kind": string(id.Kind), "model": id.Model,
				"version": id.Version, "serial": id.Serial, "interfaces": float64(len(f.Interfaces)), "addresses": float64(len(f.Addresses)),
				"fdb": float64(len(f.FDB)), "arp": float64(len(f.ARP)), "neighbors": float64(len(f.Neighbors)), "entities": float64(len(f.Entities)),
				"access_points": plain(t, f.AccessPoints),
			}
			for k, v := range want {
				if d := cmp.Diff(v, got[k]); d != "" {
					t.Errorf("%s: %s", k, d)
				}
			}
			checkReasons(t, id)
		})
	}
}

// plain is v as identify prints it.
func plain(t *testing.T, v any) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// checkReasons wants a reason for every field that was decided.
func checkReasons(t *testing.T, id netdev.Identity) {
	t.Helper()
	for field, value := range map[string]string{"vendor": id.Vendor, "platform": string(id.Platform), "kind": string(id.Kind),
		"model": id.Model, "version": id.Version, "serial": id.Serial} {
		said := slices.ContainsFunc(id.Why, func(w netdev.Why) bool { return w.Field == field && w.Value == value && w.Because != "" })
		if value != "" && !said {
			t.Errorf("no reason for %s %q in %+v", field, value, id.Why)
		}
	}
}

func TestLocalPortsOfDiscoveryProtocolsAreNamed(t *testing.T) {
	tests := map[string]struct {
		platform string
		want     []netdev.Neighbor
	}{
		"protocol-numbers-its-ports-itself": {"cisco_iosxe", []netdev.Neighbor{
			{Protocol: "lldp", LocalPort: "Te1/1/1", LocalIfIndex: 12, ChassisID: "02:aa:bb:00:00:01", ChassisSubtype: 4, PortID: "Te1/1/1", PortSubtype: 5, SysName: "orchard-core1"},
			{Protocol: "cdp", LocalPort: "Te1/1/1", LocalIfIndex: 12, ChassisID: "orchard-core1.example.net", PortID: "TenGigabitEthernet1/1/1",
				SysName: "orchard-core1.example.net", SysDescr: "Cisco IOS XE Software", Platform: "cisco C9500-16X", Capabilities: []string{"switch", "igmp"}},
		}},
		"number-is-an-interface": {"juniper_junos", []netdev.Neighbor{
			{Protocol: "lldp", LocalPort: "xe-0/0/0", LocalIfIndex: 501, ChassisID: "02:11:22:00:00:00", ChassisSubtype: 4, PortID: "531", PortSubtype: 7, SysName: "orchard-dist1"},
		}},
		"private-table": {"nokia_sros", []netdev.Neighbor{
			{Protocol: "lldp", LocalPort: "1/1/1", LocalIfIndex: 35684352, ChassisID: "02:11:22:00:00:00", ChassisSubtype: 4, PortID: "Te1/1/2", PortSubtype: 5, SysName: "orchard-core1"},
		}},
	}
	set := builtin(t)
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f, _, err := Recorded(context.Background(), filepath.Join(fixtures, tc.platform, "walk.snmprec"), set)
			if err != nil {
				t.Fatal(err)
			}
			for i := range f.Neighbors {
				f.Neighbors[i].Addresses = nil
			}
			if d := cmp.Diff(tc.want, f.Neighbors); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAFileThatCannotBeReadDoesNotHideTheOthers(t *testing.T) {
	dir := t.TempDir()
	b, err := os.ReadFile(filepath.Join(fixtures, "arista_eos", "walk.snmprec"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "good.snmprec"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "bad"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "bad"), filepath.Join(dir, "bad.snmprec")); err != nil {
		t.Skip("no symbolic links here")
	}
	obs, errs := RecordedNetwork(context.Background(), dir, builtin(t))
	if len(obs) != 1 || len(errs) != 1 {
		t.Fatalf("%d devices and %d errors, want 1 and 1: %v", len(obs), len(errs), errs)
	}
	if g := topology.Build(obs); len(g.Devices) != 1 || g.Devices[0].Name != "orchard-spine1" {
		t.Errorf("devices %+v", g.Devices)
	}
}
