package compliance_test

import (
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/configstore/compliance"
)

// rule makes one rule out of its check.
func rule(t *testing.T, check string) []compliance.Rule {
	t.Helper()
	p, err := compliance.Load("t.yaml", []byte("pack: {id: t}\nrules:\n  - {id: r, title: R, severity: low, check: "+check+"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return p.Rules
}

func TestWordsOfChecks(t *testing.T) {
	const acl = "ip access-list extended EDGE\n permit tcp any any\n remark the end\n deny ip any any log\n"
	follow := "{follow: {use: 'interface ** / ip access-group * in', define: ['ip access-list extended *'], check: {last: {is: [deny ip any any log]}}}}"
	each := "{each: {block: 'interface /Gi.*/', where: [ip address ~], check: {lines: {all_of: [no ip redirects]}}, mixed: unknown}}"
	face := func(n, line string) string {
		return "interface Gi" + n + "\n ip address 192.0.2.1 255.255.255.0\n" + line
	}
	tests := map[string]struct {
		check, text string
		want        compliance.Verdict
		says        string
		lines       []int
	}{
		"follow-to-the-last-entry":     {follow, "interface Gi1\n ip access-group EDGE in\n" + acl, compliance.Pass, "", []int{2, 6}},
		"follow-to-nothing":            {follow, "interface Gi1\n ip access-group EDGE in\n", compliance.Fail, "nowhere defined: EDGE", []int{2}},
		"follow-to-another-last-entry": {follow, "interface Gi1\n ip access-group EDGE in\nip access-list extended EDGE\n permit ip any any\n", compliance.Fail, "last entry", []int{4}},
		"follow-from-nothing":          {follow, acl, compliance.Fail, "missing: interface", nil},
		"each-of-all":                  {each, face("1", " no ip redirects\n") + face("2", " no ip redirects\n"), compliance.Pass, "", []int{3, 6}},
		"each-of-none":                 {each, face("1", ""), compliance.Fail, "missing: no ip redirects", []int{1}},
		"each-of-some":                 {each, face("1", " no ip redirects\n") + face("2", ""), compliance.Unknown, "1 of 2 fail", nil},
		"each-without-a-block":         {each, "interface Gi1\n shutdown\n", compliance.NotApplicable, "no block", nil},
		"any-takes-the-one-that-holds": {"{any: [{lines: {all_of: [a]}}, {lines: {all_of: [b]}}]}", "b\n", compliance.Pass, "", []int{1}},
		"any-names-all-that-lack":      {"{any: [{lines: {all_of: [a]}}, {lines: {all_of: [b]}}]}", "c\n", compliance.Fail, "missing: a; nor: missing: b (looked", nil},
		"any-with-an-unknown":          {"{any: [{value: {path: a, op: eq, arg: 1, on_missing: unknown}}, {lines: {all_of: [b]}}]}", "c\n", compliance.Unknown, "", nil},
		"all-fails-by-one":             {"{all: [{lines: {all_of: [a]}}, {lines: {none_of: [b]}}]}", "a\nb\n", compliance.Fail, "must not be there: b", []int{2}},
		"a-number-in-a-list":           {"{value: {path: vlans, op: not_covers, arg: 1}}", "vlans 2,4-8,add 11\n", compliance.Pass, "", []int{1}},
		"a-number-in-a-range":          {"{value: {path: vlans, op: not_covers, arg: 1}}", "vlans 1-100\n", compliance.Fail, "vlans is 1-100", []int{1}},
		"what-is-no-list":              {"{value: {path: vlans, op: not_covers, arg: 1}}", "vlans some\n", compliance.Fail, "no number", []int{1}},
		"used-but-never-defined":       {"{follow: {use: access *, define: [native *], never: true}}", "access 11\nnative 44\n", compliance.Pass, "", []int{1}},
		"used-and-defined":             {"{follow: {use: access *, define: [native *], never: true}}", "access 44\nnative 44\n", compliance.Fail, "44 stands in native * too", []int{1, 2}},
	}
	read := newReader(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := compliance.Judge(rule(t, tt.check), read.subject(t, "cisco_iosxe", tt.text))[0]
			if got.Verdict != tt.want || !strings.Contains(got.Reason, tt.says) {
				t.Errorf("%s, %q; want %s and %q", got.Verdict, got.Reason, tt.want, tt.says)
			}
			var lines []int
			for _, e := range got.Evidence {
				lines = append(lines, e.Line)
			}
			if tt.lines != nil && !equal(lines, tt.lines) {
				t.Errorf("evidence %v, want %v", lines, tt.lines)
			}
		})
	}
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestAPackSaysWhatIsWrongWithIt(t *testing.T) {
	deep := strings.Repeat("{all: [", 9) + "{lines: {all_of: [a]}}" + strings.Repeat("]}", 9)
	tests := map[string]struct{ check, says string }{
		"two-checks":          {"{lines: {all_of: [a]}, last: {is: [a]}}", "exactly one"},
		"secrets-inside":      {"{all: [{secrets: {}}]}", "only at the top"},
		"nothing-in-any":      {"{any: []}", "no check in it"},
		"too-deep":            {deep, "deep in each other"},
		"a-verdict-of-no-one": {"{each: {block: a, none: maybe, check: {lines: {all_of: [a]}}}}", "maybe"},
		"last-of-nothing":     {"{last: {of: [a]}}", "is: missing"},
		"covers-a-word":       {"{value: {path: a, op: covers, arg: b}}", "is no number"},
		"never-with-a-check":  {"{follow: {use: a *, define: [b *], never: true, check: {lines: {all_of: [a]}}}}", "nothing to check"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := compliance.Load("t.yaml", []byte("pack: {id: t}\nrules:\n  - {id: r, title: R, severity: low, check: "+tt.check+"}\n"))
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "t.yaml") {
				t.Errorf("%v, want the file and %q", err, tt.says)
			}
		})
	}
}

