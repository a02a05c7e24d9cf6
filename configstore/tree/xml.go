package tree

import "strings"

// xml reads XML by its tags: elements are nodes, attributes leaves named @a.
// It says whether the tags are balanced.
func (x *builder) xml() bool {
	r := xmlReader{x: x, s: x.src, line: 1, stack: []xmlFrame{{node: x.t.Root}}}
	for r.at < len(r.s) {
		if r.s[r.at] == '<' {
			if !r.tag() {
				return false
			}
			continue
		}
		end := strings.IndexByte(r.s[r.at:], '<')
		if end < 0 {
			end = len(r.s) - r.at
		}
		r.content(r.s[r.at : r.at+end])
	}
	return len(r.stack) == 1
}

type xmlFrame struct {
	node *Node
	line int
	text []string
}

type xmlReader struct {
	x     *builder
	s     string
	at    int
	line  int
	stack []xmlFrame
}

func (r *xmlReader) top() *xmlFrame { return &r.stack[len(r.stack)-1] }

// skip moves over s and keeps count of the lines.
func (r *xmlReader) skip(n int) {
	for i := 0; i < n; i++ {
		if r.s[r.at+i] == '\n' {
			r.line++
			if r.line <= len(r.x.t.up) {
				r.x.t.up[r.line-1] = int32(r.top().line)
			}
		}
	}
	r.at += n
}

func (r *xmlReader) content(s string) {
	if t := strings.TrimSpace(s); t != "" {
		r.top().text = append(r.top().text, unentity(t))
	}
	r.skip(len(s))
}

func (r *xmlReader) tag() bool {
	rest := r.s[r.at:]
	for open, end := range map[string]string{"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"} {
		if !strings.HasPrefix(rest, open) {
			continue
		}
		i := strings.Index(rest, end)
		if i < 0 {
			return false
		}
		if open == "<![CDATA[" {
			r.top().text = append(r.top().text, rest[len(open):i])
		}
		r.skip(i + len(end))
		return true
	}
	i := tagEnd(rest)
	if i < 0 {
		return false
	}
	tag := rest[1:i]
	if strings.HasPrefix(tag, "!") {
		r.skip(i + 1)
		return true
	}
	if strings.HasPrefix(tag, "/") {
		return r.close(strings.TrimSpace(tag[1:]), i+1)
	}
	return r.open(tag, i+1)
}

// tagEnd finds the > of a tag, outside quotes.
func tagEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '>':
			return i
		case '"', '\'':
			if end := strings.IndexByte(s[i+1:], s[i]); end >= 0 {
				i += end + 1
			}
		}
	}
	return -1
}

func (r *xmlReader) open(tag string, size int) bool {
	empty := strings.HasSuffix(tag, "/")
	tag = strings.TrimSuffix(tag, "/")
	name, attrs, _ := cutBlank(tag)
	if name == "" || len(r.stack) > deepest {
		return false
	}
	parent := r.top().node
	n := r.x.node(parent, Leaf, r.line, r.line)
	if parent.Kind == Leaf {
		parent.Kind = Block
	}
	n.Key, n.Text = name, name
	words := []string{name}
	for _, a := range attributes(attrs) {
		words = append(words, a[0]+"="+a[1])
		n.Key += " " + a[0] + "=" + quoteWord(a[1])
	}
	n.Words, n.Text = r.x.keep(words), n.Key
	r.stack = append(r.stack, xmlFrame{node: n, line: r.line})
	r.skip(size)
	if empty {
		r.leave()
	}
	return true
}

func (r *xmlReader) close(name string, size int) bool {
	if len(r.stack) == 1 || r.top().node.Words[0] != name {
		return false
	}
	r.skip(size)
	r.leave()
	return true
}

// leave ends an element. Siblings of one name without attributes are a list.
func (r *xmlReader) leave() {
	f := r.top()
	n := f.node
	n.To = r.line
	n.Value = strings.Join(f.text, "")
	if n.Value != "" && len(n.Children) == 0 {
		n.Text = n.Key + " " + quoteWord(n.Value)
		n.Words = r.x.keep(append(append([]string(nil), n.Words...), n.Value))
	}
	r.stack = r.stack[:len(r.stack)-1]
	for _, rule := range r.x.b.volatile {
		if within(n, rule.steps) {
			n.Flags = append(n.Flags, Volatile)
		}
	}
	runs(n)
	if len(r.stack) == 1 {
		runs(r.x.t.Root)
	}
}

// runs orders the children of an element that repeat a name.
func runs(p *Node) {
	count := make(map[string]int, len(p.Children))
	for _, c := range p.Children {
		count[c.Key]++
	}
	for _, c := range p.Children {
		listed := p.Key == "rules" && strings.HasPrefix(c.Key, "entry ")
		switch {
		case listed:
			c.ordered(entries, c.Key)
		case count[c.Key] > 1:
			name := c.Key
			c.ordered(name, flat(c))
			if len(c.Children) > 0 {
				c.Key = name + " " + identity(c)
			}
		case single[c.Key]:
			c.ordered(c.Key, flat(c))
			c.Key += " " + identity(c)
		}
	}
}

// single names elements that are entries of an ordered list even when there is
// only one.
var single = map[string]bool{"rule": true}

// identity is what tells an element from its siblings of the same name.
func identity(n *Node) string {
	for _, name := range []string{"uuid", "tracker", "uid", "name", "id"} {
		for _, c := range n.Children {
			if c.Key == name && c.Value != "" {
				return name + "=" + quoteWord(c.Value)
			}
		}
	}
	return flat(n)
}

func cutBlank(s string) (string, string, bool) {
	i := strings.IndexAny(s, " \t\r\n")
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// attributes gives names and values, sorted by name.
func attributes(s string) [][2]string {
	var out [][2]string
	for {
		s = strings.TrimLeft(s, " \t\r\n")
		eq := strings.IndexByte(s, '=')
		if eq <= 0 || eq+1 >= len(s) {
			break
		}
		name, rest := strings.TrimSpace(s[:eq]), strings.TrimLeft(s[eq+1:], " \t\r\n")
		if rest == "" || rest[0] != '"' && rest[0] != '\'' {
			break
		}
		end := strings.IndexByte(rest[1:], rest[0])
		if end < 0 {
			break
		}
		out = append(out, [2]string{name, unentity(rest[1 : end+1])})
		s = rest[end+2:]
	}
	for i := 1; i < len(out); i++ {
		for k := i; k > 0 && out[k][0] < out[k-1][0]; k-- {
			out[k], out[k-1] = out[k-1], out[k]
		}
	}
	return out
}

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'", "&#13;", "", "&amp;", "&")

func unentity(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	return entities.Replace(s)
}
