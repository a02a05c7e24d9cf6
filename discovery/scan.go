package discovery

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/plumbline-net/plumbline/discovery/identify"
	"github.com/plumbline-net/plumbline/discovery/sweep"
	"github.com/plumbline-net/plumbline/discovery/target"
	"github.com/plumbline-net/plumbline/discovery/walk"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// scan is one call of Scan.
type scan struct {
	s       *Scanner
	req     Request
	pace    *snmp.Pace
	engines *snmp.Engines
	count   *snmp.Counters
	track   *tracker

	mu      sync.Mutex
	found   []Found
	aliases []Alias
	asked   map[netip.Addr]bool // only in a crawl
}

// pass sweeps set and walks who answers while the sweep goes on.
func (sc *scan) pass(ctx context.Context, set *target.Set) error {
	orderKey, err := sc.s.key()
	if err != nil {
		return err
	}
	idKey, err := sc.s.key()
	if err != nil {
		return err
	}
	order := target.NewOrder(set.Len(), orderKey)
	if sc.req.Crawl {
		for i := range set.Len() {
			sc.asked[set.At(i)] = true
		}
	}
	sc.track.update(Event{}, func(n *Counters) { n.Total += set.Len() })
	walks := newPool(sc.req.Concurrency)
	err = sweep.Run(ctx, set, sc.req.Credentials, sweep.Options{
		Port: sc.req.SNMPPort, Timeout: sc.req.Timeout, Tries: sc.req.Retries + 1, Pace: sc.pace, Engines: sc.engines,
		Count: sc.count, Order: order.At, Site: sc.req.Targets.Site, Key: idKey, Asked: sc.track.asked,
		Alias: sc.alias,
	}, func(r sweep.Result) {
		sc.track.outcome(r, sc.req.Targets.Alone(r.Addr))
		if r.Outcome == sweep.Answered {
			walks.add(func() { sc.device(ctx, r) })
		}
	})
	walks.wait()
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("sweep: %w", err)
	}
	return nil
}

// alias notes it once.
func (sc *scan) alias(asked, from netip.Addr) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	a := Alias{Asked: asked, From: from}
	if !slices.Contains(sc.aliases, a) && len(sc.aliases) < 10_000 {
		sc.aliases = append(sc.aliases, a)
	}
}

// device walks and identifies one that answered.
func (sc *scan) device(ctx context.Context, r sweep.Result) {
	facts := netdev.Facts{SysDescr: r.System.Descr, SysObjectID: r.System.ObjectID, SysName: r.System.Name}
	var failed *RunError
	if !sc.req.SweepOnly {
		sc.track.update(Event{Address: r.Addr, Cell: CellWalking, Name: r.System.Name}, func(*Counters) {})
		walked, err := sc.walk(ctx, r)
		switch {
		case err != nil:
			failed = &RunError{Address: r.Addr.String(), Reason: netdev.ReasonOf(err), Detail: detailOf(err)}
		default:
			failed = incomplete(r.Addr, walked.Tables)
		}
		if err == nil {
			facts = withSystem(walked, facts)
		}
	}
	facts.Address, facts.Taken = r.Addr, sc.s.opt.Now()
	if len(facts.EngineID) == 0 && r.Engine.Valid() {
		facts.EngineID = r.Engine.ID
	}
	f := Found{
		Facts: facts, Identity: identify.Identify(facts, sc.s.platforms), Credential: r.Credential.Name,
		SNMPPort: sc.req.SNMPPort, SSHPort: sc.req.SSHPort, Site: sc.req.Targets.Site(r.Addr),
	}
	if f.Identity.Name == "" {
		f.Identity.Name = r.Addr.String()
	}
	sc.mu.Lock()
	sc.found = append(sc.found, f)
	sc.mu.Unlock()
	cell := CellDone
	if failed != nil {
		cell = CellPartial
	}
	sc.track.update(Event{Address: r.Addr, Cell: cell, Name: f.Identity.Name, Platform: f.Identity.Platform, Kind: f.Identity.Kind, Error: failed}, func(n *Counters) {
		if !sc.req.SweepOnly {
			n.Walked++
		}
		if f.Identity.Platform != "" {
			n.Identified++
		}
	})
}

