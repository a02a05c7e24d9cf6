package snmp_test

import (
	"context"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
	"github.com/plumbline-net/plumbline/netdev/snmp/snmptest"
)

const ifEntry = "1.3.6.1.2.1.2.2.1"

func community(word string) netdev.Credential {
	return netdev.Credential{
		Name: "lab", Scope: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		SNMP: &netdev.SNMPLogin{Version: netdev.SNMPv2c, Community: netdev.NewSecret(word)},
	}
}

func dial(t *testing.T, a *snmptest.Agent, cred netdev.Credential) *snmp.Live {
	t.Helper()
	timeout := 100 * time.Millisecond
	if cred.SNMP.Version == netdev.SNMPv3 {
		timeout = 3 * time.Second // deriving a key takes the other side a while
	}
	l, err := snmp.Dial(t.Context(), a.Port, cred, snmp.Options{Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func columns(entry string, cols ...int) (out []snmp.OID) {
	for _, c := range cols {
		out = append(out, snmp.OID(entry+"."+strconv.Itoa(c)))
	}
	return out
}

// wantRows checks that every row 1…n is there with every cell of cols.
func wantRows(t *testing.T, tab snmp.Table, n int, cols ...int) {
	t.Helper()
	if len(tab.Rows) != n {
		t.Fatalf("%d rows, want %d (%s %s %s)", len(tab.Rows), n, tab.Coverage, tab.Reason, tab.Detail)
	}
	for i, r := range tab.Rows {
		if len(r.Index) != 1 || int(r.Index[0]) != i+1 {
			t.Fatalf("row %d has index %v", i, r.Index)
		}
		for k, c := range cols {
			if got, want := string(r.Cells[k].Bytes), strconv.Itoa(c)+"."+strconv.Itoa(i+1); got != want {
				t.Fatalf("row %d column %d = %q, want %q", i, c, got, want)
			}
		}
	}
}

func TestTablesAreReadRowByRow(t *testing.T) {
	a := &snmptest.Agent{Community: "lab-ro", MIB: append(snmptest.System("a box", "1.3.6.1.4.1.99999.1", "box1"), snmptest.Table(ifEntry, 321, 2, 3, 5, 8)...)}
	l := dial(t, a.Start(t, "127.0.0.1:0"), community("lab-ro"))
	tab := l.Table(t.Context(), columns(ifEntry, 2, 3, 5, 8)...)
	if tab.Coverage != netdev.Complete {
		t.Errorf("coverage %s %s %s", tab.Coverage, tab.Reason, tab.Detail)
	}
	wantRows(t, tab, 321, 2, 3, 5, 8)
	if n := len(a.Seen()); n > 40 {
		t.Errorf("%d requests for 1284 cells, want at most 40", n)
	}
	binds, err := l.Get(t.Context(), snmp.SysDescr, "1.3.6.1.2.1.1.99.0", snmp.SysObjectID)
	if err != nil {
		t.Fatal(err)
	}
	if string(binds[0].Value.Bytes) != "a box" || binds[1].Value.IsSet() || binds[2].Value.OID != "1.3.6.1.4.1.99999.1" {
		t.Errorf("Get = %+v", binds)
	}
}

func TestAnEmptyTableIsAbsentAndASilentAgentIsNot(t *testing.T) {
	a := (&snmptest.Agent{Community: "lab-ro", MIB: snmptest.System("a", "1.3.6.1.4.1.99999.1", "b")}).Start(t, "127.0.0.1:0")
	if tab := dial(t, a, community("lab-ro")).Table(t.Context(), columns(ifEntry, 2)...); tab.Coverage != netdev.Absent {
		t.Errorf("coverage %s %s, want absent", tab.Coverage, tab.Reason)
	}
	l := dial(t, a, community("wrong"))
	if tab := l.Table(t.Context(), columns(ifEntry, 2)...); tab.Coverage != netdev.Partial || tab.Reason != netdev.Timeout {
		t.Errorf("wrong community: %s %s, want partial timeout", tab.Coverage, tab.Reason)
	}
	if _, err := l.Get(t.Context(), snmp.SysName); netdev.ReasonOf(err) != netdev.Timeout {
		t.Errorf("wrong community: Get says %v, want a timeout", err)
	}
}

func user(auth gosnmp.SnmpV3AuthProtocol, priv gosnmp.SnmpV3PrivProtocol) *gosnmp.UsmSecurityParameters {
	return &gosnmp.UsmSecurityParameters{
		UserName: "watch", AuthenticationProtocol: auth, AuthenticationPassphrase: "auth-pass-word",
		PrivacyProtocol: priv, PrivacyPassphrase: "priv-pass-word",
	}
}

func login(auth, priv, authPass, privPass string) netdev.Credential {
	c := community("unused")
	c.SNMP = &netdev.SNMPLogin{Version: netdev.SNMPv3, User: "watch", Auth: auth, Priv: priv}
	if auth != "" {
		c.SNMP.AuthPassword = netdev.NewSecret(authPass)
	}
	if priv != "" {
		c.SNMP.PrivPassword = netdev.NewSecret(privPass)
	}
	return c
}

func TestVersion3SpeaksEveryProtocol(t *testing.T) {
	tests := map[string]struct {
		auth  gosnmp.SnmpV3AuthProtocol
		priv  gosnmp.SnmpV3PrivProtocol
		words [2]string
	}{
		"none":           {gosnmp.NoAuth, gosnmp.NoPriv, [2]string{"", ""}},
		"md5-des":        {gosnmp.MD5, gosnmp.DES, [2]string{"md5", "des"}},
		"sha-aes128":     {gosnmp.SHA, gosnmp.AES, [2]string{"sha", "aes128"}},
		"sha224":         {gosnmp.SHA224, gosnmp.NoPriv, [2]string{"sha224", ""}},
		"sha256-aes128":  {gosnmp.SHA256, gosnmp.AES, [2]string{"sha256", "aes128"}},
		"sha256-aes256":  {gosnmp.SHA256, gosnmp.AES256, [2]string{"sha256", "aes256"}},
		"sha-aes192c":    {gosnmp.SHA, gosnmp.AES192C, [2]string{"sha", "aes192c"}},
		"sha384-aes256c": {gosnmp.SHA384, gosnmp.AES256C, [2]string{"sha384", "aes256c"}},
		"sha512-aes192":  {gosnmp.SHA512, gosnmp.AES192, [2]string{"sha512", "aes192"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			a := &snmptest.Agent{Engine: "\x80\x00\x1f\x88\x04engine-one", Boots: 7, User: user(tc.auth, tc.priv), MIB: snmptest.Table(ifEntry, 60, 2, 3)}
			l := dial(t, a.Start(t, "127.0.0.1:0"), login(tc.words[0], tc.words[1], "auth-pass-word", "priv-pass-word"))
			tab := l.Table(t.Context(), columns(ifEntry, 2, 3)...)
			wantRows(t, tab, 60, 2, 3)
			if tab.Coverage != netdev.Complete {
				t.Errorf("coverage %s %s", tab.Coverage, tab.Reason)
			}
			if g, ok := l.Engine(); !ok || g.Boots != 7 {
				t.Errorf("engine %+v", g)
			}
		})
	}
}

func TestARefusalOfVersion3SaysWhy(t *testing.T) {
	tests := map[string]struct {
		cred netdev.Credential
		want string
	}{
		"unknown-user": {func() netdev.Credential {
			c := login("sha", "", "auth-pass-word", "")
			c.SNMP.User = "nobody"
			return c
		}(), "the agent does not know the user"},
		"wrong-password":         {login("sha", "aes128", "another-word", "priv-pass-word"), "wrong digest: the authentication password or protocol is another"},
		"wrong-privacy-password": {login("sha", "aes128", "auth-pass-word", "another-word"), "decryption error: the privacy password or protocol is another"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			a := &snmptest.Agent{Engine: "\x80\x00\x1f\x88\x04engine-one", User: user(gosnmp.SHA, gosnmp.AES), MIB: snmptest.System("a", "1.3.6.1.4.1.99999.1", "b")}
			l := dial(t, a.Start(t, "127.0.0.1:0"), tc.cred)
			_, err := l.Get(t.Context(), snmp.SysName)
			e, ok := err.(*netdev.OpError)
			if !ok || e.Reason != netdev.AuthFailed || e.Detail != tc.want {
				t.Errorf("got %v, want auth-failed: %s", err, tc.want)
			}
			if n := len(a.Seen()); n > 2 {
				t.Errorf("%d requests, want the discovery and one try", n)
			}
		})
	}
}

func TestACredentialOutsideItsScopeIsNotDialled(t *testing.T) {
	c := community("lab-ro")
	c.Scope = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	_, err := snmp.Dial(context.Background(), netip.MustParseAddrPort("127.0.0.1:161"), c, snmp.Options{})
	if netdev.ReasonOf(err) != netdev.OutOfScope {
		t.Errorf("Dial = %v, want out-of-scope", err)
	}
}
