package sweep

import (
	"net/netip"
	"testing"

	"github.com/plumbline-net/plumbline/netdev"
)

func TestAHostIsOfferedTheBestThreeInsideTheirScopes(t *testing.T) {
	cred := func(name string, v netdev.SNMPVersion, scope string) netdev.Credential {
		return netdev.Credential{Name: name, Scope: []netip.Prefix{netip.MustParsePrefix(scope)},
			SNMP: &netdev.SNMPLogin{Version: v, User: "u", Community: netdev.NewSecret(name + "-word")}}
	}
	sited, certain := cred("sited", "2c", "10.0.0.0/8"), cred("certain", "3", "10.0.0.0/8")
	sited.Sites, certain.Platforms = []string{"lab"}, []netdev.PlatformID{"acme_os"}
	site := func(a netip.Addr) string {
		if a == netip.MustParseAddr("10.9.0.1") {
			return "lab"
		}
		return ""
	}
	tests := map[string]struct {
		creds  []netdev.Credential
		addr   string
		want   string
		engine bool
	}{
		"version-3-first":       {[]netdev.Credential{cred("old", "1", "10.0.0.1/32"), cred("c", "2c", "10.0.0.0/24"), cred("v3", "3", "10.0.0.0/8")}, "10.0.0.1", "v3 c old", true},
		"narrow-before-wide":    {[]netdev.Credential{cred("wide", "2c", "10.0.0.0/8"), cred("narrow", "2c", "10.0.0.0/24"), cred("mid", "2c", "10.0.0.0/16")}, "10.0.0.1", "narrow mid wide", false},
		"as-listed-among-equal": {[]netdev.Credential{cred("b", "2c", "10.0.0.0/8"), cred("a", "2c", "10.0.0.0/8")}, "10.0.0.1", "b a", false},
		"three-at-most":         {[]netdev.Credential{cred("a", "2c", "10.0.0.0/8"), cred("b", "2c", "10.0.0.0/8"), cred("c", "2c", "10.0.0.0/8"), cred("d", "2c", "10.0.0.0/9"), cred("v3", "3", "10.0.0.0/8")}, "10.0.0.1", "v3 d a", true},
		"outside":               {[]netdev.Credential{cred("a", "2c", "10.0.0.0/24"), cred("v3", "3", "10.1.0.0/16")}, "10.0.1.1", "", false},
		"its-site":              {[]netdev.Credential{sited}, "10.9.0.1", "sited", false},
		"another-site":          {[]netdev.Credential{sited}, "10.9.0.2", "", false},
		"platform-not-known":    {[]netdev.Credential{certain}, "10.9.0.2", "", false},
		"no-credential-at-all":  {nil, "10.0.0.1", "", true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l, err := newLadder(tc.creds, site)
			if err != nil {
				t.Fatal(err)
			}
			engine, best, n := l.steps(netip.MustParseAddr(tc.addr))
			got := ""
			for _, r := range best[:n] {
				if got != "" {
					got += " "
				}
				got += r.cred.Name
			}
			if got != tc.want || engine != tc.engine {
				t.Errorf("steps = %q, engine %v, want %q, %v", got, engine, tc.want, tc.engine)
			}
		})
	}
}

func TestAPlanCountsWhatMayBeSent(t *testing.T) {
	cred := netdev.Credential{Name: "a", Scope: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/31")}, SNMP: &netdev.SNMPLogin{Version: "2c", Community: netdev.NewSecret("w")}}
	p, err := PlanOf(three{}, []netdev.Credential{cred}, nil, 3)
	if err != nil {
		t.Fatal(err)
	}
	if p.Addresses != 3 || p.NotAsked != 1 || p.Datagrams != 6 || len(p.Credentials) != 1 || p.Credentials[0].Addresses != 2 {
		t.Errorf("plan %+v", p)
	}
}

// three is 10.0.0.0 to 10.0.0.2.
type three struct{}

func (three) Len() int              { return 3 }
func (three) At(i int) netip.Addr   { return netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}) }
func (three) Rank(a netip.Addr) int { return int(a.As4()[3]) }
