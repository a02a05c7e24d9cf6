package tree

import (
	"slices"
	"strconv"
	"strings"
)

// list gives a node whose value is a set its expanded value, and joins it with
// the lines of the same key that stand above.
func (x *builder) list(n *Node, rest []string) {
	r := n.Rule.List
	how := ""
	if len(rest) > 1 && (rest[0] == r.Add && r.Add != "" || rest[0] == r.Remove && r.Remove != "") {
		how, rest = rest[0], rest[1:]
	}
	items := newItems(rest, r.Ranges, r.Sep)
	first := x.earlier(n)
	if first == nil {
		n.Value = items.String()
		return
	}
	have := newItems(strings.Fields(first.Value), "-", ",")
	switch {
	case how == "" && r.Add != "": // a line without "add" replaces
		have = items
	case how == r.Remove && how != "":
		have.remove(items)
	default:
		have.add(items)
	}
	first.Value = have.String()
	first.To = max(first.To, n.To)
	n.Parent.Children = n.Parent.Children[:len(n.Parent.Children)-1]
}

// earlier finds the line above that began the list.
func (x *builder) earlier(n *Node) *Node {
	kids := n.Parent.Children
	const reach = 64 // lines of one list stand together
	for i := len(kids) - 2; i >= 0 && i >= len(kids)-reach; i-- {
		if kids[i].Key == n.Key && kids[i].Rule == n.Rule {
			return kids[i]
		}
	}
	return nil
}

// items is a set of numbers, as ranges, and of words.
type items struct {
	ranges [][2]int
	words  []string
}

func newItems(words []string, dash, sep string) *items {
	it := &items{}
	text := strings.Join(words, " ")
	if d := strings.TrimSpace(dash); d != "" && d != dash { // " to ": a word of its own
		text = strings.ReplaceAll(text, dash, "-")
		dash = "-"
	}
	fields := strings.FieldsFunc(text, func(r rune) bool {
		return r == ' ' || r == ',' && (sep == "," || sep == "")
	})
	for _, f := range fields {
		lo, hi, isRange := strings.Cut(f, dash)
		a, b := number(lo), number(hi)
		switch {
		case dash != "" && isRange && a >= 0 && b >= a:
			it.ranges = append(it.ranges, [2]int{a, b})
		case number(f) >= 0:
			it.ranges = append(it.ranges, [2]int{number(f), number(f)})
		default:
			it.words = append(it.words, f)
		}
	}
	it.tidy()
	return it
}

func (it *items) tidy() {
	slices.SortFunc(it.ranges, func(a, b [2]int) int { return a[0] - b[0] })
	out := it.ranges[:0]
	for _, r := range it.ranges {
		if n := len(out); n > 0 && r[0] <= out[n-1][1]+1 {
			out[n-1][1] = max(out[n-1][1], r[1])
			continue
		}
		out = append(out, r)
	}
	it.ranges = out
	slices.Sort(it.words)
	it.words = slices.Compact(it.words)
}

func (it *items) add(o *items) {
	it.ranges = append(it.ranges, o.ranges...)
	it.words = append(it.words, o.words...)
	it.tidy()
}

func (it *items) remove(o *items) {
	for _, cut := range o.ranges {
		var out [][2]int
		for _, r := range it.ranges {
			if cut[1] < r[0] || cut[0] > r[1] {
				out = append(out, r)
				continue
			}
			if r[0] < cut[0] {
				out = append(out, [2]int{r[0], cut[0] - 1})
			}
			if r[1] > cut[1] {
				out = append(out, [2]int{cut[1] + 1, r[1]})
			}
		}
		it.ranges = out
	}
	it.words = slices.DeleteFunc(it.words, func(w string) bool { return slices.Contains(o.words, w) })
}

// String writes the set the shortest way: 1-10,20.
func (it *items) String() string {
	var b strings.Builder
	for _, r := range it.ranges {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(r[0]))
		if r[1] > r[0] {
			b.WriteString("-" + strconv.Itoa(r[1]))
		}
	}
	for _, w := range it.words {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(w)
	}
	return b.String()
}

// members joins lines that each make one member with the list of them: the
// list line says that the members exist, an empty line of a member no more.
func (x *builder) members() {
	for _, m := range x.b.merges {
		var all items
		var home *Node
		kept := make([]*Node, 0, len(x.t.Root.Children))
		for _, c := range x.t.Root.Children {
			if c.Rule == m.rule && c.Group == "" {
				all.add(newItems([]string{c.Value}, "-", ","))
				if home == nil {
					home = c
					kept = append(kept, c)
				}
				continue
			}
			_, _, keyed, ok := m.line.Match(c.Words)
			if ok && len(keyed) == 1 && number(keyed[0]) >= 0 {
				all.add(newItems(keyed, "", ""))
				if len(c.Children) == 0 && c.Kind == Leaf {
					if home == nil {
						home = c
						c.Rule, c.Key = m.rule, strings.TrimSuffix(m.rule.At, " ~")
						kept = append(kept, c)
					}
					continue
				}
			}
			kept = append(kept, c)
		}
		if home != nil {
			home.Value = all.String()
			x.t.Root.Children = kept
		}
	}
}
