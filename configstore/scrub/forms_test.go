package scrub

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/netdev"
)

// testdata/forms.txt: platform|text, \n for a line end; the value is Canary,
// or stands behind another bar.
func TestNoFormOfSecretIsLeft(t *testing.T) {
	b, err := os.ReadFile("testdata/forms.txt")
	if err != nil {
		t.Fatal(err)
	}
	scrubbers := map[string]*Scrubber{}
	for _, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		f := strings.Split(line, "|")
		want := "Canary"
		if len(f) > 2 {
			want = f[2]
		}
		if scrubbers[f[0]] == nil {
			scrubbers[f[0]] = scrubber(t, netdev.PlatformID(f[0]))
		}
		s := scrubbers[f[0]]
		text := strings.ReplaceAll(f[1], `\n`, "\n") + "\n"
		got := s.Mask([]byte(text), testMask)
		if bytes.Contains(got, []byte(want)) || !bytes.Contains(got, token) {
			t.Errorf("%s: %q became %q", f[0], text, got)
		}
		if again := s.Mask(got, testMask); !bytes.Equal(again, got) {
			t.Errorf("%s: a second time changes %q to %q", f[0], got, again)
		}
	}
}
