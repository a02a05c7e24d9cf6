package topology

import (
	"cmp"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// Tier is how far from the edge of its site a device stands.
type Tier int

// The tiers, from the edge inwards.
const (
	TierEdge Tier = iota
	TierCore
	TierDistribution
	TierAccess
	TierLeaf
)

// String is the word for people.
func (t Tier) String() string {
	return [...]string{"edge", "core", "distribution", "access", "leaf"}[min(max(t, 0), TierLeaf)]
}

// Place is what the layout asks of a device. Site is "" where none is known:
// such devices stand in blocks of their own, one for each set that is joined.
type Place struct {
	ID    netdev.DeviceID
	Label string
	Kind  netdev.Kind
	Role  string
	Site  string
	Room  int // characters to leave room for, where that is more than the label
}

// Wire joins two places. Key tells parallel wires apart and orders them.
type Wire struct {
	A, B netdev.DeviceID
	Key  string
}

// Layout is a drawing. Units are CSS pixels at zoom 1, the origin is the upper
// left corner; all numbers are whole, so the same input gives the same bytes
// on every machine.
type Layout struct {
	Width, Height int
	Spots         []Spot   // ordered by label, then ID; counted nodes last
	Blocks        []Block  // ordered by name
	Gutters       []Gutter // ordered by the blocks they join
	Wires         []Drawn  // of every input wire whose ends are both placed, ordered by ends, then key
}

// Spot is where a node stands: its centre. A spot that is folded into a
// counted node has that node's place and is not drawn.
type Spot struct {
	Place
	X, Y  int
	Tier  Tier
	Row   int // within its block, from the top
	Block int // index into Blocks
	Fold  int // index of the counted node it is in; -1: none
	Count int // of a counted node: how many it stands for
}

// Block is one site.
type Block struct {
	Site       string // "" for devices of no known site
	X, Y, W, H int
	Nodes      int // devices, counted ones one by one
	Links      int // with both ends inside
}

// Gutter bundles the wires that join two blocks. Path is a chain of curves.
type Gutter struct {
	A, B  int // indexes into Blocks
	Wires int
	Path  []int
}

// Drawn is a wire on its way: Path is x, y of its start, then six numbers a
// cubic curve (two controls and the end), as in SVG's C and canvas'
// bezierCurveTo.
type Drawn struct {
	Wire
	From, To int // indexes into Spots
	Path     []int
}

// The measures of a drawing, in pixels.
const (
	nodeHalf  = 15  // of a node's box
	rowStep   = 96  // between rows of a block
	blockPad  = 26  // inside a block
	blockHead = 46  // its name
	blockFoot = 44  // below its lowest row, for names
	gutterGap = 72  // between columns of blocks
	blockGap  = 44  // between blocks of a column
	margin    = 24  // round everything
	labelMax  = 22  // characters of a name that are given room
	letter    = 7   // width of one, at 11.5 px
	stepMin   = 64  // between nodes of a row
	foldAbove = 12  // equal leaves
	foldSmall = 4   // access points, phones and the like
	lane      = 6   // between parallel wires
	passes    = 4   // of the barycentre order
	ringMin   = 4   // nodes in a ring
	ringMax   = 400 // a longer one is laid out in rows
)

// Arrange lays places and wires out. The order of its input does not matter;
// wires whose ends are not placed, and from a place to itself, are left out.
func Arrange(places []Place, wires []Wire) Layout {
	g := newDrawing(places, wires)
	g.fold()
	g.split()
	for b := range g.blocks {
		g.arrangeBlock(b)
	}
	g.placeBlocks()
	g.route()
	return g.layout()
}

// drawing is a layout while it is made.
type drawing struct {
	spots  []Spot
	wires  []Drawn
	near   [][]int // distinct drawn neighbours of each spot, ascending
	blocks []block
	w, h   int
	gut    []Gutter
	lanes  map[[2]int]int // wires so far in a channel
}

// block is one site while it is laid out; X and Y of its spots are relative
// to its upper left corner until placeBlocks.
type block struct {
	Block
	key  string
	rows [][]int
	ring bool
	col  int
}

func newDrawing(places []Place, wires []Wire) *drawing {
	g := &drawing{lanes: map[[2]int]int{}}
	sorted := slices.Clone(places)
	slices.SortFunc(sorted, comparePlace)
	at := map[netdev.DeviceID]int{}
	for _, p := range sorted {
		if _, twice := at[p.ID]; twice {
			continue
		}
		at[p.ID] = len(g.spots)
		g.spots = append(g.spots, Spot{Place: p, Fold: -1})
	}
	for _, w := range wires {
		a, okA := at[w.A]
		b, okB := at[w.B]
		if !okA || !okB || a == b {
			continue
		}
		if a > b {
			a, b, w.A, w.B = b, a, w.B, w.A
		}
		g.wires = append(g.wires, Drawn{Wire: w, From: a, To: b})
	}
	slices.SortFunc(g.wires, func(p, q Drawn) int {
		return cmp.Or(cmp.Compare(p.From, q.From), cmp.Compare(p.To, q.To), strings.Compare(p.Key, q.Key))
	})
	g.joinNear()
	return g
}

func comparePlace(p, q Place) int {
	return cmp.Or(netdev.CompareNames(p.Label, q.Label), strings.Compare(string(p.ID), string(q.ID)), strings.Compare(p.Site, q.Site),
		strings.Compare(p.Role, q.Role), strings.Compare(string(p.Kind), string(q.Kind)))
}

// drawn is the spot that stands for i on the picture.
func (g *drawing) drawn(i int) int {
	if f := g.spots[i].Fold; f >= 0 {
		return f
	}
	return i
}

// joinNear finds who is next to whom among what is drawn.
func (g *drawing) joinNear() {
	g.near = make([][]int, len(g.spots))
	for _, w := range g.wires {
		a, b := g.drawn(w.From), g.drawn(w.To)
		if a != b {
			g.near[a] = append(g.near[a], b)
			g.near[b] = append(g.near[b], a)
		}
	}
	for i := range g.near {
		slices.Sort(g.near[i])
		g.near[i] = slices.Compact(g.near[i])
	}
}

func (g *drawing) layout() Layout {
	out := Layout{Width: g.w, Height: g.h, Spots: g.spots, Wires: g.wires, Gutters: g.gut, Blocks: make([]Block, len(g.blocks))}
	for i, b := range g.blocks {
		out.Blocks[i] = b.Block
	}
	return out
}
