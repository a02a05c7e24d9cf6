package compliance

import (
	"slices"
	"strings"
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
		if o.verdict == Fail && s.Inventory && s.Role == "" && len(r.Scope.Role) > 0 {
			o.verdict, o.reason = Unknown, "it is about devices of the roles "+strings.Join(r.Scope.Role, ", ")+", and the role of this one is not said ("+o.reason+")"
		}
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
	return Result{Rule: r.ID, Version: r.Version, Pack: r.Pack, PackHash: r.PackHash, Title: r.Title, Severity: r.Severity, Evidence: []Evidence{}, Controls: r.Controls.words()}
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
	root, c := s.Tree.Root, r.compiled
	if len(c.applies) > 0 && !anyOf(c.applies, root) {
		return outcome{verdict: NotApplicable, reason: "there is no " + sources(c.applies)}
	}
	var o outcome
	if c.each == nil {
		o = c.checker.judge(s, root, nil)
	} else {
		o = c.each.judge(s, root, &c.checker, NotApplicable, "")
	}
	// A text that is cut proves nothing by absence.
	if s.Cut != "" && (o.verdict == Pass || o.verdict == NotApplicable || len(o.evidence) == 0) {
		return outcome{verdict: Unknown, reason: s.Cut}
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
