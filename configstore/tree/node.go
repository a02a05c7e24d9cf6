package tree

import "github.com/plumbline-net/plumbline/netdev/platform"

// Kind of a node.
type Kind string

// The kinds of node.
const (
	Block   Kind = "block"
	Leaf    Kind = "leaf"
	RowKind Kind = "row"
	Blob    Kind = "blob"
	Comment Kind = "comment"
	Unknown Kind = "unknown"
)

// Order says what the order of a node's children means.
type Order string

// The orders of children.
const (
	Set  Order = "set"  // nothing
	Seq  Order = "seq"  // their own number decides
	List Order = "list" // their place decides
)

// The flags of a node.
const (
	Negated  = "negated"
	Inactive = "inactive"
	IsSecret = "secret"
	Volatile = "volatile" // changes without anybody's change
)

// Node is one statement of a configuration.
type Node struct {
	Key      string   `json:"key"`  // identity among its siblings
	Text     string   `json:"text"` // the canonical line
	Words    []string `json:"-"`    // canonical words of the line
	Kind     Kind     `json:"kind"`
	Order    Order    `json:"order,omitempty"` // of the children
	Flags    []string `json:"flags,omitempty"` // negated inactive default volatile secret protected
	From     int      `json:"from"`            // first line in the parsed text, from 1
	To       int      `json:"to"`              // last line, inclusive
	Children []*Node  `json:"children,omitempty"`

	Value      string             `json:"-"` // canonical value: nodes of one key and one value mean the same
	Group      string             `json:"-"` // not empty: one of an ordered run of siblings
	GroupOrder Order              `json:"-"` // Seq or List, of the run
	Body       string             `json:"-"` // of an entry of a run: what it says, without its number
	Num        int                `json:"-"` // number of the entry in a run of order Seq; -1 without
	Rule       *platform.NodeRule `json:"-"` // the rule that gave the identity; nil for the default rule
	Parent     *Node              `json:"-"`
}
