package scrub

import (
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/netdev/platform"
)

var testMask = KeyMasker([]byte("a key of these tests"))

func TestTheSamePasswordKeepsItsMask(t *testing.T) {
	s := New(platform.Rulebook{})
	in := "username a password 7 0822455D0A16\nusername b password 7 121A0C041104\nusername c password 0 cisco\n"
	got := strings.Fields(string(s.Mask([]byte(in), testMask)))
	if got[4] != got[9] || got[4] != got[14] || !strings.HasPrefix(got[4], "<secret:") {
		t.Errorf("masks %s %s %s", got[4], got[9], got[14])
	}
}
