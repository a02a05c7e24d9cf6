package scrub

import (
	"bytes"
	"regexp"
)

// scope knows the open headers above a line. It is deliberately simple: a
// stack for each family, by the shape of lines alone.
type scope struct {
	family string
	stack  []header
	quoted bool // inside a quoted value that spans lines
}

type header struct {
	width int
	text  []byte // without blanks at its ends and without an opening brace
}

// enter takes account of a line, which is without its line end. It must be
// called for every line, after the rules have been tried on it.
func (s *scope) enter(line []byte) {
	if s.quoted {
		if oddQuotes(line) {
			s.quoted = false
		}
		return
	}
	body := bytes.TrimSpace(line)
	if len(body) == 0 {
		return
	}
	switch s.family {
	case "edit":
		s.edit(body)
		s.quoted = oddQuotes(line)
	case "brace":
		s.brace(body)
	case "path":
		if body[0] == '/' {
			s.stack = append(s.stack[:0], header{0, body})
		}
	default:
		s.indent(line, body)
	}
}

const deepest = 100

func (s *scope) push(h header) {
	if len(s.stack) < deepest {
		s.stack = append(s.stack, h)
	}
}

func (s *scope) edit(body []byte) {
	switch {
	case bytes.HasPrefix(body, []byte("config ")), bytes.HasPrefix(body, []byte("edit ")):
		s.push(header{0, body})
	case bytes.Equal(body, []byte("next")), bytes.Equal(body, []byte("end")):
		s.pop()
	}
}

func (s *scope) pop() {
	if n := len(s.stack); n > 0 {
		s.stack = s.stack[:n-1]
	}
}

func (s *scope) brace(body []byte) {
	switch {
	case body[len(body)-1] == '{':
		s.push(header{0, bytes.TrimSpace(body[:len(body)-1])})
	case body[0] == '}':
		s.pop()
	}
}

func (s *scope) indent(line, body []byte) {
	width := len(line) - len(bytes.TrimLeft(line, " \t"))
	for len(s.stack) > 0 && s.stack[len(s.stack)-1].width >= width {
		s.pop()
	}
	if body[0] != '!' {
		s.push(header{width, body})
	}
}

// within says whether re matches the line itself or a header above it.
func (s *scope) within(re *regexp.Regexp, line []byte) bool {
	if re.Match(bytes.TrimSpace(line)) {
		return true
	}
	width := len(line) - len(bytes.TrimLeft(line, " \t"))
	var path []byte
	for _, h := range s.stack {
		if s.byWidth() && h.width >= width {
			break
		}
		if re.Match(h.text) {
			return true
		}
		path = append(append(path, h.text...), ' ')
	}
	return len(s.stack) > 1 && re.Match(path)
}

func (s *scope) byWidth() bool {
	return s.family != "edit" && s.family != "brace" && s.family != "path"
}

func oddQuotes(line []byte) bool {
	odd := false
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '"':
			odd = !odd
		}
	}
	return odd
}
