package capture

import (
	"container/list"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// TableCap bounds the senders that are remembered of one local interface.
const TableCap = 4096

// Table remembers the latest sighting of each sender of each local interface.
// When an interface's share is full, senders seen once give way before those
// seen again, the oldest first: a storm of invented ones cannot push out the
// real. It is not safe for use by several goroutines at once.
type Table struct {
	ports map[string]*tablePort
	cap   int
}

type tableKey struct {
	protocol, chassis, port string
	source                  netdev.MAC
	vlan                    int
}

type tableEntry struct {
	key     tableKey
	seen    Seen
	known   bool // seen at least twice
	changed bool // since Take gave it last
}

// Seen is a sender as it is remembered: its latest sighting, since when, and
// by how many frames since Take gave it last.
type Seen struct {
	Sighting
	First  time.Time
	Frames int
}

type tablePort struct {
	byKey       map[tableKey]*list.Element
	once, known list.List // of *tableEntry, the longest unseen in front
	shed        uint64
}

// NewTable gives an empty table.
func NewTable() *Table { return &Table{ports: map[string]*tablePort{}, cap: TableCap} }

// Put remembers s. It says whether the sender is new, and whether another one
// had to be forgotten for it.
func (t *Table) Put(s Sighting) (fresh, shed bool) {
	p := t.ports[s.LocalInterface]
	if p == nil {
		p = &tablePort{byKey: map[tableKey]*list.Element{}}
		t.ports[s.LocalInterface] = p
	}
	k := tableKey{s.Protocol, s.ChassisID, s.PortID, s.SourceMAC, s.VLAN}
	if at := p.byKey[k]; at != nil {
		e := at.Value.(*tableEntry)
		e.seen.Sighting, e.changed = s, true
		e.seen.Frames++
		if e.known {
			p.known.MoveToBack(at)
			return false, false
		}
		p.once.Remove(at)
		e.known = true
		p.byKey[k] = p.known.PushBack(e)
		return false, false
	}
	if len(p.byKey) >= t.cap {
		from := &p.once
		if from.Len() == 0 {
			from = &p.known
		}
		delete(p.byKey, from.Remove(from.Front()).(*tableEntry).key)
		p.shed++
		shed = true
	}
	p.byKey[k] = p.once.PushBack(&tableEntry{key: k, seen: Seen{s, s.Time, 1}, changed: true})
	return true, shed
}

// Sightings gives what is remembered of an interface: senders seen again first,
// each group in the order of their latest frame.
func (t *Table) Sightings(name string) []Sighting {
	p := t.ports[name]
	if p == nil {
		return nil
	}
	out := make([]Sighting, 0, len(p.byKey))
	for _, l := range []*list.List{&p.known, &p.once} {
		for at := l.Front(); at != nil; at = at.Next() {
			out = append(out, at.Value.(*tableEntry).seen.Sighting)
		}
	}
	return out
}

// Take gives the senders of an interface that were heard since it was called
// last, in the order of Sightings.
func (t *Table) Take(name string) []Seen {
	p := t.ports[name]
	if p == nil {
		return nil
	}
	var out []Seen
	for _, l := range []*list.List{&p.known, &p.once} {
		for at := l.Front(); at != nil; at = at.Next() {
			if e := at.Value.(*tableEntry); e.changed {
				out = append(out, e.seen)
				e.changed, e.seen.Frames = false, 0
			}
		}
	}
	return out
}

// Shed counts the senders of an interface that were forgotten for want of room.
func (t *Table) Shed(name string) uint64 {
	if p := t.ports[name]; p != nil {
		return p.shed
	}
	return 0
}

// Neighbors gives the rows of a neighbour table that the sightings prove, one
// a device, port and protocol, in the order given; a device that took its
// leave, or was not heard of for the time it asked for before now, is left
// out. A zero now lets all stand.
func Neighbors(seen []Sighting, now time.Time) []netdev.Neighbor {
	type key struct{ protocol, local, chassis, name, port string }
	at := map[key]int{}
	var out []netdev.Neighbor
	gone := map[int]bool{}
	for _, s := range seen {
		if !now.IsZero() && s.Hold > 0 && s.Time.Add(s.Hold).Before(now) {
			continue
		}
		k := key{s.Protocol, s.LocalInterface, s.ChassisID, s.SysName, s.PortID}
		if s.ChassisID != "" {
			k.name = ""
		}
		i, dup := at[k]
		n, ok := s.Neighbor()
		switch {
		case dup:
			gone[i] = !ok
			if ok {
				out[i] = n
			}
			continue
		case !ok:
			continue
		}
		at[k] = len(out)
		out = append(out, n)
	}
	left := out[:0]
	for i, n := range out {
		if !gone[i] {
			left = append(left, n)
		}
	}
	return left
}
