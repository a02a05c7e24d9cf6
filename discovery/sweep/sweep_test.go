package sweep_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	"github.com/plumbline-net/plumbline/discovery/sweep"
	"github.com/plumbline-net/plumbline/discovery/target"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
	"github.com/plumbline-net/plumbline/netdev/snmp/snmptest"
)

// community is a credential for prefixes of loopback addresses.
func community(name, word string, scope ...string) netdev.Credential {
	c := netdev.Credential{Name: name, SNMP: &netdev.SNMPLogin{Version: netdev.SNMPv2c, Community: netdev.NewSecret(word)}}
	for _, s := range scope {
		c.Scope = append(c.Scope, netip.MustParsePrefix(s))
	}
	return c
}

func engineUser(name string, scope ...string) netdev.Credential {
	c := community(name, "x", scope...)
	c.SNMP = &netdev.SNMPLogin{Version: netdev.SNMPv3, User: "watch", Auth: "sha256", AuthPassword: netdev.NewSecret("auth-pass-word"),
		Priv: "aes128", PrivPassword: netdev.NewSecret("priv-pass-word")}
	return c
}

// freePort finds a port that is free on every loopback address.
func freePort(t testing.TB) uint16 {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Port()
}

func targets(t testing.TB, args ...string) *target.Set {
	t.Helper()
	s, err := target.Parser{}.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	return &s
}

// outcomes runs a sweep and gives each address's result.
func outcomes(t testing.TB, set *target.Set, creds []netdev.Credential, opt sweep.Options) map[netip.Addr]sweep.Result {
	t.Helper()
	got := map[netip.Addr]sweep.Result{}
	order := target.NewOrder(set.Len(), [2]uint64{1, 2})
	opt.Order = order.At
	err := sweep.Run(t.Context(), set, creds, opt, func(r sweep.Result) {
		if _, twice := got[r.Addr]; twice {
			t.Errorf("%s was told twice", r.Addr)
		}
		got[r.Addr] = r
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != set.Len() {
		t.Errorf("%d outcomes for %d targets", len(got), set.Len())
	}
	return got
}

func box(name string) []gosnmp.SnmpPDU {
	return snmptest.System("box "+name, "1.3.6.1.4.1.99999.1", name)
}

func TestEveryAddressHasOneOutcome(t *testing.T) {
	port := freePort(t)
	at := func(a string) string { return fmt.Sprintf("%s:%d", a, port) }
	(&snmptest.Agent{Community: "lab-ro", MIB: box("two")}).Start(t, at("127.77.0.1"))
	v3 := &snmptest.Agent{Engine: "\x80\x00\x1f\x88\x04engine-one", MIB: box("three"), User: &gosnmp.UsmSecurityParameters{UserName: "watch",
		AuthenticationProtocol: gosnmp.SHA256, AuthenticationPassphrase: "auth-pass-word", PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: "priv-pass-word"}}
	v3.Start(t, at("127.77.0.2"))
	stranger := &snmptest.Agent{Engine: "\x80\x00\x1f\x88\x04engine-two", MIB: box("x"), User: &gosnmp.UsmSecurityParameters{UserName: "somebody",
		AuthenticationProtocol: gosnmp.SHA256, AuthenticationPassphrase: "another-pass", PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: "another-pass"}}
	stranger.Start(t, at("127.77.0.3"))
	mute := (&snmptest.Agent{Community: "other"}).Start(t, at("127.77.0.4"))

	set := targets(t, "127.77.0.0/28", "!127.77.0.0", "!127.77.0.15")
	var n snmp.Counters
	got := outcomes(t, set, []netdev.Credential{community("lab", "lab-ro", "127.77.0.0/16"), engineUser("ops", "127.77.0.0/16")},
		sweep.Options{Port: port, Timeout: 300 * time.Millisecond, Tries: 2, Count: &n})
	want := map[string]sweep.Outcome{"127.77.0.1": sweep.Answered, "127.77.0.2": sweep.Answered, "127.77.0.3": sweep.AuthFailed, "127.77.0.4": sweep.Silent, "127.77.0.9": sweep.Closed}
	for a, o := range want {
		if r := got[netip.MustParseAddr(a)]; r.Outcome != o {
			t.Errorf("%s is %s (%s), want %s", a, r.Outcome, r.Detail, o)
		}
	}
	one := got[netip.MustParseAddr("127.77.0.1")]
	if one.System != (snmp.System{Descr: "box two", ObjectID: "1.3.6.1.4.1.99999.1", Name: "two"}) || one.Credential.Name != "lab" {
		t.Errorf("127.77.0.1 = %+v", one)
	}
	two := got[netip.MustParseAddr("127.77.0.2")]
	if two.System.Name != "three" || two.Credential.Name != "ops" || !two.Engine.Valid() {
		t.Errorf("127.77.0.2 = %+v", two)
	}
	// An engine that answers version 3 sees no community, in no try.
	for _, q := range v3.Seen() {
		if q.Version != gosnmp.Version3 {
			t.Errorf("an agent of version 3 was sent version %v", q.Version)
		}
	}
	if tries := len(mute.Seen()); tries != 4 {
		t.Errorf("a silent host was asked %d times, want 2 tries of two questions", tries)
	}
}

// The packet oracle: what reaches the wire is judged by who receives it.
func TestACommunityNeverLeavesItsScope(t *testing.T) {
	port := freePort(t)
	var all []*snmptest.Agent
	for i := range 8 {
		a := &snmptest.Agent{Community: "nobody-knows"}
		all = append(all, a.Start(t, fmt.Sprintf("127.78.0.%d:%d", i+1, port)))
	}
	creds := []netdev.Credential{
		community("left", "canary-left", "127.78.0.0/30"), community("right", "canary-right", "127.78.0.4/30"),
		community("third", "canary-third", "127.78.0.4/30"), community("fourth", "canary-fourth", "127.78.0.4/31"), community("fifth", "canary-fifth", "127.78.0.0/24"),
	}
	outcomes(t, targets(t, "127.78.0.1-127.78.0.8"), creds, sweep.Options{Port: port, Timeout: 20 * time.Millisecond, Tries: 2})
	for _, a := range all {
		words := map[string]bool{}
		for _, q := range a.Seen() {
			words[q.Community] = true
			if q.PDUType != gosnmp.GetRequest {
				t.Errorf("%s was sent PDU %v", a.Port, q.PDUType)
			}
		}
		if len(words) > 3 {
			t.Errorf("%s was shown %d credentials, want at most 3", a.Port, len(words))
		}
		for _, c := range creds {
			if words["canary-"+c.Name] && !c.Allows(a.Port.Addr()) {
				t.Errorf("%s was sent the community %q, which may not go there", a.Port, c.Name)
			}
		}
	}
	// The narrower scope comes first.
	if first := all[3].Seen()[0].Community; first != "canary-fourth" {
		t.Errorf("127.78.0.4 was first asked with %q, want the narrowest scope", first)
	}
}

func TestAnAnswerFromAnotherAddressIsAnAlias(t *testing.T) {
	port := freePort(t)
	other, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP("127.79.0.9"), Port: int(port)})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	a := &snmptest.Agent{Community: "lab-ro", MIB: box("a")}
	a.Answer = func(q snmptest.Request) []snmptest.Reply {
		out := a.Default(q)
		for i := range out {
			out[i].From = other
		}
		return out
	}
	a.Start(t, fmt.Sprintf("127.79.0.1:%d", port))
	var mu sync.Mutex
	var alias []string
	opt := sweep.Options{Port: port, Timeout: 30 * time.Millisecond, Tries: 1, Alias: func(asked, from netip.Addr) {
		mu.Lock()
		defer mu.Unlock()
		alias = append(alias, asked.String()+" "+from.String())
	}}
	got := outcomes(t, targets(t, "127.79.0.1", "127.79.0.9"), []netdev.Credential{community("lab", "lab-ro", "127.0.0.0/8")}, opt)
	for a, r := range got {
		if r.Outcome != sweep.Silent {
			t.Errorf("%s is %s, want silent", a, r.Outcome)
		}
	}
	if !slices.Equal(alias, []string{"127.79.0.1 127.79.0.9"}) {
		t.Errorf("aliases %q", alias)
	}
}

