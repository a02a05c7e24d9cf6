package capture_test

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/plumbline-net/plumbline/discovery/capture"
	"github.com/plumbline-net/plumbline/internal/sim"
)

func TestFramesOfTheSimulatedCampusSayWhoSentThem(t *testing.T) {
	n, err := sim.New(sim.Options{Base: netip.MustParseAddr("127.102.0.1"), Plan: "campus"})
	if err != nil {
		t.Fatal(err)
	}
	seen, frames := map[string]int{}, n.Frames()
	for _, f := range frames {
		m, ok, err := capture.NewDecoder().Decode(capture.Frame{Link: capture.Ethernet, Data: f.Data, Length: len(f.Data), Interface: f.To.Port})
		if err != nil || !ok || m.Protocol != f.Protocol || m.Facts["notes"] != nil {
			t.Fatalf("%+v: %v %v %q %v", f.From, ok, err, m.Protocol, m.Facts["notes"])
		}
		s := capture.Sight(capture.Frame{Interface: f.To.Port}, m)
		if !bytes.HasPrefix([]byte(s.SysName), []byte(f.From.Device)) || s.PortID == "" || len(s.Addresses) != 1 || len(s.Capabilities) == 0 {
			t.Errorf("%v says %+v", f.From, s)
		}
		seen[f.Protocol]++
	}
	if seen["lldp"] < 2*len(n.Links()) || seen["cdp"] < 20 {
		t.Errorf("%v for %d cables", seen, len(n.Links()))
	}
}
