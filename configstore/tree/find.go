package tree

// Find lists the nodes that a path of patterns matches, in the order of the
// tree. The steps are joined by " / ". In a tree whose nodes are words the
// path is read as one pattern over the words of a statement, and the node of
// its last word is found. A pattern that does not compile finds nothing.
func (t *Tree) Find(pattern string) []*Node {
	steps, err := CompilePath(pattern)
	if err != nil {
		return nil
	}
	return t.FindPath(steps)
}

// FindPath is Find for steps that are compiled already.
func (t *Tree) FindPath(steps []Pattern) []*Node {
	if len(steps) == 0 {
		return nil
	}
	r := &rule{steps: steps}
	var out []*Node
	if t.ByWords {
		for _, s := range steps {
			r.flat = append(r.flat, s.elems...)
		}
		findWords(t.Root, r.flat, []int{0}, &out)
		return out
	}
	findSteps(t.Root, r.from(0), t.negate(), &out)
	return out
}

func (t *Tree) negate() string { return t.book.book.Syntax.Negate }

func findSteps(n *Node, states []state, neg string, out *[]*Node) {
	for _, c := range n.Children {
		var next []state
		hit := false
		for _, s := range states {
			p := &s.r.steps[s.step]
			last := s.step == len(s.r.steps)-1
			switch {
			case s.r.anyDepth(s.step) && !last:
				next = append(next, s.r.from(s.step)...)
			case !p.Matches(c.Words):
			case last:
				hit = true
			default:
				next = append(next, s.r.from(s.step+1)...)
			}
		}
		if hit {
			*out = append(*out, c)
		}
		if len(next) > 0 && len(c.Children) > 0 {
			findSteps(c, next, neg, out)
		}
	}
}

func findWords(n *Node, flat []elem, at []int, out *[]*Node) {
	for _, c := range n.Children {
		var next []int
		hit := false
		for _, a := range at {
			for _, b := range advance(flat, a, c.Key) {
				next = append(next, b)
				hit = hit || done(flat[b:])
			}
		}
		rest := len(next) > 0 && flat[len(flat)-1].kind == eRest
		if hit && (!rest || len(c.Children) == 0) {
			*out = append(*out, c)
		}
		if len(next) > 0 {
			findWords(c, flat, next, out)
		}
	}
}

// done says that nothing more must follow.
func done(flat []elem) bool {
	for _, e := range flat {
		if e.kind != eOpt && e.kind != eRestKey && e.kind != eRest {
			return false
		}
	}
	return true
}
