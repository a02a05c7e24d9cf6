package discovery_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/netdev"
)

type said struct{ address, vendor, serial, engine, mac string }

func (s said) found() discovery.Found {
	f := discovery.Found{Facts: netdev.Facts{Address: netip.MustParseAddr(s.address), BridgeMAC: netdev.MAC(s.mac)},
		Identity: netdev.Identity{Vendor: s.vendor, Serial: s.serial}}
	if s.engine != "" {
		f.Facts.EngineID = []byte(s.engine)
	}
	return f
}

const (
	engineA = "\x80\x00\x00\x09\x03aaaabbbb"
	engineB = "\x80\x00\x00\x09\x03ccccdddd"
	macA    = "02:00:5e:00:00:01"
	macB    = "02:00:5e:00:00:02"
)

func TestDevicesAreToldApart(t *testing.T) {
	known := func(id string, keys discovery.Keys, addresses ...string) discovery.Known {
		k := discovery.Known{ID: netdev.DeviceID(id), Keys: keys}
		for _, a := range addresses {
			k.Addresses = append(k.Addresses, netip.MustParseAddr(a))
		}
		return k
	}
	tests := map[string]struct {
		known []discovery.Known
		found []said
		want  []int // index of known, or a negative group
	}{
		"two-addresses-one-serial": {nil, []said{{"10.0.0.1", "v", "SN1", "", ""}, {"10.0.0.2", "v", "SN1", "", ""}}, []int{-1, -1}},
		"one-serial-two-vendors":   {nil, []said{{"10.0.0.1", "v", "SN1", "", ""}, {"10.0.0.2", "w", "SN1", "", ""}}, []int{-1, -2}},
		"placeholder-is-no-serial": {nil, []said{{"10.0.0.1", "v", "<private>", "", ""}, {"10.0.0.2", "v", "<private>", "", ""}, {"10.0.0.3", "v", "0000000", "", ""}, {"10.0.0.4", "v", "0000000", "", ""}}, []int{-1, -2, -3, -4}},
		"engine-joins":             {nil, []said{{"10.0.0.1", "", "", engineA, ""}, {"10.0.0.2", "", "", engineA, ""}}, []int{-1, -1}},
		"empty-engine-is-no-key":   {nil, []said{{"10.0.0.1", "", "", "\x80\x00\x00\x09\x03\x00\x00\x00\x00", ""}, {"10.0.0.2", "", "", "\x80\x00\x00\x09\x03\x00\x00\x00\x00", ""}}, []int{-1, -2}},
		"cloned-engine-is-no-key":  {nil, []said{{"10.0.0.1", "v", "SN1", engineA, ""}, {"10.0.0.2", "v", "SN2", engineA, ""}, {"10.0.0.3", "", "", engineA, ""}}, []int{-1, -2, -3}},
		"serials-forbid-chassis":   {nil, []said{{"10.0.0.1", "v", "SN1", "", macA}, {"10.0.0.2", "v", "SN2", "", macA}}, []int{-1, -2}},
		"engines-forbid-chassis":   {nil, []said{{"10.0.0.1", "", "", engineA, macA}, {"10.0.0.2", "", "", engineB, macA}}, []int{-1, -2}},
		"address-alone":            {[]discovery.Known{known("A", discovery.Keys{}, "10.0.0.1")}, []said{{"10.0.0.1", "v", "SN1", "", ""}}, []int{0}},
		"device-moved-address":     {[]discovery.Known{known("A", discovery.Keys{Serial: "v|sn1"}, "10.0.0.1")}, []said{{"10.0.0.9", "v", "SN1", "", ""}}, []int{0}},
		"address-moved-device":     {[]discovery.Known{known("A", discovery.Keys{Serial: "v|sn1"}, "10.0.0.1")}, []said{{"10.0.0.1", "v", "SN2", "", ""}}, []int{-1}},
		"two-swapped-addresses": {[]discovery.Known{known("A", discovery.Keys{Serial: "v|sn1"}, "10.0.0.1"), known("B", discovery.Keys{Serial: "v|sn2"}, "10.0.0.2")},
			[]said{{"10.0.0.1", "v", "SN2", "", ""}, {"10.0.0.2", "v", "SN1", "", ""}}, []int{1, 0}},
		"histories-are-not-merged": {[]discovery.Known{known("A", discovery.Keys{}, "10.0.0.1"), known("B", discovery.Keys{}, "10.0.0.2")},
			[]said{{"10.0.0.1", "", "", "", macB}, {"10.0.0.2", "", "", "", macB}}, []int{0, 0}},
		"each-keeps-its-addresses": {[]discovery.Known{known("A", discovery.Keys{}, "10.0.0.1"), known("B", discovery.Keys{}, "10.0.0.2", "10.0.0.3")},
			[]said{{"10.0.0.1", "", "", "", macB}, {"10.0.0.2", "", "", "", macB}, {"10.0.0.3", "", "", "", ""}}, []int{0, 0, 1}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var found []discovery.Found
			for _, s := range tc.found {
				found = append(found, s.found())
			}
			if got := discovery.Same(tc.known, found); !slices.Equal(got, tc.want) {
				t.Errorf("Same = %v, want %v", got, tc.want)
			}
		})
	}
}

func TestOrderDoesNotChangeWhoIsOneDevice(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	pick := func(vs ...string) string { return vs[rnd.IntN(len(vs))] }
	for round := range 200 {
		var found []discovery.Found
		for i := range 12 {
			found = append(found, said{fmt.Sprintf("10.0.0.%d", i), pick("v", "w"), pick("", "", "SN1", "SN2", "SN3"),
				pick("", engineA, engineB), pick("", macA, macB)}.found())
		}
		want := pairs(found, discovery.Same(nil, found))
		rnd.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
		if got := pairs(found, discovery.Same(nil, found)); !slices.Equal(got, want) {
			t.Fatalf("round %d: shuffled %v, before %v", round, got, want)
		}
	}
}

// pairs lists which addresses are one device.
func pairs(found []discovery.Found, who []int) []string {
	var out []string
	for i := range found {
		for j := range found {
			if who[i] == who[j] && found[i].Facts.Address.Less(found[j].Facts.Address) {
				out = append(out, fmt.Sprint(found[i].Facts.Address, found[j].Facts.Address))
			}
		}
	}
	slices.Sort(out)
	return out
}
