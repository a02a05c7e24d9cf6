package app

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/target"
	"github.com/plumbline-net/plumbline/web"
)

const (
	logTail   = 500
	cellsBest = 1024 // above it one cell a /24
)

// live is a discovery that runs in this process, address by address.
type live struct {
	mu     sync.Mutex
	run    discovery.Run
	at     map[netip.Prefix]int
	cells  []web.Cell
	states []map[string]int // of a cell that stands for many addresses
	log    []web.LogLine
	bits   int
}

func newLive(run discovery.Run, set *target.Set) *live {
	l := &live{run: run, at: map[netip.Prefix]int{}, bits: 32}
	if set.Len() > cellsBest {
		l.bits = 24
	}
	for i := range set.Len() {
		l.cell(set.At(i))
	}
	return l
}

// cell gives the index of the cell of an address, making it where a crawl
// found a new one.
func (l *live) cell(a netip.Addr) int {
	bits := l.bits
	if a.Is6() {
		bits = 128
	}
	p := netip.PrefixFrom(a, bits).Masked()
	i, ok := l.at[p]
	if ok {
		return i
	}
	i = len(l.cells)
	name := a.String()
	if !p.IsSingleIP() {
		name = p.String()
	}
	l.at[p] = i
	l.cells = append(l.cells, web.Cell{Address: name, State: "waiting"})
	l.states = append(l.states, map[string]int{})
	return i
}

// event enters what a scan tells.
func (l *live) event(e discovery.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.run.Count(e.Counters)
	i := l.cell(e.Address)
	c := &l.cells[i]
	state, text, tone := cellWords(e)
	if l.bits == 24 && !e.Address.Is6() {
		l.states[i][state]++
		state = worst(l.states[i])
	} else if e.Name != "" {
		c.Name = e.Name
	}
	c.State = state
	if e.Error != nil {
		l.run.Errors = append(l.run.Errors, *e.Error)
	}
	if text == "" {
		return
	}
	l.log = append(l.log, web.LogLine{Time: e.Time, Address: e.Address.String(), Text: text, Tone: tone})
	if len(l.log) > logTail {
		l.log = slices.Delete(l.log, 0, len(l.log)-logTail)
	}
}

// worst gives the state that a cell of many addresses shows: the one that
// tells most.
func worst(n map[string]int) string {
	for _, s := range []string{"work", "refused", "new", "known", "silent"} {
		if n[s] > 0 {
			return s
		}
	}
	return "waiting"
}

// cellWords says an event for people: the state of the cell, a line of the
// log ("" for none) and its tone.
func cellWords(e discovery.Event) (state, text, tone string) {
	switch {
	case e.Cell == discovery.CellAsked:
		return "work", "", ""
	case e.Cell == discovery.CellWalking:
		return "work", fmt.Sprintf("%s answered, reading its tables", e.Name), ""
	case e.Cell == discovery.CellDone:
		return "known", fmt.Sprintf("%s is %s (%s)", e.Name, e.Kind, e.Platform), "ok"
	case e.Cell == discovery.CellPartial:
		return "known", fmt.Sprintf("%s is %s (%s), not every table is complete", e.Name, e.Kind, e.Platform), "bad"
	case e.Cell == "answered":
		return "work", fmt.Sprintf("%s answered", e.Name), ""
	case e.Cell == "silent":
		if e.Error == nil {
			return "silent", "", ""
		}
		return "silent", "no answer", "bad"
	case e.Error != nil:
		return "refused", fmt.Sprintf("%s: %s", e.Error.Reason, e.Error.Detail), "bad"
	default:
		return "refused", string(e.Cell), ""
	}
}

// view copies what a page draws.
func (l *live) view() web.Live {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := web.Live{Run: l.run, Cells: slices.Clone(l.cells), Log: slices.Clone(l.log)}
	v.Run.Errors = slices.Clone(l.run.Errors)
	return v
}

// now gives the run as it stands.
func (l *live) now() discovery.Run {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.run
	r.Errors = slices.Clone(l.run.Errors)
	return r
}
