package compliance

import (
	"errors"
	"fmt"
)

// Prove runs the examples of every rule. A rule without one that passes and
// one that fails, or an example that comes out otherwise, is an error that
// names both; all of them are told. read reads a text as a device's would be.
func (p Pack) Prove(read func(platform, text string) (Subject, error)) error {
	var errs []error
	for i := range p.Rules {
		r := &p.Rules[i]
		seen := map[Verdict]bool{}
		for _, ex := range r.Tests {
			seen[ex.Expect] = true
			if err := r.prove(ex, read); err != nil {
				errs = append(errs, fmt.Errorf("%s: rule %q: example %q: %w", p.ID, r.ID, ex.Name, err))
			}
		}
		if !seen[Pass] || !seen[Fail] {
			errs = append(errs, fmt.Errorf("%s: rule %q: tests: needs an example that passes and one that fails", p.ID, r.ID))
		}
	}
	return errors.Join(errs...)
}

func (r *Rule) prove(ex Example, read func(platform, text string) (Subject, error)) error {
	s, err := read(ex.Platform, ex.Config)
	if err != nil {
		return err
	}
	results := Judge([]Rule{*r}, s)
	if len(results) == 0 {
		return fmt.Errorf("platform %q is outside the scope", ex.Platform)
	}
	got := results[0]
	switch {
	case got.Verdict != ex.Expect:
		return fmt.Errorf("the verdict is %s (%s), not %s", got.Verdict, got.Reason, ex.Expect)
	case ex.EvidenceLine != 0 && (len(got.Evidence) == 0 || got.Evidence[0].Line != ex.EvidenceLine):
		return fmt.Errorf("the evidence is %v, not line %d first", got.Evidence, ex.EvidenceLine)
	}
	return nil
}
