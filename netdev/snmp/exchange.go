package snmp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// request is one question; sent again it keeps its meaning, so that a late
// answer to any of its tries is an answer.
type request struct {
	tag     byte
	a, b    int // non-repeaters and max-repetitions of GETBULK
	names   [][]uint32
	ids     []uint32 // of the tries so far
	reports int
}

var errTry = errors.New("no answer to this try")

// exchange sends q once and waits for an answer. errTry means that it may be
// sent again, any other error that there is no use. The caller holds s.mu.
func (s *session) exchange(ctx context.Context, community, ctxName []byte, q *request) (pdu, error) {
	if s.login.Version == netdev.SNMPv3 && s.keys == nil {
		if err := s.meet(ctx); err != nil {
			return pdu{}, err
		}
	}
	if s.pause > 0 && len(q.ids) == 0 {
		if err := Sleep(ctx, s.pause); err != nil {
			return pdu{}, s.stopped(ctx)
		}
	}
	for {
		id := s.newID()
		q.ids = append(q.ids, id)
		p, again, err := s.try(ctx, s.encode(community, ctxName, q, id), q, s.take)
		if !again {
			return p, err
		}
	}
}

// encode writes the message; it points into s.out until the next one.
func (s *session) encode(community, ctxName []byte, q *request, id uint32) []byte {
	switch s.login.Version {
	case netdev.SNMPv3:
		s.salt++
		return s.out.v3(v3Request{
			engine: s.engine.ID, boots: s.engine.Boots, time: s.engine.now(s.opt.Now()),
			user: []byte(s.login.User), context: ctxName, salt: s.salt, keys: s.keys,
		}, q.tag, id, q.a, q.b, q.names)
	case netdev.SNMPv1:
		return s.out.community(0, community, q.tag, id, q.a, q.b, q.names)
	}
	return s.out.community(1, community, q.tag, id, q.a, q.b, q.names)
}

// verdict of one datagram.
type verdict int

const (
	drop   verdict = iota // not an answer; go on waiting
	accept                // the answer
	resend                // the engine told us its time: ask again
)

// try sends msg and reads until take accepts, refuses for good, or the time
// of the try is over.
func (s *session) try(ctx context.Context, msg []byte, q *request, take func([]byte, *request) (pdu, verdict, error)) (pdu, bool, error) {
	if err := s.opt.Pace.Wait(ctx); err != nil {
		return pdu{}, false, s.stopped(ctx)
	}
	deadline := time.Now().Add(s.opt.Timeout)
	if err := s.conn.SetReadDeadline(deadline); err != nil {
		return pdu{}, false, s.opError(netdev.Internal, "", err)
	}
	release := context.AfterFunc(ctx, func() { _ = s.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer release()
	_, err := s.conn.Write(msg)
	if errors.Is(err, syscall.ECONNREFUSED) { // of an earlier datagram
		_, err = s.conn.Write(msg)
	}
	if err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
		return pdu{}, false, s.opError(netdev.Unreachable, "", err)
	}
	s.opt.Count.Sent.Add(1)
	for {
		n, err := s.conn.Read(s.buf)
		if ctx.Err() != nil {
			return pdu{}, false, s.stopped(ctx)
		}
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded):
			return pdu{}, false, errTry
		case errors.Is(err, net.ErrClosed):
			return pdu{}, false, s.opError(netdev.Cancelled, "closed", nil)
		case errors.Is(err, syscall.ECONNREFUSED):
			// Nobody listens: perhaps an agent that restarts. Sit out the try.
			q.refused()
			if Sleep(ctx, time.Until(deadline)) != nil {
				return pdu{}, false, s.stopped(ctx)
			}
			return pdu{}, false, errTry
		default:
			return pdu{}, false, s.opError(netdev.Unreachable, "", err)
		}
		s.opt.Count.Received.Add(1)
		p, v, err := take(s.buf[:n], q)
		switch {
		case err != nil:
			return pdu{}, false, err
		case v == accept:
			return p, false, nil
		case v == resend:
			return pdu{}, true, nil
		}
	}
}

// take judges a datagram against the request.
func (s *session) take(b []byte, q *request) (pdu, verdict, error) {
	m, err := parseMessage(b)
	if err != nil {
		s.opt.Count.Malformed.Add(1)
		q.malformed()
		return pdu{}, drop, nil
	}
	if s.login.Version == netdev.SNMPv3 {
		return s.takeV3(b, &m, q)
	}
	want := 1
	if s.login.Version == netdev.SNMPv1 {
		want = 0
	}
	// The community of an answer is not compared: agents that serve contexts
	// answer with their own spelling of it.
	if m.version != want || m.pdu.tag != pduResponse || !slices.Contains(q.ids, m.pdu.id) {
		s.opt.Count.Dropped.Add(1)
		return pdu{}, drop, nil
	}
	return s.keep(m.pdu, q)
}

// keep copies the bindings out of the shared buffer.
func (s *session) keep(p pdu, q *request) (pdu, verdict, error) {
	n, err := countBinds(p.binds)
	if err != nil {
		s.opt.Count.Malformed.Add(1)
		q.malformed()
		return pdu{}, drop, nil
	}
	s.opt.Count.Varbinds.Add(int64(n))
	p.binds = slices.Clone(p.binds)
	return p, accept, nil
}

// Marks of what was seen while waiting; they name the reason when all tries
// are over.
const (
	sawMalformed = 1 << iota
	sawRefused
)

func (q *request) malformed() { q.reports |= sawMalformed << 8 }
func (q *request) refused()   { q.reports |= sawRefused << 8 }

// exhausted is the error of a request whose tries are all used up.
func (s *session) exhausted(q *request) error {
	tries := len(q.ids)
	switch {
	case q.reports>>8&sawMalformed != 0:
		return s.opError(netdev.BadPacket, fmt.Sprintf("undecodable answers, %d tries", tries), nil)
	case q.reports>>8&sawRefused != 0:
		return s.opError(netdev.Unreachable, "port unreachable", nil)
	}
	return s.opError(netdev.Timeout, fmt.Sprintf("no answer to %d tries", tries), nil)
}

func (s *session) stopped(ctx context.Context) error {
	r, detail := ctxReason(ctx)
	return s.opError(r, detail, nil)
}
