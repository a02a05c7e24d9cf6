package tree

import "strings"

// edit reads config/edit/set/next/end texts. Quotes come first: a quoted value
// may hold lines that look like commands.
func (x *builder) edit() {
	stack := []frame{{node: x.t.Root}}
	for i := 0; i < len(x.start); i++ {
		body := strings.Trim(x.line(i), " \t\r")
		top := stack[len(stack)-1]
		x.t.up[i] = int32(top.line)
		if body == "" || body[0] == '#' || matches(x.b.comment, body) {
			continue
		}
		from := i
		if openQuote(body) {
			if joined, to := x.joinQuoted(i, body); to > i {
				for k := i + 1; k <= to; k++ {
					x.t.up[k] = int32(i + 1)
				}
				body, i = joined, to
			}
		}
		x.buf = splitWords(body, `"`, x.buf)
		switch first := x.buf[0]; first {
		case "end", "next":
			stack = closeEdit(stack, first)
			if len(stack) == 0 {
				stack = []frame{{node: x.t.Root}}
				x.unknown(x.t.Root, from+1, i+1)
			}
		case "config", "edit":
			n := x.node(top.node, Block, from+1, i+1)
			x.set(n, x.buf, body)
			next := x.identify(n, top.states, len(stack) == 1)
			if top.node.Order == List {
				n.Group, n.GroupOrder, n.Body = entries, List, n.Text
			}
			stack = append(stack, frame{node: n, line: from + 1, states: next})
		default:
			x.setting(&top, body, from, i, len(stack) == 1)
		}
	}
	x.t.OpenBlocks = len(stack) - 1
}

// setting reads "set key value…", its removal, and whatever else stands there.
func (x *builder) setting(top *frame, body string, from, to int, root bool) {
	n := x.node(top.node, Leaf, from+1, to+1)
	x.set(n, x.buf, body)
	x.identify(n, top.states, root)
	switch {
	case n.Rule != nil || len(n.Words) < 2:
	case n.Words[0] == "set":
		n.Key, n.Value = "set "+n.Words[1], joinWords(n.Words[2:])
	case n.Words[0] == "unset":
		n.Key = "set " + n.Words[1]
		n.Flags = append(n.Flags, Negated)
	}
	if root && n.Rule == nil && (len(n.Words) == 0 || n.Words[0] != "set") {
		n.Kind = Unknown
		x.countUnknown(from+1, to+1)
	}
}

// closeEdit leaves the innermost edit ("next") or config ("end", with an edit
// that nothing closed). An empty stack says that there was none.
func closeEdit(stack []frame, word string) []frame {
	for len(stack) > 1 {
		n := stack[len(stack)-1].node
		isEdit := n.Words[0] == "edit"
		if word == "next" && !isEdit {
			return stack // a stray next closes nothing
		}
		stack = stack[:len(stack)-1]
		if isEdit == (word == "next") {
			return stack
		}
	}
	return nil
}

// openQuote says that a line has a quote that it does not close.
func openQuote(s string) bool {
	open := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			open = !open
		}
	}
	return open
}

// joinQuoted reads on to the closing quote. It gives i when there is none.
func (x *builder) joinQuoted(i int, body string) (string, int) {
	var b strings.Builder
	b.WriteString(body)
	for k := i + 1; k < len(x.start); k++ {
		l := x.line(k)
		b.WriteByte('\n')
		b.WriteString(l)
		if openQuote(l) {
			return b.String(), k
		}
	}
	return body, i
}
