package oui

import (
	"testing"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

func TestAPrefixNamesTheMaker(t *testing.T) {
	tests := map[string]struct {
		mac  netdev.MAC
		want string
	}{
		"known":                  {"00:1c:73:12:34:56", "arista"},
		"unknown":                {"fc:fc:fc:12:34:56", ""},
		"locally-administered":   {"02:1c:73:12:34:56", ""},
		"group":                  {"01:00:5e:00:00:01", ""},
		"not-an-address":         {"00:1c:73", ""},
		"virtual-machine-bridge": {"00:50:56:00:00:01", "vmware"},
	}
	table := Builtin()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := table.Vendor(tc.mac); got != tc.want {
				t.Errorf("vendor %q, want %q", got, tc.want)
			}
		})
	}
}

func TestEveryMakerOfAPrefixIsAVendor(t *testing.T) {
	set, err := platform.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for prefix, id := range Builtin().vendor {
		if v, ok := set.VendorByName(id); !ok || v.ID != id || len(prefix) != 8 {
			t.Errorf("%s %s: not a vendor of the platform data", prefix, id)
		}
	}
}
