package scrub

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

var testMask = KeyMasker([]byte("a key of these tests"))

func scrubber(t testing.TB, id netdev.PlatformID) *Scrubber {
	t.Helper()
	p, ok, err := platform.BuiltinOne(id)
	if err != nil || !ok {
		t.Fatalf("%s: %v %v", id, ok, err)
	}
	return New(p.Config)
}

func own(t testing.TB, src string) *Scrubber {
	t.Helper()
	var b platform.Rulebook
	if err := yaml.UnmarshalWithOptions([]byte(src), &b, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return New(b)
}

// secretLines hold one or two values that must go: Canary1 and Canary2, or the
// literal after the bar.
var secretLines = map[string]struct{ platform, text, secret string }{
	"user":              {"cisco_ios", "username ann privilege 15 secret 0 Canary1x", "Canary1x"},
	"type-7":            {"cisco_ios", "enable password 7 0822455D0A16", "0822455D0A16"},
	"scoped-key":        {"cisco_ios", "radius server R\n key Canary1x", "Canary1x"},
	"line-password":     {"cisco_ios", "line vty 0 4\n password Canary1x", "Canary1x"},
	"community":         {"cisco_ios", "snmp-server community public RO", "public"},
	"snmp-host":         {"cisco_ios", "snmp-server host 192.0.2.1 Canary1x", "Canary1x"},
	"quoted":            {"juniper_junos", `set system radius-server 192.0.2.1 secret "$9$abcDEFghi123"`, "$9$abcDEFghi123"},
	"brace-community":   {"juniper_junos", "snmp {\n    community Canary1x {\n        authorization read-only;\n    }\n}", "Canary1x"},
	"reencrypted":       {"fortinet_fortios", "config system admin\n edit a\n  set password ENC SH2abcdefghijk=\n next\nend", "SH2abcdefghijk="},
	"forti-community":   {"fortinet_fortios", "config system snmp community\n edit 1\n  set name \"Canary1x\"\n next\nend", "Canary1x"},
	"row":               {"mikrotik_routeros", "/ppp secret\nadd name=u password=\"Canary1x\"", "Canary1x"},
	"row-community":     {"mikrotik_routeros", "/snmp community\nset [ find default=yes ] name=Canary1x", "Canary1x"},
	"xml":               {"opnsense", "<user><name>a</name><password>Canary1x</password></user>", "Canary1x"},
	"json":              {"sonic", "{\"RADIUS\": {\"global\": {\"passkey\": \"Canary1x\"}}}", "Canary1x"},
	"json-name":         {"sonic", "{\n  \"SNMP_COMMUNITY\": {\n    \"Canary1x\": {\n      \"TYPE\": \"RO\"\n    }\n  }\n}", "Canary1x"},
	"key-value":         {"ubiquiti_unifi", "aaa.2.wpa.psk=Canary1x", "Canary1x"},
	"cipher":            {"huawei_vrp", "local-user a password irreversible-cipher $1c$Canary1x$", "$1c$Canary1x$"},
	"url":               {"generic", "copy running scp://bob:Canary1x@192.0.2.1/cfg", "Canary1x"},
	"hash":              {"generic", "whatever $6$salt$Canary1xhash end", "$6$salt$Canary1xhash"},
	"unknown-password":  {"generic", "logon password Canary1x", "Canary1x"},
	"unknown-psk":       {"generic", "tunnel 4 pre-shared-key hex Canary1x lifetime 5", "Canary1x"},
	"key-block":         {"generic", "a\n-----BEGIN RSA PRIVATE KEY-----\nCanary1x\nCanary2x\n-----END RSA PRIVATE KEY-----\nb", "Canary1x"},
	"key-block-no-end":  {"generic", "a\n-----BEGIN PRIVATE KEY-----\nCanary1x\nCanary2x\n! not a key", "Canary1x"},
	"key-block-quoted":  {"fortinet_fortios", "config x\n edit 1\n  set private-key \"-----BEGIN ENCRYPTED PRIVATE KEY-----\nCanary1x\n-----END ENCRYPTED PRIVATE KEY-----\"\n next\nend", "Canary1x"},
	"key-block-escaped": {"generic", `{"key": "-----BEGIN PRIVATE KEY-----\nCanary1x\n-----END PRIVATE KEY-----\n"}`, "Canary1x"},
}

func TestNoSecretIsLeft(t *testing.T) {
	for name, tc := range secretLines {
		t.Run(name, func(t *testing.T) {
			s := scrubber(t, netdev.PlatformID(tc.platform))
			for _, text := range []string{tc.text + "\n", tc.text, strings.ReplaceAll(tc.text, "\n", "\r\n") + "\r\n"} {
				r := s.Clean([]byte(text), testMask)
				if bytes.Contains(r.Text, []byte(tc.secret)) || !bytes.Contains(r.Text, []byte("<secret:")) {
					t.Errorf("%q left %q", text, r.Text)
				}
				if len(r.Secrets) == 0 {
					t.Error("no fact about it")
				}
				if strings.Contains(fmt.Sprintf("%+v", r.Secrets), tc.secret) {
					t.Error("the fact tells the secret")
				}
				if again := s.Mask(r.Text, testMask); !bytes.Equal(again, r.Text) {
					t.Errorf("a second time changes %q to %q", r.Text, again)
				}
			}
		})
	}
}

func TestLookAlikesStayAsTheyAre(t *testing.T) {
	lines := map[string][]string{
		"generic": {
			"password policy strict", "key 10", "key chain ring", "service password-encryption", "set community 65000:12 additive",
			"authentication-key-chains key-chain k key 3", "password {", "ip ssh pubkey-chain", "description the password of the door",
			"-----BEGIN PUBLIC KEY-----", "MIIBIjANBgkq", "-----END PUBLIC KEY-----", "https://example.net/path", "secret level 5", "aaa authentication login default local",
			"no password minimum length 8", "tunnel key 77", "sort key /Common/default.key", "snmp-server view all iso included",
		},
		"cisco_ios":         {"ip access-list extended secret-list", " permit tcp any any eq 22", "crypto key generate", " key chain EIGRP", "username bob view ops"},
		"juniper_junos":     {"policy-options { community C members 65000:1; }", "    password {", "set policy-options community C members 65000:1"},
		"mikrotik_routeros": {`add name=wg public-key="abcdefgh0123="`, "set password-min-length=8"},
		"cisco_iosxr":       {"route-policy P", "  set community NAME_OF_SET", "end-policy"},
	}
	for id, list := range lines {
		s := scrubber(t, netdev.PlatformID(id))
		for _, l := range list {
			if got := string(s.Mask([]byte(l+"\n"), testMask)); got != l+"\n" {
				t.Errorf("%s: %q became %q", id, l, got)
			}
		}
	}
}

func TestTheSamePasswordKeepsItsMask(t *testing.T) {
	s := scrubber(t, "generic")
	in := "username a password 7 0822455D0A16\nusername b password 7 121A0C041104\nusername c password 0 cisco\nuser d secret \"" + encodeNine("cisco", 0) + "\"\nuser e secret \"" + encodeNine("cisco", 7) + "\"\n"
	var masks []string
	for _, f := range s.Clean([]byte(in), testMask).Secrets {
		masks = append(masks, f.Mask)
	}
	slices.Sort(masks)
	if masks = slices.Compact(masks); len(masks) != 1 {
		t.Errorf("masks %q for one password", masks)
	}
}

// encodeNine writes the $9$ encoding of a password; salt picks the random
// characters.
func encodeNine(plain string, salt int) string {
	alphabet := strings.Join(nineFamilies[:], "")
	first := alphabet[salt]
	random := 0
	for i, f := range nineFamilies {
		if strings.IndexByte(f, first) >= 0 {
			random = 3 - i
		}
	}
	out := "$9$" + string(first) + strings.Repeat("x", random)
	prev := strings.IndexByte(alphabet, first)
	for i := range len(plain) {
		weights, rest := nineWeights[i%len(nineWeights)], int(plain[i])
		gaps := make([]int, len(weights))
		for k := len(weights) - 1; k >= 0; k-- {
			gaps[k], rest = rest/weights[k], rest%weights[k]
		}
		for _, g := range gaps {
			prev = (prev + g + 1) % len(alphabet)
			out += string(alphabet[prev])
		}
	}
	return out
}

func TestFormsAreNamed(t *testing.T) {
	tests := map[string]struct{ line, form, class string }{
		"clear":       {"username a password 0 Canary1x", "type-0", "clear"},
		"type-7":      {"username a password 7 0822455D0A16", "type-7", "reversible"},
		"type-5":      {"username a secret 5 $1$abcd$efghijklmnop", "type-5", "weak-hash"},
		"type-9":      {"username a secret 9 $9$abcdefghijklmn$opqrstuvwxyz", "type-9", "strong-hash"},
		"type-8":      {"username a secret 8 $8$abcdefghijklmn$opqrstuvwxyz", "type-8", "strong-hash"},
		"sha512":      {"username a secret sha512 $6$abcd$efghijklmnop", "sha512", "strong-hash"},
		"bcrypt":      {"x $2y$10$abcdefghijklmnopqrstuv", "bcrypt", "strong-hash"},
		"community":   {"snmp-server community public RO", "community", "clear"},
		"reencrypted": {"set password ENC abcdefghijkl", "reencrypted", "reversible"},
	}
	s := scrubber(t, "cisco_ios")
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := s.Clean([]byte(tc.line), testMask).Secrets
			if len(f) != 1 || f[0].Form != tc.form || f[0].Class != tc.class {
				t.Fatalf("%+v", f)
			}
			if f[0].Dictionary != (name == "community") {
				t.Errorf("dictionary %v", f[0].Dictionary)
			}
		})
	}
}

