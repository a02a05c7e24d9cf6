package capture

import (
	"encoding/binary"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const (
	frameMost = 64 << 10 // octets of the largest frame
	allocMost = 16 << 20 // octets that one frame may cause to be allocated
)

// TestNoFrameAllocatesMoreThan16MiB gives every decoder its frames blown up to
// 64 KiB in the ways that make a parser work: filled up, elements repeated, and
// lengths and counts that promise all there could be.
func TestNoFrameAllocatesMoreThan16MiB(t *testing.T) {
	most := map[string]uint64{}
	frames := 0
	d := NewDecoder()
	for name, s := range samples() {
		p := packet{data: s.frame}
		e, err := d.link(Ethernet, &p)
		if err != nil || e.decode == nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, b := range blownUp(p.data) {
			q, facts := p, Facts{}
			q.protocol, q.data = e.protocol, b
			frames++
			n := allocated(func() {
				_ = e.decode(&q, facts)
				_ = Sight(Frame{}, Message{Protocol: s.proto, Facts: facts})
			})
			if most[s.proto] = max(most[s.proto], n); n > allocMost {
				t.Fatalf("%s: %d octets allocated for %x… of %d octets", name, n, b[:min(64, len(b))], len(b))
			}
			kept := facts.short()
			if n := jsonSize(kept); n > keptAll+64 {
				t.Fatalf("%s: %d octets are kept of one frame", name, n)
			}
		}
	}
	var lines []string
	for _, proto := range slices.Sorted(maps.Keys(most)) {
		lines = append(lines, fmt.Sprintf("%-10s %8.3f MiB", proto, float64(most[proto])/(1<<20)))
	}
	t.Logf("most that one of %d hostile frames of 64 KiB allocates:\n%s", frames, strings.Join(lines, "\n"))
}

func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// blownUp gives hostile versions of a payload.
func blownUp(b []byte) (out [][]byte) {
	fill := func(head, with []byte) []byte {
		f := slices.Clone(head)
		for len(with) > 0 && len(f) < frameMost {
			f = append(f, with...)
		}
		return f[:min(len(f), frameMost)]
	}
	for _, with := range []byte{0, 1, 0xff, 'A'} {
		out = append(out, fill(b, []byte{with}))
	}
	step := max(1, len(b)/48)
	for k := 0; k < len(b); k += step { // one of these begins with an element
		out = append(out, fill(b, b[k:]))
	}
	for k := 1; k <= 16 && k <= len(b); k++ {
		out = append(out, fill(b, b[len(b)-k:]))
	}
	for at := 0; at+2 <= min(len(b), 32); at++ {
		for _, n := range []uint16{0xffff, uint16(frameMost - at - 2), 0x0400} {
			promise := slices.Clone(b)
			binary.BigEndian.PutUint16(promise[at:], n)
			out = append(out, fill(promise, promise[max(0, len(promise)-16):]), fill(promise, []byte{0}))
		}
	}
	for cut := 1; cut <= 4 && cut < len(b); cut++ { // what marks the end is left out
		for k := 0; k < len(b)-cut; k += step {
			out = append(out, fill(b[:len(b)-cut], b[k:len(b)-cut]))
		}
	}
	// A name as long as one may be, and records that point at it.
	long := []byte{0, 0, 0x84, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	for range 3 {
		long = append(append(long, 63), strings.Repeat("n", 63)...)
	}
	long = append(append(long, 61), strings.Repeat("n", 61)...)
	long = append(long, 0, 0, 0x10, 0, 1, 0, 0, 0, 1, 0, 0)
	return append(out, fill(long, []byte{0xc0, 0x0c, 0x00, 0x0c, 0x00, 0x01, 0, 0, 0, 1, 0x00, 0x02, 0xc0, 0x0c}))
}
