package cli

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// What devices of every kind say; a platform file adds its own and is asked
// first.
var (
	anyUser     = regexp.MustCompile(`(?i)(user ?name|login|user): ?$`)
	anyPassword = regexp.MustCompile(`(?i)password: ?$`)
	// A question for another password than the one to log in with is never
	// answered, whatever a platform's expression for passwords matches.
	newPassword = regexp.MustCompile(`(?i)\b(new|old|current|retype|re-?enter|confirm|repeat|verify)\b.{0,30}password`)
	anyMenu     = regexp.MustCompile(`(?i)(enter|type|your|select|choose).{0,30}(option|choice|selection|number).{0,20}[:>] ?$`)
	anyErrors   = []struct {
		re     *regexp.Regexp
		reason netdev.Reason
	}{
		{regexp.MustCompile(`(?i)^%? ?(error: )?(command )?(authori[sz]ation|permission) (failed|denied)|not authori[sz]ed|insufficient privilege`), netdev.Privilege},
		{regexp.MustCompile(`(?i)too many (users|sessions|vty|connections)|maximum number of (users|sessions)`), netdev.SessionLimit},
		{regexp.MustCompile(`(?i)buffer (full|in use)|resource deadlock avoided|database is locked|resource temporarily unavailable`), netdev.DeviceBusy},
		{regexp.MustCompile(`(?i)^\s*(% ?|error: ?%? ?)?(invalid|incomplete|ambiguous|unknown|unrecogni[sz]ed|bad|wrong) (input|command|action|keyword|parameter)`), netdev.CommandError},
		{regexp.MustCompile(`(?i)^(cli )?syntax error|^command (parse error|fail|not found)|: command not found|^E\d+: command not found`), netdev.CommandError},
	}
)

func passwordRe(p *platform.Platform) *regexp.Regexp {
	if re := p.Login.Password.Re(); re != nil {
		return re
	}
	return anyPassword
}

func userRe(p *platform.Platform) *regexp.Regexp {
	if re := p.Login.User.Re(); re != nil {
		return re
	}
	return anyUser
}

// ErrorLine is a line by which a device says that it did not do what was
// asked.
type ErrorLine struct {
	Line   string
	Reason netdev.Reason
	Fresh  bool // worth trying in a fresh session
}

// FindError looks for an error line by the platform's list, then by the common
// one, in the first 20 and the last 5 lines of an answer.
func FindError(p *platform.Platform, text []byte) (ErrorLine, bool) {
	head, tail := edges(text, 20, 5)
	for _, part := range [][]byte{head, tail} {
		for line := range bytes.Lines(part) {
			if e, ok := errorIn(p, strings.TrimRight(string(line), "\r\n")); ok {
				return e, true
			}
		}
	}
	return ErrorLine{}, false
}

func errorIn(p *platform.Platform, line string) (ErrorLine, bool) {
	for i := range p.Errors {
		if e := &p.Errors[i]; e.Match.MatchString(line) {
			return ErrorLine{Line: line, Reason: e.Reason, Fresh: e.Retry == "fresh-session"}, true
		}
	}
	for _, e := range anyErrors {
		if e.re.MatchString(line) {
			return ErrorLine{Line: line, Reason: e.reason, Fresh: e.reason == netdev.DeviceBusy}, true
		}
	}
	return ErrorLine{}, false
}

// edges gives the first and the last lines of a text; they do not overlap.
func edges(text []byte, first, last int) (head, tail []byte) {
	at := 0
	for range first {
		n := bytes.IndexByte(text[at:], '\n')
		if n < 0 {
			return text, nil
		}
		at += n + 1
	}
	end := len(text)
	for range last {
		n := bytes.LastIndexByte(text[at:max(at, end-1)], '\n')
		if n < 0 {
			return text[:at], text[at:]
		}
		end = at + n + 1
	}
	return text[:at], text[end:]
}

// optional says whether a command of session.open may answer with an error.
func optional(p *platform.Platform, command string) bool {
	return slices.Contains(p.Session.Optional, command)
}

// key gives what a word of a platform file sends: enter, space, or one literal
// character; match is capture group 1 of re on the tail.
func key(word string, re *platform.Regex, tail []byte, newline string) string {
	switch word {
	case "enter":
		return newline
	case "space", "":
		return " "
	case "match":
		if m := re.Re().FindSubmatch(tail); len(m) > 1 {
			return string(m[1])
		}
		return ""
	default:
		return word
	}
}
