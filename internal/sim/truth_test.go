package sim

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func mustAddr(s string) netip.Addr { return netip.MustParseAddr(s) }

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSameSeedGivesTheSameNetwork(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	build := func(seed uint64) *Network {
		n, err := New(Options{Seed: seed, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	a, b, c := build(1), build(1), build(2)
	same := 0
	for i, d := range a.Devices() {
		e, f := b.Devices()[i], c.Devices()[i]
		if !bytes.Equal(d.Running(), e.Running()) || d.Serial() != e.Serial() || !bytes.Equal(d.HostKey().Marshal(), e.HostKey().Marshal()) {
			t.Errorf("%s differs", d.Name())
		}
		if bytes.Equal(d.Running(), f.Running()) || d.Serial() == f.Serial() {
			same++
		}
	}
	if same > 0 || !bytes.Equal(a.CredentialsFile(), b.CredentialsFile()) || bytes.Equal(a.CredentialsFile(), c.CredentialsFile()) {
		t.Errorf("%d devices did not change with the seed", same)
	}
}

func TestNetworkHasTwelveDevicesOfThreePlatforms(t *testing.T) {
	n, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	platforms, kinds := map[string]int{}, map[string]int{}
	for _, d := range n.Devices() {
		platforms[string(d.Platform())]++
		kinds[string(d.Kind())]++
		if !n.Sites()[d.Site()].Contains(d.Address()) {
			t.Errorf("%s: %v is not in %v", d.Name(), d.Address(), n.Sites()[d.Site()])
		}
	}
	if len(n.Devices()) != 12 || len(platforms) != 3 || kinds["router"] < 3 || kinds["switch"] < 4 || kinds["firewall"] < 2 {
		t.Errorf("%v %v", platforms, kinds)
	}
}

func TestCredentialsStayInsideTheSimulatedPrefixes(t *testing.T) {
	n, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range n.Devices() {
		open := 0
		for _, c := range n.Credentials() {
			if c.Allows(d.Address()) {
				open++
			}
			if c.Allows(mustAddr("127.0.0.1")) || c.Allows(mustAddr("192.0.2.1")) {
				t.Errorf("%s is for anybody", c.Name)
			}
		}
		if open != 1 {
			t.Errorf("%s: %d credentials", d.Name(), open)
		}
	}
}

func TestWeaknessesStandInTheConfigurations(t *testing.T) {
	n, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	signs := map[Weakness]map[string]string{
		HTTPServer:       {"cisco": "\nip http server\n", "juniper": " web-management {\n            http {", "fortinet": "admin-https-redirect disable"},
		TelnetService:    {"cisco": " transport input telnet ssh\n", "juniper": "        telnet {\n", "fortinet": " http telnet\n"},
		PlainPasswords:   {"cisco": "\nno service password-encryption\n"},
		DefaultCommunity: {"cisco": "\nsnmp-server community public RO\n", "juniper": "    community public {\n", "fortinet": "set name \"public\"\n"},
		OpenAdmin:        {"fortinet": "    edit \"admin\"\n        set accprofile"},
		NoIdleTimeout:    {"cisco": " exec-timeout 0 0\n", "fortinet": "set admintimeout 480\n"},
		RootLogin:        {"juniper": "root-login allow;"},
		OldSSH:           {"cisco": "\nip ssh version 1\n"},
		AllowAllPolicy:   {"fortinet": "temporary, remove after the move"},
	}
	for _, d := range n.Devices() {
		for w, by := range signs {
			sign, ok := by[d.Vendor()]
			if ok && strings.Contains(string(d.Running()), sign) != d.weak(w) {
				t.Errorf("%s: weakness %s is %v, its line says otherwise", d.Name(), w, d.weak(w))
			}
		}
		if text := string(d.Running()); strings.Contains(text, "\n\n") && d.Vendor() != "cisco" || strings.Contains(text, "<no value>") || !strings.HasSuffix(text, "\n") {
			t.Errorf("%s: %q", d.Name(), text[:60])
		}
	}
}

func TestExactlyOneDeviceDriftsAfterPrepareDrift(t *testing.T) {
	n, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	n.Device("ham-acc2").Edit(Change{Find: "lldp run"})
	name := n.PrepareDrift()
	for _, d := range n.Devices() {
		if d.Drifts() != (d.Name() == name) {
			t.Errorf("%s drifts: %v", d.Name(), d.Drifts())
		}
	}
}

func TestEveryDeviceHasSomethingThatPeopleChange(t *testing.T) {
	n, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, d := range n.Devices() {
		first := len(d.Running())
		for range 300 {
			before := string(d.Running())
			what := d.ChangeConfig(r)
			if what == "nothing" || string(d.Running()) == before {
				t.Errorf("%s: changed %s", d.Name(), what)
			}
		}
		if now := len(d.Running()); now > first+2000 || now < first/2 {
			t.Errorf("%s: %d bytes became %d", d.Name(), first, now)
		}
	}
}

func TestLiveChangesSomethingAndEndsWhenAsked(t *testing.T) {
	n, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := map[string]string{}
	for _, d := range n.Devices() {
		before[d.Name()] = string(d.Running())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := n.Live(ctx, 5*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	changed := 0
	for _, d := range n.Devices() {
		if string(d.Running()) != before[d.Name()] {
			changed++
		}
	}
	if changed == 0 {
		t.Error("nothing happened")
	}
}

func TestCloseDoesNotWaitForAFaultToEnd(t *testing.T) {
	for _, f := range []Fault{Mute, SlowHandshake, Hang, Drip, Endless, PagerEndless, Menu, SNMPSlow} {
		t.Run(string(f), func(t *testing.T) {
			n := started(t)
			d := n.Device("ham-acc1")
			if f == Mute || f == SlowHandshake || f == Menu {
				d.Inject(f, Params{Pause: time.Hour})
				c, err := net.Dial("tcp", addrPort(d))
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = c.Close() }()
			} else {
				c, _ := open(t, d)
				c.until(t, "netops@ham-acc1> ")
				d.Inject(f, Params{Pause: time.Hour})
				c.say("show configuration | no-more")
				<-c.out
			}
			began := time.Now()
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("closing took %v", took)
			}
		})
	}
}
