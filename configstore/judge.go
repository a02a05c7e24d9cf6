package configstore

import (
	"fmt"
	"slices"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/netdev"
)

// Verdicts asks the rules of one reading. dev carries what is known of the
// device; what it lacks excludes no rule.
func Verdicts(rules []compliance.Rule, r Reading, dev netdev.Device) []compliance.Result {
	lines := r.lines()
	s := compliance.Subject{Tree: r.Tree, Text: lines, Lines: r.Clean.Lines, Platform: string(r.Platform),
		Vendor: dev.Vendor, Kind: string(dev.Kind), Role: dev.Role, Site: dev.Site, Tags: dev.Tags}
	if n := r.Tree.OpenBlocks; n > 0 {
		s.Cut = fmt.Sprintf("the text ends inside %d open blocks, so it may not be whole", n)
	}
	for _, f := range r.Clean.Secrets {
		fact := compliance.SecretFact{Line: f.Line, Form: f.Form, Class: f.Class, Dictionary: f.Dictionary, Short: f.Short}
		if i, ok := slices.BinarySearch(r.Clean.Lines, f.Line); ok && i < len(lines) {
			fact.Text = lines[i]
		}
		s.Secrets = append(s.Secrets, fact)
	}
	return compliance.Judge(rules, s)
}
