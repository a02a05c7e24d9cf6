package compliance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-net/plumbline/configstore/tree"
)

// judge asks the check of one block; block is nil for the whole text.
func (c *checker) judge(s Subject, n *tree.Node, block *found) outcome {
	switch {
	case c.Lines != nil:
		return c.lines(s, n, block)
	case c.Value != nil:
		return c.value(s, n, block)
	case c.Count != nil:
		return c.count(s, n, block)
	case c.Last != nil:
		return c.last(s, n, block)
	case c.Follow != nil:
		return c.follow(s, n, block)
	case c.Each != nil:
		none := c.Each.None
		if none == "" {
			none = NotApplicable
		}
		return c.each.judge(s, n, &c.sub[0], none, c.Each.Mixed)
	case c.All != nil:
		return c.all(s, n, block)
	default:
		return c.one(s, n, block)
	}
}

// judge asks the check of every block below n and folds the answers; none is
// the verdict where there is no block, mixed where they do not agree.
func (b *blocks) judge(s Subject, n *tree.Node, c *checker, none, mixed Verdict) outcome {
	var total fold
	for _, f := range b.block.in(n) {
		if !all(b.where, f.node) || anyOf(b.unless, f.node) {
			continue
		}
		o := c.judge(s, f.node, &f)
		if o.verdict == Fail {
			o.blocks = []found{f}
		}
		total.add(o)
	}
	if total.verdict == "" {
		o := outcome{verdict: none, reason: "no block " + b.block.src + " that it speaks of"}
		if none == Fail {
			o.reason += whole(s)
		}
		return o
	}
	return total.end(mixed)
}

// fold adds up what checks say of the blocks of one kind.
type fold struct {
	outcome
	pass, fail int
}

func (f *fold) add(o outcome) {
	switch o.verdict {
	case Pass:
		f.pass++
	case Fail:
		f.fail++
	}
	f.outcome = f.and(o)
}

// end gives the verdict on all; mixed is that where some pass and some fail.
func (f *fold) end(mixed Verdict) outcome {
	if mixed == "" || f.pass == 0 || f.fail == 0 {
		return f.outcome
	}
	return outcome{verdict: mixed, evidence: f.evidence,
		reason: fmt.Sprintf("%d of %d fail (%s); which of them it speaks of is not in the text", f.fail, f.pass+f.fail, f.reason)}
}

// and folds what must hold together: one failure fails, then what is unknown
// decides, and what does not apply only where nothing else does.
func (o outcome) and(next outcome) outcome {
	rank := func(v Verdict) int { return slices.Index([]Verdict{"", NotApplicable, Pass, Unknown, Fail}, v) }
	switch {
	case rank(next.verdict) > rank(o.verdict):
		return next
	case next.verdict == o.verdict:
		o.evidence = append(slices.Clip(o.evidence), next.evidence...)
		o.blocks = append(slices.Clip(o.blocks), next.blocks...)
	}
	return o
}

func (c *checker) all(s Subject, n *tree.Node, block *found) outcome {
	var total outcome
	for i := range c.sub {
		total = total.and(c.sub[i].judge(s, n, block))
	}
	return total
}

// one passes where one of its checks does. Where none does, it fails with the
// reasons of all.
func (c *checker) one(s Subject, n *tree.Node, block *found) outcome {
	var total outcome
	var reasons []string
	for i := range c.sub {
		o := c.sub[i].judge(s, n, block)
		if o.verdict == Pass {
			return o
		}
		if o.verdict == Fail {
			reasons = append(reasons, strings.TrimSuffix(o.reason, whole(s)))
		}
		unknown := total.verdict == Unknown
		total = total.and(o)
		if unknown || o.verdict == Unknown {
			total.verdict = Unknown
		}
	}
	if total.verdict == Fail {
		total.reason = strings.Join(reasons, "; nor: ")
		if len(total.evidence) == 0 {
			total.reason += whole(s)
		}
	}
	return total
}

func (c *checker) lines(s Subject, n *tree.Node, block *found) outcome {
	if anyOf(c.orGlobal, s.Tree.Root) {
		return outcome{verdict: Pass, reason: "a global default covers it"}
	}
	var bad outcome
	for _, m := range c.noneOf {
		for _, h := range m.in(n) {
			if bad.verdict == "" {
				bad = outcome{verdict: Fail, reason: "must not be there: " + m.src}
			}
			bad.evidence = append(bad.evidence, s.evidence(h.node.From))
		}
	}
	if bad.verdict != "" {
		return bad
	}
	pass := outcome{verdict: Pass}
	for _, m := range c.allOf {
		hits := m.in(n)
		if len(hits) == 0 {
			return absent(s, block, "missing: "+m.src)
		}
		for _, h := range hits {
			pass.evidence = append(pass.evidence, s.evidence(h.node.From))
		}
	}
	if len(c.anyOf) > 0 {
		i := slices.IndexFunc(c.anyOf, func(m matcher) bool { return len(m.in(n)) > 0 })
		if i < 0 {
			return absent(s, block, "missing: "+sources(c.anyOf))
		}
		for _, m := range c.anyOf[i:] {
			for _, h := range m.in(n) {
				pass.evidence = append(pass.evidence, s.evidence(h.node.From))
			}
		}
	}
	return pass
}

