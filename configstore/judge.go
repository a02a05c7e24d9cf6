package configstore

import (
	"fmt"
	"slices"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/diff"
	"github.com/plumbline-net/plumbline/configstore/drift"
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

// StartupDrift says what would change at the next start of the device: from
// the startup to the running text. Lines are those of the raw texts.
func StartupDrift(startup, running Reading) []drift.Finding {
	d := diff.Meaning(startup.Tree, running.Tree)
	if d.Equal {
		return nil
	}
	for i := range d.Changes {
		d.Changes[i].OldLine = startup.rawLine(d.Changes[i].OldLine)
		d.Changes[i].NewLine = running.rawLine(d.Changes[i].NewLine)
	}
	return drift.Findings(drift.Startup, string(Running), d.Changes)
}
