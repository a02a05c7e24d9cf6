package diff

// markPairs marks the tokens in which removed and added lines differ, where
// they are lines of one another: the same number of them, half of it equal.
func markPairs(removed, added []Line) {
	if len(removed) == 0 || len(removed) != len(added) {
		return
	}
	for i := range removed {
		removed[i].Marks, added[i].Marks = markLine(removed[i].Text, added[i].Text)
	}
}

// maxTokens bounds the table of markLine.
const maxTokens = 200

func markLine(a, b string) (ma, mb [][2]int) {
	ta, tb := tokens(a), tokens(b)
	if len(ta) > maxTokens || len(tb) > maxTokens {
		return nil, nil
	}
	inA, inB := common(a, b, ta, tb)
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
func tokens(s string) [][2]int {
	var out [][2]int
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
func common(a, b string, ta, tb [][2]int) (inA, inB []bool) {
	inA, inB = make([]bool, len(ta)), make([]bool, len(tb))
	w := len(tb) + 1
	table := make([]uint16, (len(ta)+1)*w)
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
