package snmp

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Counters count datagrams and variable bindings; they may be shared.
type Counters struct {
	Sent, Received, Varbinds, Malformed, Dropped atomic.Int64
}

// Options of a live agent. The zero value works.
type Options struct {
	Timeout      time.Duration // a try; 1 s
	Tries        int           // 3
	TableBudget  time.Duration // 60 s
	DeviceBudget time.Duration // 5 min
	MaxVarbinds  int           // of one table; 200,000
	Pace         *Pace
	Engines      *Engines // what is known of engines already; never nil inside
	Count        *Counters
	Now          func() time.Time
	// Dial connects a datagram socket to the agent.
	Dial func(ctx context.Context, addr netip.AddrPort) (net.Conn, error)
}

func (o Options) filled() Options {
	if o.Timeout <= 0 {
		o.Timeout = time.Second
	}
	if o.Tries <= 0 {
		o.Tries = 3
	}
	if o.TableBudget <= 0 {
		o.TableBudget = time.Minute
	}
	if o.DeviceBudget <= 0 {
		o.DeviceBudget = 5 * time.Minute
	}
	if o.MaxVarbinds <= 0 {
		o.MaxVarbinds = 200_000
	}
	if o.Engines == nil {
		o.Engines = &Engines{}
	}
	if o.Count == nil {
		o.Count = &Counters{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Dial == nil {
		o.Dial = func(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "udp", addr.String())
		}
	}
	return o
}

// Tuning is what a platform knows of its weak agents. Zero fields change
// nothing.
type Tuning struct {
	StartRepetitions int
	MaxRepetitions   int
	Timeout          time.Duration
	Budget           time.Duration // of the device
	Pause            time.Duration // between requests
}

// Live is one agent on the network. Its requests go out one at a time; it may
// be used by several goroutines.
type Live struct {
	s       *session
	context string
	set     bool // context was chosen by InContext
}

// Dial opens an agent; nothing is sent yet. It refuses an address outside of
// the credential's scope, and judges again what it really connected to.
func Dial(ctx context.Context, addr netip.AddrPort, cred netdev.Credential, opt Options) (*Live, error) {
	opt = opt.filled()
	fail := func(r netdev.Reason, detail string, err error) (*Live, error) {
		return nil, &netdev.OpError{Reason: r, Op: "snmp", Addr: addr.String(), Detail: detail, Err: err}
	}
	if cred.SNMP == nil {
		return fail(netdev.NoCredential, "credential "+cred.Name+" has no SNMP login", nil)
	}
	if !cred.Allows(addr.Addr()) {
		return fail(netdev.OutOfScope, "credential "+cred.Name+" may not be sent there", nil)
	}
	conn, err := opt.Dial(ctx, addr)
	if err != nil {
		return fail(netdev.Unreachable, "", err)
	}
	if to, ok := conn.RemoteAddr().(*net.UDPAddr); ok && !cred.Allows(to.AddrPort().Addr()) {
		_ = conn.Close()
		return fail(netdev.OutOfScope, fmt.Sprintf("connected to %s, where credential %s may not be sent", to, cred.Name), nil)
	}
	var seed [12]byte
	if _, err := rand.Read(seed[:]); err != nil {
		_ = conn.Close()
		return fail(netdev.Internal, "", err)
	}
	s := &session{
		conn: conn, addr: addr, login: cred.SNMP, opt: opt,
		id: binary.BigEndian.Uint32(seed[:]), salt: binary.BigEndian.Uint64(seed[4:]),
		buf: make([]byte, 1<<16), size: sizer{start: 16, most: 1 << 16}, began: opt.Now(),
	}
	return &Live{s: s, context: cred.SNMP.Context}, nil
}

// Close ends the session.
func (l *Live) Close() error { return l.s.conn.Close() }

// Engine gives the authoritative engine of a version 3 agent, once it is known.
func (l *Live) Engine() (Engine, bool) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.s.engine, l.s.engine.Valid()
}

// Tune slows the session down to what the agent can bear.
func (l *Live) Tune(t Tuning) {
	s := l.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.StartRepetitions > 0 {
		s.size.start = t.StartRepetitions
	}
	if t.MaxRepetitions > 0 {
		s.maxReps = t.MaxRepetitions
	}
	if t.Timeout > 0 {
		s.opt.Timeout = t.Timeout
	}
	if t.Budget > 0 {
		s.opt.DeviceBudget = t.Budget
	}
	s.pause = t.Pause
}

// InContext asks the same agent with community@name, or in version 3 with the
// contextName. There a bare number means a VLAN and becomes "vlan-N", as
// agents that have one context a VLAN name them.
func (l *Live) InContext(name string) Agent {
	return &Live{s: l.s, context: name, set: true}
}

// wire gives community and contextName of a request.
func (l *Live) wire() (community, context []byte) {
	if l.s.login.Version == netdev.SNMPv3 {
		c := l.context
		if l.set && digits(c) {
			c = "vlan-" + c
		}
		return nil, []byte(c)
	}
	c := l.s.login.Community.Reveal()
	if l.set && l.context != "" {
		c += "@" + l.context
	}
	return []byte(c), nil
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

// opError makes the error of this session.
func (s *session) opError(r netdev.Reason, detail string, err error) error {
	return &netdev.OpError{Reason: r, Op: "snmp", Addr: s.addr.String(), Detail: detail, Err: err}
}

// session is the socket and the security state that all contexts share.
type session struct {
	mu    sync.Mutex
	conn  net.Conn
	addr  netip.AddrPort
	login *netdev.SNMPLogin
	opt   Options
	out   builder
	buf   []byte
	id    uint32
	salt  uint64
	began time.Time
	pause time.Duration

	engine Engine
	keys   *keys

	size    sizer
	maxReps int
	dead    int // tables in a row of which nothing came back

	contexts map[string]bool // whether the agent serves them, as far as known
}

// newID is never below 0x01000000, so that it takes four octets like every
// other.
func (s *session) newID() uint32 {
	s.id++
	return s.id&0x3fffffff | 0x40000000
}

func ctxReason(ctx context.Context) (netdev.Reason, string) {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return netdev.Timeout, "the deadline of the run"
	}
	return netdev.Cancelled, ""
}
