package cli

import (
	"strings"
	"testing"
)

// runEcho cuts the stream into pieces of n bytes.
func runEcho(command, prompt, stream string, n int) (rest string, over, found bool) {
	e := &echo{want: compact([]byte(command)), prompt: []byte(prompt)}
	var out strings.Builder
	for len(stream) > 0 {
		k := min(n, len(stream))
		if e.over {
			out.WriteString(stream[:k])
		} else {
			out.Write(e.filter([]byte(stream[:k])))
		}
		stream = stream[k:]
	}
	return out.String(), e.over, e.found
}

func TestEchoIsTakenOutByItsCharacters(t *testing.T) {
	const prompt = "sw1# "
	tests := map[string]struct {
		stream, want string
		found        bool
	}{
		"plain":                  {"show run\r\ntext\r\n", "text\r\n", true},
		"wrapped":                {"show\r\n run\r\ntext\r\n", "text\r\n", true},
		"wrapped-with-backspace": {"show \ru\b\r\n run\r\ntext\r\n", "text\r\n", true},
		"character-twice":        {"show \rr\brun\r\ntext\r\n", "text\r\n", true},
		"prompt-printed-again":   {"\r\nsw1# show run\r\ntext\r\n", "text\r\n", true},
		"redrawn-line":           {"sho\rsw1# show run\r\ntext\r\n", "text\r\n", true},
		"bracketed-paste":        {"show run\x1b[?2004l\r\r\ntext\r\n", "text\r\n", true},
		"bell-and-blank":         {"\x07show  run \r\ntext\r\n", "text\r\n", true},
		"text-on-the-same-line":  {"show runtext\r\n", "text\r\n", true},
		"none":                   {"\r\ntext\r\nmore\r\n", "\r\ntext\r\nmore\r\n", false},
		"none-but-alike":         {"\r\nshorter text\r\n", "\r\nshorter text\r\n", false},
		"none-behind-a-prompt":   {"\r\nsw1# \r\ntext\r\n", "\r\nsw1# \r\ntext\r\n", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for n := 1; n <= len(tc.stream); n++ {
				got, over, found := runEcho("show run", prompt, tc.stream, n)
				if !over || found != tc.found || got != tc.want {
					t.Fatalf("pieces of %d: %q, over %v, found %v; want %q", n, got, over, found, tc.want)
				}
			}
		})
	}
}

func FuzzEchoGivesTheSameHoweverBytesAreCut(f *testing.F) {
	f.Add("show run", "sw1#", "show run\r\ntext", 2)
	f.Add("a", "a", "\x1b[aaa\b\ba\n", 1)
	f.Fuzz(func(t *testing.T, command, prompt, stream string, n int) {
		if len(compact([]byte(command))) == 0 || len(stream) == 0 {
			t.Skip()
		}
		if n < 1 || n > len(stream) {
			n = 1
		}
		a, over1, found1 := runEcho(command, prompt, stream, len(stream))
		b, over2, found2 := runEcho(command, prompt, stream, n)
		if a != b || over1 != over2 || found1 != found2 {
			t.Fatalf("%q %v %v and %q %v %v", a, over1, found1, b, over2, found2)
		}
		if !strings.HasSuffix(stream, a) {
			t.Fatalf("%q is not the end of %q", a, stream)
		}
		if over1 && !found1 && a != stream {
			t.Fatalf("without an echo %q is left of %q", a, stream)
		}
	})
}
