package compliance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/plumbline-net/plumbline/configstore/tree"
)

// maxEvidence bounds the lines a result carries.
const maxEvidence = 20

// Judge asks every rule whose scope holds the subject. Results keep the order
// of the rules.
func Judge(rules []Rule, s Subject) []Result {
	var out []Result
	for i := range rules {
		r := &rules[i]
		if !r.Scope.covers(s) {
			continue
		}
		res := r.result()
		o := r.judge(s)
		res.Verdict, res.Reason = o.verdict, o.reason
		for _, e := range o.evidence {
			if len(res.Evidence) < maxEvidence && !slices.Contains(res.Evidence, e) {
				res.Evidence = append(res.Evidence, e)
			}
		}
		if res.Verdict == Fail {
			res.Remediation = r.remediation(s.Platform, o.blocks)
		}
		out = append(out, res)
	}
	return out
}

func (r *Rule) result() Result {
	return Result{Rule: r.ID, Version: r.Version, Title: r.Title, Severity: r.Severity, Evidence: []Evidence{}, Controls: r.Controls.words()}
}

// outcome is what one check says of one block, or of all.
type outcome struct {
	verdict  Verdict
	reason   string
	evidence []Evidence
	blocks   []found // that failed
}

func (r *Rule) judge(s Subject) outcome {
	if r.Check.Secrets != nil {
		return r.secrets(s)
	}
	root := s.Tree.Root
	if c := r.compiled; c.applies != nil && len(c.applies.in(root)) == 0 {
		return outcome{verdict: NotApplicable, reason: "there is no " + c.applies.src}
	}
	o := outcome{}
	if r.ForEach == nil {
		o = r.one(s, root, nil)
	} else {
		o = r.each(s)
	}
	// A text that is cut proves nothing by absence.
	if s.Cut != "" && (o.verdict == Pass || o.verdict == NotApplicable || len(o.evidence) == 0) {
		return outcome{verdict: Unknown, reason: s.Cut}
	}
	return o
}

func (r *Rule) each(s Subject) outcome {
	c := r.compiled
	var blocks []found
	for _, b := range c.block.in(s.Tree.Root) {
		if all(c.where, b.node) && !anyOf(c.unless, b.node) {
			blocks = append(blocks, b)
		}
	}
	if len(blocks) == 0 {
		return outcome{verdict: NotApplicable, reason: "no block " + r.ForEach.Block + " that it speaks of"}
	}
	total := outcome{verdict: Pass}
	for _, b := range blocks {
		o := r.one(s, b.node, &b)
		switch {
		case o.verdict == Fail:
			if total.verdict != Fail {
				total = outcome{verdict: Fail, reason: o.reason}
			}
			total.evidence = append(total.evidence, o.evidence...)
			total.blocks = append(total.blocks, b)
		case total.verdict == Fail:
		case o.verdict == Unknown:
			total = o
		case total.verdict == Pass:
			total.evidence = append(total.evidence, o.evidence...)
		}
	}
	return total
}

// one judges one block; block is nil for the whole text.
func (r *Rule) one(s Subject, n *tree.Node, block *found) outcome {
	switch {
	case r.Check.Lines != nil:
		return r.lines(s, n, block)
	case r.Check.Value != nil:
		return r.value(s, n, block)
	default:
		return r.count(s, n, block)
	}
}

