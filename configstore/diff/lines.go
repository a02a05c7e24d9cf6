package diff

import (
	"bytes"
	"hash/maphash"
)

// split cuts a text into lines without their line ends, and says whether the
// last line has one.
func split(text []byte) (lines [][]byte, closed bool) {
	if len(text) == 0 {
		return nil, true
	}
	closed = text[len(text)-1] == '\n'
	n := bytes.Count(text, []byte{'\n'})
	lines = make([][]byte, 0, n+1)
	for len(text) > 0 {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			return append(lines, text), closed
		}
		lines = append(lines, text[:i])
		text = text[i+1:]
	}
	return lines, closed
}

// interner gives equal lines equal numbers, from 1.
type interner struct {
	seed  maphash.Seed
	slots []int32 // index into lines + 1
	hash  []uint64
	lines [][]byte
}

func newInterner(n int) *interner {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return &interner{seed: maphash.MakeSeed(), slots: make([]int32, size), hash: make([]uint64, 0, n), lines: make([][]byte, 0, n)}
}

func (in *interner) number(line []byte) int32 {
	h := maphash.Bytes(in.seed, line)
	mask := uint64(len(in.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		at := in.slots[i]
		if at == 0 {
			in.lines, in.hash = append(in.lines, line), append(in.hash, h)
			in.slots[i] = int32(len(in.lines))
			return in.slots[i]
		}
		if in.hash[at-1] == h && bytes.Equal(in.lines[at-1], line) {
			return at
		}
	}
}

func (in *interner) numbers(lines [][]byte) []int32 {
	out := make([]int32, len(lines))
	for i, l := range lines {
		out[i] = in.number(l)
	}
	return out
}
