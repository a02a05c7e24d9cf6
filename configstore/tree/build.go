package tree

import (
	"strings"

	"github.com/plumbline-net/plumbline/netdev/platform"
)

// builder makes one tree. Strings of nodes are parts of src wherever the text
// is canonical already.
type builder struct {
	b         *Book
	t         *Tree
	src       string
	start     []int32 // offset of each line
	slab      []Node
	words     []string
	buf       []string
	roles     []role
	rows      map[*Node][]*rule          // rules of rows, by menu
	unknownTo int                        // last unknown line
	noEnd     map[string]bool            // blobs and delimiters that nothing ends from here on
	kids      map[*Node]map[string]*Node // of nodes with many children

}

func newBuilder(b *Book, text []byte) *builder {
	x := &builder{b: b, t: &Tree{text: append([]byte(nil), text...), book: b, Notes: append([]string(nil), b.notes...)}, src: string(text)}
	n := strings.Count(x.src, "\n") + 1
	x.start = make([]int32, 0, n)
	for at := 0; at < len(x.src); {
		x.start = append(x.start, int32(at))
		i := strings.IndexByte(x.src[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	x.t.Lines = len(x.start)
	x.t.up = make([]int32, len(x.start))
	x.t.starts = x.start
	x.t.src = x.src
	x.t.Root = x.node(nil, Block, 1, x.t.Lines)
	return x
}

// line gives line i (from 0) without its line end.
func (x *builder) line(i int) string {
	end := len(x.src)
	if i+1 < len(x.start) {
		end = int(x.start[i+1])
	}
	s := x.src[x.start[i]:end]
	for s != "" && (s[len(s)-1] == '\n' || s[len(s)-1] == '\r') {
		s = s[:len(s)-1]
	}
	return s
}

func (x *builder) node(parent *Node, kind Kind, from, to int) *Node {
	if len(x.slab) == 0 {
		x.slab = make([]Node, 128)
	}
	n := &x.slab[0]
	x.slab = x.slab[1:]
	n.Kind, n.From, n.To, n.Parent, n.Num = kind, from, to, parent, -1
	if parent != nil {
		parent.Children = append(parent.Children, n)
	}
	return n
}

// keep copies words out of a buffer that is used again.
func (x *builder) keep(words []string) []string {
	if len(x.words) < len(words) {
		x.words = make([]string, max(512, len(words)))
	}
	out := x.words[:len(words):len(words)]
	x.words = x.words[len(words):]
	copy(out, words)
	return out
}

// unknown keeps lines that no syntax explains.
func (x *builder) unknown(parent *Node, from, to int) {
	n := x.node(parent, Unknown, from, to)
	text := strings.TrimSpace(x.line(from - 1))
	n.Key, n.Text = text, text
	x.countUnknown(from, to)
}

// countUnknown counts lines once, however many nodes stand on them.
func (x *builder) countUnknown(from, to int) {
	x.t.UnknownLines += max(0, to-max(from-1, x.unknownTo))
	x.unknownTo = max(x.unknownTo, to)
}

// set gives a node its words and the line that they are.
func (x *builder) set(n *Node, words []string, line string) {
	n.Words = x.keep(words)
	changed := x.b.long(n.Words)
	line = strings.Trim(line, " \t\r")
	if !changed && canonical(line) {
		n.Text = line
	} else {
		n.Text = joinWords(n.Words)
	}
	n.Key = n.Text
}

// canonical says that joining the words of a line would give the line.
func canonical(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\t', '"', '\'', '\\', '\r':
			return false
		case ' ':
			if i+1 < len(s) && s[i+1] == ' ' {
				return false
			}
		}
	}
	return true
}

// identify finds the rule of a line and gives the node its identity. It
// returns what may match the children.
func (x *builder) identify(n *Node, states []state, rootStates bool) []state {
	words := n.Words
	if len(words) == 0 {
		return nil
	}
	neg := strings.TrimSpace(x.b.book.Syntax.Negate)
	negated := neg != "" && len(words) > 1 && words[0] == neg
	if negated {
		n.Flags = append(n.Flags, Negated)
		words = words[1:]
	}
	var next []state
	var best *rule
	try := func(list []state) {
		for _, st := range list {
			p := &st.r.steps[st.step]
			if p.first != "" && p.first != words[0] {
				continue
			}
			if st.step == len(st.r.steps)-1 {
				if (best == nil || st.r.score > best.score) && p.Matches(words) {
					best = st.r
				}
				continue
			}
			if st.r.anyDepth(st.step) {
				next = append(next, st.r.from(st.step)...)
			} else if p.Matches(words) {
				next = append(next, st.r.from(st.step+1)...)
			}
		}
	}
	if rootStates {
		try(x.b.byFirst[words[0]])
		try(x.b.rest)
	} else {
		try(states)
	}
	if best != nil {
		x.apply(n, best, words, negated)
	}
	return next
}

// apply gives a line the identity that a rule says.
func (x *builder) apply(n *Node, r *rule, words []string, negated bool) {
	n.Rule = r.src
	if r.src.Order != "" {
		n.Order = Order(r.src.Order)
	}
	plain := !negated && r.src.List == nil && r.src.Words == "" && r.src.Flat == ""
	if plain && x.cut(n, &r.steps[len(r.steps)-1]) {
		return
	}
	key, rest, keyed, _ := r.steps[len(r.steps)-1].Match(words)
	n.Key = key
	if r.src.Words == "set" {
		rest = sorted(rest)
	}
	n.Value = joinWords(rest)
	switch {
	case negated:
		n.Value = "no " + n.Value
	case r.src.List != nil:
		x.list(n, rest)
	}
	if r.src.Flat == "" {
		return
	}
	n.Group, n.GroupOrder = flatGroup(words, keyed, r.src), Order(r.src.Flat)
	x.number(n, words, r.src)
}

// cut takes key and value as parts of the line, where the value stands last.
func (x *builder) cut(n *Node, p *Pattern) bool {
	if cap(x.roles) < len(n.Words) {
		x.roles = make([]role, 2*len(n.Words))
	}
	m := matcher{words: n.Words, role: x.roles[:len(n.Words)]}
	clear(m.role)
	if !m.match(p.elems, 0, nil) {
		return false
	}
	at, values := 0, false
	for i, w := range n.Words {
		if w == "" || strings.ContainsAny(w, " \t\n") {
			return false // quoted in the line
		}
		switch {
		case m.role[i] == roleValue:
			values = true
		case values:
			return false
		default:
			at += len(w) + 1
		}
	}
	if !values {
		return true // the key is the line
	}
	if at == 0 || at > len(n.Text) {
		return false
	}
	n.Key, n.Value = n.Text[:at-1], n.Text[at:]
	return true
}

// flatGroup is what the lines of one ordered run have in common: the words up
// to the first key token.
func flatGroup(words, keyed []string, r *platform.NodeRule) string {
	if len(keyed) == 0 {
		return words[0]
	}
	for i, w := range words {
		if w == keyed[0] {
			return strings.Join(words[:i+1], " ")
		}
	}
	return words[0]
}

// number splits an entry into its number and the rest.
func (x *builder) number(n *Node, words []string, r *platform.NodeRule) {
	n.Body = joinWords(words)
	at := -1
	if r != nil && r.Seq != nil {
		at = *r.Seq
	}
	if at < 0 || at >= len(words) {
		return
	}
	if num := number(words[at]); num >= 0 {
		n.Num = num
		n.Body = joinWords(append(append([]string(nil), words[:at]...), words[at+1:]...))
	}
}

func sorted(words []string) []string {
	out := append([]string(nil), words...)
	for i := 1; i < len(out); i++ {
		for j := i; j > 0 && out[j] < out[j-1]; j-- {
			out[j], out[j-1] = out[j-1], out[j]
		}
	}
	return out
}

// child finds the child of p with a key, nil when there is none.
func (x *builder) child(p *Node, key string) *Node {
	const few = 12
	if len(p.Children) <= few {
		for i := len(p.Children) - 1; i >= 0; i-- {
			if p.Children[i].Key == key {
				return p.Children[i]
			}
		}
		return nil
	}
	m := x.kids[p]
	if m == nil {
		if x.kids == nil {
			x.kids = map[*Node]map[string]*Node{}
		}
		m = make(map[string]*Node, 2*len(p.Children))
		for _, c := range p.Children {
			m[c.Key] = c
		}
		x.kids[p] = m
	}
	if c := p.Children[len(p.Children)-1]; m[c.Key] == nil {
		m[c.Key] = c
	}
	return m[key]
}
