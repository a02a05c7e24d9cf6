package diff

import (
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/configstore/tree"
)

// Meaning compares two trees of one platform: children are matched by their
// keys, runs of ordered entries by their content and place.
func Meaning(old, new *tree.Tree) MeaningDiff {
	m := &meaning{byWords: old.ByWords && new.ByWords}
	m.children(old.Root, new.Root)
	out := MeaningDiff{Equal: true, Changes: m.changes}
	if out.Changes == nil {
		out.Changes = []Change{}
	}
	slices.SortStableFunc(out.Changes, func(a, b Change) int { return place(a) - place(b) })
	for _, c := range out.Changes {
		out.Equal = out.Equal && c.Op == Renumber
	}
	return out
}

func place(c Change) int {
	if c.NewLine > 0 {
		return c.NewLine
	}
	return c.OldLine
}

type meaning struct {
	byWords bool
	changes []Change
}

// children compares what stands below two nodes that are the same.
func (m *meaning) children(o, n *tree.Node) {
	if len(o.Children) == 0 && len(n.Children) == 0 {
		return
	}
	var gone, come []*tree.Node
	runs := m.sets(o, n, &gone, &come)
	gone, come = withoutDefaults(gone, n), withoutDefaults(come, o)
	m.pairs(o, n, gone, come)
	for _, key := range runs.order {
		m.run(runs.old[key], runs.new[key])
	}
}

type runs struct {
	order    []string
	old, new map[string][]*tree.Node
}

// sets matches the children that are not in a run by key and collects the
// runs and what has no partner.
func (m *meaning) sets(o, n *tree.Node, gone, come *[]*tree.Node) runs {
	r := runs{old: map[string][]*tree.Node{}, new: map[string][]*tree.Node{}}
	a, _ := split2(o, r.old, &r.order)
	b, at := split2(n, r.new, &r.order)
	seen := make(map[string]bool, len(a))
	for _, c := range a {
		seen[c.Key] = true
		if d := at[c.Key]; d != nil {
			m.node(c, d)
		} else {
			*gone = append(*gone, c)
		}
	}
	for _, d := range b {
		if !seen[d.Key] {
			*come = append(*come, d)
		}
	}
	return r
}

// split2 parts children into runs and the rest; of the rest the last of one
// key counts, as on the device.
func split2(p *tree.Node, into map[string][]*tree.Node, order *[]string) ([]*tree.Node, map[string]*tree.Node) {
	at := make(map[string]*tree.Node, len(p.Children))
	out := make([]*tree.Node, 0, len(p.Children))
	for _, c := range p.Children {
		if c.Kind == tree.Comment || slices.Contains(c.Flags, tree.Volatile) {
			continue
		}
		if c.Group != "" {
			if !slices.Contains(*order, c.Group) {
				*order = append(*order, c.Group)
			}
			into[c.Group] = append(into[c.Group], c)
			continue
		}
		if at[c.Key] == nil {
			out = append(out, c)
		}
		at[c.Key] = c
	}
	for i, c := range out {
		out[i] = at[c.Key]
	}
	return out, at
}

// node compares two nodes of one identity.
func (m *meaning) node(o, n *tree.Node) {
	if o.Value != n.Value || slices.Contains(o.Flags, tree.Inactive) != slices.Contains(n.Flags, tree.Inactive) {
		m.change(o, n)
	}
	m.children(o, n)
}

func (m *meaning) change(o, n *tree.Node) {
	c := Change{Op: Changed, Path: keyPath(n), Old: m.say(o), New: m.say(n), OldLine: o.From, NewLine: n.From}
	switch {
	case o.Kind == tree.Blob || n.Kind == tree.Blob:
		c.Note = "the text inside differs"
	case c.Old == c.New && o.Value != n.Value:
		c.Old, c.New = o.Key+" "+o.Value, n.Key+" "+n.Value
	}
	if o.Kind != tree.Blob && blind(c.Old) == blind(c.New) || o.Kind == tree.Blob && blind(o.Value) == blind(n.Value) {
		c.Op = Secret
	}
	m.add(c, n)
}

// say writes a node for people: its line, or its whole statement where nodes
// are words.
func (m *meaning) say(n *tree.Node) string {
	s := n.Text
	if m.byWords {
		s = strings.Join(tree.Path(n), " ")
	}
	if slices.Contains(n.Flags, tree.Inactive) {
		s = "inactive: " + s
	}
	return s
}

func keyPath(n *tree.Node) []string {
	p := tree.Path(n)
	if len(p) > 0 {
		p[len(p)-1] = n.Key
	}
	return p
}

