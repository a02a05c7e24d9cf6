package snmp_test

import (
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
	"github.com/plumbline-net/plumbline/netdev/snmp/snmptest"
)

// v3agent answers version 3 and reads its boots and engine from variables that
// a test changes while it runs.
func v3agent(t *testing.T, mod func(*snmptest.Agent, snmptest.Request) []snmptest.Reply) *snmptest.Agent {
	a := &snmptest.Agent{Engine: "\x80\x00\x1f\x88\x04engine-one", Boots: 7, User: user(gosnmp.SHA256, gosnmp.AES), MIB: snmptest.System("a", "1.3.6.1.4.1.99999.1", "b")}
	if mod != nil {
		a.Answer = func(q snmptest.Request) []snmptest.Reply { return mod(a, q) }
	}
	return a.Start(t, "127.0.0.1:0")
}

func v3login() netdev.Credential {
	return login("sha256", "aes128", "auth-pass-word", "priv-pass-word")
}

func engineTime(q snmptest.Request) (boots, ticks uint32) {
	sp := q.SecurityParameters.(*gosnmp.UsmSecurityParameters)
	return sp.AuthoritativeEngineBoots, sp.AuthoritativeEngineTime
}

func TestTheEnginesTimeGoesOnBetweenRequests(t *testing.T) {
	a := v3agent(t, nil)
	var skew atomic.Int64
	l, err := snmp.Dial(t.Context(), a.Port, v3login(), snmp.Options{Now: func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Get(t.Context(), snmp.SysName); err != nil {
		t.Fatal(err)
	}
	skew.Store(int64(100 * time.Second))
	if _, err := l.Get(t.Context(), snmp.SysName); err != nil {
		t.Fatal(err)
	}
	seen := a.Seen()
	_, first := engineTime(seen[1])
	_, second := engineTime(seen[2])
	if d := int(second) - int(first); d < 100 || d > 101 {
		t.Errorf("after 100 s the requests' engine time went on by %d", d)
	}
}

func TestAnEngineThatRebootedIsFollowedOnce(t *testing.T) {
	var reports atomic.Int32
	a := v3agent(t, func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
		if boots, _ := engineTime(q); len(q.Variables) > 0 && boots != a.Boots {
			reports.Add(1)
			return []snmptest.Reply{{Raw: a.Report(q, ".1.3.6.1.6.3.15.1.1.2.0")}}
		}
		return a.Default(q)
	})
	engines := &snmp.Engines{}
	engines.Put(a.Port, snmp.Engine{ID: []byte(a.Engine), Boots: 6, Time: 5000, At: time.Now()})
	l, err := snmp.Dial(t.Context(), a.Port, v3login(), snmp.Options{Engines: engines})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if b, err := l.Get(t.Context(), snmp.SysName); err != nil || string(b[0].Value.Bytes) != "b" {
		t.Errorf("Get = %v, %v", b, err)
	}
	if reports.Load() != 1 || len(a.Seen()) != 2 {
		t.Errorf("%d reports, %d requests, want 1 and 2", reports.Load(), len(a.Seen()))
	}
}

func TestAnEngineThatChangedGetsNoFurtherSecret(t *testing.T) {
	tests := map[string]snmp.Engine{
		"another-id":      {ID: []byte("\x80\x00\x1f\x88\x04engine-old"), Boots: 7, Time: 1000},
		"boots-went-back": {ID: []byte("\x80\x00\x1f\x88\x04engine-one"), Boots: 9, Time: 10},
	}
	for name, g := range tests {
		t.Run(name, func(t *testing.T) {
			a := v3agent(t, func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
				if boots, _ := engineTime(q); boots != a.Boots {
					return []snmptest.Reply{{Raw: a.Report(q, ".1.3.6.1.6.3.15.1.1.2.0")}}
				}
				return a.Default(q)
			})
			engines := &snmp.Engines{}
			g.At = time.Now()
			engines.Put(a.Port, g)
			l, err := snmp.Dial(t.Context(), a.Port, v3login(), snmp.Options{Engines: engines})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if _, err := l.Get(t.Context(), snmp.SysName); netdev.ReasonOf(err) != netdev.IdentityChanged {
				t.Errorf("Get = %v, want identity-changed", err)
			}
			if n := len(a.Seen()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func TestAnAnswerBelowOurSecurityLevelIsNone(t *testing.T) {
	plain := user(gosnmp.NoAuth, gosnmp.NoPriv)
	a := v3agent(t, func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
		if len(q.Variables) == 0 {
			return a.Default(q)
		}
		binds, _, _ := a.Lookup(q)
		b := &snmptest.Agent{Engine: a.Engine, Boots: a.Boots, User: plain, Port: a.Port}
		return []snmptest.Reply{{Raw: b.Encode(q, binds, 0, 0)}}
	})
	l, err := snmp.Dial(t.Context(), a.Port, v3login(), snmp.Options{Timeout: 50 * time.Millisecond, Tries: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Get(t.Context(), snmp.SysName); netdev.ReasonOf(err) != netdev.Timeout {
		t.Errorf("Get = %v, want a timeout: the answer was not authenticated", err)
	}
}

func TestAStormOfReportsIsHandledTwiceAtMost(t *testing.T) {
	a := v3agent(t, func(a *snmptest.Agent, q snmptest.Request) []snmptest.Reply {
		if boots, _ := engineTime(q); boots == 0 {
			return a.Default(q)
		}
		r := snmptest.Reply{Raw: a.Report(q, ".1.3.6.1.6.3.15.1.1.2.0")}
		return []snmptest.Reply{r, r, r, r, r, r, r, r}
	})
	l, err := snmp.Dial(t.Context(), a.Port, v3login(), snmp.Options{Timeout: 50 * time.Millisecond, Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Get(t.Context(), snmp.SysName); err == nil {
		t.Error("Get gives an answer")
	}
	if n := len(a.Seen()); n > 3 {
		t.Errorf("%d requests, want the discovery and two", n)
	}
}

func TestTheConnectedAddressIsJudgedToo(t *testing.T) {
	c := community("lab-ro")
	c.Scope = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	a := (&snmptest.Agent{Community: "lab-ro"}).Start(t, "127.0.0.1:0")
	_, err := snmp.Dial(t.Context(), netip.MustParseAddrPort("192.0.2.1:161"), c, snmp.Options{Dial: redirect(a.Port)})
	if netdev.ReasonOf(err) != netdev.OutOfScope {
		t.Errorf("Dial = %v, want out-of-scope", err)
	}
	if n := len(a.Seen()); n != 0 {
		t.Errorf("%d datagrams left", n)
	}
}
