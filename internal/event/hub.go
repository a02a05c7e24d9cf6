package event

import (
	"context"
	"slices"
	"sync"
)

// Event is one thing that changed.
type Event struct {
	Seq   uint64 // grows by one for each event of the hub; "Last-Event-ID" of the web
	Topic string // "job", "device", "run" …
	ID    string // of the thing
	// Gap says that events before this one were missed: read everything anew.
	// A marker of its own has no topic.
	Gap bool
}

const (
	defaultBuffer = 64
	defaultKept   = 256
)

// Options of NewHub; the zero value works.
type Options struct {
	Buffer int // events that wait for one reader; default 64
	Kept   int // events that are kept for readers who come back; default 256
}

// Hub brings events to readers. It is safe for use by many goroutines.
type Hub struct {
	opt Options

	mu      sync.Mutex
	seq     uint64
	kept    []Event // the newest, oldest first
	readers map[*reader]struct{}
}

// NewHub makes a Hub without readers.
func NewHub(opt Options) *Hub {
	if opt.Buffer <= 0 {
		opt.Buffer = defaultBuffer
	}
	if opt.Kept <= 0 {
		opt.Kept = defaultKept
	}
	return &Hub{opt: opt, readers: map[*reader]struct{}{}}
}

type reader struct {
	topics []string // none: all
	ch     chan Event
	gap    bool // events were dropped since the last one that was put in
}

func (r *reader) wants(e Event) bool { return len(r.topics) == 0 || slices.Contains(r.topics, e.Topic) }

// put never waits. Where the reader is behind, its oldest event gives way and
// the next one it gets says so.
func (r *reader) put(e Event) {
	for {
		e.Gap = e.Gap || r.gap
		select {
		case r.ch <- e:
			r.gap = false
			return
		default:
		}
		select {
		case <-r.ch:
			r.gap = true
		default:
		}
	}
}

// Publish tells every reader of the topic.
func (h *Hub) Publish(topic, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	e := Event{Seq: h.seq, Topic: topic, ID: id}
	if len(h.kept) == h.opt.Kept {
		h.kept = slices.Delete(h.kept, 0, 1)
	}
	h.kept = append(h.kept, e)
	for r := range h.readers {
		if r.wants(e) {
			r.put(e)
		}
	}
}

// Subscribe gives the events of the topics (none: all) from now on, until ctx
// ends; then the channel is closed.
func (h *Hub) Subscribe(ctx context.Context, topics ...string) <-chan Event {
	return h.subscribe(ctx, nil, topics)
}

// SubscribeAfter is Subscribe for a reader who has seen the event of number
// last. What is kept of the ones since comes first; where some of them are not
// kept any more, or the number is of an earlier run of the program, a marker
// with Gap comes before them.
func (h *Hub) SubscribeAfter(ctx context.Context, last uint64, topics ...string) <-chan Event {
	return h.subscribe(ctx, &last, topics)
}

func (h *Hub) subscribe(ctx context.Context, last *uint64, topics []string) <-chan Event {
	r := &reader{topics: slices.Clone(topics), ch: make(chan Event, h.opt.Buffer)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if last != nil {
		h.replay(r, *last)
	}
	h.readers[r] = struct{}{}
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.readers, r)
		close(r.ch)
	})
	return r.ch
}

func (h *Hub) replay(r *reader, last uint64) {
	oldest := h.seq + 1
	if len(h.kept) > 0 {
		oldest = h.kept[0].Seq
	}
	if last > h.seq || last+1 < oldest {
		r.put(Event{Seq: h.seq, Gap: true})
		if last > h.seq {
			return
		}
	}
	for _, e := range h.kept {
		if e.Seq > last && r.wants(e) {
			r.put(e)
		}
	}
}
