package scrub

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/plumbline-net/plumbline/netdev/platform"
)

// Unverifiable stands for a secret that a device prints in another ciphertext
// on every read: it can be neither compared nor told apart.
const Unverifiable = "<secret:unverifiable>"

// Masker turns the value of a secret into 12 hex digits: equal values, equal
// digits. It must not be reversible without a key.
type Masker func(value []byte) string

// KeyMasker masks by HMAC-SHA-256 (RFC 2104) under key, cut to 48 bits.
func KeyMasker(key []byte) Masker {
	key = append([]byte(nil), key...)
	return func(value []byte) string {
		h := hmac.New(sha256.New, key)
		h.Write(value)
		return hex.EncodeToString(h.Sum(nil)[:6])
	}
}

// Secret is a fact about one masked secret. The value itself is not in it.
type Secret struct {
	Line       int    // of the raw text, from 1
	Form       string // clear type-7 dollar-nine sha512 community reencrypted pem …
	Class      string // clear reversible weak-hash strong-hash unknown
	Mask       string // the whole token, <secret:…>
	Dictionary bool   // in the list of default words
	Short      bool   // the plain value is at hand and has fewer than 8 bytes
}

// Changed says who changed the configuration last, and when, as the text
// itself tells.
type Changed struct{ By, At string }

// Result is what is left of a raw text.
type Result struct {
	Text    []byte // noise dropped, secrets masked, line ends \n
	Lines   []int  // Lines[i] is the raw line (from 1) of line i+1 of Text
	Secrets []Secret
	Changed *Changed // nil when the text does not say
	Dropped int      // noise lines
}

// Scrubber cleans the texts of one platform. It is safe for concurrent use.
type Scrubber struct {
	rules  []rule // secrets in order: the platform's own, then the catch-alls
	noise  []noise
	lits   *automaton
	always []int // rules, then noise, without a literal
	scoped bool  // some rule asks for the headers above a line
	family string
	weak   map[string]string
	moves  bool // the platform prints other ciphertext on every read
}

type rule struct {
	re, within, unless, not *regexp.Regexp
	form                    string
	formAt                  int   // group form, -1 without
	groups                  []int // groups s, s1, s2 …
	check                   func(line, value []byte) bool
	word                    bool // begins with a keyword, which must not be a secret itself
}

type noise struct {
	re, within *regexp.Regexp
	changed    bool
	who, when  int
}

// New compiles a rulebook. Do it once for a platform.
func New(book platform.Rulebook) *Scrubber {
	s := &Scrubber{family: book.Syntax.Family, weak: map[string]string{}}
	if s.family == "path" && book.Syntax.Context == "" {
		s.family = "brace" // one language, two spellings
	}
	for _, w := range book.Weak {
		s.weak[w.Form] = w.Class
	}
	for i := range book.Secrets {
		src := &book.Secrets[i]
		if src.Re.Re() == nil {
			continue
		}
		r := newRule(src.Re.Re(), src.Form)
		r.within, r.unless = src.Within.Re(), src.Unless.Re()
		s.moves = s.moves || src.Form == reencrypted
		s.rules = append(s.rules, r)
	}
	s.rules = append(s.rules, compileCatchalls()...)
	for i := range book.Noise {
		src := &book.Noise[i]
		if re := src.Re.Re(); re != nil {
			s.noise = append(s.noise, noise{re: re, within: src.Within.Re(), changed: src.As == "changed-by", who: re.SubexpIndex("who"), when: re.SubexpIndex("when")})
		}
	}
	s.prefilter()
	return s
}

const reencrypted = "reencrypted"

func newRule(re *regexp.Regexp, form string) rule {
	r := rule{re: re, form: form, formAt: re.SubexpIndex("form")}
	for i, name := range re.SubexpNames() {
		if len(name) > 0 && name[0] == 's' && strings.Trim(name[1:], "0123456789") == "" {
			r.groups = append(r.groups, i)
		}
	}
	return r
}

func (s *Scrubber) prefilter() {
	lits := make([][]string, 0, len(s.rules)+len(s.noise)+1)
	for _, r := range s.rules {
		lits = append(lits, literals(r.re.String()))
		s.scoped = s.scoped || r.within != nil || r.not != nil
	}
	for _, n := range s.noise {
		lits = append(lits, literals(n.re.String()))
		s.scoped = s.scoped || n.within != nil
	}
	for i, l := range lits {
		if len(l) == 0 {
			s.always = append(s.always, i)
		}
	}
	s.lits = newAutomaton(append(lits, []string{"private key-----"}))
}
