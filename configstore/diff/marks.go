package diff

// marker keeps its tables between lines.
type marker struct {
	tokA, tokB [][2]int
	inA, inB   []bool
	table      []uint16
}

// pairs marks the tokens in which removed and added lines differ, where
// they are lines of one another: the same number of them, half of it equal.
func (m *marker) pairs(removed, added []Line) {
	if len(removed) == 0 || len(removed) != len(added) {
		return
	}
	for i := range removed {
		removed[i].Marks, added[i].Marks = m.line(removed[i].Text, added[i].Text)
	}
}

// maxTokens bounds the table of line.
const maxTokens = 200

func (m *marker) line(a, b string) (ma, mb [][2]int) {
	m.tokA, m.tokB = tokens(a, m.tokA), tokens(b, m.tokB)
	ta, tb := m.tokA, m.tokB
	if len(ta) > maxTokens || len(tb) > maxTokens {
		return nil, nil
	}
	inA, inB := m.common(a, b)
	equal, total := 0, 0
	for i, t := range ta {
		if a[t[0]] == ' ' || a[t[0]] == '\t' {
			continue
		}
		total++
		if inA[i] {
			equal++
		}
	}
	if equal == 0 || 3*equal < total {
		return nil, nil
	}
	return gaps(a, ta, inA), gaps(b, tb, inB)
}

// tokens cuts a line into words, runs of blanks and single punctuation marks.
func tokens(s string, out [][2]int) [][2]int {
	out = out[:0]
	for i := 0; i < len(s); {
		j := i + 1
		switch c := class(s[i]); c {
		case other:
		default:
			for j < len(s) && class(s[j]) == c {
				j++
			}
		}
		out = append(out, [2]int{i, j})
		i = j
	}
	return out
}

const (
	other = iota
	word
	space
)

func class(c byte) int {
	switch {
	case c == ' ' || c == '\t':
		return space
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c >= 0x80:
		return word
	case c == '.', c == ':', c == '/', c == '-', c == '_':
		return word
	}
	return other
}

// common says which tokens stand on both sides, in order.
func (m *marker) common(a, b string) (inA, inB []bool) {
	ta, tb := m.tokA, m.tokB
	inA, inB = zeroed(m.inA, len(ta)), zeroed(m.inB, len(tb))
	w := len(tb) + 1
	table := zeroed(m.table, (len(ta)+1)*w)
	m.inA, m.inB, m.table = inA, inB, table
	for i := len(ta) - 1; i >= 0; i-- {
		for j := len(tb) - 1; j >= 0; j-- {
			if a[ta[i][0]:ta[i][1]] == b[tb[j][0]:tb[j][1]] {
				table[i*w+j] = table[(i+1)*w+j+1] + 1
			} else {
				table[i*w+j] = max(table[(i+1)*w+j], table[i*w+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(ta) && j < len(tb); {
		switch {
		case a[ta[i][0]:ta[i][1]] == b[tb[j][0]:tb[j][1]]:
			inA[i], inB[j] = true, true
			i, j = i+1, j+1
		case table[(i+1)*w+j] >= table[i*w+j+1]:
			i++
		default:
			j++
		}
	}
	return inA, inB
}

// gaps joins the tokens that are not in both lines, blanks between two of them
// included.
func gaps(s string, ts [][2]int, in []bool) [][2]int {
	var out [][2]int
	for i, t := range ts {
		if in[i] {
			continue
		}
		if n := len(out); n > 0 && out[n-1][1] == t[0] {
			out[n-1][1] = t[1]
			continue
		}
		out = append(out, t)
	}
	kept := out[:0]
	for _, g := range out {
		if class(s[g[0]]) != space || g[1]-g[0] > 0 && class(s[g[1]-1]) != space {
			kept = append(kept, g)
		}
	}
	return kept
}

func zeroed[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, 2*n)
	}
	s = s[:n]
	clear(s)
	return s
}
