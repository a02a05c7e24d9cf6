package pull

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// builtins loads the files once; there are many.
var builtins = sync.OnceValues(platform.Builtin)

func builtin(t testing.TB, id netdev.PlatformID) *platform.Platform {
	t.Helper()
	set, err := builtins()
	if err != nil {
		t.Fatal(err)
	}
	p, ok := set.Get(id)
	if !ok {
		t.Fatalf("no platform %s", id)
	}
	return p
}

const routingText = "Building configuration...\n\nCurrent configuration:\n!\nfrr version 8.4.4\nfrr defaults traditional\nhostname edge7\n!\ninterface eth1\n description uplink\nexit\n!\nend\n"

const indentText = "Building configuration...\n\nCurrent configuration : 124 bytes\n!\nversion 17.9\nhostname sw1\n!\ninterface Vlan1\n description to core\n!\nend\n"

func TestFirstRuleThatFailsIsTheReason(t *testing.T) {
	braces := "## Last commit: 2026-01-02 03:04:05 UTC by ops\nversion 22.4R3;\nsystem {\n    host-name r1;\n}\n"
	edit := "#config-version=FGT60F-7.2.8-FW-build1639-240313:opmode=0:vdom=0:user=ops\nconfig system global\n    set hostname \"fw1\"\nend\nconfig vpn certificate local\n    edit \"own\"\n        set comments \"first\nend\nnext\nlast\"\n    next\nend\n"
	tests := map[string]struct {
		platform netdev.PlatformID
		text     string
		reason   netdev.Reason
		rule     string
		doubt    string
	}{
		"whole":                    {"cisco_ios", indentText, "", "", ""},
		"empty":                    {"cisco_ios", "", netdev.Empty, "4", ""},
		"preamble-only":            {"cisco_ios", "Building configuration...\n", netdev.Empty, "4", ""},
		"error-line":               {"cisco_ios", "% Invalid input detected at '^' marker.\n", netdev.CommandError, "3", ""},
		"not-authorised":           {"cisco_ios", "Command authorization failed.\n", netdev.Privilege, "3", ""},
		"busy":                     {"cisco_ios", "% Configuration buffer full\n", netdev.DeviceBusy, "3", ""},
		"something-else":           {"cisco_ios", "Welcome to sw1\nend\n", netdev.UnexpectedOutput, "4", ""},
		"no-end":                   {"cisco_ios", strings.TrimSuffix(indentText, "end\n"), netdev.NoEndMarker, "5", ""},
		"end-inside-a-line":        {"cisco_ios", strings.Replace(indentText, "\nend\n", "\n end\n", 1), netdev.NoEndMarker, "5", ""},
		"pager-left-inside":        {"cisco_ios", strings.Replace(indentText, "hostname sw1\n", "hostname sw1\n --More-- \n", 1), netdev.UnexpectedOutput, "7", ""},
		"echo-left-inside":         {"cisco_ios", strings.Replace(indentText, "!\nversion", "!\nsw1#show running-config\nversion", 1), netdev.UnexpectedOutput, "7", ""},
		"declared-size-differs":    {"cisco_ios", strings.Replace(indentText, ": 124 bytes", ": 9000 bytes", 1), "", "", FlagSize},
		"own-prompt-inside":        {"cisco_ios", strings.Replace(indentText, "description to core\n", "description\nsw1#\n", 1), "", "", FlagSecondRead},
		"log-line-inside":          {"cisco_ios", strings.Replace(strings.Replace(indentText, "hostname sw1\n", "hostname sw1\n*Nov 20 11:02:03.123: %SYS-5-CONFIG_I: Configured from console\n", 1), ": 124", ": 190", 1), "", "", FlagSecondRead},
		"routing-suite":            {"frr", routingText, "", "", ""},
		"routing-suite-cut":        {"frr", strings.TrimSuffix(routingText, "!\nend\n"), netdev.NoEndMarker, "5", ""},
		"routing-suite-refuses":    {"frr", "% Unknown command: show running-config\n", netdev.CommandError, "3", ""},
		"routing-suite-greets":     {"frr", "Hello, this is a router.\nend\n", netdev.UnexpectedOutput, "4", ""},
		"braces":                   {"juniper_junos", braces, "", "", ""},
		"brace-open":               {"juniper_junos", strings.Replace(braces, "system {\n", "groups {\nsystem {\n", 1), netdev.Truncated, "6", ""},
		"brace-in-quotes":          {"juniper_junos", strings.Replace(braces, "host-name r1;", `host-name r1; message "a { b";`, 1), "", "", ""},
		"pairs-with-quoted-end":    {"fortinet_fortios", edit, "", "", ""},
		"pairs-cut-at-an-end":      {"fortinet_fortios", strings.TrimSuffix(edit, "last\"\n    next\nend\n"), netdev.NoEndMarker, "5", ""},
		"pairs-cut-inside-quotes":  {"fortinet_fortios", strings.TrimSuffix(edit, "next\nlast\"\n    next\nend\n"), netdev.Truncated, "6", ""},
		"nothing-proves-the-end":   {"aruba_aoscx", "Current configuration:\n!\nhostname sw1\n", "", "", FlagSecondRead},
		"document":                 {"opnsense", "<?xml version=\"1.0\"?>\n<opnsense>\n  <a/>\n</opnsense>\n", "", "", ""},
		"document-with-other-root": {"opnsense", "<?xml version=\"1.0\"?>\n<other>\n  <opnsense>\n  </opnsense>\n</other>\n", netdev.NoEndMarker, "5", ""},
		"document-cut":             {"opnsense", "<?xml version=\"1.0\"?>\n<opnsense>\n  <a>\n</opnsense>\n", netdev.Truncated, "6", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := builtin(t, tc.platform)
			v := verdictOf(p, cli.Answer{Command: p.Read.Running[0].Command, Text: []byte(tc.text)}, "sw1#", nil)
			if v.reason != tc.reason || v.rule != tc.rule {
				t.Errorf("reason %q by rule %q (%s), want %q by %q", v.reason, v.rule, v.detail, tc.reason, tc.rule)
			}
			if got := strings.Join(v.doubts, " "); got != tc.doubt {
				t.Errorf("doubts %q, want %q", got, tc.doubt)
			}
		})
	}
}

