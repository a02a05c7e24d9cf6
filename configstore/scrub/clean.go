package scrub

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Clean drops noise and masks secrets; what is not UTF-8 is read as Latin-1.
// O(n); never fails.
func (s *Scrubber) Clean(raw []byte, mask Masker) Result {
	if !utf8.Valid(raw) {
		raw = latin1(raw)
	}
	return s.run(raw, mask, false)
}

// Mask masks secrets and leaves every other byte as it is, noise included.
func (s *Scrubber) Mask(raw []byte, mask Masker) []byte { return s.run(raw, mask, true).Text }

// MaskLines is Mask with the line map and the facts.
func (s *Scrubber) MaskLines(raw []byte, mask Masker) Result { return s.run(raw, mask, true) }

func latin1(raw []byte) []byte {
	out := make([]byte, 0, len(raw)+len(raw)/8)
	for _, c := range raw {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

// pass is one reading of one text.
type pass struct {
	s    *Scrubber
	mask Masker
	keep bool // noise and line ends stay
	out  Result
	sc   scope
	hits bits
	line int
	key  pemState
}

func (s *Scrubber) run(raw []byte, mask Masker, keep bool) Result {
	p := &pass{s: s, mask: mask, keep: keep, sc: scope{family: s.family}, hits: make(bits, s.lits.words)}
	p.out.Text = make([]byte, 0, len(raw)+len(raw)/16+1)
	p.out.Lines = make([]int, 0, bytes.Count(raw, []byte{'\n'})+1)
	for len(raw) > 0 {
		line, end, rest := cutLine(raw)
		p.line++
		p.one(line, end)
		raw = rest
	}
	p.flushKey()
	return p.out
}

// cutLine parts a line from its end: \n, \r\n, \r\r\n or a lone \r.
func cutLine(raw []byte) (line, end, rest []byte) {
	n := bytes.IndexByte(raw, '\n')
	whole := raw
	if n >= 0 {
		whole = raw[:n+1]
	}
	r := bytes.IndexByte(whole, '\r')
	if r < 0 {
		if n < 0 {
			return raw, nil, nil
		}
		return raw[:n], raw[n : n+1], raw[n+1:]
	}
	e := r + 1
	for e < len(whole) && whole[e] == '\r' {
		e++
	}
	if e < len(whole) && whole[e] == '\n' {
		return raw[:r], raw[r : e+1], raw[e+1:]
	}
	return raw[:r], raw[r : r+1], raw[r+1:]
}

func (p *pass) emit(line, end []byte, at int) {
	p.out.Text = append(p.out.Text, line...)
	if p.keep {
		p.out.Text = append(p.out.Text, end...)
	} else {
		p.out.Text = append(p.out.Text, '\n')
	}
	p.out.Lines = append(p.out.Lines, at)
}

func (p *pass) one(line, end []byte) {
	if p.key.open && p.insideKey(line, end) {
		return
	}
	clear(p.hits)
	hit := p.s.lits.scan(line, p.hits)
	if hit || len(p.s.always) > 0 {
		if !p.sc.quoted && p.isNoise(line) && !p.keep {
			p.out.Dropped++
			return
		}
		out := p.secrets(line)
		if p.hits.has(len(p.s.rules)+len(p.s.noise)) && startsKey(line) {
			p.key = pemState{open: true, moves: p.s.moves && bytes.Contains(line, []byte("ENCRYPTED"))}
		}
		p.emit(out, end, p.line)
	} else {
		p.emit(line, end, p.line)
	}
	if p.s.scoped {
		p.sc.enter(line)
	}
}

// candidates calls f for the expressions from..to that may match.
func (p *pass) candidates(from, to int, f func(i int) bool) bool {
	for i := from; i < to; i++ {
		if p.hits[i/64] == 0 && i%64 == 0 && i+63 < to && len(p.s.always) == 0 {
			i += 63
			continue
		}
		if (p.hits.has(i) || slices.Contains(p.s.always, i)) && f(i) {
			return true
		}
	}
	return false
}

func (p *pass) isNoise(line []byte) bool {
	base := len(p.s.rules)
	return p.candidates(base, base+len(p.s.noise), func(i int) bool {
		n := &p.s.noise[i-base]
		m := n.re.FindSubmatch(line)
		if m == nil || n.within != nil && !p.sc.within(n.within, line) {
			return false
		}
		if n.changed && p.out.Changed == nil {
			c := Changed{}
			if n.who > 0 {
				c.By = string(m[n.who])
			}
			if n.when > 0 {
				c.At = string(m[n.when])
			}
			if c != (Changed{}) {
				p.out.Changed = &c
			}
		}
		return true
	})
}

type span struct {
	from, to int
	mask     string
}

// secrets gives the line with its secrets masked: the line itself when there
// are none.
func (p *pass) secrets(line []byte) []byte {
	var found []span
	p.candidates(0, len(p.s.rules), func(i int) bool {
		found = p.try(&p.s.rules[i], line, found)
		return false
	})
	if len(found) == 0 {
		return line
	}
	slices.SortFunc(found, func(a, b span) int { return a.from - b.from })
	out := make([]byte, 0, len(line)+32)
	at := 0
	for _, f := range found {
		out = append(append(out, line[at:f.from]...), f.mask...)
		at = f.to
	}
	return append(out, line[at:]...)
}

var token = []byte("<secret:")

// introduces holds words that stand in front of a value and are none, unless
// the line ends with them.
var introduces = words("vrf use-vrf filter-vrf version trap traps inform informs poll source-interface udp-port index password encrypted cipher ciphertext plaintext hash hash2 clear cleartext simple key hex ascii authentication-mode ENC")

func (p *pass) try(r *rule, line []byte, found []span) []span {
	if r.unless != nil && r.unless.Match(line) {
		return found
	}
	for _, m := range r.re.FindAllSubmatchIndex(line, -1) {
		for _, g := range r.groups {
			from, to := m[2*g], m[2*g+1]
			if from < 0 || from == to {
				continue
			}
			from, to = unquoted(line, from, to)
			v := line[from:to]
			if len(v) == 0 || overlaps(found, from, to) || masked(line, from, to) || r.check != nil && !r.check(line, v) {
				continue
			}
			if introduces[string(v)] && len(bytes.TrimSpace(line[to:])) > 0 {
				continue
			}
			if r.word && overlaps(found, m[0], from) {
				continue // what looks like a keyword is a secret itself
			}
			if r.check != nil && bytes.HasPrefix(bytes.TrimLeft(line[to:], " \"'"), token) {
				continue // the word in front of a mask says how the value was written
			}
			if r.within != nil && !p.sc.within(r.within, line) || r.not != nil && p.sc.within(r.not, line) {
				return found
			}
			word := ""
			if r.formAt > 0 && m[2*r.formAt] >= 0 {
				word = string(line[m[2*r.formAt]:m[2*r.formAt+1]])
			} else if w := lastWord(line[:from]); w == "7" || w == "9" || w == "5" || w == "0" {
				word = w
			}
			found = append(found, span{from, to, p.fact(v, formOf(v, word, r.form))})
		}
	}
	return found
}

// fact records a secret and gives its mask.
func (p *pass) fact(v []byte, form string) string {
	f := Secret{Line: p.line, Form: form, Class: p.classOf(form)}
	pl, known := plain(v, form)
	if form == reencrypted {
		f.Mask = Unverifiable
	} else {
		f.Mask = "<secret:" + p.mask(pl) + ">"
	}
	if known {
		f.Dictionary, f.Short = isDefaultWord(pl), len(pl) < 8
	}
	p.out.Secrets = append(p.out.Secrets, f)
	return f.Mask
}

func (p *pass) classOf(form string) string {
	if c := p.s.weak[form]; c != "" {
		return c
	}
	if c := classOf[form]; c != "" {
		return c
	}
	return "unknown"
}

func lastWord(b []byte) string {
	b = bytes.TrimRight(b, " \t\"'")
	return string(b[bytes.LastIndexAny(b, " \t")+1:])
}

// unquoted takes quotes and the end of a statement off a value.
func unquoted(line []byte, from, to int) (int, int) {
	if to-from > 1 && line[to-1] == ';' {
		to--
	}
	if to-from > 1 && (line[from] == '"' || line[from] == '\'') {
		if q := line[from]; line[to-1] == q {
			return from + 1, to - 1
		}
		return from + 1, to
	}
	return from, to
}

func overlaps(found []span, from, to int) bool {
	return slices.ContainsFunc(found, func(f span) bool { return from < f.to && f.from < to })
}

// masked says that the range touches a mask: scrubbing twice changes nothing.
func masked(line []byte, from, to int) bool {
	for at := 0; ; {
		i := bytes.Index(line[at:], token)
		if i < 0 {
			return false
		}
		i += at
		end := i + len(token)
		for end < len(line) && strings.IndexByte("0123456789abcdefunverifiable>", line[end]) >= 0 && line[end-1] != '>' {
			end++
		}
		if from < end && i < to {
			return true
		}
		at = end
	}
}
