package tree

import (
	"fmt"
	"regexp"
	"strings"
)

// Pattern is one step of a path: fixed words; "*" one token of the key; "?"
// one token of the value; "~" the rest is value; "**" the rest is key;
// "(a|b c)" alternatives, part of the key; "/re/" an RE2 expression on one
// token of the value, "/re/*" of the key; "[x]" optional; "{name}" one token
// of the value, "{name…}" the rest.
type Pattern struct {
	src   string
	elems []elem
	first string // the fixed first word, "" when there is none
	score int    // how specific it is
}

type elemKind uint8

const (
	eWord elemKind = iota
	eKey
	eValue
	eRest
	eRestKey
	eAlt
	eRegex
	eOpt
)

type elem struct {
	kind elemKind
	word string
	re   *regexp.Regexp
	key  bool     // eRegex: part of the key
	alts [][]elem // eAlt: the choices; eOpt: one
}

// CompilePattern reads one step.
func CompilePattern(s string) (Pattern, error) {
	p := patternParser{s: s}
	elems, err := p.seq("")
	if err != nil {
		return Pattern{}, fmt.Errorf("pattern %q: %w", s, err)
	}
	out := Pattern{src: s, elems: elems, score: specific(elems)}
	if len(elems) > 0 && elems[0].kind == eWord {
		out.first = elems[0].word
	}
	return out, nil
}

// String gives the source of the pattern.
func (p Pattern) String() string { return p.src }

