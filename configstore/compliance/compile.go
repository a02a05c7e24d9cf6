package compliance

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// compiled is a rule with its paths ready to be looked for.
type compiled struct {
	applies []matcher
	each    *blocks
	checker checker
}

// blocks finds the blocks of a ForEach.
type blocks struct {
	block         matcher
	where, unless []matcher
}

// checker is one check, compiled; exactly one part of Check is set.
type checker struct {
	Check
	onMissing                      Verdict
	allOf, anyOf, noneOf, orGlobal []matcher
	of, is                         []matcher
	path                           matcher // of value, count; where a name is used
	define                         []matcher
	matches                        *regexp.Regexp
	each                           *blocks
	sub                            []checker // of all, any; the one of each and follow
}

var ops = []string{"eq", "ne", "in", "not_in", "lt", "le", "gt", "ge", "in_range", "matches", "covers", "not_covers"}

// maxDepth bounds how deep checks lie in each other.
const maxDepth = 6

func compile(r *Rule) (*compiled, error) {
	c := &compiled{}
	if a := r.AppliesWhen; a != nil {
		srcs := a.AnyOf
		if a.Path != "" {
			srcs = append([]string{a.Path}, srcs...)
		}
		if len(srcs) == 0 {
			return nil, fmt.Errorf("applies_when: neither path nor any_of")
		}
		if err := many(&c.applies, "applies_when", srcs); err != nil {
			return nil, err
		}
	}
	var err error
	if r.ForEach != nil {
		if c.each, err = compileBlocks("for_each", *r.ForEach); err != nil {
			return nil, err
		}
	}
	c.checker, err = compileCheck("check", r.Check, r.OnMissing, 0)
	return c, err
}

func compileBlocks(field string, f ForEach) (*blocks, error) {
	m, err := newMatcher(f.Block)
	if err != nil {
		return nil, fmt.Errorf("%s: block: %w", field, err)
	}
	b := &blocks{block: m}
	if err := many(&b.where, field+": where", f.Where); err != nil {
		return nil, err
	}
	return b, many(&b.unless, field+": unless", f.Unless)
}

func many(into *[]matcher, field string, srcs []string) error {
	ms, err := newMatchers(srcs)
	if err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	*into = ms
	return nil
}

// compileCheck compiles one check and those in it. onMissing is the rule's.
func compileCheck(field string, k Check, onMissing Verdict, depth int) (checker, error) {
	c := checker{Check: k, onMissing: onMissing}
	n := 0
	for _, set := range []bool{k.Lines != nil, k.Value != nil, k.Count != nil, k.Secrets != nil, k.Last != nil,
		k.Follow != nil, k.Each != nil, k.All != nil, k.Any != nil} {
		if set {
			n++
		}
	}
	switch {
	case n != 1:
		return c, fmt.Errorf("%s: exactly one of lines, value, count, secrets, last, follow, each, all, any; there are %d", field, n)
	case depth > maxDepth:
		return c, fmt.Errorf("%s: checks lie more than %d deep in each other", field, maxDepth)
	case k.Secrets != nil && depth > 0:
		return c, fmt.Errorf("%s: secrets: only at the top of a rule", field)
	case k.Lines != nil:
		return c, c.compileLines(field+": lines", k.Lines)
	case k.Value != nil:
		return c, c.comparison(field+": value", k.Value, " ~")
	case k.Count != nil:
		return c, c.comparison(field+": count", k.Count, "")
	case k.Last != nil:
		if len(k.Last.Is) == 0 {
			return c, fmt.Errorf("%s: last: is: missing", field)
		}
		if err := many(&c.of, field+": last: of", k.Last.Of); err != nil {
			return c, err
		}
		return c, many(&c.is, field+": last: is", k.Last.Is)
	case k.Follow != nil:
		return c, c.compileFollow(field+": follow", k.Follow, depth)
	case k.Each != nil:
		var err error
		if c.each, err = compileBlocks(field+": each", k.Each.ForEach); err != nil {
			return c, err
		}
		if !known(k.Each.None) || !known(k.Each.Mixed) {
			return c, fmt.Errorf("%s: each: none %q or mixed %q is no verdict", field, k.Each.None, k.Each.Mixed)
		}
		return c, c.inner(field+": each", onMissing, depth, k.Each.Check)
	case k.All != nil:
		return c, c.inner(field+": all", onMissing, depth, k.All...)
	case k.Any != nil:
		return c, c.inner(field+": any", onMissing, depth, k.Any...)
	}
	return c, nil // secrets
}

