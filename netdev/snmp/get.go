package snmp

import (
	"context"
	"fmt"

	"github.com/plumbline-net/plumbline/netdev"
)

// perGet is how many instances one GET asks for; most agents answer 32 in one
// datagram, and tooBig halves it.
const perGet = 24

// Get reads instances, in the order asked for.
func (l *Live) Get(ctx context.Context, oids ...OID) ([]Varbind, error) {
	s := l.s
	s.mu.Lock()
	defer s.mu.Unlock()
	comm, ctxName := l.wire()
	out := make([]Varbind, len(oids))
	names := make([][]uint32, len(oids))
	for i, oid := range oids {
		arcs, ok := ParseOID(oid)
		if !ok {
			return nil, s.opError(netdev.Internal, fmt.Sprintf("%q is not an OID", oid), nil)
		}
		out[i].OID, names[i] = oid, arcs
	}
	for i := 0; i < len(oids); i += perGet {
		end := min(i+perGet, len(oids))
		if err := s.get(ctx, comm, ctxName, names[i:end], out[i:end]); err != nil {
			return out, err
		}
	}
	return out, nil
}

// get asks for names; an error of the request splits it until the instance
// that is at fault stands alone, and that one has no value.
func (s *session) get(ctx context.Context, comm, ctxName []byte, names [][]uint32, out []Varbind) error {
	if len(names) == 0 {
		return nil
	}
	q := &request{tag: pduGet, names: names}
	var p pdu
	for {
		var err error
		p, err = s.exchange(ctx, comm, ctxName, q)
		if err == nil {
			break
		}
		if err != errTry {
			return err
		}
		if len(q.ids) >= s.opt.Tries {
			return s.exhausted(q)
		}
	}
	switch {
	case p.tag == pduReport: // no such context
		return nil
	case p.status == authorError:
		return s.opError(netdev.AuthFailed, "the agent denies access", nil)
	case p.status == noSuchName && p.index >= 1 && p.index <= len(names):
		k := p.index - 1
		if err := s.get(ctx, comm, ctxName, names[:k], out[:k]); err != nil {
			return err
		}
		return s.get(ctx, comm, ctxName, names[k+1:], out[k+1:])
	case p.status != 0 && len(names) == 1:
		return nil
	case p.status != 0:
		half := len(names) / 2
		if err := s.get(ctx, comm, ctxName, names[:half], out[:half]); err != nil {
			return err
		}
		return s.get(ctx, comm, ctxName, names[half:], out[half:])
	}
	fill(out, names, p.binds)
	return nil
}

// fill gives each binding to the name it answers. Agents that leave one out
// do not shift the others.
func fill(out []Varbind, names [][]uint32, binds []byte) {
	at := 0
	for r := (reader{binds}); len(r.b) > 0; {
		b, err := nextBind(&r)
		if err != nil {
			return
		}
		arcs, ok := appendArcs(nil, b.name)
		if !ok {
			continue
		}
		for k := range names {
			i := (at + k) % len(names)
			if string(FormatOID(arcs)) == string(out[i].OID) {
				out[i].Value = b.value()
				at = i + 1
				break
			}
		}
	}
}
