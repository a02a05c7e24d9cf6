package web

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestHiddenCharactersAreShownAsEscapes(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"plain":      {"ber-core-01 ünïcode 路由器", "ber-core-01 ünïcode 路由器"},
		"escape":     {"a\x1b[31m", `a\x1b[31m`},
		"newline":    {"a\r\nb", `a\x0d\x0ab`},
		"bidi":       {"a\u202eb", `a\u202eb`},
		"zero-width": {"a\u200bb\ufeff", `a\u200bb\ufeff`},
		"no-utf8":    {"a\xffb\xc3", `a\xffb\xc3`},
		"separator":  {"a\u2028b", `a\u2028b`},
		"nul":        {"\x00", `\x00`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := said(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := said(strings.Repeat("ä", 5000)); utf8.RuneCountInString(got) != saidMax+1 || !strings.HasSuffix(got, "…") {
		t.Errorf("a long text has %d characters", utf8.RuneCountInString(got))
	}
}

func FuzzSaid(f *testing.F) {
	for _, p := range payloads {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := said(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, hidden) {
			t.Errorf("%q is shown as %q", s, got)
		}
	})
}

func TestNumbersAndTimesAreForPeople(t *testing.T) {
	for in, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 14736: "14,736", 1234567: "1,234,567", -1000: "−1,000"} {
		if got := num(in); got != want {
			t.Errorf("num(%d) = %q, want %q", in, got, want)
		}
	}
	for d, want := range map[time.Duration]string{30 * time.Second: "30 s ago", 4 * time.Minute: "4 min ago", 5 * time.Hour: "5 h ago", 48 * time.Hour: "12 Mar 09:30", 400 * 24 * time.Hour: "7 Feb 2025"} {
		if got := (when{testNow.Add(-d), testNow}).Age(); got != want {
			t.Errorf("%v ago is %q, want %q", d, got, want)
		}
	}
	if got := (when{time.Time{}, testNow}).Age(); got != "never" {
		t.Errorf("no time is %q", got)
	}
	for bps, want := range map[uint64]string{0: "–", 1e9: "1G", 25e8: "2.5G", 1e8: "100M", 64000: "64k"} {
		if got := speed(bps); got != want {
			t.Errorf("speed(%d) = %q, want %q", bps, got, want)
		}
	}
}
