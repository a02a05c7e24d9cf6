package snmp

import (
	"slices"
	"strconv"
	"strings"
)

// maxArcs is the number of sub-identifiers an OID may have (RFC 2578 §3.5).
const maxArcs = 128

// ParseOID reads dotted text without a leading dot. ok is false for anything
// that is not a plain OID.
func ParseOID[T string | []byte | OID](s T) (arcs []uint32, ok bool) {
	return appendOID(nil, s)
}

func appendOID[T string | []byte | OID](into []uint32, s T) ([]uint32, bool) {
	start := len(into)
	var n uint64
	digits := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] >= '0' && s[i] <= '9' {
			n = n*10 + uint64(s[i]-'0')
			digits++
			if n > 1<<32-1 {
				return into[:start], false
			}
			continue
		}
		if (i < len(s) && s[i] != '.') || digits == 0 || len(into)-start == maxArcs {
			return into[:start], false
		}
		into = append(into, uint32(n))
		n, digits = 0, 0
	}
	return into, true
}

// FormatOID gives the canonical text.
func FormatOID(arcs []uint32) OID {
	var b strings.Builder
	var num [10]byte
	for i, a := range arcs {
		if i > 0 {
			b.WriteByte('.')
		}
		b.Write(strconv.AppendUint(num[:0], uint64(a), 10))
	}
	return OID(b.String())
}

// HasPrefix says whether prefix covers o by whole arcs.
func (o OID) HasPrefix(prefix OID) bool {
	rest, ok := strings.CutPrefix(string(o), string(prefix))
	return ok && (rest == "" || rest[0] == '.')
}

func hasPrefix(oid, prefix []uint32) bool {
	return len(oid) >= len(prefix) && slices.Equal(oid[:len(prefix)], prefix)
}
