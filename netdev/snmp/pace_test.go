package snmp

import (
	"math/rand/v2"
	"testing"
	"time"
)

// In any 100 ms, wherever they begin, no more than rate + 5 % may leave, and
// at least one; also when the machine sleeps in between.
func TestThePaceHoldsInEveryWindow(t *testing.T) {
	for _, rate := range []int{1, 7, 10, 100, 999, 5000, 200_000} {
		now := time.Unix(0, 0)
		p := NewPace(rate, func() time.Time { return now })
		rng := rand.New(rand.NewPCG(1, uint64(rate)))
		var sent []time.Duration
		end := 5 * time.Second
		for d := time.Duration(0); d < end; d = now.Sub(time.Unix(0, 0)) {
			n, wait := p.Take(1 + rng.IntN(64))
			for range n {
				sent = append(sent, d)
			}
			if n == 0 {
				wait += time.Duration(rng.IntN(300)) * time.Microsecond // timers are late
				if rng.IntN(200) == 0 {
					wait += time.Duration(rng.IntN(400)) * time.Millisecond
				}
				now = now.Add(wait)
			}
		}
		most := max(1, rate*105/1000)
		lo := 0
		for hi := range sent {
			for sent[hi]-sent[lo] >= 100*time.Millisecond {
				lo++
			}
			if n := hi - lo + 1; n > most {
				t.Fatalf("rate %d: %d datagrams in 100 ms from %s, at most %d", rate, n, sent[lo], most)
			}
		}
		if len(sent) > rate*5+1 {
			t.Errorf("rate %d: %d datagrams in 5 s", rate, len(sent))
		}
	}
}

func TestThePaceIsReachedOnASteadyMachine(t *testing.T) {
	for _, rate := range []int{10, 1000, 5000} {
		now := time.Unix(0, 0)
		p := NewPace(rate, func() time.Time { return now })
		got := 0
		for now.Sub(time.Unix(0, 0)) < 10*time.Second {
			n, wait := p.Take(64)
			got += n
			if n == 0 {
				now = now.Add(wait)
			}
		}
		if got < rate*10*94/100 {
			t.Errorf("rate %d: %d datagrams in 10 s, want nearly %d", rate, got, rate*10)
		}
	}
}

func TestNoPaceIsNoWait(t *testing.T) {
	var none *Pace
	for _, p := range []*Pace{none, NewPace(0, nil)} {
		if n, wait := p.Take(64); n != 64 || wait != 0 {
			t.Errorf("Take = %d, %s", n, wait)
		}
	}
}
