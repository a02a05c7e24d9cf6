package sweep

import (
	"encoding/binary"
	"net/netip"
	"testing"
)

// The reference key 00…0f; the message 00…17 is vector 24 of the authors'
// SipHash-2-4 test vectors.
func TestSiphashIsTheAuthors(t *testing.T) {
	var b [40]byte
	for i := range b {
		b[i] = byte(i)
	}
	w := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	got := siphash([2]uint64{w(0), w(8)}, [3]uint64{w(0), w(8), w(16)})
	if want := uint64(0xb8ad50c6f649af94); got != want {
		t.Errorf("siphash = %#x, want %#x", got, want)
	}
}

func TestRequestIDsTakeFourOctets(t *testing.T) {
	seen := map[uint32]bool{}
	a := netip.MustParseAddr("10.0.0.0")
	for range 20_000 {
		a = a.Next()
		for step := range 3 {
			id := requestID([2]uint64{3, 4}, a, step)
			if id < 0x01000000 || id > 0x7fffffff {
				t.Fatalf("id %#x", id)
			}
			seen[id] = true
		}
	}
	if len(seen) < 59_990 {
		t.Errorf("%d different ids of 60,000", len(seen))
	}
}
