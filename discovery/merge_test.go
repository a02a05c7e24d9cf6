package discovery

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/netdev"
)

// answer is a device that answered at an address.
func answer(addr, serial, engine string, mac netdev.MAC, name string) Found {
	f := Found{Facts: netdev.Facts{Address: netip.MustParseAddr(addr), SysName: name, SysDescr: "a box", SysObjectID: "1.3.6.1.4.1.99999.1", EngineID: []byte(engine), BridgeMAC: mac}}
	f.Identity = netdev.Identity{Vendor: "acme", Serial: serial, Name: name}
	return f
}

func TestOneDeviceUnderSeveralAddressesIsOne(t *testing.T) {
	const engine, other = "\x80\x00\x1f\x88\x03\x00\x1b\x54\xaa\xbb\xcc", "\x80\x00\x1f\x88\x03\x00\x1b\x54\xdd\xee\xff"
	const mac, macB = "00:1b:54:aa:bb:cc", "00:1b:54:dd:ee:ff"
	tests := map[string]struct {
		in      []Found
		aliases []Alias
		want    string
	}{
		"same-serial":             {[]Found{answer("10.0.0.1", "S1", "", "", "a"), answer("10.0.0.2", "s1", "", "", "b")}, nil, "10.0.0.1+10.0.0.2"},
		"other-vendor's-serial":   {[]Found{answer("10.0.0.1", "1234", "", "", "a"), func() Found { f := answer("10.0.0.2", "1234", "", "", "b"); f.Identity.Vendor = "other"; return f }()}, nil, "10.0.0.1 10.0.0.2"},
		"engine-and-name":         {[]Found{answer("10.0.0.1", "", engine, "", "a"), answer("10.0.0.2", "", engine, "", "a")}, nil, "10.0.0.1+10.0.0.2"},
		"engine-alone":            {[]Found{answer("10.0.0.1", "", engine, "", "a"), answer("10.0.0.2", "", engine, "", "b")}, nil, "10.0.0.1 10.0.0.2"},
		"engine-and-chassis":      {[]Found{answer("10.0.0.1", "", engine, mac, "a"), answer("10.0.0.2", "", engine, mac, "b")}, nil, "10.0.0.1+10.0.0.2"},
		"cloned-engine":           {[]Found{answer("10.0.0.1", "S1", engine, "", "a"), answer("10.0.0.2", "S2", engine, "", "a")}, nil, "10.0.0.1 10.0.0.2"},
		"default-engine":          {[]Found{answer("10.0.0.1", "", "\x80\x00\x1f\x88\x03\x00\x00\x00\x00\x00\x00", "", "a"), answer("10.0.0.2", "", "\x80\x00\x1f\x88\x03\x00\x00\x00\x00\x00\x00", "", "a")}, nil, "10.0.0.1 10.0.0.2"},
		"pair-that-shares-a-name": {[]Found{answer("10.0.0.1", "S1", engine, mac, "a"), answer("10.0.0.2", "S2", other, macB, "a")}, nil, "10.0.0.1 10.0.0.2"},
		"answered-for-the-other":  {[]Found{answer("10.0.0.1", "", engine, "", "a"), answer("10.0.0.2", "", engine, "", "b")}, []Alias{{netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.0.1")}}, "10.0.0.1+10.0.0.2"},
		"three-addresses":         {[]Found{answer("10.0.0.3", "S1", "", "", "a"), answer("10.0.0.1", "S1", "", "", "a"), answer("10.0.0.2", "S1", "", "", "a")}, nil, "10.0.0.1+10.0.0.2+10.0.0.3"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for range 4 {
				rand.Shuffle(len(tc.in), func(i, j int) { tc.in[i], tc.in[j] = tc.in[j], tc.in[i] })
				in := append([]Found(nil), tc.in...)
				var got []string
				for _, f := range merge(in, tc.aliases) {
					s := f.Facts.Address.String()
					for _, a := range f.Aliases {
						s += "+" + a.String()
					}
					if n := len(f.Identity.Why); n != len(f.Aliases) {
						t.Errorf("%d reasons for %d aliases", n, len(f.Aliases))
					}
					got = append(got, s)
				}
				if g := strings.Join(got, " "); g != tc.want {
					t.Fatalf("merge = %s, want %s", g, tc.want)
				}
			}
		})
	}
}