func TestNoiseGoesAndTheAuthorStays(t *testing.T) {
	s := own(t, `
noise:
  - {re: '^Current size \d+'}
  - {re: '^! Changed at (?P<when>.+?) by (?P<who>\S+)$', as: changed-by}
  - {re: '^ counter \d+', within: '^interface Tunnel'}
`)
	in := "Current size 812\r\n! Changed at noon by ann\r\ninterface Tunnel1\r\n counter 5\r\ninterface Eth1\r\n counter 6\r\n"
	r := s.Clean([]byte(in), testMask)
	if got, want := string(r.Text), "interface Tunnel1\ninterface Eth1\n counter 6\n"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if want := []int{3, 5, 6}; !slices.Equal(r.Lines, want) {
		t.Errorf("lines %v, want %v", r.Lines, want)
	}
	if r.Dropped != 3 || r.Changed == nil || *r.Changed != (Changed{By: "ann", At: "noon"}) {
		t.Errorf("dropped %d, changed %+v", r.Dropped, r.Changed)
	}
	if got := string(s.Mask([]byte(in), testMask)); got != in {
		t.Errorf("masking alone gave %q", got)
	}
}

func TestForeignBytesBecomeReadable(t *testing.T) {
	r := New(platform.Rulebook{}).Clean([]byte("name M\xfcnchen\n"), testMask)
	if got, want := string(r.Text), "name München\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Every expression must have a literal, or each line costs every expression.
func TestEveryExpressionHasALiteral(t *testing.T) {
	set, err := platform.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range compileCatchalls() {
		if len(literals(r.re.String())) == 0 {
			t.Errorf("catch-all without a literal: %s", r.re)
		}
	}
	for _, id := range set.IDs() {
		p, _ := set.Get(id)
		for _, x := range p.Config.Secrets {
			if len(literals(x.Re.String())) == 0 {
				t.Errorf("%s: no literal in secret %s", id, x.Re.String())
			}
			if r := newRule(x.Re.Re(), ""); len(r.groups) == 0 {
				t.Errorf("%s: no group s in %s", id, x.Re.String())
			}
		}
		for _, x := range p.Config.Noise {
			if len(literals(x.Re.String())) == 0 {
				t.Errorf("%s: no literal in noise %s", id, x.Re.String())
			}
		}
	}
}

func TestLiteralsAreInEveryMatch(t *testing.T) {
	tests := map[string]struct {
		re   string
		want []string
	}{
		"word":         {`^enable (?:secret|password) \S+`, []string{"enable password ", "enable secret "}},
		"alternatives": {`alpha\w|beta\w`, []string{"alpha", "beta"}},
		"small-class":  {`\$[156]\$\w+`, []string{"$1$", "$5$", "$6$"}},
		"optional":     {`(?:abc)?def`, []string{"def"}},
		"case":         {`(?i)PassWord`, []string{"password"}},
		"none":         {`\d+ \w*`, []string{" "}},
		"nothing":      {`\w+|abc`, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := literals(tc.re)
			if name == "optional" && len(got) == 2 { // abcdef and def are as good
				return
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	ids := []netdev.PlatformID{"generic", "cisco_ios", "juniper_junos", "fortinet_fortios", "mikrotik_routeros", "opnsense", "sonic", "huawei_vrp"}
	list := make([]*Scrubber, len(ids))
	for i, id := range ids {
		list[i] = scrubber(f, id)
	}
	for _, tc := range secretLines {
		f.Add(uint8(slices.Index(ids, netdev.PlatformID(tc.platform))), []byte(tc.text))
	}
	f.Add(uint8(0), []byte("a\r\rb\r\r\nc\rd\n"))
	f.Fuzz(func(t *testing.T, which uint8, raw []byte) {
		s := list[int(which)%len(list)]
		r := s.Clean(raw, testMask)
		if n := bytes.Count(r.Text, []byte("\n")); n != len(r.Lines) {
			t.Fatalf("%d lines, %d in the map", n, len(r.Lines))
		}
		if !slices.IsSorted(r.Lines) {
			t.Fatalf("lines out of order: %v", r.Lines)
		}
		masked := s.Mask(raw, testMask)
		if again := s.Mask(masked, testMask); !bytes.Equal(again, masked) {
			t.Fatalf("masking %q gave %q, then %q", raw, masked, again)
		}
	})
}

func BenchmarkCleanWithAFullRulebook(b *testing.B) {
	s := scrubber(b, "cisco_ios")
	var text bytes.Buffer
	for i := range 4000 {
		fmt.Fprintf(&text, "interface GigabitEthernet1/0/%d\n description uplink to closet %d\n switchport access vlan %d\n switchport mode access\n spanning-tree portfast\n!\n", i, i, i%100)
		if i%40 == 0 {
			fmt.Fprintf(&text, "username user%d secret 9 $9$abcdefghijklmn$opqrstuvwxyz%d\nsnmp-server community s3cret%d RO\n", i, i, i)
		}
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		s.Clean(text.Bytes(), testMask)
	}
}
