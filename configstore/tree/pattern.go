package tree

// Pattern is one step of a path: fixed words, "*" a token of the key, "?" a
// token of the value, "~" the rest is value, "**" the rest is key, "(a|b)"
// alternatives, "/re/" an expression on one token, "[x]" optional.
type Pattern struct{ src string }

// CompilePattern reads one step.
func CompilePattern(s string) (Pattern, error) { return Pattern{src: s}, nil }

// Match says whether the words match, and splits them: key is what gives
// identity, rest is the value, keyed are the tokens {1}, {2} … of the key.
func (p Pattern) Match(words []string) (key string, rest []string, keyed []string, ok bool) {
	return "", nil, nil, false
}
