package tree

import (
	"strings"

	"github.com/plumbline-net/plumbline/netdev/platform"
)

// context reads texts of /path lines and the add and set lines that hold
// below them. A backslash at the end of a line goes on in the next one.
func (x *builder) context() {
	top := frame{node: x.t.Root}
	for i := 0; i < len(x.start); i++ {
		from := i
		body, to := x.continued(i)
		for k := i; k <= to; k++ {
			x.t.up[k] = int32(top.line)
		}
		i = to
		body = strings.Trim(body, " \t\r")
		if body == "" || body[0] == '#' || matches(x.b.comment, body) {
			continue
		}
		x.buf = splitArgs(body, x.buf)
		words := x.buf
		if strings.HasPrefix(body, "/") || strings.HasPrefix(body, ":") {
			at := 0
			for at < len(words) && !rowVerb[words[at]] {
				at++
			}
			path := contextPath(words[:at])
			x.t.up[from] = 0
			head := x.child(x.t.Root, strings.Join(path, " "))
			if head == nil {
				head = x.node(x.t.Root, Block, from+1, to+1)
				x.set(head, path, strings.Join(path, " "))
				head.Key = head.Text
				states := x.identify(head, nil, true)
				head.Key = head.Text
				top = frame{node: head, line: from + 1, states: states}
			} else {
				top = frame{node: head, line: from + 1, states: nil}
			}
			if words = words[at:]; len(words) == 0 {
				continue
			}
		}
		if top.node == x.t.Root {
			x.unknown(x.t.Root, from+1, to+1)
			continue
		}
		x.row(top.node, words, from, to)
	}
}

// rowVerb ends the path of a line.
var rowVerb = map[string]bool{"add": true, "set": true, "remove": true, "unset": true, "move": true, "disable": true, "enable": true, "print": true, "export": true}

// contextPath writes /a/b c as /a b c.
func contextPath(words []string) []string {
	var out []string
	for _, w := range words {
		for _, part := range strings.Split(strings.TrimPrefix(w, "/"), "/") {
			if part != "" {
				out = append(out, part)
			}
		}
	}
	if len(out) == 0 {
		return []string{"/"}
	}
	out[0] = "/" + out[0]
	return out
}

func (x *builder) continued(i int) (string, int) {
	line := x.line(i)
	if !strings.HasSuffix(line, `\`) {
		return line, i
	}
	var b strings.Builder
	for strings.HasSuffix(line, `\`) && i+1 < len(x.start) {
		b.WriteString(line[:len(line)-1])
		i++
		line = strings.TrimLeft(x.line(i), " \t")
	}
	b.WriteString(line)
	return b.String(), i
}

// splitArgs parts words at blanks outside quotes and brackets; quotes stay.
func splitArgs(s string, buf []string) []string {
	buf = buf[:0]
	for i := 0; i < len(s); {
		if isBlank(s[i]) {
			i++
			continue
		}
		from, depth := i, 0
		for i < len(s) && (depth > 0 || !isBlank(s[i])) {
			switch s[i] {
			case '"':
				if end := closing(s, i); end > 0 {
					i = end
				}
			case '[':
				depth++
			case ']':
				depth--
			}
			i++
		}
		buf = append(buf, s[from:min(i, len(s))])
	}
	return buf
}

// row makes the node of one add or set line: its value is a map.
func (x *builder) row(parent *Node, words []string, from, to int) {
	n := x.node(parent, RowKind, from+1, to+1)
	verb := words[0]
	var plain, args []string
	for _, w := range words[1:] {
		k, v, ok := strings.Cut(w, "=")
		if !ok || strings.HasPrefix(w, "[") {
			plain = append(plain, w)
			continue
		}
		if len(v) > 1 && v[0] == '"' && v[len(v)-1] == '"' {
			v = unescape(v[1 : len(v)-1])
		}
		args = append(args, k+"="+v)
	}
	args = sorted(args)
	head := append([]string{verb}, plain...)
	all := append(append([]string(nil), head...), args...)
	n.Words = x.keep(all)
	n.Text = joinWords(n.Words)
	rule := x.rowRule(parent, head, args)
	if rule == nil {
		rule = parent.Rule
	}
	n.Rule, n.Key = rule, joinWords(head)
	n.Value = joinWords(withoutDefaults(args, rule))
	if verb != "add" {
		n.Kind = Leaf
		return
	}
	x.rowKey(n, parent, args)
}

// rowRule finds a rule that speaks of rows and not of their menu.
func (x *builder) rowRule(parent *Node, head, args []string) (best *platform.NodeRule) {
	list, ok := x.rows[parent]
	if !ok {
		for _, r := range x.b.rules {
			if len(r.steps) == 1 && below(r.steps[0].elems, parent.Words) {
				list = append(list, r)
			}
		}
		if x.rows == nil {
			x.rows = map[*Node][]*rule{}
		}
		x.rows[parent] = list
	}
	score := -1
	for _, r := range list {
		words := append(append([]string(nil), parent.Words...), head...)
		if r.score > score && (r.steps[0].Matches(words) || len(args) > 0 && r.steps[0].Matches(append(words, args...))) {
			best, score = r.src, r.score
		}
	}
	return best
}

// below says that a pattern may match lines that begin with words and go on.
func below(elems []elem, words []string) bool {
	for i, e := range elems {
		if i >= len(words) {
			return true
		}
		if e.kind != eWord {
			return !matches1(elems[i:], words[i:])
		}
		if e.word != words[i] {
			return false
		}
	}
	return false
}

func matches1(elems []elem, words []string) bool {
	m := matcher{words: words}
	return m.match(elems, 0, nil)
}

func withoutDefaults(args []string, r *platform.NodeRule) []string {
	if r == nil || len(r.Default) == 0 {
		return args
	}
	var out []string
	for _, a := range args {
		isDefault := false
		for _, d := range r.Default {
			isDefault = isDefault || d.Line == a
		}
		if !isDefault {
			out = append(out, a)
		}
	}
	return out
}

// rowKey gives an added row its identity: the arguments that a rule names, or
// its content; rows of an ordered menu are a run.
func (x *builder) rowKey(n, parent *Node, args []string) {
	r := n.Rule
	names := []string{"name"}
	if r != nil && r.Rows != nil {
		names = r.Rows.Identity
	}
	if parent.Order == List {
		n.Group, n.GroupOrder, n.Body, n.Key = entries, List, "add "+n.Value, "add "+n.Value
		return
	}
	var id []string
	for _, name := range names {
		for _, a := range args {
			if k, _, _ := strings.Cut(a, "="); k == name {
				id = append(id, a)
			}
		}
	}
	if len(id) > 0 {
		n.Key = "add " + joinWords(id)
		return
	}
	n.Key = "add " + n.Value
}
