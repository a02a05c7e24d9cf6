package pull

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// judge takes one answer: it settles the text, or leaves it to be read again
// in a fresh session.
func (j *job) judge(p *platform.Platform, prompt string, a cli.Answer) {
	if j.extra {
		j.judgeExtra(p, a)
		return
	}
	if j.text.Source == Startup && saysAbsent(p, a.Text) {
		j.text.Absent, j.settled = true, true
		return
	}
	v := verdictOf(p, a, prompt, j.last)
	if v.reason != "" {
		j.text.Quarantine, j.text.Rule = a.Text, v.rule
		j.busy = &netdev.OpError{Reason: v.reason, Op: a.Command, Detail: v.detail}
		if !v.fresh {
			j.failed(v.rule, j.busy)
		}
		return
	}
	j.reads = append(j.reads, read{raw: a.Text, sum: steadySum(p, a.Text), doubt: v.doubts, small: v.small})
	j.settle()
}

func (j *job) judgeExtra(p *platform.Platform, a cli.Answer) {
	j.settled = true
	if e, bad := cli.FindError(p, a.Text); bad {
		j.failed("3", &netdev.OpError{Reason: e.Reason, Op: a.Command, Detail: strconv.Quote(clip(e.Line))})
		return
	}
	j.text.Raw = a.Text
}

// settle decides by the reads so far: one without doubt, two equal ones, or
// two equal ones of three.
func (j *job) settle() {
	n := len(j.reads)
	last := j.reads[n-1]
	if n == 1 {
		if len(last.doubt) == 0 {
			j.good(last.raw, nil)
		}
		return
	}
	for _, r := range j.reads[:n-1] {
		if r.sum != last.sum {
			continue
		}
		flags := slices.Clone(last.doubt)
		if !slices.Contains(flags, FlagSecondRead) {
			flags = append(flags, FlagSecondRead)
		}
		if n > 2 {
			flags = append(flags, FlagMoving)
		}
		j.good(r.raw, flags)
		return
	}
}

func (j *job) good(raw []byte, flags []string) {
	j.text.Raw, j.text.Flags, j.settled = raw, flags, true
	j.text.Rule, j.text.Quarantine = "", nil
}

// giveUp settles a text for which no connection is left.
func (j *job) giveUp(err error) {
	if j.settled {
		return
	}
	if len(j.reads) == 0 {
		if j.busy != nil && err == nil {
			j.failed(j.text.Rule, j.busy)
		}
		return
	}
	last := j.reads[len(j.reads)-1]
	j.text.Quarantine = last.raw
	if err != nil { // the doubt could not be resolved for another reason
		j.failed("11", opError(err))
		return
	}
	reason, detail := netdev.Moving, fmt.Sprintf("%d reads, no two of them equal", len(j.reads))
	if len(j.reads) == 1 {
		detail = "no connection is left for a second read"
	}
	if !slices.ContainsFunc(j.reads, func(r read) bool { return !r.small }) {
		reason = netdev.TooSmall
	}
	j.failed("9", &netdev.OpError{Reason: reason, Op: j.command.Command, Detail: detail})
}

// verdict is what the rules of completeness say about one answer.
type verdict struct {
	reason netdev.Reason // "" when no rule refuses
	rule   string
	detail string
	fresh  bool     // the device was busy: a fresh session may help
	doubts []string // flags a second read has to confirm
	small  bool
}

func refuse(rule string, reason netdev.Reason, format string, args ...any) verdict {
	return verdict{reason: reason, rule: rule, detail: fmt.Sprintf(format, args...)}
}

// verdictOf applies the rules in order; the first that fails is the reason.
func verdictOf(p *platform.Platform, a cli.Answer, prompt string, last *LastGood) verdict {
	c := &p.Complete
	proof := c.End != nil || c.Balance != nil && (c.Balance.Word != "xml" || isXML(a.Text))
	if a.NoStatus && !proof {
		return refuse("1", netdev.Closed, "the channel ended without an exit status")
	}
	if e, bad := cli.FindError(p, a.Text); bad {
		v := refuse("3", e.Reason, "%q", clip(e.Line))
		v.fresh = e.Fresh
		return v
	}
	if len(a.Text) == 0 {
		return refuse("4", netdev.Empty, "nothing came before the prompt")
	}
	for _, rule := range []func(*platform.Platform, []byte) verdict{begins, ends, closes} {
		if v := rule(p, a.Text); v.reason != "" {
			return v
		}
	}
	if v := foreign(p, a, prompt); v.reason != "" {
		return v
	}
	return doubts(p, a, prompt, last, proof)
}

// begins is rule 4: the first line that is not preamble.
func begins(p *platform.Platform, text []byte) verdict {
	if len(p.Complete.Start) == 0 {
		return verdict{}
	}
	for line := range lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if matches(p.Complete.Start, line) {
			return verdict{}
		}
		if !matches(p.Complete.Preamble, line) {
			return refuse("4", netdev.UnexpectedOutput, "it begins with %q", clip(line))
		}
	}
	return refuse("4", netdev.Empty, "nothing but a preamble")
}