// absent is a failure by absence: the evidence is the block's own header, or
// nothing where the whole text was looked through.
func absent(s Subject, block *found, reason string) outcome {
	o := outcome{verdict: Fail, reason: reason}
	if block != nil {
		o.evidence = []Evidence{s.evidence(block.node.From)}
	} else {
		o.reason += whole(s)
	}
	return o
}

// whole says where something absent was looked for.
func whole(s Subject) string {
	return fmt.Sprintf(" (looked through the whole text, %d lines)", len(s.Text))
}

// missing is the outcome where what a check speaks of is not there.
func missing(v Verdict, s Subject, block *found, path string) outcome {
	switch v {
	case Pass:
		return outcome{verdict: Pass, reason: "not said, and the default is good"}
	case NotApplicable, Unknown:
		return outcome{verdict: v, reason: "there is no " + path}
	default:
		return absent(s, block, "missing: "+path)
	}
}

func (c *checker) value(s Subject, n *tree.Node, block *found) outcome {
	v := c.Value
	var total outcome
	for _, h := range c.path.in(n) {
		if len(h.rest) == 0 {
			continue
		}
		o := outcome{verdict: Pass, evidence: []Evidence{s.evidence(h.node.From)}}
		if holds, ok := v.holds(h.rest, c.matches); !holds {
			o.verdict, o.reason = Fail, fmt.Sprintf("%s is %s", v.Path, h.rest[0])
			if !ok {
				o.reason += ", which is no number"
			}
		}
		total = total.and(o)
	}
	if total.verdict == "" {
		return missing(c.onMissing, s, block, v.Path)
	}
	return total
}

func (c *checker) count(s Subject, n *tree.Node, block *found) outcome {
	v := c.Count
	hits := c.path.in(n)
	var ev []Evidence
	for _, h := range hits {
		ev = append(ev, s.evidence(h.node.From))
	}
	if holds, _ := v.holds([]string{strconv.Itoa(len(hits))}, nil); holds {
		return outcome{verdict: Pass, evidence: ev}
	}
	o := outcome{verdict: Fail, reason: fmt.Sprintf("%d of %s", len(hits), v.Path), evidence: ev}
	if len(hits) == 0 {
		o = absent(s, block, o.reason)
	}
	return o
}

func (c *checker) last(s Subject, n *tree.Node, block *found) outcome {
	var last *tree.Node
	for _, child := range n.Children {
		words := child.Words
		if child.Kind == tree.Comment || len(words) == 0 {
			continue
		}
		if len(c.of) == 0 && slices.Contains(words[:min(3, len(words))], "remark") || len(c.of) > 0 && !is(c.of, words) {
			continue
		}
		last = child
	}
	switch {
	case last == nil:
		return absent(s, block, "nothing in it, so not: "+sources(c.is))
	case is(c.is, last.Words):
		return outcome{verdict: Pass, evidence: []Evidence{s.evidence(last.From)}}
	}
	return outcome{verdict: Fail, reason: "the last entry is not: " + sources(c.is), evidence: []Evidence{s.evidence(last.From)}}
}

func (c *checker) follow(s Subject, n *tree.Node, block *found) outcome {
	var total fold
	for _, use := range c.path.in(n) {
		if len(use.keyed) == 0 {
			continue
		}
		o := c.defined(s, use)
		if o.verdict == Pass {
			o.evidence = append([]Evidence{s.evidence(use.node.From)}, o.evidence...)
		}
		total.add(o)
	}
	if total.verdict == "" {
		return missing(c.Follow.OnMissing, s, block, c.Follow.Use)
	}
	return total.end(c.Follow.Mixed)
}

// defined judges what defines the name that is used.
func (c *checker) defined(s Subject, use found) outcome {
	name := use.keyed[0]
	rows := &tree.Node{}
	var at *found
	for _, m := range c.define {
		for _, h := range m.in(s.Tree.Root) {
			if len(h.keyed) == 0 || h.keyed[0] != name {
				continue
			}
			if at == nil {
				at = &h
			}
			if len(h.node.Children) > 0 {
				rows.Children = append(rows.Children, h.node.Children...)
			} else {
				rows.Children = append(rows.Children, h.node)
			}
		}
	}
	switch {
	case at == nil && c.Follow.Never:
		return outcome{verdict: Pass}
	case c.Follow.Never:
		return outcome{verdict: Fail, reason: name + " stands in " + sources(c.define) + " too", evidence: []Evidence{s.evidence(use.node.From), s.evidence(at.node.From)}}
	case at == nil:
		return outcome{verdict: Fail, reason: "used, but nowhere defined: " + name, evidence: []Evidence{s.evidence(use.node.From)}}
	case len(c.sub) == 0:
		return outcome{verdict: Pass, evidence: []Evidence{s.evidence(at.node.From)}}
	}
	return c.sub[0].judge(s, rows, at)
}

func all(ms []matcher, n *tree.Node) bool {
	return !slices.ContainsFunc(ms, func(m matcher) bool { return len(m.in(n)) == 0 })
}

func anyOf(ms []matcher, n *tree.Node) bool {
	return slices.ContainsFunc(ms, func(m matcher) bool { return len(m.in(n)) > 0 })
}

// is says whether one of the paths, of one step each, matches the line.
func is(ms []matcher, words []string) bool {
	return slices.ContainsFunc(ms, func(m matcher) bool { return m.steps[len(m.steps)-1].Matches(words) })
}

func sources(ms []matcher) string {
	srcs := make([]string, len(ms))
	for i, m := range ms {
		srcs[i] = m.src
	}
	return strings.Join(srcs, " or ")
}
