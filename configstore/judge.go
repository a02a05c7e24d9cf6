package configstore

import (
	"fmt"
	"slices"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// Verdicts asks the rules of one reading. dev carries what is known of the
// device; what it lacks excludes no rule.
func Verdicts(rules []compliance.Rule, r Reading, dev netdev.Device) []compliance.Result {
	return compliance.Judge(rules, Subject(r, dev))
}

// Subject is a reading as rules see it.
func Subject(r Reading, dev netdev.Device) compliance.Subject {
	lines := r.lines()
	s := compliance.Subject{Tree: r.Tree, Text: lines, Lines: r.Clean.Lines, Platform: string(r.Platform), Inventory: dev.ID != "",
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
	return s
}

// Examples reads the examples of a pack as the texts of devices are read.
func Examples(set *platform.Set, reader *Reader) func(id, text string) (compliance.Subject, error) {
	return func(id, text string) (compliance.Subject, error) {
		p, ok := set.Get(netdev.PlatformID(id))
		if !ok {
			return compliance.Subject{}, fmt.Errorf("no platform %q", id)
		}
		return Subject(reader.Read(p.ID, []byte(text)), netdev.Device{Vendor: p.Vendor}), nil
	}
}