// CompilePath reads steps that are joined by " / ".
func CompilePath(s string) ([]Pattern, error) {
	var out []Pattern
	for _, step := range strings.Split(s, " / ") {
		p, err := CompilePattern(strings.TrimSpace(step))
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func specific(elems []elem) int {
	n := 0
	for _, e := range elems {
		switch e.kind {
		case eWord:
			n += 8
		case eAlt, eRegex:
			n += 6
		case eKey, eValue:
			n += 3
		case eOpt:
			n++
		}
	}
	return n
}

type patternParser struct {
	s  string
	at int
}

// seq reads elements until one of the characters of stop.
func (p *patternParser) seq(stop string) ([]elem, error) {
	var out []elem
	for p.at < len(p.s) {
		c := p.s[p.at]
		if strings.IndexByte(stop, c) >= 0 {
			return out, nil
		}
		var e elem
		var err error
		switch {
		case c == ' ':
			p.at++
			continue
		case c == '(':
			e, err = p.group(')')
			if err == nil && p.peek() == '*' {
				p.at++ // alternatives are part of the key anyway
			}
		case c == '[':
			e, err = p.group(']')
			e.kind = eOpt
		case c == '/' && p.regexEnd() > 0:
			e, err = p.regex()
		default:
			e = p.word(stop)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	if stop != "" {
		return nil, fmt.Errorf("nothing closes it")
	}
	return out, nil
}

func (p *patternParser) peek() byte {
	if p.at < len(p.s) {
		return p.s[p.at]
	}
	return 0
}

func (p *patternParser) group(end byte) (elem, error) {
	p.at++
	e := elem{kind: eAlt}
	for {
		alt, err := p.seq("|" + string(end))
		if err != nil {
			return e, err
		}
		e.alts = append(e.alts, alt)
		c := p.s[p.at]
		p.at++
		if c == end {
			return e, nil
		}
	}
}

// regexEnd finds the slash that ends an expression: one before a blank, a
// star, a bracket or the end. A word such as /interface has none.
func (p *patternParser) regexEnd() int {
	for i := p.at + 1; i < len(p.s) && p.s[i] != ' '; i++ {
		if p.s[i] == '/' && i > p.at+1 && (i+1 == len(p.s) || strings.IndexByte(" *])|", p.s[i+1]) >= 0) {
			return i
		}
	}
	return 0
}

func (p *patternParser) regex() (elem, error) {
	end := p.regexEnd()
	re, err := regexp.Compile(`^(?:` + p.s[p.at+1:end] + `)$`)
	p.at = end + 1
	e := elem{kind: eRegex, re: re}
	if p.peek() == '*' {
		p.at++
		e.key = true
	}
	return e, err
}

func (p *patternParser) word(stop string) elem {
	from := p.at
	for p.at < len(p.s) && p.s[p.at] != ' ' && strings.IndexByte(stop, p.s[p.at]) < 0 {
		p.at++
	}
	switch w := p.s[from:p.at]; {
	case w == "*":
		return elem{kind: eKey}
	case w == "?":
		return elem{kind: eValue}
	case w == "~":
		return elem{kind: eRest}
	case w == "**":
		return elem{kind: eRestKey}
	case strings.HasPrefix(w, "{") && strings.HasSuffix(w, "…}"):
		return elem{kind: eRest}
	case strings.HasPrefix(w, "{") && strings.HasSuffix(w, "}"):
		return elem{kind: eValue}
	default:
		return elem{kind: eWord, word: w}
	}
}

// Match says whether the words match, all of them. key is what gives identity
// (fixed words and key tokens), rest the words of the value, keyed the key
// tokens that stand for {1}, {2} ….
func (p Pattern) Match(words []string) (key string, rest []string, keyed []string, ok bool) {
	if p.first != "" && (len(words) == 0 || words[0] != p.first) {
		return "", nil, nil, false
	}
	m := matcher{words: words, role: make([]role, len(words))}
	if !m.match(p.elems, 0, nil) {
		return "", nil, nil, false
	}
	var b strings.Builder
	for i, w := range words {
		if m.role[i] == roleValue {
			rest = append(rest, w)
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(quoteWord(w))
		if m.role[i] == roleKeyed {
			keyed = append(keyed, w)
		}
	}
	return b.String(), rest, keyed, true
}

// Matches is Match without its parts, and without allocating.
func (p Pattern) Matches(words []string) bool {
	if p.first != "" && (len(words) == 0 || words[0] != p.first) {
		return false
	}
	m := matcher{words: words}
	return m.match(p.elems, 0, nil)
}

type role uint8

const (
	roleFixed role = iota
	roleKeyed
	roleValue
)

type matcher struct {
	words []string
	role  []role
}

func (m *matcher) set(i int, r role) {
	if m.role != nil {
		m.role[i] = r
	}
}

// match tries elems from words[at] on; then is what must match behind them.
func (m *matcher) match(elems []elem, at int, then *tail) bool {
	if len(elems) == 0 {
		if then != nil {
			return m.match(then.elems, at, then.next)
		}
		return at == len(m.words)
	}
	e := &elems[0]
	switch e.kind {
	case eAlt:
		for _, alt := range e.alts {
			if m.match(alt, at, &tail{elems[1:], then}) {
				m.setAlt(alt, at)
				return true
			}
		}
		return false
	case eOpt:
		return m.match(e.alts[0], at, &tail{elems[1:], then}) || m.match(elems[1:], at, then)
	case eRest, eRestKey:
		return m.matchRest(elems, at, then)
	}
	if at >= len(m.words) {
		return false
	}
	w, r := m.words[at], roleFixed
	switch e.kind {
	case eWord:
		if w != e.word {
			return false
		}
	case eKey:
		r = roleKeyed
	case eValue:
		r = roleValue
	case eRegex:
		if !e.re.MatchString(w) {
			return false
		}
		r = roleValue
		if e.key {
			r = roleKeyed
		}
	}
	if !m.match(elems[1:], at+1, then) {
		return false
	}
	m.set(at, r)
	return true
}

type tail struct {
	elems []elem
	next  *tail
}

// matchRest takes as many words as it can: at least one for a value.
func (m *matcher) matchRest(elems []elem, at int, then *tail) bool {
	least, r := at, roleKeyed
	if elems[0].kind == eRest {
		least, r = at+1, roleValue
	}
	for end := len(m.words); end >= least; end-- {
		if m.match(elems[1:], end, then) {
			for i := at; i < end; i++ {
				m.set(i, r)
			}
			return true
		}
	}
	return false
}

// setAlt numbers a chosen alternative of one fixed word as a key token.
func (m *matcher) setAlt(alt []elem, at int) {
	if len(alt) == 1 && alt[0].kind == eWord {
		m.set(at, roleKeyed)
	}
}
