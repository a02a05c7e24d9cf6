package tree

import "strings"

// wordState is a rule of which the first words matched.
type wordState struct {
	r  *rule
	at int // element of r.flat that comes next
}

// wordTree builds trees whose nodes are words, so that a statement in braces
// and the same statement as a path give the same nodes.
type wordTree struct {
	*builder
	states map[*Node][]wordState
}

func (x *builder) wordTree() *wordTree {
	x.t.ByWords = true
	w := &wordTree{builder: x, states: map[*Node][]wordState{}}
	w.states[x.t.Root] = x.b.words
	return w
}

// put finds or makes the child of p for a word.
func (w *wordTree) put(p *Node, word string, line int) *Node {
	if n := w.child(p, word); n != nil {
		return n
	}
	n := w.node(p, Leaf, line, line)
	n.Key, n.Text = word, word
	n.Words = w.keep([]string{word})
	if p.Kind == Leaf {
		p.Kind = Block
	}
	w.rule(p, n, word)
	if p.Order == List {
		n.Group, n.GroupOrder, n.Body = entries, List, word
	}
	return n
}

// rule carries the states of the parent over one word.
func (w *wordTree) rule(p, n *Node, word string) {
	states := w.states[p]
	if len(states) == 0 {
		w.guessOrder(p, n, word)
		return
	}
	var next []wordState
	best := -1
	for _, s := range states {
		for _, at := range advance(s.r.flat, s.at, word) {
			next = append(next, wordState{s.r, at})
			if onlyValue(s.r.flat[at:]) && s.r.score > best {
				best, n.Rule = s.r.score, s.r.src
			}
		}
	}
	if len(next) > 0 {
		w.states[n] = next
	}
	switch {
	case n.Rule != nil && (n.Rule.Order == string(List) || n.Rule.Words == "list"):
		n.Order = List
	case n.Rule == nil && p.Rule != nil && p.Rule.Order == string(List):
		n.Order = List // the entries stand below a word such as "term"
	default:
		w.guessOrder(p, n, word)
	}
}

// guessOrder knows the words below which entries are ordered in most
// languages of this kind.
func (w *wordTree) guessOrder(p, n *Node, word string) {
	switch word {
	case "term":
		n.Order = List
	case "rules":
		if len(w.b.book.Nodes) == 0 {
			n.Order = List
		}
	case "policy":
		if p.Parent != nil && p.Parent.Key == "to-zone" {
			n.Order = List
		}
	}
}

// advance gives the elements that may come next after a word.
func advance(flat []elem, at int, word string) []int {
	if at >= len(flat) {
		return nil
	}
	e := &flat[at]
	switch e.kind {
	case eWord:
		if e.word == word {
			return []int{at + 1}
		}
	case eKey, eValue:
		return []int{at + 1}
	case eRegex:
		if e.re.MatchString(word) {
			return []int{at + 1}
		}
	case eAlt:
		for _, alt := range e.alts {
			if len(alt) == 1 && len(advance(alt, 0, word)) > 0 {
				return []int{at + 1}
			}
		}
	case eOpt:
		out := advance(flat, at+1, word)
		if len(e.alts[0]) == 1 && len(advance(e.alts[0], 0, word)) > 0 {
			out = append(out, at+1)
		}
		return out
	case eRest, eRestKey:
		return append(advance(flat, at+1, word), at)
	}
	return nil
}

func onlyValue(flat []elem) bool {
	for _, e := range flat {
		if e.kind != eValue && e.kind != eRest && e.kind != eRestKey && e.kind != eOpt {
			return false
		}
	}
	return true
}

// brace reads { } texts. A statement ends at ; { } or the end of its line.
func (x *builder) brace() {
	w := x.wordTree()
	s := scanner{src: x.src, line: 1}
	p := braceParser{w: w, stack: []braceFrame{{node: x.t.Root}}}
	for i := range x.start {
		x.t.up[i] = 0
	}
	at := 1
	for {
		tok := s.next()
		for ; at <= min(s.line, len(x.start)); at++ { // every line that begins before this token
			if at > 1 && x.t.up[at-1] == 0 {
				x.t.up[at-1] = int32(p.top().line)
			}
		}
		if tok.kind == tEnd {
			p.flush(s.line)
			break
		}
		p.token(tok)
		if tok.kind == tOpen && p.blob {
			from := s.at
			s.skipBalanced()
			n := p.top().node
			n.Kind, n.Value, p.blob = Blob, strings.TrimSpace(x.src[from:s.at]), false
		}
	}
	x.t.OpenBlocks = len(p.stack) - 1
}

type braceFrame struct {
	node *Node
	line int
}

type braceParser struct {
	w      *wordTree
	stack  []braceFrame
	words  []string
	line   int // of the first word
	list   []string
	inList bool
	last   *Node // the statement that the end of a line closed
	blob   bool
	over   int // open braces beyond the deepest level
}

