package drift

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/plumbline-net/plumbline/configstore/diff"
)

// MaxFindings is how many differences of one kind are kept apart on a device.
// What is more is one finding that says how many.
const MaxFindings = 2000

// More is the op of the finding that stands for those that are not kept apart.
const More = "more"

// Findings makes one finding of each change that means something: comments,
// new numbers for the same entries and secrets that cannot be compared are no
// drift. Keys are stable: the same difference has the same key on every read.
func Findings(kind Kind, source string, changes []diff.Change) []Finding {
	var out []Finding
	seen := map[string]int{}
	more := 0
	for _, c := range changes {
		if c.Op == diff.Comment || c.Op == diff.Renumber || c.Op == diff.Secret && c.Note != "" {
			continue
		}
		if len(out) == MaxFindings {
			more++
			continue
		}
		key := strings.Join([]string{string(kind), c.Op, strings.Join(c.Path, " / ")}, " | ")
		if c.Op == diff.Add || c.Op == diff.Remove {
			key += " | " + c.Old + c.New
		}
		out = append(out, Finding{ID: ID{Source: source, Kind: kind, Key: unique(key, seen)}, State: Open,
			Change: Change{Op: c.Op, Path: c.Path, Old: c.Old, New: c.New, OldLine: c.OldLine, NewLine: c.NewLine}})
	}
	if more > 0 {
		out = append(out, Finding{ID: ID{Source: source, Kind: kind, Key: unique(string(kind)+" | "+More, seen)}, State: Open,
			Change: Change{Op: More, New: fmt.Sprintf("%d differences more", more)}})
	}
	return out
}

// unique numbers what is there twice. Texts of a device may look like numbered
// keys, so a number is taken only where it is free.
func unique(key string, seen map[string]int) string {
	k := key
	for seen[k] > 0 {
		seen[key]++
		k = key + " #" + strconv.Itoa(seen[key])
	}
	seen[k]++
	return k
}
