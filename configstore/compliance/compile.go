package compliance

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// compiled holds the paths of a rule, ready to be looked for.
type compiled struct {
	applies, block                 *matcher
	where, unless                  []matcher
	allOf, anyOf, noneOf, orGlobal []matcher
	value                          *matcher
	matches                        *regexp.Regexp
}

var ops = []string{"eq", "ne", "in", "not_in", "lt", "le", "gt", "ge", "in_range", "matches"}

func compile(r *Rule) (*compiled, error) {
	c := &compiled{}
	one := func(field, src string) (*matcher, error) {
		m, err := newMatcher(src)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
		return &m, nil
	}
	var err error
	if r.AppliesWhen != nil {
		if c.applies, err = one("applies_when: path", r.AppliesWhen.Path); err != nil {
			return nil, err
		}
	}
	if r.ForEach != nil {
		if c.block, err = one("for_each: block", r.ForEach.Block); err != nil {
			return nil, err
		}
		if err := many(&c.where, "for_each: where", r.ForEach.Where); err != nil {
			return nil, err
		}
		if err := many(&c.unless, "for_each: unless", r.ForEach.Unless); err != nil {
			return nil, err
		}
	}
	switch {
	case r.Check.Lines != nil:
		return c, c.lines(r.Check.Lines)
	case r.Check.Value != nil:
		return c, c.comparison("value", r.Check.Value, " ~")
	case r.Check.Count != nil:
		return c, c.comparison("count", r.Check.Count, "")
	}
	return c, nil
}

func many(into *[]matcher, field string, srcs []string) error {
	ms, err := newMatchers(srcs)
	if err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	*into = ms
	return nil
}

func (c *compiled) lines(l *Lines) error {
	if len(l.AllOf)+len(l.AnyOf)+len(l.NoneOf) == 0 {
		return fmt.Errorf("check: lines: neither all_of, any_of nor none_of")
	}
	for _, f := range []struct {
		into  *[]matcher
		field string
		srcs  []string
	}{{&c.allOf, "all_of", l.AllOf}, {&c.anyOf, "any_of", l.AnyOf}, {&c.noneOf, "none_of", l.NoneOf}, {&c.orGlobal, "or_global", l.OrGlobal}} {
		if err := many(f.into, "check: lines: "+f.field, f.srcs); err != nil {
			return err
		}
	}
	return nil
}

func (c *compiled) comparison(field string, v *Value, suffix string) error {
	m, err := newMatcher(v.Path + suffix)
	if err != nil {
		return fmt.Errorf("check: %s: path: %w", field, err)
	}
	c.value = &m
	if !slices.Contains(ops, v.Op) {
		return fmt.Errorf("check: %s: op: %q is not one of %q", field, v.Op, ops)
	}
	want := 1
	switch v.Op {
	case "in", "not_in":
		want = max(1, len(v.Arg))
	case "in_range":
		want = 2
	}
	if len(v.Arg) != want {
		return fmt.Errorf("check: %s: arg: %s takes %d, there are %d", field, v.Op, want, len(v.Arg))
	}
	switch v.Op {
	case "lt", "le", "gt", "ge", "in_range":
		for _, a := range v.Arg {
			if _, err := strconv.ParseFloat(a, 64); err != nil {
				return fmt.Errorf("check: %s: arg: %q is no number", field, a)
			}
		}
	case "matches":
		if c.matches, err = regexp.Compile(v.Arg[0]); err != nil {
			return fmt.Errorf("check: %s: arg: %w", field, err)
		}
	}
	return nil
}

// holds compares a value. A value that is no number fails where a number is
// asked for: ok is false then.
func (v Value) holds(value string, re *regexp.Regexp) (holds, ok bool) {
	switch v.Op {
	case "eq":
		return value == v.Arg[0], true
	case "ne":
		return value != v.Arg[0], true
	case "in":
		return slices.Contains(v.Arg, value), true
	case "not_in":
		return !slices.Contains(v.Arg, value), true
	case "matches":
		return re.MatchString(value), true
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return false, false
	}
	bound := func(i int) float64 {
		f, _ := strconv.ParseFloat(v.Arg[i], 64) // checked when the rule was loaded
		return f
	}
	switch v.Op {
	case "lt":
		return n < bound(0), true
	case "le":
		return n <= bound(0), true
	case "gt":
		return n > bound(0), true
	case "ge":
		return n >= bound(0), true
	default:
		return n >= bound(0) && n <= bound(1), true
	}
}
