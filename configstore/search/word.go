package search

import (
	"errors"
	"regexp/syntax"
	"strings"
)

// patternError points at the part of a pattern that does not compile.
func patternError(src string, at int, err error) *Error {
	var se *syntax.Error
	if !errors.As(err, &se) {
		return &Error{at, "this pattern cannot be read"}
	}
	i := strings.LastIndex(src, se.Expr)
	if i < 0 {
		i = 0
	}
	text := string(se.Code)
	if se.Code == syntax.ErrMissingParen {
		i = unclosed(src)
	}
	if se.Expr != "" && se.Expr != src {
		text += ": " + se.Expr
	}
	return &Error{at + i, "the pattern: " + text}
}

// unclosed finds the parenthesis that has no other end.
func unclosed(src string) int {
	var open []int
	class := false
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			open = append(open, i)
		case c == ')' && len(open) == 0:
			return i
		case c == ')':
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return open[len(open)-1]
	}
	return 0
}

// nearest is the known word with the fewest edits from s.
func nearest(s string) string {
	best, at := 1<<30, ""
	for _, w := range append(textKeys(), deviceKeys()...) {
		if d := edits(s, w); d < best {
			best, at = d, w
		}
	}
	return at
}

func edits(a, b string) int {
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur := make([]int, len(b)+1)
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
		}
		prev = cur
	}
	return prev[len(b)]
}
