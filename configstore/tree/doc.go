// Package tree reads a configuration of any syntax into one tree of nodes that
// point at lines of the text. Rendering the tree gives the text back byte for
// byte, and a line that no rule knows is kept as an unknown leaf.
//
// It is pure and total: never an error, never a panic. It refuses to know
// vendors: what it knows of a language comes with the rulebook.
package tree
