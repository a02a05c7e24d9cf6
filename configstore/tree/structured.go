package tree

import "strings"

// structured reads JSON, XML, YAML and key=value texts. What does not parse is
// read by its indentation instead.
func (x *builder) structured(format string) {
	switch format {
	case "json":
		if x.json() {
			return
		}
	case "xml":
		if x.xml() {
			return
		}
	case "yaml":
		x.indent()
		return
	default:
		x.keyValue()
		return
	}
	x.t.Notes = append(x.t.Notes, "the text is not well-formed "+format+"; it was read by its lines")
	x.t.Root.Children, x.t.UnknownLines = nil, 0
	x.slab, x.unknownTo = nil, 0
	for i := range x.t.up {
		x.t.up[i] = 0
	}
	x.indent()
}

// keyValue reads one key and one value a line.
func (x *builder) keyValue() {
	for i := range x.start {
		body := strings.Trim(x.line(i), " \t\r")
		if body == "" || strings.IndexByte("#;!", body[0]) >= 0 || matches(x.b.comment, body) {
			continue
		}
		n := x.node(x.t.Root, Leaf, i+1, i+1)
		n.Text = body
		if k, v, ok := strings.Cut(body, "="); ok {
			n.Key, n.Value = strings.TrimSpace(k), strings.TrimSpace(v)
			n.Words = x.keep([]string{n.Key, n.Value})
			continue
		}
		n.Key, n.Words = body, x.keep(strings.Fields(body))
	}
}

// scalar makes the leaf of a named value.
func (x *builder) scalar(parent *Node, name, value string, from, to int) *Node {
	n := x.node(parent, Leaf, from, to)
	n.Key, n.Value, n.Text = name, value, name
	n.Words = x.keep([]string{name})
	if value != "" {
		n.Text = name + " " + quoteWord(value)
		n.Words = x.keep([]string{name, value})
	}
	return n
}

// ordered puts a node into the run of its siblings.
func (n *Node) ordered(run, body string) {
	n.Group, n.GroupOrder, n.Body = run, List, body
}
