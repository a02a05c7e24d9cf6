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

// reader reads texts as the appliance would.
type reader struct {
	set       *platform.Set
	scrubbers map[netdev.PlatformID]*scrub.Scrubber
}

func newReader(t testing.TB) *reader {
	set, err := platform.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return &reader{set: set, scrubbers: map[netdev.PlatformID]*scrub.Scrubber{}}
}

func (r *reader) subject(t testing.TB, id, text string) compliance.Subject {
	t.Helper()
	p, ok := r.set.Get(netdev.PlatformID(id))
	if !ok {
		t.Fatalf("no platform %q", id)
	}
	s, ok := r.scrubbers[p.ID]
	if !ok {
		s = scrub.New(p.Config)
		r.scrubbers[p.ID] = s
	}
	clean := s.Clean([]byte(text), scrub.KeyMasker([]byte("k")))
	out := compliance.Subject{Tree: tree.Parse(clean.Text, p.Config), Lines: clean.Lines, Platform: id, Vendor: p.Vendor,
		Text: strings.Split(strings.TrimSuffix(string(clean.Text), "\n"), "\n")}
	for _, f := range clean.Secrets {
		out.Secrets = append(out.Secrets, compliance.SecretFact{Line: f.Line, Form: f.Form, Class: f.Class, Dictionary: f.Dictionary})
	}
	return out
}

func TestEveryRuleProvesItselfByItsExamples(t *testing.T) {
	read := newReader(t)
	packs, err := compliance.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range compliance.Rules(packs) {
		seen := map[compliance.Verdict]int{}
		for _, ex := range r.Tests {
			seen[ex.Expect]++
			t.Run(r.ID+"/"+ex.Name, func(t *testing.T) {
				results := compliance.Judge([]compliance.Rule{r}, read.subject(t, ex.Platform, ex.Config))
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
