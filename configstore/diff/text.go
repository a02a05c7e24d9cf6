package diff

import "bytes"

// Text compares two texts line by line. Both ends are cut off first, so that
// equal texts cost one comparison.
func Text(old, new []byte, opt Options) TextDiff {
	if bytes.Equal(old, new) {
		return TextDiff{Equal: true}
	}
	a, aClosed := split(old)
	b, bClosed := split(new)
	same := func(i, j int) bool {
		return bytes.Equal(a[i], b[j]) && (aClosed || i < len(a)-1) == (bClosed || j < len(b)-1)
	}
	head := 0
	for head < len(a) && head < len(b) && same(head, head) {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && same(len(a)-1-tail, len(b)-1-tail) {
		tail++
	}
	ma, mb := a[head:len(a)-tail], b[head:len(b)-tail]
	in := newInterner(len(ma) + len(mb))
	na, nb := in.numbers(ma), in.numbers(mb)
	limit := len(in.lines) + 3
	if tail == 0 { // an open last line equals no other
		if !aClosed && len(na) > 0 {
			na[len(na)-1] = int32(limit - 1)
		}
		if !bClosed && len(nb) > 0 {
			nb[len(nb)-1] = int32(limit - 2)
		}
	}
	d := &alignment{a: a, b: b, oldAll: string(old), newAll: string(new), oldAt: starts(a), newAt: starts(b), aOpen: !aClosed, bOpen: !bClosed, toNew: make([]int32, len(a)), toOld: make([]int32, len(b)), same: same}
	d.fill(align(na, nb, limit), head, tail)
	d.settle()
	return d.hunks(opt)
}

// alignment pairs lines of two texts; -1 is a line without a partner.
type alignment struct {
	a, b         [][]byte
	aOpen, bOpen bool
	toNew, toOld []int32
	// One copy of either text, and where its lines begin: the lines of hunks
	// are parts of it.
	oldAll, newAll string
	oldAt, newAt   []int32
	same           func(i, j int) bool
	marks          marker
}

func (d *alignment) fill(middle []int32, head, tail int) {
	for i := range d.toOld {
		d.toOld[i] = -1
	}
	for i := range d.toNew {
		switch {
		case i < head:
			d.toNew[i] = int32(i)
		case i >= len(d.a)-tail:
			d.toNew[i] = int32(i + len(d.b) - len(d.a))
		case middle[i-head] >= 0:
			d.toNew[i] = middle[i-head] + int32(head)
		default:
			d.toNew[i] = -1
			continue
		}
		d.toOld[d.toNew[i]] = int32(i)
	}
}

// hunks collects the changes with the lines around them.
func (d *alignment) hunks(opt Options) TextDiff {
	context := opt.Context
	if context == 0 {
		context = 3
	}
	context = max(context, 0)
	out := TextDiff{}
	var h *Hunk
	last := 0 // old line after the last change
	i, j := 0, 0
	for i < len(d.a) || j < len(d.b) {
		if i < len(d.a) && j < len(d.b) && d.toNew[i] == int32(j) {
			i, j = i+1, j+1
			continue
		}
		i1, j1 := i, j
		for i1 < len(d.a) && d.toNew[i1] < 0 {
			i1++
		}
		for j1 < len(d.b) && d.toOld[j1] < 0 {
			j1++
		}
		if h != nil && i-last <= 2*context {
			d.keep(h, last, i, j)
		} else {
			if h != nil {
				d.close(&out, h, last, context)
			}
			h = d.open(i, j, context, opt, i1 > i)
		}
		d.change(h, i, i1, j, j1)
		out.Added, out.Removed = out.Added+j1-j, out.Removed+i1-i
		i, j, last = i1, j1, i1
	}
	if h != nil {
		d.close(&out, h, last, context)
	}
	out.Equal = len(out.Hunks) == 0
	return out
}

func (d *alignment) open(i, j, context int, opt Options, removes bool) *Hunk {
	back := min(context, i, j)
	h := &Hunk{OldFrom: i - back + 1, NewFrom: j - back + 1}
	switch {
	case removes && opt.OldSection != nil:
		h.Section = opt.OldSection(i + 1)
	case !removes && opt.NewSection != nil:
		h.Section = opt.NewSection(j + 1)
	}
	d.keep(h, i-back, i, j)
	return h
}

// keep adds the unchanged lines from..to of the old text; j is the partner of to.
func (d *alignment) keep(h *Hunk, from, to, j int) {
	for k := from; k < to; k++ {
		nl := j - (to - k)
		h.Lines = append(h.Lines, Line{Op: ' ', OldLine: k + 1, NewLine: nl + 1, Text: d.oldText(k), NoEOL: d.aOpen && k == len(d.a)-1})
	}
	h.OldCount, h.NewCount = h.OldCount+to-from, h.NewCount+to-from
}

func (d *alignment) change(h *Hunk, i, i1, j, j1 int) {
	first := len(h.Lines)
	for k := i; k < i1; k++ {
		h.Lines = append(h.Lines, Line{Op: '-', OldLine: k + 1, Text: d.oldText(k), NoEOL: d.aOpen && k == len(d.a)-1})
	}
	for k := j; k < j1; k++ {
		h.Lines = append(h.Lines, Line{Op: '+', NewLine: k + 1, Text: d.newText(k), NoEOL: d.bOpen && k == len(d.b)-1})
	}
	d.marks.pairs(h.Lines[first:first+i1-i], h.Lines[first+i1-i:])
	h.OldCount, h.NewCount = h.OldCount+i1-i, h.NewCount+j1-j
}

func (d *alignment) close(out *TextDiff, h *Hunk, last, context int) {
	end := min(last+context, len(d.a))
	if last < len(d.a) {
		d.keep(h, last, end, int(d.toNew[last])+end-last)
	}
	if h.OldCount == 0 {
		h.OldFrom--
	}
	if h.NewCount == 0 {
		h.NewFrom--
	}
	out.Hunks = append(out.Hunks, *h)
}

func (d *alignment) oldText(k int) string { return d.oldAll[d.oldAt[k]:][:len(d.a[k])] }
func (d *alignment) newText(k int) string { return d.newAll[d.newAt[k]:][:len(d.b[k])] }

func starts(lines [][]byte) []int32 {
	out := make([]int32, len(lines))
	at := 0
	for i, l := range lines {
		out[i] = int32(at)
		at += len(l) + 1
	}
	return out
}