func (r *Rule) lines(s Subject, n *tree.Node, block *found) outcome {
	c := r.compiled
	if anyOf(c.orGlobal, s.Tree.Root) {
		return outcome{verdict: Pass, reason: "a global default covers it"}
	}
	for _, m := range c.noneOf {
		if hits := m.in(n); len(hits) > 0 {
			o := outcome{verdict: Fail, reason: "must not be there: " + m.src}
			for _, m := range c.noneOf {
				for _, h := range m.in(n) {
					o.evidence = append(o.evidence, s.evidence(h.node.From))
				}
			}
			return o
		}
	}
	pass := outcome{verdict: Pass}
	for _, m := range c.allOf {
		hits := m.in(n)
		if len(hits) == 0 {
			return absent(s, block, "missing: "+m.src)
		}
		pass.evidence = append(pass.evidence, s.evidence(hits[0].node.From))
	}
	if len(c.anyOf) > 0 {
		i := slices.IndexFunc(c.anyOf, func(m matcher) bool { return len(m.in(n)) > 0 })
		if i < 0 {
			return absent(s, block, "missing: "+strings.Join(r.Check.Lines.AnyOf, " or "))
		}
		for _, h := range c.anyOf[i].in(n) {
			pass.evidence = append(pass.evidence, s.evidence(h.node.From))
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
		o.reason += fmt.Sprintf(" (looked through the whole text, %d lines)", len(s.Text))
	}
	return o
}

func (r *Rule) value(s Subject, n *tree.Node, block *found) outcome {
	v, c := r.Check.Value, r.compiled
	hits := c.value.in(n)
	if len(hits) == 0 {
		switch r.OnMissing {
		case Pass:
			return outcome{verdict: Pass, reason: "not said, and the default is good"}
		case NotApplicable:
			return outcome{verdict: NotApplicable, reason: "there is no " + v.Path}
		case Unknown:
			return outcome{verdict: Unknown, reason: "there is no " + v.Path}
		default:
			return absent(s, block, "missing: "+v.Path)
		}
	}
	o := outcome{verdict: Pass}
	for _, h := range hits {
		if len(h.rest) == 0 {
			continue
		}
		holds, ok := v.holds(h.rest[0], c.matches)
		if !holds {
			reason := fmt.Sprintf("%s is %s", v.Path, h.rest[0])
			if !ok {
				reason += ", which is no number"
			}
			if o.verdict != Fail {
				o = outcome{verdict: Fail, reason: reason}
			}
			o.evidence = append(o.evidence, s.evidence(h.node.From))
		} else if o.verdict == Pass {
			o.evidence = append(o.evidence, s.evidence(h.node.From))
		}
	}
	return o
}

func (r *Rule) count(s Subject, n *tree.Node, block *found) outcome {
	v := r.Check.Count
	hits := r.compiled.value.in(n)
	var ev []Evidence
	for _, h := range hits {
		ev = append(ev, s.evidence(h.node.From))
	}
	if holds, _ := v.holds(strconv.Itoa(len(hits)), nil); holds {
		return outcome{verdict: Pass, evidence: ev}
	}
	o := outcome{verdict: Fail, reason: fmt.Sprintf("%d of %s", len(hits), v.Path), evidence: ev}
	if len(hits) == 0 {
		o = absent(s, block, o.reason)
	}
	return o
}

func (r *Rule) secrets(s Subject) outcome {
	want := r.Check.Secrets
	o := outcome{verdict: Pass}
	for _, f := range s.Secrets {
		if len(want.Form) > 0 && !slices.Contains(want.Form, f.Form) {
			continue
		}
		var why string
		switch {
		case want.Dictionary && f.Dictionary:
			why = "a word everybody knows"
		case slices.Contains(want.Class, f.Class):
			why = "kept as " + f.Class
		default:
			continue
		}
		if o.verdict == Pass {
			o = outcome{verdict: Fail, reason: why}
		}
		o.evidence = append(o.evidence, Evidence{Line: f.Line, Text: f.Text})
	}
	return o
}

func all(ms []matcher, n *tree.Node) bool {
	return !slices.ContainsFunc(ms, func(m matcher) bool { return len(m.in(n)) == 0 })
}

func anyOf(ms []matcher, n *tree.Node) bool {
	return slices.ContainsFunc(ms, func(m matcher) bool { return len(m.in(n)) > 0 })
}

// remediation fills the template of the platform for each failing block.
func (r *Rule) remediation(platform string, blocks []found) []string {
	tmpl, ok := r.Remediate[platform]
	if !ok {
		if tmpl, ok = r.Remediate["default"]; !ok {
			return nil
		}
	}
	if len(blocks) == 0 {
		return []string{tmpl}
	}
	var out []string
	for _, b := range blocks {
		key := ""
		if len(b.keyed) > 0 {
			key = b.keyed[len(b.keyed)-1]
		}
		out = append(out, strings.NewReplacer("{key}", key, "{header}", strings.Join(b.words, " ")).Replace(tmpl))
	}
	return out
}

// words gives the controls as `check --json` prints them.
func (c Controls) words() map[string][]string {
	out := map[string][]string{}
	for _, s := range c.STIG {
		if !slices.Contains(out["stig"], s.ID) {
			out["stig"] = append(out["stig"], s.ID)
		}
	}
	for name, list := range map[string][]string{"nist80053": c.NIST, "cis": c.CIS, "pci": c.PCI, "hipaa": c.HIPAA,
		"iso27001": c.ISO27001, "nis2": c.NIS2, "gdpr": c.GDPR} {
		if len(list) > 0 {
			out[name] = list
		}
	}
	return out
}