// ends is rule 5: the end marker, behind which only a trailer may stand.
func ends(p *platform.Platform, text []byte) verdict {
	end := p.Complete.End
	if end == nil {
		return verdict{}
	}
	rest := bytes.TrimRight(text, "\n")
	for len(rest) > 0 {
		n := bytes.LastIndexByte(rest, '\n') + 1
		line := string(rest[n:])
		switch {
		case end.MatchString(line):
			return verdict{}
		case strings.TrimSpace(line) == "", p.Complete.Trailer.MatchString(line):
			rest = bytes.TrimRight(rest[:n], "\n")
		default:
			return refuse("5", netdev.NoEndMarker, "it ends with %q", clip(line))
		}
	}
	return refuse("5", netdev.NoEndMarker, "nothing but a trailer")
}

// foreign is rule 7: nothing that belongs to the terminal.
func foreign(p *platform.Platform, a cli.Answer, prompt string) verdict {
	command := strings.Join(strings.Fields(a.Command), " ")
	n := 0
	for line := range lines(a.Text) {
		n++
		if strings.ContainsAny(line, "\x00\x1b") {
			return refuse("7", netdev.UnexpectedOutput, "line %d holds a control sequence", n)
		}
		trimmed := strings.TrimSpace(line)
		if re := p.Pager.Match.Re(); re != nil && trimmed != "" {
			if loc := re.FindStringIndex(line); loc != nil && strings.TrimSpace(line[:loc[0]]) == "" {
				return refuse("7", netdev.UnexpectedOutput, "line %d is the pager's", n)
			}
		}
		if words := strings.Join(strings.Fields(line), " "); strings.HasSuffix(words, command) && (words == command || strings.TrimSpace(words[:len(words)-len(command)]) == strings.TrimSpace(prompt)) {
			return refuse("7", netdev.UnexpectedOutput, "line %d is the echo of the command", n)
		}
	}
	return verdict{}
}

// asyncLine is a line that logging puts on a terminal, in the two forms that
// are common (RFC 3164 §4.1.3 with or without a date in front).
var asyncLine = regexp.MustCompile(`^(<\d{1,3}>)?([*.]?(\d+: )?[*.]?\w{3} +\d+ (\d{4} )?\d\d:\d\d:\d\d\S*.*|): ?%[A-Z][A-Z0-9_]*(-[A-Z0-9_]+)*-\d-`)

// doubts are rules 8 to 11: what a second read has to confirm.
func doubts(p *platform.Platform, a cli.Answer, prompt string, last *LastGood, proof bool) verdict {
	var v verdict
	doubt := func(flag string) {
		if !slices.Contains(v.doubts, flag) {
			v.doubts = append(v.doubts, flag)
		}
	}
	if sizeDiffers(p.Complete.Size, a.Text) {
		doubt(FlagSize)
	}
	if last != nil && dropped(p, a.Text, *last) {
		v.small = len(a.Text)*10 < last.Bytes*6
		doubt(FlagDrop)
	}
	own := strings.TrimRight(prompt[strings.LastIndexByte(prompt, '\n')+1:], " ")
	for line := range lines(a.Text) {
		if own != "" && !a.Exec && strings.HasPrefix(line, own) || asyncLine.MatchString(line) && !isNoise(p, line) {
			doubt(FlagSecondRead)
		}
	}
	if a.LookAlike {
		doubt(FlagSecondRead)
	}
	sum := sha256.Sum256(a.Text)
	changed := last == nil || last.SHA256 != hex.EncodeToString(sum[:])
	switch second := p.Complete.SecondRead; {
	case second == "always", changed && (second == "on-change" || !proof):
		doubt(FlagSecondRead)
	}
	return v
}

// sizeDiffers is rule 8.
func sizeDiffers(size *platform.Size, text []byte) bool {
	if size == nil || size.Match.Re() == nil {
		return false
	}
	n := 0
	for line := range lines(text) {
		if n++; n > 20 {
			break
		}
		m := size.Match.Re().FindStringSubmatch(line)
		if len(m) < 2 {
			continue
		}
		declared, err := strconv.ParseFloat(m[1], 64)
		if err != nil || declared <= 0 {
			return false
		}
		return float64(len(text)) < declared*(1-size.Tolerance) || float64(len(text)) > declared*(1+size.Tolerance)
	}
	return false
}

// dropped is rule 9.
func dropped(p *platform.Platform, text []byte, last LastGood) bool {
	if len(text)*10 < last.Bytes*6 {
		return true
	}
	if len(last.Census) == 0 {
		return false
	}
	now := map[string]bool{}
	for _, s := range Census(p, text) {
		now[s] = true
	}
	gone := 0
	for _, s := range last.Census {
		if !now[s] {
			gone++
		}
	}
	return gone*10 > len(last.Census)*3
}

// Census lists the top-level sections of a text, for the rule that notices
// when many of them are gone.
func Census(p *platform.Platform, text []byte) []string {
	seen := map[string]bool{}
	var out []string
	for line := range lines(text) {
		if re := p.Complete.Census.Re(); re != nil {
			if !re.MatchString(line) {
				continue
			}
		} else if line == "" || strings.ContainsRune(" \t!#}/", rune(line[0])) {
			continue
		}
		if key := strings.TrimSpace(line); !seen[key] && len(out) < 10_000 && !isNoise(p, line) {
			seen[key] = true
			out = append(out, key)
		}
	}
	return out
}

func saysAbsent(p *platform.Platform, text []byte) bool {
	n := 0
	for line := range lines(text) {
		if n++; n > 5 {
			return false
		}
		if matches(p.Read.StartupAbsent, line) {
			return true
		}
	}
	return false
}
