package drift

import (
	"strings"

	"github.com/plumbline-net/plumbline/configstore/diff"
)

// Findings makes one finding of each change that means something: comments,
// new numbers for the same entries and secrets that cannot be compared are no
// drift. Keys are stable: the same difference has the same key on every read.
func Findings(kind Kind, source string, changes []diff.Change) []Finding {
	var out []Finding
	seen := map[string]int{}
	for _, c := range changes {
		if c.Op == diff.Comment || c.Op == diff.Renumber || c.Op == diff.Secret && c.Note != "" {
			continue
		}
		key := strings.Join([]string{string(kind), c.Op, strings.Join(c.Path, " / ")}, " | ")
		if c.Op == diff.Add || c.Op == diff.Remove {
			key += " | " + c.Old + c.New
		}
		seen[key]++
		if n := seen[key]; n > 1 {
			key += strings.Repeat("#", n-1)
		}
		out = append(out, Finding{Kind: kind, Source: source, Key: key, State: Open, Change: Change{Op: c.Op, Path: c.Path,
			Old: c.Old, New: c.New, OldLine: c.OldLine, NewLine: c.NewLine}})
	}
	return out
}
