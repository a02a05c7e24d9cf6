package tree

import (
	"strings"

	"github.com/plumbline-net/plumbline/netdev/platform"
)

// Tree is one parsed text.
type Tree struct {
	Root         *Node
	Lines        int      // of the text
	UnknownLines int      // lines that no syntax explains
	OpenBlocks   int      // blocks that the text does not close: a sign of truncation
	Notes        []string // what was odd, in words
	Family       string   // indent brace path edit structured
	ByWords      bool     // one node is one word (brace, path): a statement is a chain

	text   []byte
	src    string
	starts []int32
	up     []int32 // the header line above each line, from 1; 0 without
	book   *Book
}

// Parse reads a text by a rulebook. It never fails: what it cannot read is
// kept as unknown leaves.
func Parse(text []byte, book platform.Rulebook) *Tree { return NewBook(book).Parse(text) }

// Parse reads a text.
func (b *Book) Parse(text []byte) *Tree {
	x := newBuilder(b, text)
	family, format := b.family(x.src)
	x.t.Family = family
	switch family {
	case "brace":
		x.brace()
	case "path":
		if b.book.Syntax.Context != "" {
			x.context()
		} else {
			x.setLines()
		}
	case "edit":
		x.edit()
	case "structured":
		x.structured(format)
	default:
		x.indent()
		x.members()
	}
	finish(x.t.Root)
	return x.t
}

// Render gives the parsed text back, byte for byte.
func (t *Tree) Render() []byte {
	out := make([]byte, 0, len(t.text))
	for i, at := range t.starts {
		end := len(t.text)
		if i+1 < len(t.starts) {
			end = int(t.starts[i+1])
		}
		out = append(out, t.text[at:end]...)
	}
	return out
}

// Line gives a line of the text, from 1, without its line end; "" outside.
func (t *Tree) Line(line int) string {
	if line < 1 || line > len(t.starts) {
		return ""
	}
	end := len(t.src)
	if line < len(t.starts) {
		end = int(t.starts[line])
	}
	return strings.TrimRight(t.src[t.starts[line-1]:end], "\r\n")
}

// Above gives the line of the header above a line of the text, from 1; 0
// without.
func (t *Tree) Above(line int) int {
	if line < 1 || line > len(t.up) || int(t.up[line-1]) >= line {
		return 0
	}
	return int(t.up[line-1])
}

// SectionAt gives the open headers above a line of the text, outermost first.
func (t *Tree) SectionAt(line int) []string {
	const deepest = 64
	var out []string
	for n := 0; n < deepest; n++ {
		up := t.Above(line)
		if up == 0 {
			break
		}
		out = append(out, strings.TrimRight(strings.TrimSpace(t.Line(up)), " {"))
		line = up
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// Path gives the canonical lines from the root to n, without the root.
func Path(n *Node) []string {
	var out []string
	for ; n != nil && n.Parent != nil; n = n.Parent {
		out = append(out, n.Text)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// finish merges blocks that are printed in several pieces and says what the
// order of children means where no rule does.
func finish(n *Node) {
	blocks := 0
	for _, c := range n.Children {
		if c.Kind == Block {
			blocks++
		}
	}
	if blocks > 1 && n.Order != List && n.Order != Seq {
		mergeBlocks(n, blocks)
	}
	numbered, placed := 0, 0
	for _, c := range n.Children {
		if len(c.Children) > 0 {
			finish(c)
		}
		if c.Group == entries {
			if c.Num >= 0 {
				numbered++
			} else {
				placed++
			}
		}
	}
	if n.Order == "" && (numbered > 0 || placed > 0) {
		n.Order = List
		if numbered >= placed {
			n.Order = Seq
		}
	}
	if n.Order == "" && len(n.Children) > 0 {
		n.Order = Set
	}
}

func mergeBlocks(n *Node, blocks int) {
	first := make(map[string]*Node, blocks)
	kept := n.Children[:0]
	for _, c := range n.Children {
		if c.Kind != Block || c.Group != "" {
			kept = append(kept, c)
			continue
		}
		if f := first[c.Key]; f != nil {
			for _, cc := range c.Children {
				cc.Parent = f
			}
			f.Children = append(f.Children, c.Children...)
			continue
		}
		first[c.Key] = c
		kept = append(kept, c)
	}
	n.Children = kept
}
