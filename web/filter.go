package web

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/plumbline-net/plumbline/configstore/search"
)

// filter is words such as `site:berlin role:core changed:<24h not:saved`,
// read into one predicate.
type filter struct {
	words []word
	now   time.Time
}

// word is one word of a filter; Key "" is a bare word.
type word struct {
	Not        bool
	Key, Value string
}

func (w word) String() string {
	s := w.Value
	if strings.ContainsFunc(s, unicode.IsSpace) || s == "" {
		s = `"` + s + `"`
	}
	if w.Key != "" {
		s = w.Key + ":" + s
	}
	if w.Not {
		s = "not:" + s
	}
	return s
}

// The keys of a filter of devices, and what may stand behind some of them.
var (
	filterKeys = []string{"site", "role", "kind", "vendor", "platform", "model", "version", "serial", "name", "address", "tag",
		"backup", "controller", "reason", "rules", "saved", "approved", "changed", "seen"}
	backupWords = []string{"stored", "failed", "stale", "never", "fresh", keptByController}
)

// filterError says which word is not understood and what was perhaps meant.
type filterError struct{ Word, Hint string }

func (e *filterError) Error() string {
	if e.Hint == "" {
		return fmt.Sprintf("%q is not a word of this filter", e.Word)
	}
	return fmt.Sprintf("%q is not a word of this filter: %s", e.Word, e.Hint)
}

// parseFilter reads the words. It is total: what it cannot read is an error
// that names it.
func parseFilter(q string, now time.Time) (filter, error) {
	f := filter{now: now}
	for _, tok := range tokens(q) {
		w := word{}
		rest, not := strings.CutPrefix(tok, "not:")
		w.Not = not
		key, value, keyed := strings.Cut(rest, ":")
		switch {
		case !keyed && not && (rest == "compliant" || rest == "saved"):
			w.Not = false
			if w.Key, w.Value = "saved", "no"; rest == "compliant" {
				w.Key, w.Value = "rules", "fail"
			}
		case !keyed || isAddress(rest):
			w.Value = strings.Trim(rest, `"`)
		default:
			w.Key, w.Value = strings.ToLower(key), strings.Trim(value, `"`)
			if err := w.check(now); err != nil {
				return f, err
			}
		}
		if w.Value != "" || w.Key != "" {
			f.words = append(f.words, w)
		}
	}
	return f, nil
}

// isAddress keeps IPv6 addresses and MACs from being read as key:value.
func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || strings.Count(s, ":") > 1
}

func (w word) check(now time.Time) error {
	switch w.Key {
	case "backup":
		return oneOf(w, backupWords)
	case "rules":
		return oneOf(w, []string{"fail", "pass", "unknown", "none"})
	case "saved":
		return oneOf(w, []string{"yes", "no"})
	case "approved":
		return oneOf(w, []string{"yes", "no", "never"})
	case "changed", "seen":
		if _, _, ok := search.ReadAge(w.Value); !ok {
			return &filterError{w.String(), "write an age, such as <24h, >7d"}
		}
		return nil
	}
	for _, k := range filterKeys {
		if k == w.Key {
			return nil
		}
	}
	return &filterError{w.Key + ":", "did you mean " + nearest(w.Key, filterKeys) + ":?"}
}

func oneOf(w word, allowed []string) error {
	for _, a := range allowed {
		if w.Value == a {
			return nil
		}
	}
	return &filterError{w.String(), "one of " + strings.Join(allowed, ", ")}
}

