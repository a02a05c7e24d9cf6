package cli

import (
	"bytes"
	"strings"
	"testing"
)

func show(pieces ...string) string {
	var s screen
	for _, p := range pieces {
		s.feed([]byte(p))
	}
	s.tidy()
	return string(s.buf)
}

func TestScreenShowsWhatATerminalShows(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"crlf":                {"a\r\nb\r\n", "a\nb\n"},
		"doubled-cr":          {"a\r\r\nb\n", "a\nb\n"},
		"nul-and-bell":        {"a\x00b\x07c\n", "abc\n"},
		"backspace-pair":      {"x\babc\n", "abc\n"},
		"overwritten-line":    {"old text\rnew\n", "new text\n"},
		"colour":              {"\x1b[1;32mup\x1b[0m\n", "up\n"},
		"erased-line":         {"wrong\r\x1b[Kright\n", "right\n"},
		"cursor-left-and-on":  {"abXX\x1b[2Dcd\n", "abcd\n"},
		"window-title":        {"\x1b]0;router\x07text\n", "text\n"},
		"trailing-blanks":     {"a  \r\n\tb\t\n", "a  \n\tb\t\n"},
		"latin-1-and-chinese": {"caf\xe9 \xe4\xb8\xad\n", "caf\xe9 \xe4\xb8\xad\n"},
		"absolute-move":       {"junk\x1b[24;1H\x1b[2Kline\n", "line\n"},
		"charset-switch":      {"\x1b(Btext\x1b)0\n", "text\n"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := show(tc.in); got != tc.want {
				t.Errorf("%q shows %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}

func TestPagerIsCutWhereTheKeyWasSent(t *testing.T) {
	tests := map[string]struct{ before, pager, after, want string }{
		"backspaces-over-blanks":  {"one\r\n", " --More-- ", "\b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b two\r\n", "one\n two\n"},
		"fewer-wiped-than-shown":  {"one\r\n", " --More-- ", "\b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\btwo\r\n", "one\ntwo\n"},
		"returns-around-blanks":   {"one\r\n", "--More-- ", "\r         \r    two\r\n", "one\n    two\n"},
		"more-blanks-than-pager":  {"one\r\n", "---(more)---", "\r" + strings.Repeat(" ", 40) + "\rtwo\r\n", "one\ntwo\n"},
		"escape-erases":           {"one\r\n", "-- MORE --", "\r\x1b[Ktwo\r\n", "one\ntwo\n"},
		"cursor-left":             {"one\r\n", "  ---- More ----", "\x1b[16D                \x1b[16D two\r\n", "one\n two\n"},
		"nothing-wiped":           {"one\r\n", "--More--", "\r\ntwo\r\n", "one\ntwo\n"},
		"blank-line-follows":      {"one\r\n", "--More--", "\r        \r\r\ntwo\r\n", "one\n\ntwo\n"},
		"printed-straight-on":     {"one\r\n", "--More--", "two\r\n", "one\ntwo\n"},
		"behind-text-on-the-line": {"level read systemvi", "--More--", "\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\bew\r\n", "level read systemview\n"},
		"reverse-video":           {"one\r\n", "\x1b[7mlines 1-23 ", "\x1b[m\x1b[K\r\x1b[K   two\r\n", "one\n   two\n"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for cut := range len(tc.after) {
				var s screen
				s.feed([]byte(tc.before))
				at := s.col
				s.feed([]byte(tc.pager))
				s.cutPager(at)
				s.feed([]byte(tc.after[:cut]))
				s.feed([]byte(tc.after[cut:]))
				if got := string(s.buf); got != tc.want {
					t.Fatalf("cut at %d: %q, want %q", cut, got, tc.want)
				}
			}
		})
	}
}

func FuzzScreenIsTheSameHoweverBytesAreCut(f *testing.F) {
	f.Add([]byte("a\r\nb\x1b[2Kc\b\bd\x00\n"), 3)
	f.Add([]byte("\x1b]0;t\x07\x1b[1;2Hx\x1b[99999Cy\r\n"), 5)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		if cut < 0 || cut > len(in) {
			cut = len(in) / 2
		}
		whole, pieces := show(string(in)), show(string(in[:cut]), string(in[cut:]))
		if whole != pieces {
			t.Fatalf("%q and %q", whole, pieces)
		}
		if strings.ContainsAny(whole, "\x00\x1b\r\b") {
			t.Fatalf("a control character is left in %q", whole)
		}
		if limit := len(in) * (maxColumn + 1); len(whole) > limit {
			t.Fatalf("%d bytes became %d", len(in), len(whole))
		}
	})
}

func FuzzPlainTextPassesUntouched(f *testing.F) {
	f.Add("interface Vlan1\n ip address 192.0.2.1\n\tx  \n")
	f.Fuzz(func(t *testing.T, in string) {
		for _, b := range []byte(in) {
			if b < 0x20 && b != '\n' && b != '\t' || b == 0x7f {
				t.Skip()
			}
		}
		if got := show(strings.ReplaceAll(in, "\n", "\r\n")); got != in {
			t.Fatalf("%q became %q", in, got)
		}
	})
}

func BenchmarkScreen(b *testing.B) {
	text := bytes.Repeat([]byte(" ip address 192.0.2.1 255.255.255.0\r\n"), 14_000)
	b.SetBytes(int64(len(text)))
	for range b.N {
		var s screen
		s.feed(text)
	}
}
