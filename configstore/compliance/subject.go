package compliance

import (
	"path"
	"slices"

	"github.com/plumbline-net/plumbline/configstore/tree"
)

// Subject is what is judged: one text of one device as a tree, and what is
// known of the device. Empty facts are unknown facts.
type Subject struct {
	Tree  *tree.Tree
	Text  []string // lines of the parsed text, masked
	Lines []int    // line of the text as `show` prints it, for each line of Text; nil: the same
	// Cut is why parts of the text cannot be judged, such as open blocks at its end.
	Cut string

	// Inventory says that the facts below are all that is known of a device of
	// the inventory: a failure of a rule that is about a role is then no proof
	// where the role was never said.
	Inventory bool

	Platform string
	Vendor   string
	Kind     string
	Role     string
	Site     string
	Tags     []string
	Secrets  []SecretFact
}

// SecretFact is what is known of one secret of the text; never its value.
type SecretFact struct {
	Line       int // as `show` prints it
	Form       string
	Class      string
	Dictionary bool
	Short      bool
	Text       string // the masked line
}

// evidence gives one line of the parsed text as evidence.
func (s Subject) evidence(line int) Evidence {
	e := Evidence{Line: line}
	if i := line - 1; i >= 0 && i < len(s.Text) {
		e.Text = s.Text[i]
		if i < len(s.Lines) {
			e.Line = s.Lines[i]
		}
	}
	return e
}

// covers says whether the scope holds the subject. A fact that is not known
// excludes nothing.
func (s Scope) covers(x Subject) bool {
	return anyGlob(s.Platform, x.Platform) && anyGlob(s.Vendor, x.Vendor) && anyGlob(s.Kind, x.Kind) &&
		anyGlob(s.Role, x.Role) && anyGlob(s.Site, x.Site) && anyTag(s.Tag, x.Tags)
}

func anyGlob(globs []string, value string) bool {
	if len(globs) == 0 || value == "" {
		return true
	}
	return slices.ContainsFunc(globs, func(g string) bool {
		ok, err := path.Match(g, value)
		return err == nil && ok
	})
}

func anyTag(want, have []string) bool {
	if len(want) == 0 || have == nil {
		return true
	}
	return slices.ContainsFunc(want, func(w string) bool { return slices.Contains(have, w) })
}