func TestAForgedAnswerIsNotAnAnswer(t *testing.T) {
	port := freePort(t)
	a := &snmptest.Agent{Community: "lab-ro", MIB: box("a")}
	a.Answer = func(q snmptest.Request) []snmptest.Reply {
		q.RequestID ^= 0x10
		raw := a.Default(q)
		return append(raw, snmptest.Reply{Raw: []byte{0x30, 0x84, 0x80, 0, 0, 0}}, snmptest.Reply{Raw: q.Raw})
	}
	a.Start(t, fmt.Sprintf("127.80.0.1:%d", port))
	got := outcomes(t, targets(t, "127.80.0.1"), []netdev.Credential{community("lab", "lab-ro", "127.0.0.0/8")}, sweep.Options{Port: port, Timeout: 30 * time.Millisecond, Tries: 2})
	if r := got[netip.MustParseAddr("127.80.0.1")]; r.Outcome != sweep.Silent {
		t.Errorf("outcome %s, want silent", r.Outcome)
	}
}

func TestALostQuestionIsAskedAgain(t *testing.T) {
	port := freePort(t)
	a := &snmptest.Agent{Community: "lab-ro", MIB: box("a")}
	seen := 0
	a.Answer = func(q snmptest.Request) []snmptest.Reply {
		if seen++; seen < 3 {
			return nil
		}
		return a.Default(q)
	}
	a.Start(t, fmt.Sprintf("127.81.0.1:%d", port))
	got := outcomes(t, targets(t, "127.81.0.1"), []netdev.Credential{community("lab", "lab-ro", "127.0.0.0/8")}, sweep.Options{Port: port, Timeout: 30 * time.Millisecond, Tries: 3})
	if r := got[netip.MustParseAddr("127.81.0.1")]; r.Outcome != sweep.Answered {
		t.Errorf("outcome %s, want answered", r.Outcome)
	}
}

func TestACancelledSweepReturns(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	set := targets(t, "127.82.0.0/16")
	begin := time.Now()
	err := sweep.Run(ctx, set, []netdev.Credential{community("lab", "x", "127.0.0.0/8")}, sweep.Options{Port: freePort(t), Pace: snmp.NewPace(100, nil)}, func(sweep.Result) {})
	if err == nil || time.Since(begin) > time.Second {
		t.Errorf("Run = %v after %s", err, time.Since(begin))
	}
}
