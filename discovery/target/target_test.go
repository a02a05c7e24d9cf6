package target

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func all(s *Set) (out []string) {
	for i := range s.Len() {
		out = append(out, s.At(i).String())
	}
	return out
}

func TestTargetsAreAddedAndTakenAway(t *testing.T) {
	files := map[string]string{"list": "192.0.2.1 # core\n\n# none\n!192.0.2.3\n-192.0.2.4\n192.0.2.1-192.0.2.5\n"}
	p := Parser{
		Attached: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/30")},
		ReadFile: func(n string) ([]byte, error) {
			if s, ok := files[n]; ok {
				return []byte(s), nil
			}
			return nil, errors.New("open " + n + ": not there")
		},
	}
	tests := map[string]struct {
		args []string
		want string
	}{
		"address":               {[]string{"192.0.2.7"}, "192.0.2.7"},
		"prefix":                {[]string{"192.0.2.8/30"}, "192.0.2.8 192.0.2.9 192.0.2.10 192.0.2.11"},
		"host-bits-are-masked":  {[]string{"192.0.2.9/31"}, "192.0.2.8 192.0.2.9"},
		"range":                 {[]string{"192.0.2.9-192.0.2.11"}, "192.0.2.9 192.0.2.10 192.0.2.11"},
		"overlap-counts-once":   {[]string{"192.0.2.8/31", "192.0.2.9-192.0.2.10", "192.0.2.9"}, "192.0.2.8 192.0.2.9 192.0.2.10"},
		"exclude-in-the-middle": {[]string{"192.0.2.8/30", "!192.0.2.9-192.0.2.10"}, "192.0.2.8 192.0.2.11"},
		"exclude-comes-first":   {[]string{"!192.0.2.8/31", "192.0.2.8/30"}, "192.0.2.10 192.0.2.11"},
		"attached-edges-go":     {[]string{"198.51.100.0/29"}, "198.51.100.1 198.51.100.2 198.51.100.4 198.51.100.5 198.51.100.6 198.51.100.7"},
		"file":                  {[]string{"@list"}, "192.0.2.1 192.0.2.2 192.0.2.5"},
		"file-excluded":         {[]string{"192.0.2.5-192.0.2.6", "!@list"}, "192.0.2.6"},
		"loopback-when-named":   {[]string{"127.1.0.1"}, "127.1.0.1"},
		"mapped-is-ipv4":        {[]string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		"ipv6-listed":           {[]string{"2001:db8::2", "2001:db8::1/128", "!2001:db8::2"}, "2001:db8::1"},
		"last-address":          {[]string{"223.255.255.254/31"}, "223.255.255.254 223.255.255.255"},
		"everything-excluded":   {[]string{"192.0.2.1", "!192.0.2.0/24"}, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := p.Parse(tc.args)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(all(&s), " "); got != tc.want {
				t.Errorf("Parse(%q) = %s, want %s", tc.args, got, tc.want)
			}
			for i := range s.Len() {
				if got := s.Rank(s.At(i)); got != i {
					t.Errorf("Rank(At(%d)) = %d", i, got)
				}
			}
		})
	}
}

func TestWhatCannotBeATargetIsRefusedWithItsPlace(t *testing.T) {
	p := Parser{ReadFile: func(string) ([]byte, error) { return []byte("192.0.2.1\n10.0.0.300\n"), nil }}
	tests := map[string]struct{ arg, want string }{
		"nonsense":       {"core1", `target "core1": neither an address`},
		"bad-prefix":     {"192.0.2.0/33", `not a prefix`},
		"backwards":      {"192.0.2.9-192.0.2.1", "before it begins"},
		"multicast":      {"224.0.0.5", "224.0.0.0/3 is multicast"},
		"this-network":   {"0.0.0.0/8", "0.0.0.0/8 is"},
		"link-local":     {"169.254.1.1", "link-local"},
		"everything":     {"0.0.0.0/0", "never asked"},
		"into-loopback":  {"126.255.0.0-127.0.0.9", "runs into 127.0.0.0/8"},
		"too-many":       {"8.0.0.0/7", "more than"},
		"ipv6-network":   {"2001:db8::/64", "an IPv6 network is not swept"},
		"ipv6-range":     {"2001:db8::1-2001:db8::9", "a range is of IPv4"},
		"ipv6-zone":      {"fe80::1%eth0", "zone"},
		"line-of-a-file": {"@hosts", `hosts:2: target "10.0.0.300"`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := p.Parse([]string{tc.arg}); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Parse(%q) = %v, want %q", tc.arg, err, tc.want)
			}
		})
	}
	if _, err := p.Parse(nil); err == nil {
		t.Error("no target at all is no error")
	}
}

func TestTheOrderHoldsEveryAddressOnce(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5, 16, 17, 254, 65536, 100_003} {
		o := NewOrder(n, [2]uint64{0x1234, 0x9876})
		seen := make([]bool, n)
		for i := range n {
			r := o.At(i)
			if r < 0 || r >= n || seen[r] {
				t.Fatalf("n=%d: position %d gives rank %d, which is wrong or was there", n, i, r)
			}
			seen[r] = true
		}
	}
}

// A /24 inside a /16 is at most 1/256 of any stretch, give or take chance.
func TestNoSubnetSeesABurst(t *testing.T) {
	o := NewOrder(1<<16, [2]uint64{7, 11})
	worst := 0
	for block := 0; block < 1<<16; block += 1024 {
		per := map[int]int{}
		for i := block; i < block+1024; i++ {
			r := o.At(i) >> 8
			per[r]++
			worst = max(worst, per[r])
		}
	}
	if worst > 24 {
		t.Errorf("1,024 addresses in a row hold %d of one /24, want about 4", worst)
	}
}

func TestSitesAndLoneTargetsAreKnown(t *testing.T) {
	s, err := Parser{}.Parse([]string{"192.0.2.0/28", "192.0.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	s = s.WithSites([]Site{{"all", []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, {"lab", []netip.Prefix{netip.MustParsePrefix("192.0.2.2/31")}}})
	if got := s.Site(netip.MustParseAddr("192.0.2.3")) + " " + s.Site(netip.MustParseAddr("192.0.2.9")) + s.Site(netip.MustParseAddr("10.0.0.1")); got != "lab all" {
		t.Errorf("sites %q", got)
	}
	if !s.Alone(netip.MustParseAddr("192.0.2.3")) || s.Alone(netip.MustParseAddr("192.0.2.4")) {
		t.Error("192.0.2.3 was named by itself, 192.0.2.4 was not")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"192.0.2.0/30 !192.0.2.1", "10.0.0.1-10.0.0.9", "2001:db8::1", "!0.0.0.0/0 192.0.2.1", "255.255.255.255"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parser{}.Parse(strings.Fields(text))
		if err != nil {
			return
		}
		n := s.Len()
		for _, i := range []int{0, n / 2, n - 1} {
			if i >= 0 && i < n && s.Rank(s.At(i)) != i {
				t.Errorf("Rank(At(%d)) = %d of %q", i, s.Rank(s.At(i)), text)
			}
		}
		if n > 1 && !slices.IsSortedFunc([]netip.Addr{s.At(0), s.At(n - 1)}, netip.Addr.Compare) {
			t.Errorf("not in order: %q", text)
		}
	})
}
