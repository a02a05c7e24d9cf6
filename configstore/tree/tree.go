package tree

import "github.com/plumbline-net/plumbline/netdev/platform"

// Tree is one parsed text.
type Tree struct {
	Root         *Node
	Lines        int      // of the text
	UnknownLines int      // lines that no syntax explains
	OpenBlocks   int      // blocks that the text does not close: a sign of truncation
	Notes        []string // what was odd, in words

	text []byte
	book *Book
}

// Parse reads a text by a rulebook. It never fails: what it cannot read is
// kept as unknown leaves.
func Parse(text []byte, book platform.Rulebook) *Tree { return NewBook(book).Parse(text) }

// Render gives the parsed text back, byte for byte.
func (t *Tree) Render() []byte { return append([]byte(nil), t.text...) }

// Find lists the nodes that a path of patterns matches, in the order of the
// text. The steps are joined by " / ".
func (t *Tree) Find(pattern string) []*Node { return nil }

// SectionAt gives the open headers above a line of the text, outermost first.
func (t *Tree) SectionAt(line int) []string { return nil }

// Path gives the canonical lines from the root to n.
func Path(n *Node) []string {
	var out []string
	for ; n != nil && n.Parent != nil; n = n.Parent {
		out = append([]string{n.Text}, out...)
	}
	return out
}

// Book is a rulebook compiled for parsing: do it once for a platform. It is
// safe for concurrent use.
type Book struct{ book platform.Rulebook }

// NewBook compiles a rulebook.
func NewBook(book platform.Rulebook) *Book { return &Book{book: book} }

// Parse reads a text.
func (b *Book) Parse(text []byte) *Tree {
	return &Tree{Root: &Node{Kind: Block}, text: append([]byte(nil), text...), book: b}
}
