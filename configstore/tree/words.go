package tree

import "strings"

// splitWords cuts a line into words: blanks part, quotes group and go away.
// buf is reused. The words are parts of s wherever no escape stands in them.
func splitWords(s string, quote string, buf []string) []string {
	buf = buf[:0]
	for i := 0; i < len(s); {
		c := s[i]
		if c == ' ' || c == '\t' || c == '\r' {
			i++
			continue
		}
		if strings.IndexByte(quote, c) >= 0 {
			if end := closing(s, i); end > 0 && (end+1 == len(s) || isBlank(s[end+1])) {
				buf = append(buf, unescape(s[i+1:end]))
				i = end + 1
				continue
			}
		}
		j := i
		for j < len(s) && !isBlank(s[j]) {
			j++
		}
		buf = append(buf, s[i:j])
		i = j
	}
	return buf
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// closing finds the quote that closes the one at i, 0 when there is none.
func closing(s string, i int) int {
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			j++
		case s[i]:
			return j
		}
	}
	return 0
}

func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\'' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// quoteWord writes a word so that a joined line splits into the same words.
func quoteWord(w string) string {
	if w != "" && !strings.ContainsAny(w, " \t\n") {
		return w
	}
	return `"` + w + `"`
}

func joinWords(words []string) string {
	if len(words) == 1 {
		return quoteWord(words[0])
	}
	plain := true
	n := len(words)
	for _, w := range words {
		if w == "" || strings.ContainsAny(w, " \t\n") {
			plain = false
		}
		n += len(w)
	}
	if plain {
		return strings.Join(words, " ")
	}
	var b strings.Builder
	b.Grow(n)
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(quoteWord(w))
	}
	return b.String()
}

// number reads a decimal number of at most nine digits, -1 for anything else.
func number(w string) int {
	if w == "" || len(w) > 9 {
		return -1
	}
	n := 0
	for i := 0; i < len(w); i++ {
		if w[i] < '0' || w[i] > '9' {
			return -1
		}
		n = n*10 + int(w[i]-'0')
	}
	return n
}
