package discovery_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/target"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
)

// scanned runs a scan of single addresses and gives the devices found and the
// errors by address.
func scanned(t *testing.T, n *sim.Network, addrs ...string) (discovery.Report, map[string]discovery.Found, map[string]discovery.RunError) {
	t.Helper()
	req := request(t, n, addrs...)
	req.Retries = 4 // a tenth lost is a tenth of a thousandth then
	req.Timeout = 150 * time.Millisecond
	rep, err := scanner(t).Scan(t.Context(), req, nil)
	if err != nil {
		t.Fatal(err)
	}
	found, failed := map[string]discovery.Found{}, map[string]discovery.RunError{}
	for _, f := range rep.Found {
		found[f.Facts.Address.String()] = f
	}
	for _, e := range rep.Errors {
		failed[e.Address] = e
	}
	return rep, found, failed
}

// One device of each site misbehaves; it is told truthfully and its
// neighbours come out whole.
func TestAMisbehavingAgentIsToldAndHarmsNoOther(t *testing.T) {
	tests := map[string]struct {
		fault  sim.Fault
		with   sim.Params
		found  bool
		reason netdev.Reason // "": no error
	}{
		"silent":           {fault: sim.SNMPSilent, reason: netdev.Timeout},
		"wrong-id":         {fault: sim.SNMPWrongID, reason: netdev.Timeout},
		"other-source":     {fault: sim.SNMPOtherSource, reason: netdev.Timeout},
		"wrong-community":  {fault: sim.SNMPWrongCommunity, reason: "refused"},
		"loses-a-tenth":    {fault: sim.SNMPDrop, with: sim.Params{Share: 0.1}, found: true},
		"too-big-above-4":  {fault: sim.SNMPTooBig, with: sim.Params{N: 4}, found: true},
		"table-loops":      {fault: sim.SNMPLoop, found: true, reason: netdev.OIDLoop},
		"goes-silent-half": {fault: sim.SNMPTruncated, with: sim.Params{Share: 0.5}, found: true, reason: netdev.Timeout},
	}
	base := 120
	for name, tc := range tests {
		base++
		n := network(t, netip.AddrFrom4([4]byte{127, byte(base), 0, 1}).String())
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := map[string]*sim.Device{}
			var addrs []string
			seen := map[string]bool{}
			for _, d := range n.Devices() {
				addrs = append(addrs, d.Address().String())
				if !seen[d.Site()] {
					seen[d.Site()] = true
					bad[d.Address().String()] = d
					d.Inject(tc.fault, tc.with)
				}
			}
			_, found, failed := scanned(t, n, addrs...)
			for _, d := range n.Devices() {
				a := d.Address().String()
				f, ok := found[a]
				if bad[a] == nil {
					if !ok || len(f.Facts.Interfaces) != d.Interfaces() || f.Identity.Platform != d.Platform() || failed[a].Reason != "" {
						t.Errorf("%s is sound and came out as %v %+v, error %+v", d.Name(), ok, f.Identity, failed[a])
					}
					continue
				}
				got, want := failed[a].Reason, tc.reason
				if want == "refused" { // version 3 says so, version 2c is silent
					want = netdev.Timeout
					if d.Site() == "berlin" {
						want = netdev.AuthFailed
					}
				}
				if ok != tc.found || got != want {
					t.Errorf("%s: found %v, %s (%s), want %v, %s", d.Name(), ok, got, failed[a].Detail, tc.found, want)
				}
				if ok && want == "" && len(f.Facts.Interfaces) != d.Interfaces() {
					t.Errorf("%s: %d interfaces and no error, want %d", d.Name(), len(f.Facts.Interfaces), d.Interfaces())
				}
			}
		})
	}
}

func TestNoTargetAppearsUnderAnAddressThatWasNotAsked(t *testing.T) {
	n := network(t, "127.131.0.1")
	asked := map[string]bool{}
	var addrs []string
	for _, d := range n.Devices()[:4] {
		d.Inject(sim.SNMPOtherSource)
		addrs = append(addrs, d.Address().String())
		asked[d.Address().String()] = true
	}
	rep, found, _ := scanned(t, n, addrs...)
	for a := range found {
		if !asked[a] {
			t.Errorf("%s was not asked and is listed", a)
		}
	}
	for _, a := range rep.Aliases {
		if !asked[a.Asked.String()] {
			t.Errorf("alias of %s, which was not asked", a.Asked)
		}
	}
}

func TestACrawlAsksNeighboursInsideItsBoundsOnly(t *testing.T) {
	n := network(t, "127.132.0.1")
	first := n.Devices()[0]
	berlin := n.Sites()["berlin"]
	excluded := n.Devices()[2]
	if excluded.Site() != "berlin" || first.Site() != "berlin" {
		t.Fatal("the first devices are expected in one site")
	}
	req := request(t, n, first.Address().String(), "!"+excluded.Address().String())
	req.Crawl, req.Within = true, []netip.Prefix{berlin}
	rep, err := scanner(t).Scan(t.Context(), req, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Found) < 3 {
		t.Errorf("the crawl found %d devices", len(rep.Found))
	}
	for _, f := range rep.Found {
		if a := f.Facts.Address; !berlin.Contains(a) || a == excluded.Address() {
			t.Errorf("the crawl reached %s", a)
		}
	}
	for _, d := range n.Devices() {
		if (d.Site() != "berlin" || d == excluded) && d.SNMPRequests() > 0 {
			t.Errorf("%s was asked", d.Name())
		}
	}
	req.Within = nil
	if rep, err = scanner(t).Scan(t.Context(), req, nil); err != nil || len(rep.Found) != 1 {
		t.Errorf("without bounds beyond its target a crawl finds %d devices, %v", len(rep.Found), err)
	}
}

func TestADeadlineEndsAScanWithWhatItHas(t *testing.T) {
	n := network(t, "127.133.0.1")
	req := request(t, n, n.Prefixes()[0].String())
	req.Rate, req.Deadline = 50, 300*time.Millisecond
	begin := time.Now()
	rep, err := scanner(t).Scan(t.Context(), req, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := time.Since(begin); d > 3*time.Second || rep.Incomplete != netdev.Timeout {
		t.Errorf("ended after %s as %q", d, rep.Incomplete)
	}
	c := rep.Counters
	if c.Asked != c.Answered+c.Silent+c.Refused+c.Pending || c.Asked > 20 {
		t.Errorf("counters %+v", c)
	}
}

// The packet oracle over a whole scan: whoever receives a community lies in
// its scope, and an agent of version 3 receives none.
func TestNoSecretLeavesItsScopeInAWholeScan(t *testing.T) {
	n := network(t, "127.134.0.1")
	creds := n.Credentials()
	var args []string
	for _, p := range n.Prefixes() {
		args = append(args, p.String())
	}
	set, err := target.Parser{}.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	// The community's site alone: the other one is never shown it.
	rep, err := scanner(t).Scan(t.Context(), discovery.Request{Targets: set, Credentials: creds[1:], SNMPPort: n.SNMPPort(), Timeout: 100 * time.Millisecond}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range n.Devices() {
		inside := creds[1].Allows(d.Address())
		if asked := d.SNMPRequests() > 0; asked != inside {
			t.Errorf("%s at %s: asked %v, in scope %v", d.Name(), d.Address(), asked, inside)
		}
	}
	for _, f := range rep.Found {
		if !strings.HasPrefix(f.Credential, "hamburg") {
			t.Errorf("%s was opened by %q", f.Facts.Address, f.Credential)
		}
	}
}
