package diff

import (
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/configstore/tree"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

func book(t testing.TB, id netdev.PlatformID) *tree.Book {
	t.Helper()
	p, ok, err := platform.BuiltinOne(id)
	if err != nil || !ok {
		t.Fatalf("%s: %v %v", id, ok, err)
	}
	return tree.NewBook(p.Config)
}

type meaningCase struct {
	platform netdev.PlatformID
	old, new string
	ops      string // the ops in the order of lines; "" is equal and silent
	equal    bool
}

var meaningCases = map[string]meaningCase{
	"set-order":               {"cisco_ios", "ntp server 192.0.2.1\nntp server 192.0.2.2\n", "ntp server 192.0.2.2\nntp server 192.0.2.1\n", "", true},
	"single-value":            {"cisco_ios", "interface Gi0/1\n description a\n", "interface Gi0/1\n description b\n", "change", false},
	"short-interface-name":    {"cisco_ios", "interface Gi0/1\n description a\n", "interface GigabitEthernet0/1\n description a\n", "", true},
	"indent-of-two":           {"cisco_ios", "interface Gi0/1\n description a\n", "interface Gi0/1\n  description a\n", "", true},
	"explicit-default":        {"cisco_ios", "interface Gi0/1\n description x\n", "interface Gi0/1\n description x\n no shutdown\n", "", true},
	"toggle":                  {"cisco_ios", "interface Gi0/1\n shutdown\n", "interface Gi0/1\n no shutdown\n", "change", false},
	"toggle-off":              {"cisco_ios", "interface Gi0/1\n shutdown\n ip x\n", "interface Gi0/1\n ip x\n", "remove", false},
	"trunk-add":               {"cisco_ios", "interface Gi0/1\n switchport trunk allowed vlan 1-10\n switchport trunk allowed vlan add 20\n", "interface Gi0/1\n switchport trunk allowed vlan 1-10,20\n", "", true},
	"trunk-none":              {"cisco_ios", "interface Gi0/1\n switchport trunk allowed vlan none\n", "interface Gi0/1\n switchport trunk allowed vlan 5\n", "change", false},
	"secondary-address":       {"cisco_ios", "interface Gi0/1\n ip address 192.0.2.1 255.255.255.0\n ip address 198.51.100.1 255.255.255.0 secondary\n", "interface Gi0/1\n ip address 192.0.2.1 255.255.255.0\n ip address 203.0.113.1 255.255.255.0 secondary\n", "remove add", false},
	"named-list-swap":         {"cisco_ios", "ip access-list extended A\n permit tcp any any eq 22\n deny ip any any\n", "ip access-list extended A\n deny ip any any\n permit tcp any any eq 22\n", "move", false},
	"list-renumbered":         {"cisco_ios", "ip access-list extended A\n 10 permit ip any any\n 20 deny ip any any\n", "ip access-list extended A\n 100 permit ip any any\n 200 deny ip any any\n", "renumber renumber", true},
	"list-text-order":         {"cisco_ios", "ip access-list extended A\n 20 deny ip any any\n 10 permit tcp any any\n", "ip access-list extended A\n 10 permit tcp any any\n 20 deny ip any any\n", "", true},
	"list-insert":             {"cisco_ios", "ip access-list extended A\n 10 permit tcp any any\n 20 deny ip any any\n", "ip access-list extended A\n 10 permit tcp any any\n 15 permit udp any any\n 20 deny ip any any\n", "add", false},
	"list-numbers-swapped":    {"cisco_ios", "ip access-list extended A\n 10 permit tcp any any\n 20 deny ip any any\n", "ip access-list extended A\n 20 permit tcp any any\n 10 deny ip any any\n", "renumber move", false},
	"numbered-list-swap":      {"cisco_ios", "access-list 10 permit 192.0.2.1\naccess-list 10 deny any\n", "access-list 10 deny any\naccess-list 10 permit 192.0.2.1\n", "move", false},
	"two-numbered-lists":      {"cisco_ios", "access-list 10 permit any\naccess-list 11 deny any\n", "access-list 11 deny any\naccess-list 10 permit any\n", "", true},
	"prefix-list-text-order":  {"cisco_ios", "ip prefix-list P seq 5 permit 10.0.0.0/8\nip prefix-list P seq 10 deny 0.0.0.0/0 le 32\n", "ip prefix-list P seq 10 deny 0.0.0.0/0 le 32\nip prefix-list P seq 5 permit 10.0.0.0/8\n", "", true},
	"remark-repeated":         {"cisco_ios", "access-list 93 remark a\naccess-list 93 remark a\naccess-list 93 permit any\n", "access-list 93 remark a\naccess-list 93 permit any\n", "comment", false},
	"aaa-method-order":        {"cisco_ios", "aaa authentication login default group tacacs+ local\n", "aaa authentication login default local group tacacs+\n", "change", false},
	"banner-other-delimiter":  {"cisco_ios", "banner motd ^Chello\nyou^C\n", "banner motd #hello\nyou#\n", "", true},
	"banner-text":             {"cisco_ios", "banner motd ^Chello\nyou^C\n", "banner motd ^Chello\nthem^C\n", "change", false},
	"certificate":             {"cisco_ios", "crypto pki certificate chain T\n certificate ca 01\n  3082\n  \tquit\n", "crypto pki certificate chain T\n certificate ca 01\n  3083\n  \tquit\n", "change", false},
	"access-vlan":             {"cisco_ios", "interface Gi0/1\n switchport access vlan 10\n", "interface Gi0/1\n switchport access vlan 20\n", "change", false},
	"real-comments":           {"cisco_ios", "! one\nhostname a\n", "hostname a\n! two\n", "", true},
	"block-printed-twice":     {"cisco_ios", "router bgp 1\n a x\nrouter bgp 1\n b y\n", "router bgp 1\n b y\n a x\n", "", true},
	"masked-secret":           {"cisco_ios", "username a secret 9 <secret:000000000001>\n", "username a secret 9 <secret:000000000002>\n", "secret", false},
	"unverifiable-secret":     {"fortinet_fortios", "config a\n set psk ENC <secret:unverifiable>\nend\n", "config a\n set psk ENC <secret:unverifiable>\nend\n", "", true},
	"firewall-list-swap":      {"cisco_asa", "access-list A extended permit ip any any\naccess-list A extended deny ip any any\n", "access-list A extended deny ip any any\naccess-list A extended permit ip any any\n", "move", false},
	"policy-blob":             {"cisco_iosxr", "route-policy A\n  if destination in X then\n    pass\n  endif\nend-policy\n", "route-policy A\n  if destination in Y then\n    pass\n  endif\nend-policy\n", "change", false},
	"word-in-a-description":   {"cisco_iosxr", "interface G0\n description highspeed A\n", "interface G0\n description highspeed B\n", "change", false},
	"speed":                   {"cisco_iosxr", "interface G0\n speed 100\n", "interface G0\n speed 1000\n", "change", false},
	"eof-banner":              {"arista_eos", "banner login\nhello\nEOF\nhostname a\n", "banner login\nhullo\nEOF\nhostname a\n", "change", false},
	"braces-and-set":          {"juniper_junos", "system {\n    host-name a;\n    services {\n        ssh;\n    }\n}\n", "set system host-name a\nset system services ssh\n", "", true},
	"list-in-brackets":        {"juniper_junos", "protocols {\n ospf {\n  export [ a b ];\n }\n}\n", "set protocols ospf export a\nset protocols ospf export b\n", "", true},
	"import-order":            {"juniper_junos", "set protocols bgp group G import [ a b ]\n", "set protocols bgp group G import [ b a ]\n", "move", false},
	"comment-behind":          {"juniper_junos", "a {\n b \"x\"; ## SECRET-DATA\n}\n", "a {\n b \"x\";\n}\n", "", true},
	"comment-block":           {"juniper_junos", "a {\n /* note { */\n b c;\n}\n", "a {\n b c;\n}\n", "", true},
	"inactive":                {"juniper_junos", "interfaces {\n inactive: ge-0/0/0 {\n  mtu 9000;\n }\n}\n", "interfaces {\n ge-0/0/0 {\n  mtu 9000;\n }\n}\n", "change", false},
	"inactive-and-deactivate": {"juniper_junos", "interfaces {\n inactive: ge-0/0/0 {\n  mtu 9000;\n }\n}\n", "set interfaces ge-0/0/0 mtu 9000\ndeactivate interfaces ge-0/0/0\n", "", true},
	"term-swap":               {"juniper_junos", "firewall {\n family inet {\n  filter F {\n   term a { then accept; }\n   term b { then discard; }\n  }\n }\n}\n", "firewall {\n family inet {\n  filter F {\n   term b { then discard; }\n   term a { then accept; }\n  }\n }\n}\n", "move", false},
	"term-swap-in-set":        {"juniper_junos", "set policy-options policy-statement P term a then accept\nset policy-options policy-statement P term b then reject\n", "set policy-options policy-statement P term b then reject\nset policy-options policy-statement P term a then accept\n", "move", false},
	"security-policy-swap":    {"juniper_junos", "set security policies from-zone a to-zone b policy x then permit\nset security policies from-zone a to-zone b policy y then deny\n", "set security policies from-zone a to-zone b policy y then deny\nset security policies from-zone a to-zone b policy x then permit\n", "move", false},
	"action-order":            {"juniper_junos", "set policy-options policy-statement P term t then community add a\nset policy-options policy-statement P term t then community add b\n", "set policy-options policy-statement P term t then community add b\nset policy-options policy-statement P term t then community add a\n", "move", false},
	"container-gone":          {"juniper_junos", "set interfaces ge-0/0/0 unit 0 family inet address 192.0.2.1/24\nset interfaces ge-0/0/0 mtu 9000\nset system host-name a\n", "set system host-name a\n", "remove", false},
	"junos-value":             {"juniper_junos", "system {\n host-name a;\n}\n", "system {\n host-name b;\n}\n", "change", false},
	"address-objects":         {"fortinet_fortios", "config firewall address\n edit \"a\"\n set x 1\n next\n edit \"b\"\n set x 2\n next\nend\n", "config firewall address\n edit \"b\"\n set x 2\n next\n edit \"a\"\n set x 1\n next\nend\n", "", true},
	"policy-swap":             {"fortinet_fortios", "config firewall policy\n edit 1\n set action accept\n next\n edit 2\n set action deny\n next\nend\n", "config firewall policy\n edit 2\n set action deny\n next\n edit 1\n set action accept\n next\nend\n", "move", false},
	"policy-gone":             {"fortinet_fortios", "config firewall policy\n edit 1\n set action accept\n next\n edit 2\n set action deny\n next\nend\n", "config firewall policy\n edit 1\n set action accept\n next\nend\n", "remove", false},
	"policy-members":          {"fortinet_fortios", "config firewall policy\n edit 1\n set srcaddr \"a\" \"b\"\n next\nend\n", "config firewall policy\n edit 1\n set srcaddr \"b\" \"a\"\n next\nend\n", "", true},
	"quoted-end":              {"fortinet_fortios", "config a\n edit 1\n set buffer \"x\nend\nnext\"\n set b 1\n next\nend\n", "config a\n edit 1\n set buffer \"x\nend\nnext\"\n set b 2\n next\nend\n", "change", false},
	"row-address":             {"mikrotik_routeros", "/ip address\nadd address=192.0.2.1/24 interface=ether1\n", "/ip address\nadd address=192.0.2.9/24 interface=ether1\n", "remove add", false},
	"row-rules-swapped":       {"mikrotik_routeros", "/ip firewall filter\nadd chain=input action=accept protocol=icmp\nadd chain=input action=drop\n", "/ip firewall filter\nadd chain=input action=drop\nadd chain=input action=accept protocol=icmp\n", "move", false},
	"row-argument":            {"mikrotik_routeros", "/ip firewall filter\nadd chain=input action=accept protocol=icmp\n", "/ip firewall filter\nadd chain=input action=accept protocol=tcp\n", "change", false},
	"row-argument-order":      {"mikrotik_routeros", "/ip address\nadd address=192.0.2.1/24 interface=ether1\n", "/ip address add interface=ether1 address=192.0.2.1/24\n", "", true},
	"row-explicit-default":    {"mikrotik_routeros", "/ip service\nset telnet disabled=no port=23\n", "/ip service\nset telnet port=23\n", "", true},
	"continued-line":          {"mikrotik_routeros", "/ip firewall filter\nadd chain=input \\\n    action=drop\n", "/ip firewall filter\nadd chain=input action=drop\n", "", true},
	"batch-of-vlans":          {"huawei_vrp", "vlan batch 10 20 to 30\n", "vlan batch 10 20 to 25 26 to 30\n", "", true},
	"vlans-in-lines":          {"huawei_vrp", "vlan batch 10 20\n", "vlan batch 10\nvlan 20\n", "", true},
	"vlan-with-a-name":        {"huawei_vrp", "vlan batch 10 20\n", "vlan batch 10 20\nvlan 20\n description x\n", "add", false},
	"vlan-gone":               {"huawei_vrp", "vlan batch 10 20\n", "vlan batch 10\n", "change", false},
	"xml-revision":            {"opnsense", "<o><revision><time>1</time></revision><a>1</a></o>\n", "<o><revision><time>2</time></revision><a>1</a></o>\n", "", true},
	"vrp-rule-numbers":        {"huawei_vrp", "acl number 3000\n rule 5 permit ip\n rule 10 deny ip\n", "acl number 3000\n rule 10 deny ip\n rule 5 permit ip\n", "", true},
	"vrp-rule-swap":           {"huawei_vrp", "acl number 3000\n rule 5 permit tcp\n rule 10 deny ip\n", "acl number 3000\n rule 5 deny ip\n rule 10 permit tcp\n", "move renumber", false},
	"vyos-quotes":             {"vyos", "set system host-name 'a'\n", "set system host-name a\n", "", true},
	"xml-rules":               {"opnsense", "<filter><rule><type>pass</type></rule><rule><type>block</type></rule></filter>\n", "<filter><rule><type>block</type></rule><rule><type>pass</type></rule></filter>\n", "move", false},
	"xml-settings":            {"opnsense", "<a><b>1</b><c>2</c></a>\n", "<a><c>2</c><b>1</b></a>\n", "", true},
	"xml-entries":             {"paloalto_panos", "<address><entry name=\"a\"><ip>1</ip></entry><entry name=\"b\"><ip>2</ip></entry></address>\n", "<address><entry name=\"b\"><ip>2</ip></entry><entry name=\"a\"><ip>1</ip></entry></address>\n", "", true},
	"xml-rule-entries":        {"paloalto_panos", "<rules><entry name=\"a\"><x>1</x></entry><entry name=\"b\"><x>2</x></entry></rules>\n", "<rules><entry name=\"b\"><x>2</x></entry><entry name=\"a\"><x>1</x></entry></rules>\n", "move", false},
	"set-rule-swap":           {"paloalto_panos", "set rulebase security rules a action allow\nset rulebase security rules b action deny\n", "set rulebase security rules b action deny\nset rulebase security rules a action allow\n", "move", false},
	"set-address-order":       {"paloalto_panos", "set address a ip-netmask 192.0.2.1\nset address b ip-netmask 192.0.2.2\n", "set address b ip-netmask 192.0.2.2\nset address a ip-netmask 192.0.2.1\n", "", true},
	"json-keys":               {"sonic", "{\"a\": 1, \"b\": {\"c\": 2}}", "{\"b\": {\"c\": 2},\n \"a\": 1}", "", true},
	"json-value":              {"sonic", "{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 2}}", "change", false},
	"irule-body":              {"f5_tmos", "ltm rule /C/r {\nwhen X { log a }\n}\nltm pool p { }\n", "ltm rule /C/r {\nwhen X { log b }\n}\nltm pool p { }\n", "change", false},
	"unknown-system":          {"generic", "access a\n permit x\n deny y\n", "access a\n deny y\n permit x\n", "move", false},
}

func TestDifferencesAreThoseOfMeaning(t *testing.T) {
	books := map[netdev.PlatformID]*tree.Book{}
	for name, tc := range meaningCases {
		t.Run(name, func(t *testing.T) {
			if books[tc.platform] == nil {
				books[tc.platform] = book(t, tc.platform)
			}
			b := books[tc.platform]
			d := Meaning(b.Parse([]byte(tc.old)), b.Parse([]byte(tc.new)))
			var ops []string
			for _, c := range d.Changes {
				ops = append(ops, c.Op)
				if c.OldLine == 0 && c.NewLine == 0 || len(c.Path) == 0 {
					t.Errorf("a change without line or path: %+v", c)
				}
			}
			if got := strings.Join(ops, " "); got != tc.ops || d.Equal != tc.equal {
				t.Errorf("ops %q equal %v, want %q %v\n%+v", got, d.Equal, tc.ops, tc.equal, d.Changes)
			}
			if s := Meaning(b.Parse([]byte(tc.old)), b.Parse([]byte(tc.old))); !s.Equal || len(s.Changes) > 0 {
				t.Errorf("a text differs from itself: %+v", s.Changes)
			}
		})
	}
}

func FuzzMeaning(f *testing.F) {
	ids := []netdev.PlatformID{"cisco_ios", "juniper_junos", "fortinet_fortios", "mikrotik_routeros", "opnsense", "vyos", "generic", "huawei_vrp"}
	books := make([]*tree.Book, len(ids))
	for i, id := range ids {
		books[i] = book(f, id)
		for _, tc := range meaningCases {
			if tc.platform == id {
				f.Add(uint8(i), []byte(tc.old), []byte(tc.new))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, old, new []byte) {
		b := books[int(which)%len(books)]
		a, c := b.Parse(old), b.Parse(new)
		if d := Meaning(a, b.Parse(old)); !d.Equal || len(d.Changes) > 0 {
			t.Fatalf("a text differs from itself: %+v", d.Changes)
		}
		there, back := Meaning(a, c), Meaning(c, a)
		if there.Equal != back.Equal {
			t.Fatalf("equal %v there and %v back: %+v %+v", there.Equal, back.Equal, there.Changes, back.Changes)
		}
		for _, ch := range there.Changes {
			if ch.OldLine > a.Lines || ch.NewLine > c.Lines || ch.OldLine == 0 && ch.NewLine == 0 {
				t.Fatalf("a change without its line: %+v", ch)
			}
		}
	})
}

func BenchmarkMeaningOf20000Lines(b *testing.B) {
	x, y := large(20000, 300)
	bk := book(b, "cisco_ios")
	b.ReportAllocs()
	b.SetBytes(int64(len(x) + len(y)))
	for b.Loop() {
		Meaning(bk.Parse(x), bk.Parse(y))
	}
}
