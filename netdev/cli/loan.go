package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/scrapli/scrapligo/transport"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// loan lends a session to scrapligo as its transport. It puts the secret in
// where the placeholder is written, and only where the tail of what the device
// sent is the question of a privilege step. Ending it leaves the session open.
type loan struct {
	s           *Session
	ctx         context.Context //nolint:containedctx // a loan lives inside one call
	cancel      context.CancelFunc
	placeholder string
	echo        chan []byte // what it is told to have been echoed

	mu      sync.Mutex
	scr     screen // what the device sent since the loan began
	answers int
	told    *netdev.OpError
	rest    []byte
}

func newLoan(ctx context.Context, s *Session) *loan {
	l := &loan{s: s, placeholder: rand.Text(), echo: make(chan []byte, 64)}
	l.ctx, l.cancel = context.WithCancel(ctx)
	return l
}

// end ends the loan: a blocked Read returns io.EOF.
func (l *loan) end() { l.cancel() }

// verdict is what the loan itself saw go wrong.
func (l *loan) verdict() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.told == nil {
		return nil
	}
	return l.told
}

// Open is part of scrapligo's transport.
func (l *loan) Open(*transport.Args) error { return nil }

// Close is part of scrapligo's transport; the session stays open.
func (l *loan) Close() error {
	l.end()
	return nil
}

// IsAlive is part of scrapligo's transport.
func (l *loan) IsAlive() bool { return l.ctx.Err() == nil }

// Read blocks until the device sends something or the loan ends.
func (l *loan) Read(n int) ([]byte, error) {
	if len(l.rest) == 0 {
		b, err := l.next()
		if err != nil {
			return nil, io.EOF
		}
		l.rest = append(l.rest, b...)
	}
	out := bytes.Clone(l.rest[:min(n, len(l.rest))])
	l.rest = l.rest[len(out):]
	return out, nil
}

func (l *loan) next() ([]byte, error) {
	idle := time.NewTimer(l.s.idle())
	defer idle.Stop()
	select {
	case b := <-l.echo:
		return b, nil
	default:
	}
	select {
	case b := <-l.echo:
		return b, nil
	case b, ok := <-l.s.link.chunks:
		if !ok {
			return nil, io.EOF
		}
		b2 := bytes.Clone(b)
		l.s.taken += len(b)
		l.s.link.done(b)
		l.watch(b2)
		return b2, nil
	case <-idle.C:
		l.stop(fail(netdev.Timeout, "privilege", "idle: no byte for %s", l.s.idle()))
		return nil, io.EOF
	case <-l.ctx.Done():
		return nil, l.ctx.Err()
	}
}

// watch looks for a refusal in what the device says.
func (l *loan) watch(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.scr.feed(b)
	if len(l.scr.buf) > l.s.lim.Dialogue {
		l.tell(fail(netdev.OutputLimit, "privilege", "more than %d bytes", l.s.lim.Dialogue))
		return
	}
	for line := range bytes.Lines(l.scr.buf[:l.scr.start]) {
		text := strings.TrimRight(string(line), "\n")
		for i := range l.s.p.Privilege.Steps {
			if askMatches(l.s.p.Privilege.Steps[i].Refused, text) {
				l.tell(fail(netdev.Privilege, "privilege", "%q", clip(text, 120)))
				return
			}
		}
		if e, ok := errorIn(l.s.p, text); ok {
			l.tell(fail(netdev.Privilege, "privilege", "%q", clip(e.Line, 120)))
			return
		}
	}
	// Asked a second time: the secret was refused without a word.
	if l.answers > 0 && l.scr.start > 0 && l.asks() != nil {
		l.tell(fail(netdev.Privilege, "privilege", "the enable secret was refused"))
	}
}

// asks finds the step whose question is the tail.
func (l *loan) asks() *platform.PrivilegeStep {
	for i := range l.s.p.Privilege.Steps {
		if step := &l.s.p.Privilege.Steps[i]; step.Password.Match(l.scr.tail()) {
			return step
		}
	}
	return nil
}

func (l *loan) tell(e *netdev.OpError) {
	if l.told == nil {
		l.told = e
	}
	l.cancel()
}

func (l *loan) stop(e *netdev.OpError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell(e)
}

// Write passes commands on and replaces the placeholder.
func (l *loan) Write(b []byte) error {
	if l.ctx.Err() != nil {
		return io.ErrClosedPipe
	}
	if string(b) != l.placeholder {
		// scrapligo waits for the echo of what it writes; not every device
		// gives one.
		if len(bytes.TrimSpace(b)) > 0 {
			select {
			case l.echo <- bytes.Clone(b):
			default:
			}
		}
		return l.s.link.write(string(b))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	secret := l.s.conn.login.ssh.Enable
	switch {
	case l.answers > 0:
		l.tell(fail(netdev.Privilege, "privilege", "the enable secret was refused"))
	case l.asks() == nil:
		l.tell(fail(netdev.Privilege, "privilege", "the device does not ask for the enable secret"))
	case !secret.IsSet():
		l.tell(fail(netdev.Privilege, "privilege", "the device asks for an enable secret and the credential has none"))
	default:
		l.answers++
		l.scr = screen{}
		return l.s.link.write(secret.Reveal())
	}
	return io.ErrClosedPipe
}
