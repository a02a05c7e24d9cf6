package web

import (
	"slices"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
)

// sameWithin is how far apart the same change may be seen on other devices to
// be one row.
const sameWithin = 15 * time.Minute

// same puts together what is the same change of the same source within 15
// minutes of the newest of them. Rows come newest first, and stay so; a device
// that changed the same thing twice is two rows.
func same(rows []changeRow) []changeRow {
	type known struct {
		key    string
		source configstore.Source
	}
	at := map[known]int{}
	var out []changeRow
	for _, r := range rows {
		k := known{r.Revision.ChangeKey, r.Revision.Source}
		i, ok := at[k]
		if ok = ok && k.key != ""; ok {
			g := out[i]
			ok = g.Revision.FirstSeen.Sub(r.Revision.FirstSeen) <= sameWithin && g.Revision.Device != r.Revision.Device &&
				!slices.ContainsFunc(g.Others, func(o changeRow) bool { return o.Revision.Device == r.Revision.Device })
		}
		if ok {
			out[i].Others = append(out[i].Others, r)
			out[i].Effect = out[i].Effect.with(r.Effect)
			continue
		}
		at[k] = len(out)
		out = append(out, r)
	}
	return out
}

// with adds the rules of another effect, each rule once.
func (e effect) with(f effect) effect {
	add := func(to, more []configstore.RuleResult) []configstore.RuleResult {
		to = slices.Clone(to)
		for _, m := range more {
			if !slices.ContainsFunc(to, func(r configstore.RuleResult) bool { return r.Rule == m.Rule }) {
				to = append(to, m)
			}
		}
		return to
	}
	return effect{broke: add(e.broke, f.broke), mended: add(e.mended, f.mended), known: e.known || f.known}
}

// lines sums the lines of a group of changes.
func (r changeRow) lines() (added, removed int) {
	added, removed = r.Revision.Added, r.Revision.Removed
	for _, o := range r.Others {
		added, removed = added+o.Revision.Added, removed+o.Revision.Removed
	}
	return added, removed
}

// by names who made a group of changes, each once.
func (r changeRow) by() string {
	names := []string{r.Revision.ChangedBy}
	for _, o := range r.Others {
		names = append(names, o.Revision.ChangedBy)
	}
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == "" })
	return said(strings.Join(names, ", "))
}

// changesHref lists the changes that are the same as that of a revision.
func changesHref(id configstore.RevisionID) string { return "/changes?same=" + segment(string(id)) }

// sameAs gives the members of the group that a revision is in, each a row.
func sameAs(rows []changeRow, id configstore.RevisionID) []changeRow {
	for _, g := range same(rows) {
		in := []configstore.RevisionID{g.Revision.ID}
		for _, o := range g.Others {
			in = append(in, o.Revision.ID)
		}
		if slices.Contains(in, id) {
			return slices.DeleteFunc(slices.Clone(rows), func(r changeRow) bool { return !slices.Contains(in, r.Revision.ID) })
		}
	}
	return nil
}
