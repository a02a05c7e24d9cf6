package discovery_test

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/target"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"go.uber.org/goleak"
)

func scanner(t testing.TB) *discovery.Scanner {
	t.Helper()
	set, err := platform.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s, err := discovery.New(set, discovery.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// network starts a simulated network with agents at base.
func network(t testing.TB, base string) *sim.Network {
	t.Helper()
	return planned(t, base, "")
}

func planned(t testing.TB, base, plan string) *sim.Network {
	t.Helper()
	n, err := sim.New(sim.Options{Base: netip.MustParseAddr(base), Seed: 42, Plan: plan})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	return n
}

func request(t testing.TB, n *sim.Network, args ...string) discovery.Request {
	t.Helper()
	set, err := target.Parser{}.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	return discovery.Request{Targets: set, Credentials: n.Credentials(), SNMPPort: n.SNMPPort(), SSHPort: n.SSHPort()}
}

// truth is every device's line and every cable, as the simulator knows them.
func truth(n *sim.Network) (devices map[netip.Addr]string, links []string) {
	devices = map[netip.Addr]string{}
	for _, d := range n.Devices() {
		devices[d.Address()] = line(d.Name(), d.Vendor(), d.Platform(), d.Kind(), d.Model(), d.Version(), d.Serial(), d.Interfaces())
	}
	for _, l := range n.Links() {
		links = append(links, ends(l.A.Device, l.A.Port, l.B.Device, l.B.Port))
	}
	for _, ap := range n.AccessPoints() {
		links = append(links, ends(ap.At.Device, ap.At.Port, ap.Name, "Gi0"))
	}
	slices.Sort(links)
	return devices, links
}

func line(name, vendor string, p netdev.PlatformID, k netdev.Kind, model, version, serial string, ifs int) string {
	return name + " " + vendor + " " + string(p) + " " + string(k) + " " + model + " " + version + " " + serial + " " + string(rune('0'+ifs/10)) + string(rune('0'+ifs%10))
}

func ends(a, p, b, q string) string {
	x, y := a+":"+p, b+":"+q
	if cmp.Less(y, x) {
		x, y = y, x
	}
	return x + " - " + y
}

func TestAScanFindsTheSimulatedNetworkAsItIs(t *testing.T) {
	for plan, base := range map[string]string{"": "127.91.0.1", "campus": "127.101.0.1"} {
		t.Run("plan-"+plan, func(t *testing.T) { scanFinds(t, planned(t, base, plan)) })
	}
}

func scanFinds(t *testing.T, n *sim.Network) {
	t.Helper()
	wantDevices, wantLinks := truth(n)
	var args []string
	for _, p := range n.Prefixes() {
		args = append(args, p.String())
	}
	req := request(t, n, args...)
	var last discovery.Counters
	cells := map[netip.Addr]discovery.Cell{}
	rep, err := scanner(t).Scan(t.Context(), req, func(e discovery.Event) {
		c := e.Counters
		if c.Asked != c.Answered+c.Silent+c.Refused+c.Pending || c.Pending < 0 || c.Asked < last.Asked {
			t.Errorf("counters do not add up: %+v", c)
		}
		last = c
		if e.Address.IsValid() {
			cells[e.Address] = e.Cell
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Errors) > 0 || rep.Incomplete != "" {
		t.Errorf("errors %+v, incomplete %q", rep.Errors, rep.Incomplete)
	}
	if len(rep.Found) != len(wantDevices) {
		t.Errorf("%d devices, want %d", len(rep.Found), len(wantDevices))
	}
	for _, f := range rep.Found {
		i := f.Identity
		if d := n.Device(i.Name); d != nil && d.Vendor() == "" {
			i.Vendor = "" // software on hardware of anybody
		}
		// A model may be told with or without its series.
		if d := n.Device(i.Name); d != nil && i.Model != "" && strings.Contains(d.Model(), i.Model) {
			i.Model = d.Model()
		}
		got := line(i.Name, i.Vendor, i.Platform, i.Kind, i.Model, i.Version, i.Serial, len(f.Facts.Interfaces))
		if want := wantDevices[f.Facts.Address]; got != want {
			t.Errorf("%s is\n %s, want\n %s", f.Facts.Address, got, want)
		}
		if f.Credential == "" {
			t.Errorf("%s: no credential noted", f.Facts.Address)
		}
	}
	var links []string
	for _, l := range rep.Graph.Links {
		if l.Layer == "l2" {
			links = append(links, ends(l.A.Device, l.A.Port, l.B.Device, l.B.Port))
		}
	}
	slices.Sort(links)
	if !slices.Equal(links, wantLinks) {
		t.Errorf("links\n %q, want\n %q", links, wantLinks)
	}
	if last.Pending != 0 || last.Walked != len(wantDevices) || len(cells) != req.Targets.Len() {
		t.Errorf("at the end %+v with %d cells", last, len(cells))
	}
	var aps []string
	for _, f := range rep.Found {
		for _, ap := range f.Facts.AccessPoints {
			aps = append(aps, fmt.Sprint(ap.Name, ap.MAC, ap.Model, ap.Serial, ap.Address, " of ", f.Identity.Name))
		}
	}
	var wantAPs []string
	for _, ap := range n.AccessPoints() {
		wantAPs = append(wantAPs, fmt.Sprint(ap.Name, ap.MAC, ap.Model, ap.Serial, ap.Address, " of ", ap.Controller))
		if _, asked := cells[ap.Address]; asked {
			t.Errorf("%s was asked something", ap.Name)
		}
	}
	slices.Sort(wantAPs)
	if slices.Sort(aps); !slices.Equal(aps, wantAPs) {
		t.Errorf("access points\n %q, want\n %q", aps, wantAPs)
	}
	for _, d := range n.Devices() {
		if w := d.SNMPWrites(); w != 0 {
			t.Errorf("%s was sent %d writes", d.Name(), w)
		}
		for tag := range d.PDUs() {
			if tag != 0xA0 && tag != 0xA1 && tag != 0xA5 {
				t.Errorf("%s was sent PDU %#x", d.Name(), tag)
			}
		}
	}
}

func TestNothingIsLeftRunningAfterAScan(t *testing.T) {
	n := network(t, "127.92.0.1")
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	if _, err := scanner(t).Scan(t.Context(), request(t, n, n.Devices()[0].Address().String()), nil); err != nil {
		t.Fatal(err)
	}
}
