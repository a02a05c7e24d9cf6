package app

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/capture"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/web"
)

const (
	keepEvery  = 2 * time.Second  // between two writes of what was heard
	keepShare  = 10               // pauses between writes are at least so many times as long as the last write
	keepWithin = 5 * time.Second  // a write of one interface takes at most
	retryEvery = 30 * time.Second // after an interface could not be opened
)

// frames hands the frames of an interface to each until ctx ends; told gets what
// interrupts it, and nil when it listens.
type frames func(ctx context.Context, name string, promiscuous bool, told func(error), each func(capture.Frame) error) error

// listener listens on interfaces of the appliance, passively, and keeps who was
// heard. It never sends.
type listener struct {
	data    *Data
	watch   frames
	publish func(topic, id string)
	log     *slog.Logger
	now     func() time.Time

	mu     sync.Mutex
	places []*listening
}

// listening is one interface. Fields after at are the listener's mu's.
type listening struct {
	name, at string
	ear      *capture.Ear
	since    time.Time // when it began to listen; zero: it does not
	fault    string    // why it does not listen
	unkept   string    // why what was heard is not kept
	shed     uint64    // senders that were forgotten for want of room
}

func newListener(d *Data, set settings.Capture, log *slog.Logger, publish func(topic, id string)) *listener {
	l := &listener{data: d, publish: publish, log: log, now: time.Now}
	l.watch = func(ctx context.Context, name string, promiscuous bool, told func(error), each func(capture.Frame) error) error {
		live, err := capture.OpenLive(name, capture.LiveOptions{Promiscuous: promiscuous, Log: log, Told: told})
		if err != nil {
			return err
		}
		told(nil)
		return capture.Watch(ctx, live, each)
	}
	own := OwnMACs()
	for _, name := range set.Interfaces {
		l.places = append(l.places, &listening{name: name, at: set.At[name], ear: capture.NewEar(name, own...), fault: "not started yet"})
	}
	return l
}

// run listens until ctx ends. An interface that is not there, or may not be
// opened, is told and tried again: the rest of the appliance works without.
func (l *listener) run(ctx context.Context) error {
	if len(l.places) == 0 {
		<-ctx.Done()
		return nil
	}
	var wg sync.WaitGroup
	for _, p := range l.places {
		wg.Go(func() { l.listen(ctx, p) })
	}
	pause := keepEvery
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		begin := l.now()
		l.keepAll(ctx)
		pause = max(keepEvery, keepShare*l.now().Sub(begin))
	}
	wg.Wait()
	l.keepAll(ctx) // what was heard while the last write went on
	return nil
}

// keepAll writes who was heard, also while ctx ends: what is taken from an ear
// is nowhere else. A stop does not wait for a store that lets nobody write.
func (l *listener) keepAll(ctx context.Context) {
	for _, p := range l.places {
		one, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
		l.keep(one, p)
		held := one.Err() != nil
		cancel()
		if held && ctx.Err() != nil {
			return
		}
	}
}

func (l *listener) listen(ctx context.Context, p *listening) {
	for ctx.Err() == nil {
		err := l.watch(ctx, p.name, p.at != "", func(err error) { l.told(ctx, p, err) }, func(fr capture.Frame) error {
			l.mu.Lock()
			defer l.mu.Unlock()
			p.ear.Hear(fr)
			return nil
		})
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("the interface gives no more frames")
		}
		l.told(ctx, p, err)
		select {
		case <-ctx.Done():
		case <-time.After(retryEvery):
		}
	}
}

// told notes whether an interface listens, and says so once.
func (l *listener) told(ctx context.Context, p *listening, err error) {
	l.mu.Lock()
	before := p.fault
	p.fault, p.since = "", l.now()
	if err != nil {
		p.fault, p.since = err.Error(), time.Time{}
	}
	changed := before != p.fault
	l.mu.Unlock()
	switch {
	case !changed:
		return
	case err != nil:
		l.log.WarnContext(ctx, "not listening", "interface", p.name, "error", err)
	default:
		l.log.InfoContext(ctx, "listening", "interface", p.name, "at", p.at)
	}
	l.publish("capture", p.name)
}

// keep writes who was heard on an interface since it was called last.
func (l *listener) keep(ctx context.Context, p *listening) {
	l.mu.Lock()
	frames, shed := p.ear.Heard()
	full := shed > p.shed
	p.shed = shed
	l.mu.Unlock()
	if frames == 0 {
		return
	}
	if full {
		l.log.WarnContext(ctx, "more senders than can be remembered: the oldest gave way", "interface", p.name, "forgotten", shed)
		l.publish("capture", p.name)
	}
	near, err := l.data.CapturePoint(ctx, p.at, p.name)
	if err == nil {
		l.mu.Lock()
		seen := p.ear.Take()
		l.mu.Unlock()
		if len(seen) == 0 {
			return
		}
		_, err = l.data.DB.SaveSightings(ctx, near, p.name, seen)
	}
	unkept := ""
	if err != nil {
		unkept = err.Error()
	}
	l.mu.Lock()
	changed := unkept != p.unkept
	p.unkept = unkept
	l.mu.Unlock()
	if err != nil && changed {
		l.log.WarnContext(ctx, "what was heard is not kept", "interface", p.name, "error", err)
	}
	if err == nil || changed {
		l.publish("capture", p.name)
	}
}

// Listening implements web.Capture.
func (l *listener) Listening() []web.Listening {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]web.Listening, len(l.places))
	for i, p := range l.places {
		out[i] = web.Listening{Interface: p.name, At: p.at, Since: p.since, Fault: cmp.Or(p.fault, p.unkept), Forgotten: p.shed}
		out[i].Frames, _ = p.ear.Heard()
	}
	return out
}

// Sightings implements web.Capture.
func (l *listener) Sightings(ctx context.Context) ([]discovery.Sighting, error) {
	return l.data.DB.Sightings(ctx)
}
