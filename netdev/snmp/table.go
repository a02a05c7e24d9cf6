package snmp

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// column is one column on its way through a table.
type column struct {
	at     int    // its place in the row
	prefix []byte // content octets of its OID
	base   []uint32
	last   []uint32 // newest OID met, the next question
	done   bool
	reason netdev.Reason // why it ended early
	detail string
	alone  bool // ask for it alone and with GETNEXT: the agent fails otherwise
}

// walker reads one table.
type walker struct {
	s       *session
	ctx     context.Context
	cols    []*column
	rows    []Row
	byIndex map[string]int
	reps    int
	width   int // columns a request
	binds   int // so far
	limit   int
	until   time.Time
	comm    []byte
	context []byte
	each    func(Varbind) bool // of Walk; nil: rows are kept
}

// Table reads columns row by row. What cannot be read is told in the coverage
// of the table, beside the rows that were.
func (l *Live) Table(ctx context.Context, columns ...OID) Table {
	s := l.s
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &walker{s: s, ctx: ctx, byIndex: map[string]int{}, limit: s.opt.MaxVarbinds}
	for i, oid := range columns {
		arcs, ok := ParseOID(oid)
		if !ok {
			return Table{Coverage: netdev.Partial, Reason: netdev.Internal, Detail: fmt.Sprintf("%q is not an OID", oid)}
		}
		w.cols = append(w.cols, &column{at: i, prefix: contentOf(arcs), base: arcs, last: arcs})
		if big(arcs) {
			w.limit = max(w.limit, 500_000)
		}
	}
	if served, known := s.contexts[l.context]; l.set && known && !served {
		return Table{Coverage: netdev.Absent, Detail: "the agent does not serve context " + l.context}
	}
	if s.dead >= 2 {
		return Table{Coverage: netdev.Partial, Reason: netdev.Timeout, Detail: "not asked: the agent did not answer for the tables before"}
	}
	w.comm, w.context = l.wire()
	w.width = len(w.cols)
	w.reps = w.cap(s.size.first(max(1, w.width)))
	now := s.opt.Now()
	w.until = now.Add(s.opt.TableBudget)
	if end := s.began.Add(s.opt.DeviceBudget); end.Before(w.until) {
		w.until = end
	}
	for w.round() {
	}
	t := w.result()
	if t.Reason != netdev.Timeout || len(t.Rows) > 0 {
		s.dead = 0
		s.serves(l.context, true)
		return t
	}
	if served, known := s.contexts[l.context]; l.set && !(known && served) && s.alive(ctx) {
		s.serves(l.context, false)
		return Table{Coverage: netdev.Absent, Detail: "the agent answers, and not in context " + l.context}
	}
	s.dead++
	return t
}

// alive asks in the context that worked so far whether the agent is there.
func (s *session) alive(ctx context.Context) bool {
	comm, name := (&Live{s: s, context: s.login.Context}).wire()
	arcs, _ := ParseOID(SysObjectID)
	return s.get(ctx, comm, name, [][]uint32{arcs}, make([]Varbind, 1)) == nil
}

// serves remembers whether the agent answers in a context: one of version 2c
// has no other way to say that it does not than silence.
func (s *session) serves(name string, does bool) {
	if s.contexts == nil {
		s.contexts = map[string]bool{}
	}
	s.contexts[name] = does
}

// big says whether base lies in a forwarding or ARP table, which may be
// larger than others: BRIDGE-MIB, Q-BRIDGE-MIB, IP-MIB.
func big(base []uint32) bool {
	for _, t := range [][]uint32{
		{1, 3, 6, 1, 2, 1, 17, 4, 3}, {1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2},
		{1, 3, 6, 1, 2, 1, 4, 22}, {1, 3, 6, 1, 2, 1, 4, 35},
	} {
		if len(base) > len(t) && slices.Equal(base[:len(t)], t) {
			return true
		}
	}
	return false
}

func (w *walker) cap(reps int) int {
	if w.s.maxReps > 0 {
		reps = min(reps, w.s.maxReps)
	}
	return max(1, reps)
}

// round asks once for each column that is not done. It says whether there is
// more to ask.
func (w *walker) round() bool {
	var active []*column
	for _, c := range w.cols {
		if !c.done {
			active = append(active, c)
		}
	}
	if len(active) == 0 {
		return false
	}
	// The width may shrink while this round is on.
	for i := 0; i < len(active); {
		n := min(w.width, len(active)-i)
		group := active[i : i+n]
		if n > 1 {
			if k := slices.IndexFunc(group, func(c *column) bool { return c.alone }); k == 0 {
				group = group[:1]
			} else if k > 0 {
				group = group[:k]
			}
		}
		i += len(group)
		switch {
		case w.binds >= w.limit:
			w.stop(active, netdev.WalkLimit, fmt.Sprintf("more than %d variable bindings", w.limit))
			return false
		case !w.s.opt.Now().Before(w.until):
			w.stop(active, netdev.WalkLimit, "the time for it was over")
			return false
		}
		if !w.ask(group) {
			return false
		}
	}
	return true
}

// stop ends every column that is not done with a reason.
func (w *walker) stop(cols []*column, r netdev.Reason, detail string) {
	for _, c := range cols {
		if !c.done {
			c.done, c.reason, c.detail = true, r, detail
		}
	}
}

// ask sends one question for group, smaller each time it fails, and takes the
// answer in. It says whether it makes sense to go on with the table.
func (w *walker) ask(group []*column) bool {
	s := w.s
	names := make([][]uint32, len(group))
	for i, c := range group {
		names[i] = c.last
	}
	q := &request{names: names}
	for {
		bulk := s.login.Version != netdev.SNMPv1 && !group[0].alone
		q.tag, q.a, q.b = pduGetNext, 0, 0
		if bulk {
			q.tag, q.b = pduGetBulk, s.size.cap(w.reps, len(group))
		}
		p, err := s.exchange(w.ctx, w.comm, w.context, q)
		switch {
		case err == errTry && len(q.ids) < s.opt.Tries:
			if bulk {
				// The last try asks for as little as can be.
				w.reps = s.size.shrink(q.b, len(group), false)
				if len(q.ids) == s.opt.Tries-1 {
					w.reps = 1
				}
			}
			continue
		case err == errTry:
			err = s.exhausted(q)
		}
		if err != nil {
			e, _ := err.(*netdev.OpError)
			w.stop(w.cols, e.Reason, e.Detail)
			return false
		}
		if p.tag == pduReport { // no such context
			w.stop(w.cols, "", "")
			return false
		}
		if p.status == 0 {
			return w.take(group, q, p)
		}
		again := w.refused(group, q, p)
		if !again {
			return true
		}
		q.ids = nil
	}
}

// result assembles the table. Rows are ordered by index.
func (w *walker) result() Table {
	slices.SortFunc(w.rows, func(a, b Row) int { return slices.Compare(a.Index, b.Index) })
	t := Table{Rows: w.rows, Coverage: netdev.Complete}
	for _, c := range w.cols {
		if c.reason != "" {
			t.Coverage, t.Reason = netdev.Partial, c.reason
			t.Detail = fmt.Sprintf("column %s", FormatOID(c.base))
			if c.detail != "" {
				t.Detail += ": " + c.detail
			}
			break
		}
	}
	if t.Coverage == netdev.Complete && len(t.Rows) == 0 {
		t.Coverage = netdev.Absent
	}
	return t
}