func TestMuchSmallerTextIsDoubted(t *testing.T) {
	p := builtin(t, "cisco_ios")
	last := &LastGood{Bytes: len(indentText) * 3}
	if v := verdictOf(p, cli.Answer{Text: []byte(indentText)}, "sw1#", last); !slices.Equal(v.doubts, []string{FlagDrop}) || !v.small {
		t.Errorf("%+v", v)
	}
	last = &LastGood{Bytes: len(indentText), Census: []string{"hostname sw1", "interface Vlan1", "router bgp 64512", "interface Vlan2"}}
	if v := verdictOf(p, cli.Answer{Text: []byte(indentText)}, "sw1#", last); !slices.Equal(v.doubts, []string{FlagDrop}) {
		t.Errorf("half of the sections are gone: %+v", v)
	}
	last.Census = Census(p, []byte(indentText))
	if v := verdictOf(p, cli.Answer{Text: []byte(indentText)}, "sw1#", last); len(v.doubts) != 0 {
		t.Errorf("nothing is gone: %+v", v)
	}
}

func TestUnchangedTextWithoutProofNeedsNoSecondRead(t *testing.T) {
	p := builtin(t, "aruba_aoscx")
	text := []byte("Current configuration:\n!\nhostname sw1\n")
	sum := sha256.Sum256(text)
	if v := verdictOf(p, cli.Answer{Text: text}, "sw1# ", &LastGood{Bytes: len(text), SHA256: hex.EncodeToString(sum[:])}); len(v.doubts) != 0 {
		t.Errorf("%+v", v)
	}
}

