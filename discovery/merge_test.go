package discovery

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/netdev"
)

func TestOneDeviceUnderSeveralAddressesIsListedOnce(t *testing.T) {
	answer := func(addr, serial string) Found {
		return Found{Facts: netdev.Facts{Address: netip.MustParseAddr(addr)}, Identity: netdev.Identity{Vendor: "acme", Serial: serial}}
	}
	in := []Found{answer("10.0.0.9", "SN1"), answer("10.0.0.3", "SN2"), answer("10.0.0.2", "SN1"), answer("10.0.0.1", ""), answer("10.0.0.4", "sn1")}
	got := devices(in)
	var text []string
	for _, f := range got {
		s := f.Facts.Address.String()
		for i, a := range f.Aliases {
			s += "+" + a.String()
			if w := f.Identity.Why[i]; w.Value != a.String() || !strings.Contains(w.Because, "serial acme|sn1") {
				t.Errorf("why %+v", w)
			}
		}
		text = append(text, s)
	}
	if g, want := strings.Join(text, " "), "10.0.0.1 10.0.0.2+10.0.0.4+10.0.0.9 10.0.0.3"; g != want {
		t.Errorf("devices = %s, want %s", g, want)
	}
	if len(in[2].Identity.Why) != 0 || in[0].Facts.Address.String() != "10.0.0.9" {
		t.Error("the answers were changed")
	}
}
