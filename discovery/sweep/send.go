package sweep

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/plumbline-net/plumbline/netdev/snmp"
	"golang.org/x/net/ipv4"
)

const batchSize = 64

// batch is datagrams on their way out of one socket.
type batch struct {
	sock  *sock
	n     int
	ranks [batchSize]int
	msgs  [batchSize]ipv4.Message
	addrs [batchSize]net.UDPAddr
	ips   [batchSize][16]byte
	bufs  [batchSize][]byte
}

func newBatch() *batch {
	b := &batch{}
	for i := range b.msgs {
		b.bufs[i] = make([]byte, 0, 256)
		b.msgs[i].Buffers = make([][]byte, 1)
		b.msgs[i].Addr = &b.addrs[i]
	}
	return b
}

// send asks in rounds, each round only those that said nothing so far. It
// returns when the last try of the last address is over.
func (r *run) send(ctx context.Context) error {
	stages := r.lad.stages()
	b := newBatch()
	for step := range stages * r.opt.Tries {
		stage := step % stages
		for pos := range r.slots {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			rank := r.opt.Order(pos)
			probe, due := r.next(rank, stage)
			if probe == nil {
				continue
			}
			if wait := time.Until(due); wait > 0 {
				if err := r.flush(ctx, b, step); err != nil {
					return err
				}
				if !r.wait(ctx, due) {
					continue // nobody is left
				}
			}
			if err := r.add(ctx, b, rank, probe, step); err != nil {
				return err
			}
		}
		if err := r.flush(ctx, b, step); err != nil {
			return err
		}
	}
	r.wait(ctx, time.Now().Add(r.opt.Timeout))
	return ctx.Err()
}

// next gives the question for an address that may still be asked, and the
// time before which the last one is not answered late.
func (r *run) next(rank, stage int) (*snmp.Probe, time.Time) {
	r.mu.Lock()
	s := r.slots[rank]
	r.mu.Unlock()
	if s.state != open {
		return nil, time.Time{}
	}
	p := r.lad.probe(r.targets.At(rank), stage)
	if s.sent == 0 {
		return p, time.Time{}
	}
	return p, r.start.Add(time.Duration(s.sent-1)*100*time.Microsecond + r.opt.Timeout)
}

// wait sleeps until t; it says false when nobody is left to wait for.
func (r *run) wait(ctx context.Context, t time.Time) bool {
	for {
		r.mu.Lock()
		idle := r.left == r.meets
		r.mu.Unlock()
		d := time.Until(t)
		if idle || ctx.Err() != nil {
			return false
		}
		if d <= 0 {
			return true
		}
		_ = snmp.Sleep(ctx, min(d, 5*time.Millisecond))
	}
}

// add puts a question into the batch.
func (r *run) add(ctx context.Context, b *batch, rank int, p *snmp.Probe, step int) error {
	a := r.targets.At(rank)
	s := r.sockFor(a)
	if b.n == batchSize || (b.n > 0 && b.sock != s) {
		if err := r.flush(ctx, b, step); err != nil {
			return err
		}
	}
	i := b.n
	id := requestID(r.opt.Key, a, step)
	msg, ok := p.Put(b.bufs[i], a, id)
	if !ok {
		return nil // outside of the scope: the probe itself refuses
	}
	b.bufs[i], b.msgs[i].Buffers[0] = msg, msg
	if a.Is4() {
		v := a.As4()
		copy(b.ips[i][:], v[:])
		b.addrs[i].IP = b.ips[i][:4]
	} else {
		b.ips[i] = a.As16()
		b.addrs[i].IP = b.ips[i][:16]
	}
	b.addrs[i].Port = int(r.opt.Port)
	b.ranks[i], b.sock = rank, s
	b.n++
	return nil
}

// flush sends the batch at the pace allowed, leaving out who answered in the
// meantime.
func (r *run) flush(ctx context.Context, b *batch, step int) error {
	for i := 0; i < b.n; {
		if !r.stillOpen(b.ranks[i]) {
			i++
			continue
		}
		n, wait := r.opt.Pace.Take(b.n - i)
		if n == 0 {
			if err := snmp.Sleep(ctx, wait); err != nil {
				return err
			}
			continue
		}
		r.mark(b, i, i+n, step)
		sent, err := r.write(b, i, n)
		if err != nil {
			return err
		}
		i += sent
	}
	b.n = 0
	return nil
}

func (r *run) stillOpen(rank int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.slots[rank].state == open
}

// mark notes who is asked now, before it happens: an answer may be faster.
func (r *run) mark(b *batch, from, to, step int) {
	now := r.stamp(time.Now())
	r.mu.Lock()
	for i := from; i < to; i++ {
		s := &r.slots[b.ranks[i]]
		first := s.sent == 0
		s.sent, s.step = now, uint8(step+1)
		a := r.targets.At(b.ranks[i])
		id := requestID(r.opt.Key, a, step)
		r.table[id&uint32(len(r.table)-1)] = outstanding{id, uint32(b.ranks[i])}
		if first && r.opt.Asked != nil {
			r.opt.Asked(a)
		}
	}
	r.mu.Unlock()
}

// write hands datagrams to the kernel. Errors of earlier datagrams surface
// here too; they are read from the error queue and do not count for this one.
func (r *run) write(b *batch, from, n int) (int, error) {
	for attempt := 0; ; attempt++ {
		sent, err := b.sock.batch.WriteBatch(b.msgs[from:from+n], 0)
		if sent > 0 {
			r.opt.Count.Sent.Add(int64(sent))
			return sent, nil
		}
		if errors.Is(err, net.ErrClosed) {
			return 0, err
		}
		r.drain(b.sock)
		switch {
		case errors.Is(err, syscall.ENOBUFS), errors.Is(err, syscall.EAGAIN):
			time.Sleep(time.Millisecond)
			if attempt < 100 {
				continue
			}
		case attempt < 8:
			continue
		}
		// It is this address the kernel will not send to.
		rank := b.ranks[from]
		if r.settle(rank, open) {
			r.tell(Result{Addr: r.targets.At(rank), Outcome: Unreachable, Detail: err.Error()})
		}
		return 1, nil
	}
}
