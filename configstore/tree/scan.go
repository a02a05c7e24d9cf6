package tree

import "strings"

type tokenKind uint8

const (
	tEnd tokenKind = iota
	tWord
	tOpen
	tClose
	tOpenList
	tCloseList
	tSemicolon
	tLine // the end of a line
)

type token struct {
	kind tokenKind
	text string
	line int // from 1
}

// scanner cuts a { } text into tokens. Comments (# at the start of a word,
// /* */) are none.
type scanner struct {
	src  string
	at   int
	line int
}

func (s *scanner) next() token {
	for s.at < len(s.src) {
		c := s.src[s.at]
		switch c {
		case '\n':
			s.at++
			s.line++
			return token{tLine, "", s.line - 1}
		case ' ', '\t', '\r':
			s.at++
			continue
		case '{', '}', '[', ']', ';':
			s.at++
			return token{map[byte]tokenKind{'{': tOpen, '}': tClose, '[': tOpenList, ']': tCloseList, ';': tSemicolon}[c], "", s.line}
		case '#':
			s.skipLine()
			continue
		case '/':
			if strings.HasPrefix(s.src[s.at:], "/*") {
				s.skipComment()
				continue
			}
		case '"', '\'':
			if t, ok := s.quoted(); ok {
				return t
			}
		}
		return s.word()
	}
	return token{tEnd, "", s.line}
}

func (s *scanner) skipLine() {
	if i := strings.IndexByte(s.src[s.at:], '\n'); i >= 0 {
		s.at += i
		return
	}
	s.at = len(s.src)
}

func (s *scanner) skipComment() {
	end := strings.Index(s.src[s.at+2:], "*/")
	if end < 0 {
		s.skipLine() // nothing closes it: only this line is a comment
		return
	}
	s.line += strings.Count(s.src[s.at:s.at+2+end], "\n")
	s.at += end + 4
}

// quoted reads a string that may hold braces and line ends.
func (s *scanner) quoted() (token, bool) {
	end := closing(s.src, s.at)
	if end == 0 {
		return token{}, false
	}
	const longest = 1 << 20
	text := s.src[s.at+1 : end]
	lines := strings.Count(text, "\n")
	if s.src[s.at] == '\'' && lines > 0 || len(text) > longest {
		return token{}, false
	}
	t := token{tWord, unescape(text), s.line}
	s.line += lines
	s.at = end + 1
	return t, true
}

func (s *scanner) word() token {
	from := s.at
	s.at++ // a word has at least one character, whatever it is
	for s.at < len(s.src) && strings.IndexByte(" \t\r\n{}[];", s.src[s.at]) < 0 {
		s.at++
	}
	return token{tWord, s.src[from:s.at], s.line}
}

// skipBalanced moves in front of the brace that closes the one just read.
func (s *scanner) skipBalanced() {
	depth := 1
	for s.at < len(s.src) {
		switch s.src[s.at] {
		case '\n':
			s.line++
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return
			}
		}
		s.at++
	}
}