// A file that is checked may be of any role; a device of the inventory has one
// or none, and without one a rule about a role proves nothing by failing.
func TestARuleAboutARoleIsUnknownWhereTheRoleWasNeverSaid(t *testing.T) {
	p, err := compliance.Load("t.yaml", []byte("pack: {id: t}\nrules:\n  - {id: r, title: R, severity: low, scope: {role: [\"*edge*\"]}, check: {lines: {all_of: [a]}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	read := newReader(t)
	for name, tt := range map[string]struct {
		inventory bool
		role      string
		want      compliance.Verdict
	}{"a-file": {false, "", compliance.Fail}, "no-role": {true, "", compliance.Unknown}, "that-role": {true, "wan-edge", compliance.Fail}, "another-role": {true, "core", ""}} {
		s := read.subject(t, "cisco_iosxe", "b\n")
		s.Inventory, s.Role = tt.inventory, tt.role
		var got compliance.Verdict
		for _, r := range compliance.Judge(p.Rules, s) {
			got = r.Verdict
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// What passes by lines that are there does not pass without them: a rule that
// cannot fail proves nothing.
func TestAnExampleThatPassesDoesNotPassWithoutItsLines(t *testing.T) {
	read := newReader(t)
	packs, err := compliance.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range compliance.Rules(packs) {
		for _, ex := range r.Tests {
			if ex.Expect != compliance.Pass || r.OnMissing == compliance.Pass {
				continue
			}
			got := compliance.Judge([]compliance.Rule{r}, read.subject(t, ex.Platform, ex.Config))[0]
			if len(got.Evidence) == 0 {
				continue // it passes because something is absent
			}
			gone := map[int]bool{}
			for _, e := range got.Evidence {
				gone[e.Line] = true
			}
			var kept []string
			for i, l := range strings.Split(ex.Config, "\n") {
				if !gone[i+1] {
					kept = append(kept, l)
				}
			}
			if now := compliance.Judge([]compliance.Rule{r}, read.subject(t, ex.Platform, strings.Join(kept, "\n")))[0]; now.Verdict == compliance.Pass && len(now.Evidence) > 0 {
				t.Errorf("%s/%s passes without %v: %+v", r.ID, ex.Name, got.Evidence, now.Evidence)
			}
		}
	}
}

// BenchmarkJudge asks every rule of the binary of one text of 20 KB.
func BenchmarkJudge(b *testing.B) {
	var text strings.Builder
	text.WriteString("hostname core1\nip ssh version 2\nline vty 0 4\n transport input ssh\n exec-timeout 5 0\n")
	for i := 0; text.Len() < 20<<10; i++ {
		text.WriteString("interface GigabitEthernet1/0/" + string(rune('0'+i%10)) + string(rune('0'+i/10%10)) + "\n description to a desk\n switchport access vlan 10\n switchport mode access\n spanning-tree portfast\n!\n")
	}
	s := newReader(b).subject(b, "cisco_iosxe", text.String())
	packs, err := compliance.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	rules := compliance.Rules(packs)
	b.ReportAllocs()
	for b.Loop() {
		compliance.Judge(rules, s)
	}
}

func FuzzPacksAndWaivers(f *testing.F) {
	f.Add("pack: {id: t}\nrules:\n  - {id: r, title: R, severity: low, check: {lines: {all_of: ['a / b']}}}\n")
	f.Add("waivers:\n  - {rule: r, reason: replaced in spring, approver: mk, created: 2026-01-01T00:00:00Z, expires: 2026-06-30T00:00:00Z}\n")
	read := newReader(f)
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := compliance.Load("f.yaml", []byte(text)); err == nil {
			compliance.Judge(p.Rules, read.subject(t, "cisco_iosxe", "a\n b\n"))
		}
		_, _ = compliance.LoadWaivers("f.yaml", []byte(text))
	})
}
