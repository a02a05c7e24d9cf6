package tree

import (
	"slices"
	"strings"
	"testing"
)

func TestPatternsSplitALineIntoKeyAndValue(t *testing.T) {
	tests := map[string]struct {
		pattern, line, key, rest, keyed string
		ok                              bool
	}{
		"single-value":       {"description ~", "description to the roof", "description", "to the roof", "", true},
		"rest-needs-a-word":  {"description ~", "description", "", "", "", false},
		"multi-value":        {"helper *", "helper 192.0.2.1", "helper 192.0.2.1", "", "192.0.2.1", true},
		"two-values":         {"ip address ? ?", "ip address 192.0.2.1 255.0.0.0", "ip address", "192.0.2.1 255.0.0.0", "", true},
		"all-words-count":    {"ip address ? ?", "ip address 192.0.2.1 255.0.0.0 secondary", "", "", "", false},
		"alternatives":       {"list (standard|extended)* *", "list extended A", "list extended A", "", "extended A", true},
		"long-alternatives":  {"config (firewall policy|router rip)", "config router rip", "config router rip", "", "", true},
		"expression-value":   {`mtu /\d+/`, "mtu 9000", "mtu", "9000", "", true},
		"expression-key":     {`interface /(Giga|Fast)?Ethernet.*/*`, "interface FastEthernet0/1", "interface FastEthernet0/1", "", "FastEthernet0/1", true},
		"expression-refuses": {`mtu /\d+/`, "mtu auto", "", "", "", false},
		"optional-there":     {`[/\d+/] remark ~`, "10 remark hello", "remark", "10 hello", "", true},
		"optional-absent":    {`[/\d+/] remark ~`, "remark hello", "remark", "hello", "", true},
		"slash-word":         {"/interface (vlan|bridge)*", "/interface bridge", "/interface bridge", "", "bridge", true},
		"rest-in-the-middle": {"server ~ key ?", "server a b key c", "server key", "a b c", "", true},
		"rest-is-key":        {"neighbor **", "neighbor 192.0.2.1 soft", "neighbor 192.0.2.1 soft", "", "192.0.2.1 soft", true},
		"name-is-value":      {"ntp server [vrf ?] {value}", "ntp server vrf M 192.0.2.1", "ntp server vrf", "M 192.0.2.1", "", true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := CompilePattern(tc.pattern)
			if err != nil {
				t.Fatal(err)
			}
			key, rest, keyed, ok := p.Match(strings.Fields(tc.line))
			if ok != tc.ok || key != tc.key || strings.Join(rest, " ") != tc.rest || strings.Join(keyed, " ") != tc.keyed {
				t.Errorf("got %q %q %q %v", key, rest, keyed, ok)
			}
		})
	}
}

func TestAPatternThatNothingClosesIsAnError(t *testing.T) {
	for _, s := range []string{"a (b|c", "a [b", "a /(/ b"} {
		if _, err := CompilePattern(s); err == nil {
			t.Errorf("%q compiles", s)
		}
	}
}

func TestQuotesGroupWords(t *testing.T) {
	tests := map[string]struct {
		line string
		want []string
	}{
		"plain":    {" a  b\tc ", []string{"a", "b", "c"}},
		"quoted":   {`name "two words" x`, []string{"name", "two words", "x"}},
		"escaped":  {`set c "say \"hi\""`, []string{"set", "c", `say "hi"`}},
		"unclosed": {`set c "open end`, []string{"set", "c", `"open`, "end"}},
		"inside":   {`a"b c"d`, []string{`a"b`, `c"d`}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := splitWords(tc.line, `"`, nil); !slices.Equal(got, tc.want) {
				t.Errorf("got %q", got)
			}
		})
	}
}
