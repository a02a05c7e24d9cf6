package discovery

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/netdev"
)

func TestAChoiceOfDevicesHoldsWhatItSays(t *testing.T) {
	d := netdev.Device{Name: "ber-core1", Address: netip.MustParseAddr("192.0.2.1"), Site: "berlin", Role: "core", Kind: netdev.Switch,
		Platform: "x_y", Tags: []string{"lab", "wan"}}
	tests := map[string]struct {
		expr string
		want bool
	}{
		"one-key":        {"site:berlin", true},
		"folded":         {"site:Berlin", true},
		"two-keys":       {"site:berlin role:access", false},
		"glob":           {"platform:x_* name:ber-*", true},
		"negated":        {"not:role:core", false},
		"tag":            {"tag:wan", true},
		"bare-word":      {"core1", true},
		"bare-address":   {"192.0.2", true},
		"bare-word-else": {"muc", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := Where(tc.expr)
			if err != nil {
				t.Fatal(err)
			}
			if got := f(d); got != tc.want {
				t.Errorf("Where(%q) = %v, want %v", tc.expr, got, tc.want)
			}
		})
	}
}

func TestAWordThatIsNotUnderstoodIsNamed(t *testing.T) {
	for _, expr := range []string{"colour:red", "site:", "name:[", ""} {
		if _, err := Where(expr); err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(expr, " ")) {
			t.Errorf("Where(%q) = %v, want an error that names the word", expr, err)
		}
	}
}
