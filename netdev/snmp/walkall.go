package snmp

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-net/plumbline/netdev"
)

// Walk hands every variable below root to each, in order, until it says no.
// The table returned has no rows; its coverage says whether that was all.
func (l *Live) Walk(ctx context.Context, root OID, each func(Varbind) bool) Table {
	s := l.s
	s.mu.Lock()
	defer s.mu.Unlock()
	arcs, ok := ParseOID(root)
	if !ok || len(arcs) < 2 {
		return Table{Coverage: netdev.Partial, Reason: netdev.Internal, Detail: fmt.Sprintf("%q is not an OID", root)}
	}
	w := &walker{s: s, ctx: ctx, limit: 1_000_000, width: 1, until: s.began.Add(s.opt.DeviceBudget)}
	w.cols = []*column{{prefix: contentOf(arcs), base: arcs, last: arcs}}
	n := 0
	w.each = func(v Varbind) bool { n++; return each(v) }
	w.comm, w.context = l.wire()
	w.reps = w.cap(s.size.first(1))
	for w.round() {
	}
	t := w.result()
	if t.Coverage == netdev.Absent && n > 0 {
		t.Coverage = netdev.Complete
	}
	return t
}

// FormatRecord writes a variable as a line of a recorded walk, without its
// end: OID|TAG|VALUE, tags in decimal, "4x" for octets in hex. ok is false for
// what is not recorded: exceptions and malformed values.
func FormatRecord(v Varbind) (line string, ok bool) {
	x := v.Value
	switch x.Type {
	case Integer:
		return fmt.Sprintf("%s|2|%d", v.OID, int64(x.Num)), true
	case Counter32, Gauge32, TimeTicks, Counter64:
		return fmt.Sprintf("%s|%d|%d", v.OID, x.Type, x.Num), true
	case Null:
		return fmt.Sprintf("%s|5|", v.OID), true
	case ObjectID:
		return fmt.Sprintf("%s|6|%s", v.OID, x.OID), true
	case OctetString:
		if plain(x.Bytes) {
			return fmt.Sprintf("%s|4|%s", v.OID, x.Bytes), true
		}
		return fmt.Sprintf("%s|4x|%x", v.OID, x.Bytes), true
	case IPAddress:
		if len(x.Bytes) == 4 {
			return fmt.Sprintf("%s|64|%d.%d.%d.%d", v.OID, x.Bytes[0], x.Bytes[1], x.Bytes[2], x.Bytes[3]), true
		}
		return fmt.Sprintf("%s|64x|%x", v.OID, x.Bytes), true
	case Opaque:
		return fmt.Sprintf("%s|68x|%x", v.OID, x.Bytes), true
	}
	return "", false
}

func plain(b []byte) bool {
	return utf8.Valid(b) && !bytes.ContainsFunc(b, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar })
}

// Confidential says whether a variable must not leave in a recording: it lies
// in the tables of communities, users, views and targets (SNMP-COMMUNITY-MIB,
// SNMP-USER-BASED-SM-MIB, SNMP-VIEW-BASED-ACM-MIB, SNMP-TARGET-MIB,
// SNMP-NOTIFICATION-MIB), or it holds a secret of this session's login, in its
// value or spelled out in its index.
func (l *Live) Confidential(v Varbind) bool {
	for _, table := range []OID{"1.3.6.1.6.3.12", "1.3.6.1.6.3.13", "1.3.6.1.6.3.15", "1.3.6.1.6.3.16", "1.3.6.1.6.3.18"} {
		if v.OID.HasPrefix(table) {
			return true
		}
	}
	in := l.s.login
	for _, secret := range []string{in.Community.Reveal(), in.AuthPassword.Reveal(), in.PrivPassword.Reveal(), in.User} {
		if len(secret) < 3 {
			continue // it would be found everywhere
		}
		if bytes.Contains(v.Value.Bytes, []byte(secret)) || strings.Contains("."+string(v.OID)+".", "."+spelled(secret)+".") {
			return true
		}
	}
	return false
}

// spelled gives text as arcs, the way a string is an index (RFC 2578 §7.7).
func spelled(s string) string {
	arcs := make([]uint32, len(s))
	for i := range len(s) {
		arcs[i] = uint32(s[i])
	}
	return string(FormatOID(arcs))
}
