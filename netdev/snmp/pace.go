package snmp

import (
	"context"
	"sync"
	"time"
)

// Pace keeps a stream of datagrams at or below a rate. It grants in steps of
// one millisecond and counts what it granted in the last 100 of them: in any
// 100 ms no more than rate + 5 % leaves, also after a pause of the machine.
// The zero value and nil never wait.
type Pace struct {
	rate int
	now  func() time.Time

	mu     sync.Mutex
	start  time.Time
	step   int64 // milliseconds since start, of the newest slot
	tokens float64
	slots  [101]int // granted in each step, a ring
	sum    int      // of slots
	most   int      // of sum
	burst  float64
}

// NewPace paces rate datagrams a second; 0 is as fast as it goes. now may be
// nil.
func NewPace(rate int, now func() time.Time) *Pace {
	if now == nil {
		now = time.Now
	}
	p := &Pace{rate: rate, now: now}
	p.most = max(1, rate*105/1000)
	p.burst = max(1, float64(rate)*0.004)
	p.tokens = 1
	return p
}

// Take grants up to want datagrams now. When it grants none it says how long
// to wait before asking again.
func (p *Pace) Take(want int) (granted int, wait time.Duration) {
	if p == nil || p.rate <= 0 {
		return want, 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.advance()
	n := min(want, int(p.tokens), p.most-p.sum)
	if n <= 0 {
		need := 1 - p.tokens
		return 0, max(time.Millisecond, time.Duration(need/float64(p.rate)*float64(time.Second)))
	}
	p.tokens -= float64(n)
	p.slots[p.step%int64(len(p.slots))] += n
	p.sum += n
	return n, 0
}

func (p *Pace) advance() {
	t := p.now()
	if p.start.IsZero() {
		p.start = t
	}
	step := int64(t.Sub(p.start) / time.Millisecond)
	gone := step - p.step
	if gone <= 0 {
		return
	}
	p.tokens = min(p.burst, p.tokens+float64(gone)*float64(p.rate)/1000)
	for range min(gone, int64(len(p.slots))) {
		p.step++
		at := p.step % int64(len(p.slots))
		p.sum -= p.slots[at]
		p.slots[at] = 0
	}
	// After a long pause every slot was cleared above; the ring goes on at the
	// right place because all of them are empty.
	p.step = step
}

// Wait returns when one datagram may leave.
func (p *Pace) Wait(ctx context.Context) error {
	for {
		n, wait := p.Take(1)
		if n > 0 {
			return nil
		}
		if err := Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// Sleep waits for d or for the end of ctx.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
