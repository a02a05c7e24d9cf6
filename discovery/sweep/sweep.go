package sweep

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// Targets are the addresses to ask, by rank (discovery/target.Set).
type Targets interface {
	Len() int
	At(rank int) netip.Addr
	Rank(netip.Addr) int // -1: not one of them
}

// Outcome says in one word what became of an address.
type Outcome string

// The outcomes of an address.
const (
	Answered    Outcome = "answered"
	Closed      Outcome = "closed"      // a host is there, no agent
	Unreachable Outcome = "unreachable" // the network says so
	Silent      Outcome = "silent"
	AuthFailed  Outcome = "auth-failed" // an agent is there and refuses what we have
	TimedOut    Outcome = "timeout"     // gave a sign of life, then nothing
	NotAsked    Outcome = "not-asked"   // no credential's scope holds it
)

// Result is what became of one address.
type Result struct {
	Addr       netip.Addr
	Outcome    Outcome
	System     snmp.System       // of an answer
	RTT        time.Duration     // of an answer to the newest try, else 0
	Credential netdev.Credential // that worked
	Engine     snmp.Engine       // of an agent of version 3, else not Valid
	Detail     string
}

// Options of a sweep. The zero value works.
type Options struct {
	Port    uint16        // 161
	Timeout time.Duration // a try; 1 s
	Tries   int           // 3
	Pace    *snmp.Pace    // nil: as fast as it goes
	Engines *snmp.Engines
	Count   *snmp.Counters
	Order   func(position int) int // a permutation of the ranks; nil: ascending
	Site    func(netip.Addr) string
	Key     [2]uint64 // of the request-ids; zero: random
	Workers int       // sessions of version 3 at once; 16
	Asked   func(netip.Addr)
	Alias   func(asked, from netip.Addr) // an answer to asked that came from another address
}

func (o Options) filled() (Options, error) {
	if o.Port == 0 {
		o.Port = 161
	}
	if o.Timeout <= 0 {
		o.Timeout = time.Second
	}
	if o.Tries <= 0 {
		o.Tries = 3
	}
	if o.Engines == nil {
		o.Engines = &snmp.Engines{}
	}
	if o.Count == nil {
		o.Count = &snmp.Counters{}
	}
	if o.Order == nil {
		o.Order = func(i int) int { return i }
	}
	if o.Workers <= 0 {
		o.Workers = 16
	}
	if o.Key == [2]uint64{} {
		var b [16]byte
		if _, err := rand.Read(b[:]); err != nil {
			return o, err
		}
		o.Key = [2]uint64{binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])}
	}
	return o, nil
}

// state of an address.
const (
	open    = iota // may be asked
	meeting        // an agent of version 3 answered; a session is on
	done
)

// slot is all that is kept of an address: 8 octets.
type slot struct {
	sent  uint32 // 100 µs since the start, +1; 0 is never
	step  uint8  // steps sent so far
	state uint8
}

// run is one sweep.
type run struct {
	opt     Options
	targets Targets
	lad     *ladder
	emit    func(Result)
	start   time.Time
	socks   []*sock

	mu    sync.Mutex
	slots []slot
	left  int // not done
	meets int // meeting
	queue []int
	wake  *sync.Cond // on mu: queue or over changed
	over  bool

	table   []outstanding
	emitted sync.Mutex
}

// outstanding finds the address that an id was made for.
type outstanding struct{ id, rank uint32 }

// Run asks every target and hands each one's outcome to emit, exactly once
// unless ctx ends first. emit is never called twice at a time.
func Run(ctx context.Context, targets Targets, creds []netdev.Credential, opt Options, emit func(Result)) error {
	opt, err := opt.filled()
	if err != nil {
		return err
	}
	lad, err := newLadder(creds, opt.Site)
	if err != nil {
		return err
	}
	n := targets.Len()
	r := &run{opt: opt, targets: targets, lad: lad, emit: emit, start: time.Now(), slots: make([]slot, n), left: n}
	r.wake = sync.NewCond(&r.mu)
	size := 1 << 8
	for size < 2*n && size < 1<<17 {
		size <<= 1
	}
	r.table = make([]outstanding, size)
	if r.socks, err = listen(targets); err != nil {
		return err
	}
	var readers, workers sync.WaitGroup
	for _, s := range r.socks {
		readers.Go(func() { r.read(s) })
	}
	if lad.hasV3 {
		for range min(opt.Workers, n) {
			workers.Go(func() { r.meet(ctx) })
		}
	}
	err = r.send(ctx)
	r.finish()
	workers.Wait()
	for _, s := range r.socks {
		_ = s.conn.Close()
	}
	readers.Wait()
	if err == nil {
		r.silence()
	}
	return err
}

// settle takes an address out of the sweep; false means it was out already.
func (r *run) settle(rank int, from uint8) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &r.slots[rank]
	if s.state != from {
		return false
	}
	if from == meeting {
		r.meets--
	}
	s.state = done
	r.left--
	return true
}

func (r *run) tell(res Result) {
	r.emitted.Lock()
	defer r.emitted.Unlock()
	r.emit(res)
}

// silence tells of everybody who said nothing.
func (r *run) silence() {
	nothing := fmt.Sprintf("no answer to %d tries", r.opt.Tries)
	for rank := range r.slots {
		if r.slots[rank].state != open {
			continue
		}
		res := Result{Addr: r.targets.At(rank), Outcome: Silent, Detail: nothing}
		if r.slots[rank].sent == 0 {
			res.Outcome, res.Detail = NotAsked, "no credential's scope holds it"
		}
		r.tell(res)
	}
}

func (r *run) finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	r.wake.Broadcast()
}

func (r *run) stamp(t time.Time) uint32 { return uint32(t.Sub(r.start)/(100*time.Microsecond)) + 1 }

func (r *run) rtt(sent uint32) time.Duration {
	return max(0, time.Since(r.start)-time.Duration(sent-1)*100*time.Microsecond)
}