// tokens splits at blanks outside of quotes.
func tokens(q string) []string {
	var out []string
	var b strings.Builder
	quoted := false
	for _, r := range q {
		switch {
		case r == '"':
			quoted = !quoted
			b.WriteRune(r)
		case unicode.IsSpace(r) && !quoted:
			if b.Len() > 0 {
				out = append(out, b.String())
				b.Reset()
			}
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() > 0 {
		out = append(out, b.String())
	}
	return out
}

// without is the filter less its words of one key, denied ones excepted: those
// go with every value of it.
func (f filter) without(key string) filter {
	f.words = slices.DeleteFunc(slices.Clone(f.words), func(w word) bool { return w.Key == key && !w.Not })
	return f
}

// match says whether a row has all words. Words of one key are alternatives,
// except that each "not" excludes.
func (f filter) match(r deviceRow) bool {
	anyOf := map[string]bool{}
	for _, w := range f.words {
		hit := f.hit(w, r)
		switch {
		case w.Not && hit:
			return false
		case w.Not:
		case w.Key == "":
			if !hit {
				return false
			}
		default:
			anyOf[w.Key] = anyOf[w.Key] || hit
		}
	}
	for _, ok := range anyOf {
		if !ok {
			return false
		}
	}
	return true
}

func (f filter) hit(w word, r deviceRow) bool {
	v := strings.ToLower(w.Value)
	same := func(s string) bool { return strings.ToLower(s) == v }
	switch w.Key {
	case "":
		return holds(v, r.Name, addressText(r.Address), string(r.Managed.MAC), r.Serial, r.Model, r.Version, r.Site)
	case "site":
		return same(r.Site)
	case "role":
		return same(r.Role)
	case "kind":
		return same(string(r.Kind))
	case "vendor":
		return same(r.Vendor)
	case "platform":
		return same(string(r.Platform))
	case "model":
		return holds(v, r.Model)
	case "version":
		return holds(v, r.Version)
	case "serial":
		return same(r.Serial)
	case "name":
		return holds(v, r.Name)
	case "address":
		return holds(v, addressText(r.Address))
	case "tag":
		return holds(v, r.Tags...)
	case "backup":
		return r.Backup == v || (v == "fresh" && f.fresh(r))
	case "controller":
		return same(string(r.Managed.Controller)) || same(r.Managed.Name)
	case "reason":
		return same(string(r.Reason))
	case "rules":
		return r.rulesWord(v)
	case "saved":
		return r.savedWord() == v
	case "approved":
		return r.approvedWord() == v
	case "changed":
		return f.within(w.Value, r.Changed)
	case "seen":
		return f.within(w.Value, r.LastSeen)
	}
	return false
}

// fresh: the running configuration was confirmed within 24 hours and the last
// attempt did not fail.
func (f filter) fresh(r deviceRow) bool {
	t := r.confirmed()
	return r.Backup == "stored" && !t.IsZero() && f.now.Sub(t) <= 24*time.Hour
}

// savedWord is "" where there is no startup configuration to be saved to.
func (r deviceRow) savedWord() string {
	switch {
	case r.ByController():
		return ""
	case r.Unsaved > 0:
		return "no"
	case r.State.Startup != nil:
		return "yes"
	}
	return ""
}

// approvedWord is "never" where nothing is approved to compare with, "" where
// nothing can be: its controller keeps the configuration.
func (r deviceRow) approvedWord() string {
	switch {
	case r.ByController():
		return ""
	case !r.Approved:
		return "never"
	case r.Unapproved > 0:
		return "no"
	}
	return "yes"
}

func (r deviceRow) rulesWord(v string) bool {
	switch v {
	case "fail":
		return r.Fail > 0
	case "pass":
		return r.Fail == 0 && r.Pass > 0
	case "unknown":
		return r.Unknown > 0
	}
	return !r.ByController() && r.Fail+r.Pass+r.Unknown == 0
}

func (f filter) within(v string, t time.Time) bool {
	d, older, ok := search.ReadAge(v)
	if !ok || t.IsZero() {
		return false
	}
	return (f.now.Sub(t) > d) == older
}

func holds(v string, in ...string) bool {
	for _, s := range in {
		if strings.Contains(strings.ToLower(s), v) {
			return true
		}
	}
	return false
}

// nearest is the word with the fewest edits from s.
func nearest(s string, words []string) string {
	best, at := 1<<30, ""
	for _, w := range words {
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

// keyed says whether a word names a key: a filter, and no text to search for.
func (f filter) keyed() bool {
	return slices.ContainsFunc(f.words, func(w word) bool { return w.Key != "" })
}
