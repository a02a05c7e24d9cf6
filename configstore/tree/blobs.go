package tree

import (
	"regexp"
	"strings"
)

func matches(list []probe, s string) bool {
	for i := range list {
		if list[i].match(s) {
			return true
		}
	}
	return false
}

// blobAt makes a node of the blob that begins at line i (from 0) and gives
// its last line; less than i when none begins there or none ends.
func (x *builder) blobAt(parent *Node, i int, line string) int {
	for k := range x.b.blobs {
		bl := &x.b.blobs[k]
		if bl.lit != "" && !strings.Contains(line, bl.lit) {
			continue
		}
		m := bl.start.FindStringSubmatchIndex(line)
		if m == nil || !within(parent, bl.at) {
			continue
		}
		if to := x.takeBlob(parent, bl, i, line, m); to >= i {
			return to
		}
	}
	if strings.HasPrefix(strings.TrimLeft(line, " \t"), "-----BEGIN ") {
		return x.takeBlob(parent, pemBlob, i, line, []int{0, len(line)})
	}
	return -1
}

var pemBlob = &blob{name: "pem", delim: -1, key: -1, end: regexp.MustCompile(`-----END `)}

// within says whether the path of a block matches.
func within(n *Node, at []Pattern) bool {
	for i := len(at) - 1; i >= 0; i-- {
		if n == nil || n.Parent == nil || !at[i].Matches(n.Words) {
			return false
		}
		n = n.Parent
	}
	return true
}

func (x *builder) takeBlob(parent *Node, bl *blob, i int, line string, m []int) int {
	delim := ""
	if bl.delim >= 0 && m[2*bl.delim] >= 0 {
		delim = line[m[2*bl.delim]:m[2*bl.delim+1]]
	}
	var content []string
	var head string
	to := -1
	if x.noEnd[bl.name] && bl.end != nil || delim != "" && x.noEnd[delim] {
		return -1
	}
	if bl.end == nil {
		if delim == "" {
			return -1
		}
		head = line[:m[2*bl.delim]]
		content, to = x.untilDelimiter(i, line[m[2*bl.delim+1]:], delim)
	} else {
		head, content, to = x.untilLine(bl, i, line)
	}
	if to < i {
		return -1
	}
	for k := range content {
		content[k] = strings.TrimRight(content[k], " \t\r")
		if bl.trim || bl.delim < 0 {
			content[k] = strings.TrimSpace(content[k])
		}
	}
	n := x.node(parent, Blob, i+1, to+1)
	x.buf = splitWords(head, `"`, x.buf)
	x.set(n, x.buf, head)
	n.Value = strings.Trim(strings.Join(content, "\n"), "\n")
	return to
}

// untilDelimiter reads up to the character that opened the blob.
func (x *builder) untilDelimiter(i int, rest, delim string) (content []string, to int) {
	for {
		if at := strings.Index(rest, delim); at >= 0 {
			return append(content, rest[:at]), i
		}
		content = append(content, rest)
		if i++; i >= len(x.start) {
			x.endless(delim)
			return nil, -1
		}
		rest = x.line(i)
	}
}

// untilLine reads up to the line that ends the blob.
func (x *builder) untilLine(bl *blob, i int, line string) (head string, content []string, to int) {
	if bl.sameLine && bl.end.MatchString(line) {
		return line, nil, i
	}
	for k := i + 1; k < len(x.start); k++ {
		l := x.line(k)
		if bl.end.MatchString(l) {
			return line, content, k
		}
		content = append(content, l)
	}
	x.endless(bl.name)
	return line, nil, -1
}

// endless remembers that no end follows, so that many beginnings without one
// do not make the search quadratic.
func (x *builder) endless(what string) {
	if x.noEnd == nil {
		x.noEnd = map[string]bool{}
	}
	x.noEnd[what] = true
}