func (sc *scan) walk(ctx context.Context, r sweep.Result) (netdev.Facts, error) {
	agent, err := snmp.Dial(ctx, netip.AddrPortFrom(r.Addr, sc.req.SNMPPort), r.Credential, snmp.Options{
		Timeout: sc.req.Timeout, Tries: sc.req.Retries + 1, Pace: sc.pace, Engines: sc.engines, Count: sc.count,
	})
	if err != nil {
		return netdev.Facts{}, err
	}
	defer agent.Close()
	return walk.Collect(ctx, agent, sc.s.platforms), nil
}

// withSystem keeps what the sweep heard where the walk did not hear it again.
func withSystem(f, heard netdev.Facts) netdev.Facts {
	if f.SysDescr == "" {
		f.SysDescr = heard.SysDescr
	}
	if f.SysObjectID == "" {
		f.SysObjectID = heard.SysObjectID
	}
	if f.SysName == "" {
		f.SysName = heard.SysName
	}
	return f
}

// incomplete makes one error of all tables that are not complete: the reason
// of the first, and every table named.
func incomplete(a netip.Addr, tables []netdev.TableState) *RunError {
	var e *RunError
	var names []string
	for _, t := range tables {
		if t.Coverage != netdev.Partial {
			continue
		}
		if e == nil {
			e = &RunError{Address: a.String(), Reason: t.Reason}
		}
		name := t.Table
		if t.Detail != "" {
			name += " (" + t.Detail + ")"
		}
		names = append(names, name)
	}
	if e == nil {
		return nil
	}
	const most = 6
	if n := len(names); n > most {
		names = append(names[:most], fmt.Sprintf("and %d more", n-most))
	}
	e.Detail = "not complete: " + strings.Join(names, ", ")
	if e.Reason == "" {
		e.Reason = netdev.Internal
	}
	return e
}

func detailOf(err error) string {
	if e, ok := errors.AsType[*netdev.OpError](err); ok {
		return e.Detail
	}
	return err.Error()
}

// candidates are addresses that devices named and nobody asked yet, inside
// what may be asked. A neighbour cannot bring in itself: targets and Within
// say where it must lie.
func (sc *scan) candidates(allowed *target.Set) (target.Set, bool) {
	if !sc.req.Crawl {
		return target.Set{}, false
	}
	var args []string
	add := func(a netip.Addr) {
		a = a.Unmap()
		inside := allowed.Contains(a) || slices.ContainsFunc(sc.req.Within, func(p netip.Prefix) bool { return p.Contains(a) })
		if !a.IsValid() || !inside || allowed.Excluded(a) || sc.asked[a] {
			return
		}
		sc.asked[a] = true
		// What is never a target is refused here, one by one.
		if _, err := (target.Parser{}).Parse([]string{a.String()}); err == nil {
			args = append(args, a.String())
		}
	}
	// What a controller manages is not asked because a neighbour named it.
	for _, f := range sc.found {
		for _, ap := range f.Facts.AccessPoints {
			sc.asked[ap.Address.Unmap()] = true
		}
	}
	for _, d := range sc.req.Known {
		if d.ByController() {
			sc.asked[d.Address.Unmap()] = true
		}
	}
	for _, f := range sc.found {
		for _, n := range f.Facts.Neighbors {
			for _, a := range n.Addresses {
				add(a)
			}
		}
		for _, e := range f.Facts.ARP {
			add(e.Address)
		}
	}
	if len(args) == 0 {
		return target.Set{}, false
	}
	set, err := target.Parser{}.Parse(args)
	return set, err == nil
}

// pool runs at most n functions at once, and takes any number without
// blocking who adds them.
type pool struct {
	n    int
	mu   sync.Mutex
	todo []func()
	busy int
	wg   sync.WaitGroup
}

func newPool(n int) *pool { return &pool{n: n} }

func (p *pool) add(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy == p.n {
		p.todo = append(p.todo, f)
		return
	}
	p.busy++
	p.wg.Go(func() {
		for f != nil {
			f()
			f = p.next()
		}
	})
}

func (p *pool) next() func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.todo) == 0 {
		p.busy--
		return nil
	}
	f := p.todo[0]
	p.todo = p.todo[1:]
	return f
}

func (p *pool) wait() { p.wg.Wait() }
