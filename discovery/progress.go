package discovery

import (
	"net/netip"
	"sync"
	"time"

	"github.com/plumbline-net/plumbline/discovery/sweep"
	"github.com/plumbline-net/plumbline/netdev"
)

// Counters count addresses. At any moment Asked = Answered + Silent + Refused
// + Pending.
type Counters struct {
	Total      int   `json:"total"` // addresses in the targets, and those that a crawl added
	Asked      int   `json:"asked"`
	Answered   int   `json:"answered"`
	Silent     int   `json:"silent"`  // nothing came, or nothing more
	Refused    int   `json:"refused"` // closed, unreachable, auth-failed
	Pending    int   `json:"pending"`
	Walked     int   `json:"walked"`
	Identified int   `json:"identified"` // with a platform
	Sent       int64 `json:"sent"`       // datagrams
	Received   int64 `json:"received"`
	Varbinds   int64 `json:"varbinds"`
}

// Cell is the state of one address, for a page that draws a cell for each.
type Cell string

// Count enters the state of a scan into its run.
func (r *Run) Count(n Counters) {
	r.Total, r.Asked, r.Answered, r.Silent, r.Refused = n.Total, n.Asked, n.Answered, n.Silent, n.Refused
	r.Walked, r.Identified = n.Walked, n.Identified
}

// The states of an address, beside the outcomes of the sweep, which end in a
// cell of their own name.
const (
	CellAsked   Cell = "asked"
	CellWalking Cell = "walking"
	CellDone    Cell = "done"
	CellPartial Cell = "partial" // walked, and not every table is complete
)

// Event tells that one address went on. Counters are those after it.
type Event struct {
	Time     time.Time         `json:"time"`
	Address  netip.Addr        `json:"address"`
	Cell     Cell              `json:"cell"`
	Name     string            `json:"name,omitempty"`
	Platform netdev.PlatformID `json:"platform,omitempty"`
	Kind     netdev.Kind       `json:"kind,omitempty"`
	Error    *RunError         `json:"error,omitempty"`
	Counters Counters          `json:"counters"`
}

// tracker counts and tells; it is used by many goroutines, and calls progress
// one at a time.
type tracker struct {
	mu       sync.Mutex
	now      func() time.Time
	n        Counters
	traffic  func(*Counters)
	progress func(Event)
	errors   []RunError
}

// update changes the counters and tells of it in one step.
func (t *tracker) update(e Event, change func(*Counters)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.n)
	t.n.Pending = t.n.Asked - t.n.Answered - t.n.Silent - t.n.Refused
	if e.Error != nil {
		t.errors = append(t.errors, *e.Error)
	}
	if t.progress == nil {
		return
	}
	t.traffic(&t.n)
	e.Time, e.Counters = t.now(), t.n
	t.progress(e)
}

func (t *tracker) counters() Counters {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.traffic(&t.n)
	return t.n
}

func (t *tracker) asked(a netip.Addr) {
	t.update(Event{Address: a, Cell: CellAsked}, func(n *Counters) { n.Asked++ })
}

// outcome enters what the sweep said of an address. Only a target that was
// named by itself is an error for being silent or closed.
func (t *tracker) outcome(r sweep.Result, alone bool) {
	e := Event{Address: r.Addr, Cell: Cell(r.Outcome), Name: r.System.Name}
	live := r.Outcome == sweep.AuthFailed || r.Outcome == sweep.TimedOut
	if live || alone && r.Outcome != sweep.Answered {
		e.Error = &RunError{Address: r.Addr.String(), Reason: reasonOf(r.Outcome), Detail: r.Detail}
	}
	t.update(e, func(n *Counters) {
		switch r.Outcome {
		case sweep.Answered:
			n.Answered++
		case sweep.Silent, sweep.TimedOut:
			n.Silent++
		case sweep.NotAsked:
		default:
			n.Refused++
		}
	})
}