func (c *checker) inner(field string, onMissing Verdict, depth int, checks ...Check) error {
	if len(checks) == 0 {
		return fmt.Errorf("%s: no check in it", field)
	}
	for i, k := range checks {
		s, err := compileCheck(fmt.Sprintf("%s: %d", field, i+1), k, onMissing, depth+1)
		if err != nil {
			return err
		}
		c.sub = append(c.sub, s)
	}
	return nil
}

func (c *checker) compileFollow(field string, f *Follow, depth int) error {
	m, err := newMatcher(f.Use)
	if err != nil {
		return fmt.Errorf("%s: use: %w", field, err)
	}
	c.path = m
	switch {
	case len(f.Define) == 0:
		return fmt.Errorf("%s: define: missing", field)
	case f.Never && f.Check != nil:
		return fmt.Errorf("%s: never: there is nothing to check then", field)
	case !known(f.OnMissing) || !known(f.Mixed):
		return fmt.Errorf("%s: on_missing %q or mixed %q is no verdict", field, f.OnMissing, f.Mixed)
	}
	if err := many(&c.define, field+": define", f.Define); err != nil {
		return err
	}
	if f.Check == nil {
		return nil
	}
	return c.inner(field, c.onMissing, depth, *f.Check)
}

func (c *checker) compileLines(field string, l *Lines) error {
	if len(l.AllOf)+len(l.AnyOf)+len(l.NoneOf) == 0 {
		return fmt.Errorf("%s: neither all_of, any_of nor none_of", field)
	}
	for _, f := range []struct {
		into  *[]matcher
		field string
		srcs  []string
	}{{&c.allOf, "all_of", l.AllOf}, {&c.anyOf, "any_of", l.AnyOf}, {&c.noneOf, "none_of", l.NoneOf}, {&c.orGlobal, "or_global", l.OrGlobal}} {
		if err := many(f.into, field+": "+f.field, f.srcs); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) comparison(field string, v *Value, suffix string) error {
	m, err := newMatcher(v.Path + suffix)
	if err != nil {
		return fmt.Errorf("%s: path: %w", field, err)
	}
	c.path = m
	if v.OnMissing != "" {
		c.onMissing = v.OnMissing
	}
	switch {
	case !slices.Contains(ops, v.Op):
		return fmt.Errorf("%s: op: %q is not one of %q", field, v.Op, ops)
	case !known(v.OnMissing):
		return fmt.Errorf("%s: on_missing: %q is no verdict", field, v.OnMissing)
	}
	want := 1
	switch v.Op {
	case "in", "not_in":
		want = max(1, len(v.Arg))
	case "in_range":
		want = 2
	}
	if len(v.Arg) != want {
		return fmt.Errorf("%s: arg: %s takes %d, there are %d", field, v.Op, want, len(v.Arg))
	}
	switch v.Op {
	case "lt", "le", "gt", "ge", "in_range", "covers", "not_covers":
		for _, a := range v.Arg {
			if _, err := strconv.ParseFloat(a, 64); err != nil {
				return fmt.Errorf("%s: arg: %q is no number", field, a)
			}
		}
	case "matches":
		if c.matches, err = regexp.Compile(v.Arg[0]); err != nil {
			return fmt.Errorf("%s: arg: %w", field, err)
		}
	}
	return nil
}

// known says whether v may stand where a rule names a verdict; "" is none.
func known(v Verdict) bool {
	return slices.Contains([]Verdict{"", Pass, Fail, NotApplicable, Unknown}, v)
}
