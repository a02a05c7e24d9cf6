package compliance

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// holds compares the words behind a path. Words that are no number fail where
// a number is asked for: ok is false then.
func (v Value) holds(words []string, re *regexp.Regexp) (holds, ok bool) {
	value := words[0]
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
	case "covers", "not_covers":
		in, ok := covers(words, v.bound(0))
		return in == (v.Op == "covers") && ok, ok
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return false, false
	}
	switch v.Op {
	case "lt":
		return n < v.bound(0), true
	case "le":
		return n <= v.bound(0), true
	case "gt":
		return n > v.bound(0), true
	case "ge":
		return n >= v.bound(0), true
	default:
		return n >= v.bound(0) && n <= v.bound(1), true
	}
}

// bound gives an argument as a number; it was checked when the rule was loaded.
func (v Value) bound(i int) float64 {
	f, _ := strconv.ParseFloat(v.Arg[i], 64)
	return f
}

// covers says whether a list such as "1,5-9" holds n. The words all and none
// are lists too. ok is false for what is no list.
func covers(words []string, n float64) (in, ok bool) {
	for _, w := range words {
		for part := range strings.SplitSeq(w, ",") {
			switch part {
			case "", "add":
				continue
			case "all":
				return true, true
			case "none":
				ok = true
				continue
			}
			from, to, ranged := strings.Cut(part, "-")
			low, err := strconv.ParseFloat(from, 64)
			high := low
			if ranged && err == nil {
				high, err = strconv.ParseFloat(to, 64)
			}
			if err != nil {
				return false, false
			}
			ok = true
			in = in || low <= n && n <= high
		}
	}
	return in, ok
}
