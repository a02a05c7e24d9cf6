package sweep

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
	"golang.org/x/net/ipv4"
)

// read takes in answers until the socket is closed.
func (r *run) read(s *sock) {
	msgs := make([]ipv4.Message, 32)
	for i := range msgs {
		msgs[i].Buffers = [][]byte{make([]byte, 1<<16)}
	}
	for {
		n, err := s.batch.ReadBatch(msgs, 0)
		for i := range n {
			r.opt.Count.Received.Add(1)
			if from, ok := msgs[i].Addr.(*net.UDPAddr); ok {
				r.answer(from.AddrPort(), msgs[i].Buffers[0][:msgs[i].N])
			}
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		r.drain(s)
	}
}

// answer judges one datagram. It counts only when its source is the address
// asked and its id the one made for that address.
func (r *run) answer(from netip.AddrPort, b []byte) {
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	rep, ok := snmp.ParseReply(b)
	if !ok {
		r.opt.Count.Malformed.Add(1)
		return
	}
	rank := -1
	if from.Port() == r.opt.Port {
		rank = r.targets.Rank(from.Addr())
	}
	step := -1
	if rank >= 0 {
		step = r.stepOf(rank, from.Addr(), rep.ID)
	}
	if step < 0 {
		r.stranger(from.Addr(), rep.ID)
		return
	}
	stage := step % r.lad.stages()
	if r.lad.hasV3 && stage == 0 {
		r.engineMet(rank, from, rep)
		return
	}
	cred := r.lad.credential(from.Addr(), stage)
	sys, ok := rep.System()
	if cred == nil || !ok {
		r.opt.Count.Malformed.Add(1)
		return
	}
	r.mu.Lock()
	was := r.slots[rank]
	r.mu.Unlock()
	if !r.settle(rank, open) {
		r.opt.Count.Dropped.Add(1) // a second answer
		return
	}
	r.opt.Count.Varbinds.Add(3)
	res := Result{Addr: from.Addr(), Outcome: Answered, System: sys, Credential: *cred}
	if step+1 == int(was.step) { // when the try before was meant is not known any more
		res.RTT = r.rtt(was.sent)
	}
	r.tell(res)
}

// stepOf finds the question that id was made for.
func (r *run) stepOf(rank int, a netip.Addr, id uint32) int {
	r.mu.Lock()
	steps := int(r.slots[rank].step)
	r.mu.Unlock()
	for step := steps - 1; step >= 0; step-- {
		if requestID(r.opt.Key, a, step) == id {
			return step
		}
	}
	return -1
}

// stranger is an answer from an address that was not asked this: with the id
// of another address it is the same agent under two addresses.
func (r *run) stranger(from netip.Addr, id uint32) {
	r.opt.Count.Dropped.Add(1)
	r.mu.Lock()
	o := r.table[id&uint32(len(r.table)-1)]
	r.mu.Unlock()
	if o.id != id || r.opt.Alias == nil {
		return
	}
	if asked := r.targets.At(int(o.rank)); asked != from {
		r.opt.Alias(asked, from)
	}
}

// engineMet hands an agent of version 3 to the workers.
func (r *run) engineMet(rank int, from netip.AddrPort, rep snmp.Reply) {
	g, ok := rep.Engine()
	if !ok {
		r.opt.Count.Malformed.Add(1)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &r.slots[rank]
	if s.state != open {
		r.opt.Count.Dropped.Add(1)
		return
	}
	g.At = time.Now()
	r.opt.Engines.Put(from, g)
	s.state = meeting
	r.meets++
	r.queue = append(r.queue, rank)
	r.wake.Signal()
}

// meet is one worker: it opens sessions with agents of version 3.
func (r *run) meet(ctx context.Context) {
	for {
		r.mu.Lock()
		for len(r.queue) == 0 && !r.over {
			r.wake.Wait()
		}
		if len(r.queue) == 0 {
			r.mu.Unlock()
			return
		}
		rank := r.queue[0]
		r.queue = r.queue[1:]
		r.mu.Unlock()
		res := r.introduce(ctx, r.targets.At(rank))
		if ctx.Err() == nil && r.settle(rank, meeting) {
			r.tell(res)
		}
	}
}

// introduce tries the credentials of an address whose engine is known, best
// first, one try of each that is refused.
func (r *run) introduce(ctx context.Context, a netip.Addr) Result {
	at := netip.AddrPortFrom(a, r.opt.Port)
	res := Result{Addr: a, Outcome: TimedOut, Detail: "an engine of version 3 is there and answers no credential"}
	res.Engine, _ = r.opt.Engines.Get(at)
	_, best, n := r.lad.steps(a)
	if n == 0 {
		res.Outcome, res.Detail = AuthFailed, "an engine of version 3 is there, and no credential for it"
	}
	for _, rung := range best[:n] {
		begin := r.stamp(time.Now())
		agent, err := snmp.Dial(ctx, at, rung.cred, snmp.Options{
			Timeout: r.opt.Timeout, Tries: r.opt.Tries, Pace: r.opt.Pace, Engines: r.opt.Engines, Count: r.opt.Count,
		})
		if err != nil {
			res.Detail = err.Error()
			continue
		}
		binds, err := agent.Get(ctx, snmp.SysDescr, snmp.SysObjectID, snmp.SysName)
		_ = agent.Close()
		if err == nil {
			res.Outcome, res.Detail = Answered, ""
			res.System, res.Credential, res.RTT = snmp.SystemOf(binds), rung.cred, r.rtt(begin)
			return res
		}
		if e, ok := errors.AsType[*netdev.OpError](err); ok && (e.Reason == netdev.AuthFailed || e.Reason == netdev.IdentityChanged) {
			res.Outcome, res.Detail = AuthFailed, "credential "+rung.cred.Name+": "+e.Detail
			if e.Reason == netdev.IdentityChanged {
				return res // no further secret
			}
		}
	}
	return res
}