// deepest bounds the depth of a tree, so that hostile nesting costs nothing.
const deepest = 200

// opaque says that the body of a block is not to be read.
func (x *builder) opaque(words []string) bool {
	for i := range x.b.blobs {
		if bl := &x.b.blobs[i]; bl.balanced && bl.start.MatchString(strings.Join(words, " ")) {
			return true
		}
	}
	return false
}

func (p *braceParser) top() braceFrame { return p.stack[len(p.stack)-1] }

func (p *braceParser) token(t token) {
	switch t.kind {
	case tWord:
		if p.inList {
			p.list = append(p.list, t.text)
			return
		}
		if len(p.words) == 0 {
			p.line = t.line
		}
		p.words, p.last = append(p.words, t.text), nil
	case tOpenList:
		p.inList = true
	case tCloseList:
		p.inList = false
	case tLine:
		if !p.inList {
			p.last = p.flush(t.line)
		}
	case tSemicolon:
		p.flush(t.line)
		p.last, p.inList = nil, false
	case tOpen:
		p.blob = p.w.opaque(p.words)
		n := p.flush(t.line)
		if n == nil {
			n = p.last
		}
		if n == nil {
			n = p.top().node // a brace without a name: its statements stand for themselves
			p.line = t.line
		}
		if len(p.stack) > deepest {
			p.over, p.blob = p.over+1, false
			return
		}
		if n.Kind == Leaf {
			n.Kind = Block
		}
		p.stack, p.last = append(p.stack, braceFrame{n, p.line}), nil
	case tClose:
		p.flush(t.line)
		p.last = nil
		if p.over > 0 {
			p.over--
			return
		}
		if len(p.stack) == 1 {
			p.w.unknown(p.w.t.Root, t.line, t.line)
			return
		}
		for n := p.top().node; n != nil && n.Parent != nil; n = n.Parent {
			n.To = max(n.To, t.line)
		}
		p.stack = p.stack[:len(p.stack)-1]
	}
}

// flush makes nodes of the statement read so far and gives the last one.
func (p *braceParser) flush(line int) *Node {
	if len(p.words) == 0 {
		p.list, p.inList = p.list[:0], false
		return nil
	}
	n := p.w.statement(p.top().node, p.words, p.list, p.line)
	p.words, p.list, p.inList = p.words[:0], p.list[:0], false
	return n
}

// flagWords come in front of a statement and say something about it.
var flagWords = map[string]string{"inactive:": Inactive, "protect:": "protected", "replace:": "", "delete:": "deleted"}

// statement puts a chain of words below p; the words of list are alternatives
// of the last one.
func (w *wordTree) statement(p *Node, words, list []string, line int) *Node {
	var flags []string
	for len(words) > 1 {
		f, ok := flagWords[words[0]]
		if !ok {
			break
		}
		if f != "" {
			flags = append(flags, f)
		}
		words = words[1:]
	}
	if len(words) > deepest {
		words = append(words[:deepest:deepest], strings.Join(words[deepest:], " "))
	}
	n := p
	for _, word := range words {
		n = w.put(n, word, line)
	}
	n.Flags = append(n.Flags, flags...)
	for _, word := range list {
		w.put(n, word, line)
	}
	return n
}

// setLines reads lines that are a verb and the path of one statement.
func (x *builder) setLines() {
	w := x.wordTree()
	for i := 0; i < len(x.start); i++ {
		body := strings.Trim(x.line(i), " \t\r")
		if body == "" || body[0] == '#' || body[0] == '!' || matches(x.b.comment, body) {
			continue
		}
		v := x.b.verb(body)
		if v == 0 {
			x.unknown(x.t.Root, i+1, i+1)
			continue
		}
		from := i
		if openQuote(body) {
			if joined, to := x.joinQuoted(i, body); to > i {
				body, i = joined, to
			}
		}
		w.setLine(body[:v], body[v:], from+1)
	}
}

func (w *wordTree) setLine(verb, rest string, line int) {
	w.buf = splitWords(rest, `"'`, w.buf)
	words, list := w.buf, []string(nil)
	for i, word := range words {
		if word == "[" && words[len(words)-1] == "]" {
			words, list = words[:i], words[i+1:len(words)-1]
			break
		}
	}
	if len(words) == 0 {
		w.unknown(w.t.Root, line, line)
		return
	}
	root := w.t.Root
	switch verb {
	case "set", "add", "net add", "activate":
	case "deactivate", "protect":
		n := w.statement(root, words, nil, line)
		n.Flags = append(n.Flags, map[string]string{"deactivate": Inactive, "protect": "protected"}[verb])
		return
	default:
		root = w.put(root, verb, line)
	}
	w.statement(root, words, list, line)
}
