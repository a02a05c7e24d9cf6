package search

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

const text = `hostname core1
!
ntp server 10.0.0.1
ntp server 10.0.0.10 prefer
interface GigabitEthernet1/0/1
 description Uplink to core2
 switchport mode access
 spanning-tree bpduguard enable
interface GigabitEthernet1/0/2
 switchport mode access
 mtu 15000
interface GigabitEthernet1/0/3
interface Vlan10
 mtu 1500
line vty 0 4
 transport input telnet ssh
router ospf 1
 network 10.0.0.0 0.0.0.255 area 0
no ip http server
snmp-server community <secret:0a1b2c3d4e5f> RO
interface GigabitEthernet1/0/2
 spanning-tree bpduguard enable
`

// lines is a text whose headers are the lines that are less indented.
type lines []string

func (l lines) Line(n int) string {
	if n < 1 || n > len(l) {
		return ""
	}
	return l[n-1]
}

func (l lines) Above(n int) int {
	if n < 1 || n > len(l) {
		return 0
	}
	depth := func(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }
	for up := n - 1; up >= 1; up-- {
		if depth(l[up-1]) < depth(l[n-1]) {
			return up
		}
	}
	return 0
}

func find(t testing.TB, q, text string) Found {
	t.Helper()
	query, err := Parse(q)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return query.Find(text, func() Outline { return lines(strings.Split(strings.TrimSuffix(text, "\n"), "\n")) }, 100)
}

func TestAQueryFindsItsLines(t *testing.T) {
	tests := map[string]struct {
		q    string
		want []int // nil: the text is no answer
	}{
		"words-are-whole-words":             {`ntp server 10.0.0.1`, []int{3}},
		"words-fold-case":                   {`NTP Server`, []int{3, 4}},
		"a-part-of-a-word-is-none":          {`Gigabit`, nil},
		"a-star-stands-for-a-part":          {`gigabit*0/1`, []int{5}},
		"a-hyphen-joins":                    {`snmp`, nil},
		"a-slash-does-not":                  {`interface vlan10`, []int{13}},
		"quotes-find-parts-exactly":         {`"Ethernet1/0/1"`, []int{5}},
		"quotes-do-not-fold":                {`"ethernet1/0/1"`, nil},
		"a-quote-in-quotes":                 {`"a\"b"`, nil},
		"pattern-of-a-line":                 {`/^ntp .* prefer$/`, []int{4}},
		"pattern-may-hold-slashes":          {`/Ethernet1/0/[12]$/`, []int{5, 9, 21}},
		"pattern-by-name":                   {`re:^hostname`, []int{1}},
		"pattern-by-name-quoted":            {`re:"mode access$"`, []int{7, 10}},
		"a-pattern-does-not-leave-its-line": {`/core1\s+!/`, nil},
		"start-of-the-text-is-of-the-line":  {`/\Antp/`, []int{3, 4}},
		"several-hold-on-one-line":          {`"ntp" /prefer/`, []int{4}},
		"section":                           {`in:"interface *" mtu`, []int{11, 14}},
		"section-by-pattern":                {`in:"interface /.*Ethernet.*/" has:"switchport mode access"`, []int{5, 9}},
		"section-in-two-pieces-is-one":      {`in:"interface *" has:"switchport mode access" lacks:"spanning-tree bpduguard"`, nil},
		"section-without-lines-lacks-all":   {`in:"interface Gigabit*" lacks:"switchport mode"`, []int{12}},
		"value-is-whole":                    {`in:"interface *" has:"mtu 1500"`, []int{13}},
		"has-without-section":               {`has:"ip http server"`, nil},
		"has-a-negated-line":                {`has:"no ip http server"`, []int{19}},
		"header-is-part-of-the-statement":   {`has:"router ospf 1 network 10.0.0.0"`, []int{18}},
		"missing-and-it-is-there":           {`missing:"ntp server 10.0.0.1"`, nil},
		"missing-and-only-negated":          {`missing:"ip http server"`, []int{}},
		"missing":                           {`missing:"logging host"`, []int{}},
		"mask-of-a-secret":                  {`"<secret:0a1b2c3d4e5f>"`, []int{20}},
		"address-is-no-key":                 {`10.0.0.0`, []int{18}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := find(t, tc.q, text)
			var got []int
			if f.Holds {
				got = []int{}
			}
			for _, h := range f.Hits {
				got = append(got, h.Line)
				if h.Text[h.From:h.To] == "" {
					t.Errorf("line %d: nothing is marked in %q", h.Line, h.Text)
				}
			}
			if !slices.Equal(got, tc.want) || (got == nil) != (tc.want == nil) {
				t.Errorf("%s finds %v (holds %v), want %v", tc.q, got, f.Holds, tc.want)
			}
		})
	}
}