func TestReadsDecideTogether(t *testing.T) {
	doubt := []string{FlagDrop}
	tests := map[string]struct {
		reads  []read
		flags  []string
		reason netdev.Reason
	}{
		"no-doubt":               {[]read{{sum: "a"}}, nil, ""},
		"two-equal":              {[]read{{sum: "a", doubt: doubt}, {sum: "a", doubt: doubt}}, []string{FlagDrop, FlagSecondRead}, ""},
		"two-of-three":           {[]read{{sum: "a", doubt: doubt}, {sum: "b", doubt: doubt}, {sum: "b", doubt: doubt}}, []string{FlagDrop, FlagSecondRead, FlagMoving}, ""},
		"three-different":        {[]read{{sum: "a", doubt: doubt}, {sum: "b", doubt: doubt}, {sum: "c", doubt: doubt}}, nil, netdev.Moving},
		"all-small-and-moving":   {[]read{{sum: "a", doubt: doubt, small: true}, {sum: "b", doubt: doubt, small: true}}, nil, netdev.TooSmall},
		"one-doubtful-read-only": {[]read{{sum: "a", doubt: doubt}}, nil, netdev.Moving},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			j := &job{}
			for _, r := range tc.reads {
				r.raw = []byte(r.sum)
				j.reads = append(j.reads, r)
				if j.settle(); j.settled {
					break
				}
			}
			j.giveUp(nil)
			if !slices.Equal(j.text.Flags, tc.flags) {
				t.Errorf("flags %q, want %q", j.text.Flags, tc.flags)
			}
			var reason netdev.Reason
			if j.text.Err != nil {
				reason = j.text.Err.Reason
			}
			if reason != tc.reason || (reason == "") != (j.text.Raw != nil) {
				t.Errorf("reason %q with %d bytes, want %q", reason, len(j.text.Raw), tc.reason)
			}
		})
	}
}

func TestNoiseAndNewCiphersDoNotMakeReadsDiffer(t *testing.T) {
	p := builtin(t, "fortinet_fortios")
	a := "#conf_file_ver=1\nconfig user local\n    set passwd ENC aaaa==\nend\n"
	b := "#conf_file_ver=2\nconfig user local\n    set passwd ENC bbbb==\nend\n"
	c := "#conf_file_ver=2\nconfig user local\n    set status disable\nend\n"
	if steadySum(p, []byte(a)) != steadySum(p, []byte(b)) || steadySum(p, []byte(a)) == steadySum(p, []byte(c)) {
		t.Error("reads are compared wrongly")
	}
}

// A cut text must never balance by accident: whatever is taken off the end of
// a balanced text leaves something open.
func FuzzBalanceNeverPanics(f *testing.F) {
	f.Add("config a\n    edit \"b\n\"\n    next\nend\n")
	f.Add("a {\n b \"}\" ; /* { */\n}\n")
	f.Add("<?xml version=\"1.0\"?><a><b/></a>")
	set, err := builtins()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, id := range []netdev.PlatformID{"fortinet_fortios", "juniper_junos", "opnsense"} {
			p, _ := set.Get(id)
			v := closes(p, []byte(text))
			if again := closes(p, []byte(text)); again.reason != v.reason {
				t.Fatalf("%q judged twice differently", text)
			}
		}
	})
}

func TestNoCutOfABalancedTextBalances(t *testing.T) {
	text := "config system global\n    set hostname \"fw1\"\nend\nconfig user group\n    edit \"a\"\n        config member\n            edit 1\n            next\n        end\n    next\nend\n"
	p := builtin(t, "fortinet_fortios")
	if v := verdictOf(p, cli.Answer{Command: "show", Text: []byte("#config-version=A-7.2\n" + text)}, "fw1 # ", nil); v.reason != "" {
		t.Fatalf("%+v", v)
	}
	lines := strings.SplitAfter(text, "\n")
	for n := 1; n < len(lines)-1; n++ {
		cut := "#config-version=A-7.2\n" + strings.Join(lines[:n], "")
		if n == 3 {
			continue // the end of a whole section
		}
		if v := verdictOf(p, cli.Answer{Command: "show", Text: []byte(cut)}, "fw1 # ", nil); v.reason == "" {
			t.Errorf("cut after line %d is taken for whole", n)
		}
	}
}
