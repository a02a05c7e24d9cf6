package search

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// deviceKeys are the words about devices; they are those of every choice of
// devices.
func deviceKeys() []string {
	return []string{"site", "role", "kind", "vendor", "platform", "os", "model", "version", "serial", "name", "address", "tag"}
}

// textKeys are the words about texts.
func textKeys() []string {
	return []string{"in", "has", "lacks", "missing", "re", "changed", "by", "at", "secret"}
}

// Parse reads a query. An error is an *Error that points at the character.
func Parse(q string) (*Query, error) {
	if len(q) > MaxQuery {
		return nil, &Error{MaxQuery, "a query has at most " + strconv.Itoa(MaxQuery) + " bytes"}
	}
	if i := badRune(q); i >= 0 {
		return nil, &Error{i, "this is not text that can be typed"}
	}
	p := parser{src: q, out: &Query{}}
	if err := p.all(); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p.out, nil
}

func badRune(s string) int {
	for i, r := range s {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\t' {
			return i
		}
	}
	return -1
}

type parser struct {
	src   string
	at    int
	words []string // bare ones that stand together
	from  int      // where they begin
	terms int
	first map[string]int // where a key was first used
	out   *Query
}

func (p *parser) all() error {
	p.first = map[string]int{}
	for {
		for p.at < len(p.src) && isBlank(p.src[p.at]) {
			p.at++
		}
		if p.at >= len(p.src) {
			return p.flush()
		}
		if p.terms++; p.terms > maxTerms {
			return &Error{p.at, "a query has at most " + strconv.Itoa(maxTerms) + " words"}
		}
		if err := p.term(); err != nil {
			return err
		}
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// term reads one of: "literal", /pattern/, key:value, word.
func (p *parser) term() error {
	start := p.at
	switch p.src[p.at] {
	case '"':
		text, err := p.quoted()
		if err != nil {
			return err
		}
		if text == "" {
			return &Error{start, "nothing stands between the quotes"}
		}
		return p.add(Term{Literal: text})
	case '/':
		if end := p.slashEnd(); end > 0 {
			src := p.src[p.at+1 : end]
			p.at = end + 1
			return p.regexp(src, start+1)
		}
		if strings.HasSuffix(p.src, "/") || !strings.Contains(p.src[p.at+1:], " ") && strings.ContainsAny(p.src[p.at:], `^$*+()[]|\`) {
			return &Error{start, "the pattern has no closing /"}
		}
	}
	word := p.bare()
	name, not := strings.CutPrefix(word, "not:")
	key, value, keyed := strings.Cut(name, ":")
	key = strings.ToLower(key)
	text := slices.Contains(textKeys(), key)
	known := text || slices.Contains(deviceKeys(), key)
	if !keyed || !not && !known && (!wordLike(key) || strings.HasPrefix(value, "//")) {
		p.word(word, start)
		return nil
	}
	at := start
	if not {
		at += len("not:")
	}
	switch {
	case !known:
		return &Error{at, "there is no word " + strconv.Quote(key+":") + "; did you mean " + nearest(key) + ":? Put quotes around a text that holds a colon"}
	case text && not:
		return &Error{start, "not: stands before words about devices; for texts there are lacks: and missing:"}
	case value == "":
		return &Error{at + len(key) + 1, "nothing stands behind " + key + ":"}
	}
	if err := p.flush(); err != nil {
		return err
	}
	if _, again := p.first[key]; !again {
		p.first[key] = start
	}
	vat := at + len(key) + 1
	if !text {
		p.out.Devices = append(p.out.Devices, Filter{Not: not, Key: key, Value: unquote(value)})
		return nil
	}
	return p.keyed(key, value, vat)
}

// wordLike says that a key looks like one that was meant as such, and not like
// part of an address, a time or a path.
func wordLike(s string) bool {
	return len(s) >= 2 && !strings.ContainsFunc(s, func(r rune) bool { return r < 'a' || r > 'z' }) && !hexWord(s)
}

func hexWord(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) })
}

func (p *parser) keyed(key, value string, at int) error {
	text := unquote(value)
	if strings.HasPrefix(value, `"`) {
		at++
	}
	if key == "re" {
		return p.regexp(text, at)
	}
	switch key {
	case "changed":
		span, older, ok := ReadAge(text)
		if !ok {
			return &Error{at, "write an age, such as 7d, <24h or >30d"}
		}
		p.out.Within = Age{span, older}
		return nil
	case "by":
		p.out.By = append(p.out.By, text)
		return nil
	case "at":
		t, ok := moment(text)
		if !ok {
			return &Error{at, "write a day, such as 2026-10-01, or a time such as 2026-10-01T04:00:00Z"}
		}
		p.out.At = t
		return nil
	case "secret":
		return p.sameAs(text, at)
	}
	ph, err := phrase(text, at)
	if err != nil {
		return err
	}
	switch key {
	case "in":
		if p.out.In != nil {
			return &Error{at, "in: stands once in a query"}
		}
		p.out.In = ph
	case "has":
		p.out.Has = append(p.out.Has, ph)
	case "lacks":
		p.out.Lacks = append(p.out.Lacks, ph)
	default:
		p.out.Missing = append(p.out.Missing, ph)
	}
	return nil
}

func (p *parser) sameAs(text string, at int) error {
	rest, ok := strings.CutPrefix(text, "same-as(")
	rest, end := strings.CutSuffix(rest, ")")
	i := strings.LastIndexByte(rest, ':')
	if !ok || !end || i <= 0 {
		return &Error{at, "write secret:same-as(DEVICE:LINE); a secret's value finds nothing, for anyone"}
	}
	n, err := strconv.Atoi(rest[i+1:])
	if err != nil || n < 1 {
		return &Error{at + len("same-as(") + i + 1, "this is not the number of a line"}
	}
	if p.out.SameAs != nil {
		return &Error{at, "secret: stands once in a query"}
	}
	p.out.SameAs = &Place{Device: rest[:i], Line: n}
	return nil
}

func (p *parser) regexp(src string, at int) error {
	re, err := compile(src, at)
	if err != nil {
		return err
	}
	return p.add(Term{Regexp: re})
}

// word keeps a bare word; the bare words that stand together are one phrase.
func (p *parser) word(w string, at int) {
	if len(p.words) == 0 {
		p.from = at
	}
	p.words = append(p.words, w)
}

func (p *parser) flush() error {
	if len(p.words) == 0 {
		return nil
	}
	ph, err := phrase(strings.Join(p.words, " "), p.from)
	if err != nil {
		return err
	}
	p.words = nil
	p.out.Lines = append(p.out.Lines, Term{Words: ph})
	return nil
}

func (p *parser) add(t Term) error {
	if err := p.flush(); err != nil {
		return err
	}
	p.out.Lines = append(p.out.Lines, t)
	return nil
}

// quoted reads "…", in which \" and \\ stand for the characters.
func (p *parser) quoted() (string, error) {
	start := p.at
	end := quoteEnd(p.src, p.at)
	if end < 0 {
		return "", &Error{start, "the quote is not closed"}
	}
	p.at = end + 1
	return unquote(p.src[start : end+1]), nil
}

// quoteEnd finds the quote that closes the one at i; -1 without.
func quoteEnd(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || quoteEnd(s, 0) != len(s)-1 {
		return s
	}
	// Only the quote and, before it, the backslash need one: patterns keep theirs.
	return strings.ReplaceAll(s[1:len(s)-1], `\"`, `"`)
}

// bare reads up to the next blank that is not between quotes or in a pattern
// behind a key.
func (p *parser) bare() string {
	start := p.at
	for p.at < len(p.src) && !isBlank(p.src[p.at]) {
		if p.src[p.at] == '"' && p.at > start && p.src[p.at-1] == ':' {
			if end := quoteEnd(p.src, p.at); end > 0 {
				p.at = end
			}
		}
		p.at++
	}
	return p.src[start:p.at]
}

// slashEnd finds the / that ends a pattern: the next one that has no backslash
// before it and a blank or nothing behind it.
func (p *parser) slashEnd() int {
	for i := p.at + 1; i < len(p.src); i++ {
		switch {
		case p.src[i] == '\\':
			i++
		case p.src[i] == '/' && i > p.at+1 && (i+1 == len(p.src) || isBlank(p.src[i+1])):
			return i
		}
	}
	return 0
}

// check refuses what cannot be answered together.
func (p *parser) check() error {
	q := p.out
	at, missing := p.first["missing"]
	switch {
	case missing && (len(q.Lines)+len(q.Has)+len(q.Lacks) > 0 || q.In != nil || q.SameAs != nil):
		return &Error{at, "missing: asks whole texts, so it stands without lines and sections; for a section write in: and lacks:"}
	case q.SameAs != nil && q.Sections():
		return &Error{p.first["secret"], "secret: stands without sections"}
	case len(q.Lines) > 0 && (len(q.Has)+len(q.Lacks) > 0) && q.In == nil:
		for _, k := range []string{"has", "lacks"} {
			if i, ok := p.first[k]; ok {
				return &Error{i, k + ": asks of a section: write in: too"}
			}
		}
	case !q.ofText() && len(q.By) == 0 && q.Within == (Age{}):
		return &Error{len(p.src), "say what to look for: a text, /a pattern/, in:, missing:, changed: or by:"}
	}
	return nil
}

func compile(src string, at int) (*regexp.Regexp, error) {
	if len(src) > MaxRegexp {
		return nil, &Error{at + MaxRegexp, "a pattern has at most " + strconv.Itoa(MaxRegexp) + " bytes"}
	}
	re, err := regexp.Compile(src)
	if err != nil {
		return nil, patternError(src, at, err)
	}
	return re, nil
}

// ReadAge reads how long ago something was: "<24h" and "24h" for later than that,
// ">7d" for earlier.
func ReadAge(s string) (d time.Duration, older, ok bool) {
	s, older = strings.CutPrefix(s, ">")
	s = strings.TrimPrefix(s, "<")
	if n, found := strings.CutSuffix(s, "d"); found {
		days, err := strconv.Atoi(n)
		return time.Duration(days) * 24 * time.Hour, older, err == nil && days > 0 && days < 40000
	}
	d, err := time.ParseDuration(s)
	return d, older, err == nil && d > 0
}

// moment reads a day, which means its end (UTC), or a time.
func moment(s string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, true
	}
	t, err := time.Parse(time.DateOnly, s)
	return t.Add(24*time.Hour - time.Nanosecond), err == nil
}