func (m *meaning) add(c Change, n *tree.Node) {
	c.Class = classify(c.Path, n)
	if annotation(n) && c.Op != Renumber {
		c.Op, c.Severity = Comment, "info"
	}
	m.changes = append(m.changes, c)
}

func (m *meaning) removed(o *tree.Node) {
	m.add(Change{Op: Remove, Path: keyPath(o), Old: m.say(o), OldLine: o.From}, o)
}

func (m *meaning) added(n *tree.Node) {
	m.add(Change{Op: Add, Path: keyPath(n), New: m.say(n), NewLine: n.From}, n)
}

// annotation says that a line is stored but does nothing.
func annotation(n *tree.Node) bool {
	if n.Rule != nil && n.Rule.Annotation {
		return true
	}
	return n.Group != "" && (strings.HasPrefix(n.Body, "remark ") || strings.Contains(n.Body, " remark ") && n.Num < 0 && strings.HasPrefix(n.Body, n.Group+" remark "))
}

// pairs joins what vanished and what appeared where it is one line with
// another value; the rest is removed and added.
func (m *meaning) pairs(o, n *tree.Node, gone, come []*tree.Node) {
	used := make(map[*tree.Node]bool)
	join := func(key func(c *tree.Node) string) {
		left, right := unique(gone, used, key), unique(come, used, key)
		for k, a := range left {
			if b := right[k]; a != nil && b != nil {
				used[a], used[b] = true, true
				m.change(a, b)
			}
		}
	}
	if len(gone) > 0 && len(come) > 0 {
		join(func(c *tree.Node) string {
			if s := blind(c.Text); s != c.Text {
				return s
			}
			return ""
		})
		if m.byWords {
			m.onlyValue(o, n, gone, come, used)
		} else {
			join(allButLast)
		}
	}
	for _, c := range gone {
		if !used[c] {
			m.removed(c)
		}
	}
	for _, c := range come {
		if !used[c] {
			m.added(c)
		}
	}
}

// onlyValue pairs the only children of two words: the word has a new value.
func (m *meaning) onlyValue(o, n *tree.Node, gone, come []*tree.Node, used map[*tree.Node]bool) {
	if len(o.Children) != 1 || len(n.Children) != 1 || len(gone) != 1 || len(come) != 1 || used[gone[0]] {
		return
	}
	a, b := gone[0], come[0]
	if len(a.Children) > 0 || len(b.Children) > 0 || o.Parent == nil {
		return
	}
	used[a], used[b] = true, true
	m.add(Change{Op: Changed, Path: tree.Path(n), Old: m.say(a), New: m.say(b), OldLine: a.From, NewLine: b.From}, b)
}

func allButLast(c *tree.Node) string {
	if c.Rule != nil || len(c.Children) > 0 || len(c.Words) < 2 {
		return ""
	}
	return strings.Join(c.Words[:len(c.Words)-1], " ")
}

// unique maps keys to the nodes that have them; nil where several do.
func unique(list []*tree.Node, used map[*tree.Node]bool, key func(c *tree.Node) string) map[string]*tree.Node {
	out := make(map[string]*tree.Node, len(list))
	for _, c := range list {
		if used[c] {
			continue
		}
		k := key(c)
		if k == "" {
			continue
		}
		if _, twice := out[k]; twice {
			out[k] = nil
			continue
		}
		out[k] = c
	}
	return out
}

// blind blanks out masks, so that lines that differ in secrets only are equal.
func blind(s string) string {
	const token = "<secret:"
	if !strings.Contains(s, token) {
		return s
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, token)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteString(token)
		if _, after, closed := strings.Cut(rest, ">"); closed {
			s = after
		} else {
			s = rest
		}
	}
}

// withoutDefaults leaves out lines that say what holds anyway where the other
// side, whose parent is p, says nothing.
func withoutDefaults(list []*tree.Node, p *tree.Node) []*tree.Node {
	out := list[:0:0]
	for _, c := range list {
		if !isDefault(c, p) {
			out = append(out, c)
		}
	}
	return out
}

func isDefault(c, p *tree.Node) bool {
	if c.Rule == nil {
		return false
	}
	for _, d := range c.Rule.Default {
		if d.Line == c.Text && holds(d.When, c.Parent) && holds(d.When, p) {
			return true
		}
	}
	return false
}

// holds judges the condition of a default. What it asks is not known from the
// text alone unless it is about the port.
func holds(when string, block *tree.Node) bool {
	if when == "" {
		return true
	}
	fields := strings.Fields(when)
	if len(fields) != 3 || fields[0] != "port" {
		return false
	}
	routed := true
	for _, c := range block.Children {
		if len(c.Words) > 0 && c.Words[0] == "switchport" {
			routed = false
		}
	}
	return (fields[2] == "routed") == (routed == (fields[1] == "=="))
}
