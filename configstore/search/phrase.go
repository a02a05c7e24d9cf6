package search

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Phrase is words that stand one after the other in a line, case folded.
// A word may hold * for any part of a word, or be /a pattern/ of one word.
type Phrase struct {
	re *regexp.Regexp
	// need is a part, lower case, that every line with the phrase holds; "" for
	// none that is known.
	need string
	last string // the last word, lower case, where it is fixed
}

// gap is what may stand between two words: blanks, and the signs that syntaxes
// put around words.
const gap = `[\s;{}\[\]()"',]+`

// phrase reads words. Patterns between slashes may hold no blank.
func phrase(s string, at int) (*Phrase, error) {
	var b strings.Builder
	p := &Phrase{}
	b.WriteString(`(?i)`)
	n := 0
	for i := 0; i < len(s); {
		if isBlank(s[i]) {
			i++
			continue
		}
		j := i
		for j < len(s) && !isBlank(s[j]) {
			j++
		}
		w := s[i:j]
		if n++; n > 1 {
			b.WriteString(gap)
		}
		if len(w) > 2 && w[0] == '/' && w[len(w)-1] == '/' {
			if _, err := compile(w[1:len(w)-1], at+i+1); err != nil {
				return nil, err
			}
			b.WriteString(`(?-i:` + w[1:len(w)-1] + `)`)
			p.last = ""
		} else {
			p.literal(&b, w)
		}
		i = j
	}
	if n == 0 {
		return nil, &Error{at, "no word stands here"}
	}
	re, err := regexp.Compile(b.String())
	if err != nil {
		return nil, &Error{at, "these words cannot be read as a pattern"}
	}
	re.Longest()
	p.re = re
	return p, nil
}

// literal writes a word with its globs and notes its longest fixed part.
func (p *Phrase) literal(b *strings.Builder, w string) {
	p.last = ""
	if !strings.Contains(w, "*") && isASCII(w) {
		p.last = strings.ToLower(w)
	}
	for i, part := range strings.Split(w, "*") {
		if i > 0 {
			b.WriteString(`\S*`)
		}
		b.WriteString(regexp.QuoteMeta(part))
		if len(part) > len(p.need) && isASCII(part) {
			p.need = strings.ToLower(part)
		}
	}
}

// isASCII: other letters fold in ways that a comparison of bytes misses.
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// find gives where the phrase stands as whole words in a line.
func (p *Phrase) find(line string) (from, to int, ok bool) {
	for at := 0; at <= len(line); {
		loc := p.re.FindStringIndex(line[at:])
		if loc == nil {
			return 0, 0, false
		}
		from, to = at+loc[0], at+loc[1]
		if to > from && wordStart(line, from) && wordEnd(line, to) {
			return from, to, true
		}
		_, n := utf8.DecodeRuneInString(line[from:])
		at = from + max(n, 1)
	}
	return 0, 0, false
}

// begins says whether the words are the first of a statement, and where they
// end.
func (p *Phrase) begins(s string) (end int, ok bool) {
	loc := p.re.FindStringIndex(s)
	if loc == nil || loc[0] != 0 || loc[1] == 0 || !wordEnd(s, loc[1]) {
		return 0, false
	}
	return loc[1], true
}

func wordStart(s string, i int) bool {
	before, n := utf8.DecodeLastRuneInString(s[:i])
	first, _ := utf8.DecodeRuneInString(s[i:])
	switch {
	case i == 0 || !isWord(first):
		return true
	case before == '.' || before == '-':
		before, _ = utf8.DecodeLastRuneInString(s[:i-n])
	}
	return !isWord(before)
}

func wordEnd(s string, i int) bool {
	last, _ := utf8.DecodeLastRuneInString(s[:i])
	next, n := utf8.DecodeRuneInString(s[i:])
	switch {
	case i == len(s) || !isWord(last):
		return true
	case next == '.' || next == '-':
		next, _ = utf8.DecodeRuneInString(s[i+n:])
	}
	return !isWord(next)
}

func isWord(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
