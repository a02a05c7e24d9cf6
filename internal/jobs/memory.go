package jobs

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// Memory is a Queue in memory on a clock that is passed in, for simulations.
// It keeps to what Queue promises and forgets everything at its end.
type Memory struct {
	now     func() time.Time
	ackWait time.Duration

	mu        sync.Mutex
	limits    map[string]int
	seen      map[string]bool // ids of messages, as the real queue knows doubles
	list      []*held
	exhausted chan string
}

type held struct {
	m     Message
	until time.Time // it is in somebody's hands until then
	times int
}

// NewMemory makes an empty queue.
func NewMemory(now func() time.Time, ackWait time.Duration) *Memory {
	return &Memory{now: now, ackWait: ackWait, limits: map[string]int{}, seen: map[string]bool{}, exhausted: make(chan string, 256)}
}

// Publish keeps m unless the same attempt was published before.
func (q *Memory) Publish(_ context.Context, m Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if id := m.id(); !q.seen[id] {
		q.seen[id] = true
		q.list = append(q.list, &held{m: m})
	}
	return nil
}

// Site makes ready to take messages of a site.
func (q *Memory) Site(_ context.Context, site string, limit int) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.limits[site] = limit
	return nil
}

// Next gives the most urgent message of a site that nobody has in hands.
func (q *Memory) Next(_ context.Context, site string, fromBottom bool) (Delivery, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	order := priorities()
	if fromBottom {
		slices.Reverse(order)
	}
	now := q.now()
	for _, p := range order {
		out := 0
		for _, h := range q.list {
			if h.of(site, p) && h.until.After(now) {
				out++
			}
		}
		for _, h := range q.list {
			if out >= q.limits[site] || !h.of(site, p) || h.until.After(now) {
				continue
			}
			if h.times == maxDelivered {
				q.remove(h)
				select {
				case q.exhausted <- h.m.Job:
				default:
				}
				break // the list has changed; the next call goes on
			}
			h.times++
			h.until = now.Add(q.ackWait)
			return memoryDelivery{q, h}, nil
		}
	}
	return nil, nil
}

func (h *held) of(site string, p Priority) bool { return h.m.Site == site && h.m.Priority == p }

func (q *Memory) remove(h *held) {
	q.list = slices.DeleteFunc(q.list, func(o *held) bool { return o == h })
}

// Present gives the ids of the jobs that have a message.
func (q *Memory) Present(context.Context) (map[string]bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := map[string]bool{}
	for _, h := range q.list {
		out[h.m.Job] = true
	}
	return out, nil
}

// Drop removes the messages of a job.
func (q *Memory) Drop(_ context.Context, job string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = slices.DeleteFunc(q.list, func(h *held) bool { return h.m.Job == job })
	return nil
}

// Clear removes every message.
func (q *Memory) Clear(context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = nil
	maps.DeleteFunc(q.seen, func(string, bool) bool { return true })
	return nil
}

// Reset is Clear: there is nothing to move aside.
func (q *Memory) Reset(ctx context.Context) error { return q.Clear(ctx) }

// Exhausted gives ids of jobs whose message was delivered too often.
func (q *Memory) Exhausted() <-chan string { return q.exhausted }

// Close has nothing to wait for.
func (q *Memory) Close() error { return nil }

type memoryDelivery struct {
	q *Memory
	h *held
}

func (d memoryDelivery) Message() Message { return d.h.m }

func (d memoryDelivery) Alive() error {
	d.q.mu.Lock()
	defer d.q.mu.Unlock()
	d.h.until = d.q.now().Add(d.q.ackWait)
	return nil
}

func (d memoryDelivery) Ack(context.Context) error {
	d.q.mu.Lock()
	defer d.q.mu.Unlock()
	d.q.remove(d.h)
	return nil
}
