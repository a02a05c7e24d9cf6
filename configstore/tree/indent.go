package tree

import "strings"

// frame is one open block.
type frame struct {
	width  int // of its header; -1 for the root
	node   *Node
	line   int // of its header, from 1
	states []state
}

// indent reads a text whose blocks are made by white space: deeper than the
// line above opens a block, any smaller width closes those that are as wide
// or wider.
func (x *builder) indent() {
	stack := []frame{{width: -1, node: x.t.Root}}
	ended := false
	last := frame{width: -1}
	for i := 0; i < len(x.start); i++ {
		line := x.line(i)
		width, body := measure(line)
		if body == "" {
			continue
		}
		for len(stack) > 1 && width <= stack[len(stack)-1].width {
			stack = stack[:len(stack)-1]
		}
		if last.node != nil && width > last.width {
			if last.node.Kind == Leaf {
				last.node.Kind = Block
			}
			if len(stack) == 1 || stack[len(stack)-1].node != last.node {
				stack = append(stack, last)
			}
		}
		top := &stack[len(stack)-1]
		x.t.up[i] = int32(top.line)
		if x.skipped(line, body) {
			continue
		}
		if x.b.sectEnd.match(body) {
			stack, last = stack[:1], frame{width: -1}
			continue
		}
		if x.b.closers[body] {
			continue
		}
		if ended {
			x.unknown(x.t.Root, i+1, i+1)
			continue
		}
		if width == 0 && x.b.end.match(line) {
			ended, stack, last = true, stack[:1], frame{width: -1}
			continue
		}
		if to := x.blobAt(top.node, i, line); to >= i {
			for k := i + 1; k <= to; k++ {
				x.t.up[k] = int32(i + 1)
			}
			i, last = to, frame{width: -1}
			continue
		}
		if matches(x.b.root, line) {
			stack = stack[:1]
			top = &stack[0]
			x.t.up[i], width = 0, 0
		} else if width == 0 && last.line > 0 && matches(x.b.attach, line) {
			top = x.attachTo(stack, last)
			x.t.up[i] = int32(top.line)
			width = 1
		}
		n := x.node(top.node, Leaf, i+1, i+1)
		x.buf = splitWords(body, `"`, x.buf)
		x.set(n, x.buf, body)
		next := x.identify(n, top.states, len(stack) == 1)
		x.entry(n, top.node)
		last = frame{width: width, node: n, line: i + 1, states: next}
	}
}

// attachTo finds the block that a line printed without indentation belongs
// to: the last top-level one.
func (x *builder) attachTo(stack []frame, last frame) *frame {
	if len(stack) > 1 {
		return &stack[1]
	}
	n := last.node
	if n == nil || n.Parent != x.t.Root {
		kids := x.t.Root.Children
		if len(kids) == 0 {
			return &stack[0]
		}
		n = kids[len(kids)-1]
	}
	n.Kind = Block
	return &frame{node: n, line: n.From, states: last.states}
}

// skipped says that a line is a comment or decoration, for which no node is
// made.
func (x *builder) skipped(line, body string) bool {
	if matches(x.b.comment, line) {
		return true
	}
	switch body[0] {
	case '!':
		return true
	case '#':
		return len(body) == 1 || body[1] == ' ' || body[1] == '#' || body[1] == '-'
	}
	return false
}

// measure gives the width of the indentation, tabs to the next eighth column,
// and what follows without blanks at its end.
func measure(line string) (int, string) {
	w := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ', '\r':
			w++
		case '\t':
			w += 8 - w%8
		default:
			end := len(line)
			for isBlank(line[end-1]) {
				end--
			}
			return w, line[i:end]
		}
	}
	return w, ""
}

// entries is the run of all ordered entries of one block.
const entries = "entries"

// entryWords begin lines whose order means something by default.
var entryWords = map[string]bool{"permit": true, "deny": true, "remark": true, "rule": true, "term": true, "seq": true, "pass": true, "block": true}

// entry recognises the entries of ordered lists: by the rule of the block, or
// by their first words where no rule speaks.
func (x *builder) entry(n, parent *Node) {
	if n.Group != "" || len(n.Words) == 0 {
		return
	}
	words := n.Words
	if parent.Rule != nil && parent.Rule.Order != "" {
		if parent.Order == Set {
			return
		}
		n.Group, n.GroupOrder = entries, parent.Order
		if parent.Rule.Seq != nil {
			x.number(n, words, parent.Rule)
			return
		}
		n.Body = n.Text
		if parent.Order == Seq {
			x.guessNumber(n, words)
		}
		return
	}
	if parent.Parent == nil {
		x.flatEntry(n, words)
		return
	}
	first := words[0]
	if number(first) >= 0 && len(words) > 1 {
		first = words[1]
	}
	if !entryWords[first] {
		return
	}
	n.Group = entries
	x.guessNumber(n, words)
	n.GroupOrder = List
	if n.Num >= 0 {
		n.GroupOrder = Seq
	}
}

// guessNumber finds the number of an entry as its first or second word.
func (x *builder) guessNumber(n *Node, words []string) {
	n.Body = n.Text
	for at := 0; at < 2 && at+1 < len(words); at++ {
		if num := number(words[at]); num >= 0 && (at == 0 || entryNumber[words[0]]) {
			n.Num, n.Body = num, joinWords(append(append([]string(nil), words[:at]...), words[at+1:]...))
			return
		}
	}
}

var entryNumber = map[string]bool{"rule": true, "seq": true, "term": true, "sequence": true, "entry": true}

// flatEntry recognises ordered lists whose entries are top-level lines that
// repeat the name of the list.
func (x *builder) flatEntry(n *Node, words []string) {
	if len(words) < 3 {
		return
	}
	if words[0] == "-A" || words[0] == "-I" {
		n.Group, n.GroupOrder, n.Body = words[0]+" "+words[1], List, n.Text
		return
	}
	named := -1
	for i := 0; i < len(words) && i < 4; i++ {
		if strings.HasSuffix(words[i], "-list") {
			named = i
		}
	}
	if named < 0 || named+2 >= len(words) {
		return
	}
	if words[named+1] == "standard" || words[named+1] == "expanded" || words[named+1] == "extended" {
		named++
	}
	acts := false
	for _, w := range words[named+2:] {
		acts = acts || w == "permit" || w == "deny" || w == "remark"
	}
	if !acts {
		return
	}
	n.Group, n.GroupOrder, n.Body = strings.Join(words[:named+2], " "), List, n.Text
	for i := named + 2; i+1 < len(words); i++ {
		if words[i] != "seq" {
			continue
		}
		if num := number(words[i+1]); num >= 0 {
			n.Num, n.GroupOrder = num, Seq
			n.Body = joinWords(append(append([]string(nil), words[:i]...), words[i+2:]...))
		}
		return
	}
}
