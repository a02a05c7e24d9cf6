package compliance_test

import (
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/scrub"
	"github.com/plumbline-net/plumbline/configstore/tree"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// subject reads a text as the appliance would.
func subject(t *testing.T, set *platform.Set, id, text string) compliance.Subject {
	t.Helper()
	p, ok := set.Get(netdev.PlatformID(id))
	if !ok {
		t.Fatalf("no platform %q", id)
	}
	clean := scrub.New(p.Config).Clean([]byte(text), scrub.KeyMasker([]byte("k")))
	s := compliance.Subject{Tree: tree.Parse(clean.Text, p.Config), Lines: clean.Lines, Platform: id, Vendor: p.Vendor,
		Text: strings.Split(strings.TrimSuffix(string(clean.Text), "\n"), "\n")}
	for _, f := range clean.Secrets {
		s.Secrets = append(s.Secrets, compliance.SecretFact{Line: f.Line, Form: f.Form, Class: f.Class, Dictionary: f.Dictionary})
	}
	return s
}

func TestEveryRuleProvesItselfByItsExamples(t *testing.T) {
	set, err := platform.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	packs, err := compliance.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range compliance.Rules(packs) {
		seen := map[compliance.Verdict]int{}
		for _, ex := range r.Tests {
			seen[ex.Expect]++
			t.Run(r.ID+"/"+ex.Name, func(t *testing.T) {
				results := compliance.Judge([]compliance.Rule{r}, subject(t, set, ex.Platform, ex.Config))
				if len(results) != 1 {
					t.Fatalf("%d results, want 1", len(results))
				}
				got := results[0]
				if got.Verdict != ex.Expect {
					t.Fatalf("verdict = %s (%s), want %s", got.Verdict, got.Reason, ex.Expect)
				}
				if ex.EvidenceLine != 0 && (len(got.Evidence) == 0 || got.Evidence[0].Line != ex.EvidenceLine) {
					t.Errorf("evidence = %+v, want line %d first", got.Evidence, ex.EvidenceLine)
				}
			})
		}
		if seen[compliance.Fail] < 2 || seen[compliance.Pass] < 1 || len(r.Tests) < 4 {
			t.Errorf("%s: %v examples; a rule of the binary shows at least two that fail and two that do not", r.ID, seen)
		}
	}
}
