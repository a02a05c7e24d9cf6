package compliance

import (
	"fmt"
	"strings"

	"github.com/plumbline-net/plumbline/configstore/tree"
)

// matcher finds nodes by a path: steps joined by " / ". The words of one step
// may run over several levels of the tree, so that "system services ssh" finds
// the block however its braces are set. A step that is satisfied by a node is
// not looked for again below that node.
type matcher struct {
	src   string
	steps []tree.Pattern
	first []string // fixed first word of each step, "" where there is none
}

// found is one node that a path matched.
type found struct {
	node  *tree.Node
	words []string // of the last step, over all its levels
	rest  []string // the value: what stands behind the key
	keyed []string // tokens of the key that were not fixed
}

func newMatcher(src string) (matcher, error) {
	m := matcher{src: src}
	for step := range strings.SplitSeq(src, " / ") {
		step = strings.TrimSpace(step)
		if step == "" {
			return m, fmt.Errorf("%q: an empty step", src)
		}
		p, err := tree.CompilePattern(step)
		if err != nil {
			return m, fmt.Errorf("%q: %w", src, err)
		}
		first, _, _ := strings.Cut(step, " ")
		if strings.ContainsAny(first, `*?~(/[`) {
			first = ""
		}
		m.steps = append(m.steps, p)
		m.first = append(m.first, first)
	}
	return m, nil
}

func newMatchers(srcs []string) ([]matcher, error) {
	var out []matcher
	for _, s := range srcs {
		m, err := newMatcher(s)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// in lists what the path finds below n, in the order of the text.
func (m matcher) in(n *tree.Node) []found {
	var out []found
	m.walk(n.Children, 0, nil, &out)
	return out
}

func (m matcher) walk(nodes []*tree.Node, step int, before []string, out *[]found) {
	for _, n := range nodes {
		if n.Kind == tree.Comment {
			continue
		}
		all := n.Words
		switch {
		case len(before) > 0:
			all = append(before[:len(before):len(before)], n.Words...)
		case m.first[step] != "" && (len(all) == 0 || all[0] != m.first[step]):
			continue
		}
		if !m.steps[step].Matches(all) {
			if len(n.Children) > 0 {
				m.walk(n.Children, step, all, out)
			}
			continue
		}
		if step < len(m.steps)-1 {
			m.walk(n.Children, step+1, nil, out)
			continue
		}
		_, rest, keyed, _ := m.steps[step].Match(all)
		*out = append(*out, found{node: n, words: all, rest: rest, keyed: keyed})
	}
}
