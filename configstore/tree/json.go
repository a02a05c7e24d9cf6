package tree

import (
	"strconv"
	"strings"
)

// json reads a JSON text with its own scanner, because the nodes need lines.
// It says whether the text is well-formed.
func (x *builder) json() bool {
	j := jsonReader{x: x, s: x.src, line: 1}
	j.blank()
	if !j.value(x.t.Root, "", 0, true) {
		return false
	}
	j.blank()
	return j.at == len(j.s)
}

type jsonReader struct {
	x    *builder
	s    string
	at   int
	line int
	head int // line of the innermost open value
}

func (j *jsonReader) blank() {
	for j.at < len(j.s) {
		switch j.s[j.at] {
		case '\n':
			j.line++
			if j.line <= len(j.x.t.up) {
				j.x.t.up[j.line-1] = int32(j.head)
			}
		case ' ', '\t', '\r':
		default:
			return
		}
		j.at++
	}
}

// value reads one value below parent. The root value adds no node of its own.
func (j *jsonReader) value(parent *Node, name string, depth int, root bool) bool {
	if j.at >= len(j.s) || depth > deepest {
		return false
	}
	from := j.line
	switch c := j.s[j.at]; c {
	case '{', '[':
		n := parent
		if !root {
			n = j.x.scalar(parent, name, "", from, from)
			n.Kind = Block
		}
		above := j.head
		j.head = from
		ok := j.members(n, c, depth)
		j.head = above
		n.To = max(n.To, j.line)
		return ok
	case '"':
		v, ok := j.text()
		if ok {
			j.x.scalar(parent, name, v, from, j.line)
		}
		return ok
	default:
		at := j.at
		for j.at < len(j.s) && strings.IndexByte(",]} \t\r\n", j.s[j.at]) < 0 {
			j.at++
		}
		if at == j.at {
			return false
		}
		j.x.scalar(parent, name, j.s[at:j.at], from, from)
		return true
	}
}

// members reads the inside of an object or array.
func (j *jsonReader) members(n *Node, open byte, depth int) bool {
	end := byte('}')
	if open == '[' {
		end = ']'
	}
	j.at++
	for count := 0; ; count++ {
		j.blank()
		if j.at >= len(j.s) {
			return false
		}
		if j.s[j.at] == end && count == 0 {
			j.at++
			return true
		}
		name := "-"
		if open == '{' {
			var ok bool
			if name, ok = j.text(); !ok {
				return false
			}
			j.blank()
			if j.at >= len(j.s) || j.s[j.at] != ':' {
				return false
			}
			j.at++
			j.blank()
		}
		if !j.value(n, name, depth+1, false) {
			return false
		}
		if open == '[' {
			c := n.Children[len(n.Children)-1]
			c.ordered(entries, c.Value)
			if c.Kind == Block {
				c.Key, c.Body = "- "+flat(c), flat(c)
			}
		}
		j.blank()
		if j.at >= len(j.s) {
			return false
		}
		c := j.s[j.at]
		j.at++
		if c == end {
			return true
		}
		if c != ',' {
			return false
		}
	}
}

// text reads a string.
func (j *jsonReader) text() (string, bool) {
	if j.at >= len(j.s) || j.s[j.at] != '"' {
		return "", false
	}
	end := closing(j.s, j.at)
	if end == 0 {
		return "", false
	}
	raw := j.s[j.at : end+1]
	j.at = end + 1
	if strings.IndexByte(raw, '\\') < 0 {
		j.line += strings.Count(raw, "\n")
		return raw[1 : len(raw)-1], true
	}
	if v, err := strconv.Unquote(strings.ReplaceAll(raw, `\/`, "/")); err == nil {
		return v, true
	}
	j.line += strings.Count(raw, "\n")
	return raw[1 : len(raw)-1], true
}

// flat writes the content of a node in one line.
func flat(n *Node) string {
	if len(n.Children) == 0 {
		return n.Value
	}
	parts := make([]string, len(n.Children))
	for i, c := range n.Children {
		parts[i] = quoteWord(c.Key) + "=" + quoteWord(flat(c))
	}
	return strings.Join(parts, " ")
}