func TestAnErrorPointsAtTheCharacter(t *testing.T) {
	tests := map[string]struct {
		q    string
		at   int
		want string
	}{
		"empty":               {"  ", 2, "say what"},
		"open-quote":          {`ntp "server`, 4, "not closed"},
		"empty-quotes":        {`a ""`, 2, "nothing"},
		"open-parenthesis":    {`/ntp (server/`, 5, "missing closing )"},
		"open-class":          {`x /ab[c/`, 5, "missing closing ]"},
		"bad-repeat":          {`/a**/`, 2, "invalid nested repetition"},
		"open-pattern":        {`/^ntp.*`, 0, "no closing /"},
		"unknown-word":        {`ntp vendr:acme`, 4, "vendor"},
		"nothing-behind":      {`in: x`, 3, "nothing stands behind in:"},
		"missing-with-lines":  {`ntp missing:"x"`, 4, "stands without"},
		"has-with-lines":      {`ntp has:"x"`, 4, "in: too"},
		"devices-alone":       {`site:berlin`, 11, "say what to look for"},
		"not-a-text":          {`not:has:"x"`, 0, "not: stands before"},
		"bad-age":             {`changed:soon`, 8, "age"},
		"bad-time":            {`ntp at:yesterday`, 7, "day"},
		"secret-by-value":     {`secret:hunter2`, 7, "same-as"},
		"pattern-too-long":    {"/" + strings.Repeat("a", 600) + "/", 513, "512"},
		"two-sections":        {`in:"a" in:"b"`, 11, "once"},
		"pattern-in-a-phrase": {`in:"interface /a(/"`, 16, "missing closing )"},
		"control-character":   {"ntp \x00", 4, "typed"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(tc.q)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.At != tc.at || !strings.Contains(e.Text, tc.want) {
				t.Errorf("Parse(%q) = %+v, want %q at %d", tc.q, err, tc.want, tc.at)
			}
		})
	}
}

func TestWordsAboutDevicesAreSetApart(t *testing.T) {
	q, err := Parse(`missing:"logging host" site:"Berlin campus" not:role:core platform:cisco_* changed:>30d by:ann at:2026-10-01`)
	if err != nil {
		t.Fatal(err)
	}
	want := []Filter{{false, "site", "Berlin campus"}, {true, "role", "core"}, {false, "platform", "cisco_*"}}
	if !slices.Equal(q.Devices, want) || len(q.Missing) != 1 || !q.Within.Older || q.By[0] != "ann" || q.At.Format("2006-01-02 15") != "2026-10-01 23" {
		t.Errorf("read %+v", q)
	}
	if q, err = Parse(`ip address fe80::1 00:1b:54:aa:bb:cc http://x`); err != nil || len(q.Devices) != 0 {
		t.Errorf("an address was taken for a word about devices: %+v, %v", q, err)
	}
	if q, err = Parse(`secret:same-as(core1:88)`); err != nil || *q.SameAs != (Place{"core1", 88}) {
		t.Errorf("read %+v, %v", q, err)
	}
}

func TestHitsBeyondTheBoundAreCounted(t *testing.T) {
	q, _ := Parse("interface")
	if f := q.Find(text, nil, 2); len(f.Hits) != 2 || f.Total != 5 {
		t.Errorf("%d kept, %d counted, want 2 and 5", len(f.Hits), f.Total)
	}
}

// What the quick ways find must be what asking each line finds.
func FuzzFind(f *testing.F) {
	for _, q := range []string{"ntp server", `"a b"`, `/a.*\s$/`, `in:"interface *" has:"mtu" lacks:"x"`, `missing:"ntp"`, `x:y "`, `/(?i)K/`, `re:\A`, `secret:same-as(a:1)`, "kß İ"} {
		f.Add(q, text)
	}
	f.Add(`/\s\S/`, "a\n b\nK\xff\n")
	f.Fuzz(func(t *testing.T, q, text string) {
		query, err := Parse(q)
		if e, ok := errors.AsType[*Error](err); err != nil && (!ok || e.At < 0 || e.At > len(q)) {
			t.Fatalf("error %v", err)
		}
		if err != nil || len(text) > 800 {
			return
		}
		all := lines(strings.Split(strings.TrimSuffix(text, "\n"), "\n"))
		got := query.Find(text, func() Outline { return all }, 1<<20)
		if query.Sections() || len(query.Lines) == 0 {
			return
		}
		var want []int
		for i, l := range all {
			if _, ok := holds(query.Lines, l); ok && text != "" {
				want = append(want, i+1)
			}
		}
		var have []int
		for _, h := range got.Hits {
			have = append(have, h.Line)
		}
		if !slices.Equal(have, want) {
			t.Errorf("%q finds lines %v, line by line %v", q, have, want)
		}
	})
}
