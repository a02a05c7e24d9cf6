package walk

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// maxText bounds one text of a device; longer ones are attacks or faults.
const maxText = 64 << 10

// text gives octets as UTF-8, else as Latin-1, without the padding that some
// agents send behind a text.
func text(v snmp.Value) string {
	switch v.Type {
	case snmp.OctetString, snmp.Opaque:
	case snmp.ObjectID:
		return string(v.OID)
	case snmp.IPAddress:
		if a, ok := netip.AddrFromSlice(v.Bytes); ok {
			return a.String()
		}
		return ""
	case snmp.Integer:
		return fmt.Sprint(int64(v.Num))
	default:
		if v.IsSet() {
			return fmt.Sprint(v.Num)
		}
		return ""
	}
	b := v.Bytes
	if len(b) > maxText {
		b = b[:maxText]
	}
	s := string(b)
	if !utf8.ValidString(s) {
		var r strings.Builder
		for _, c := range b {
			r.WriteRune(rune(c))
		}
		s = r.String()
	}
	return strings.Trim(s, "\x00 \t\r\n")
}

// number gives an integer; text of digits counts, as some agents send it.
func number(v snmp.Value) (uint64, bool) {
	switch v.Type {
	case snmp.OctetString:
		var n uint64
		s := text(v)
		if s == "" || len(s) > 19 {
			return 0, false
		}
		for _, r := range s {
			if r < '0' || r > '9' {
				return 0, false
			}
			n = n*10 + uint64(r-'0')
		}
		return n, true
	case snmp.Integer, snmp.Counter32, snmp.Gauge32, snmp.TimeTicks, snmp.Counter64:
		return v.Num, true
	}
	return 0, false
}

// integer gives an INTEGER as int, 0 when there is none.
func integer(v snmp.Value) int {
	n, _ := number(v)
	return int(int64(n))
}

// macOf reads a hardware address in the three notations that are met: six
// octets, twelve digits with any separator, or octets without leading zeros.
func macOf(v snmp.Value) (netdev.MAC, bool) {
	if v.Type != snmp.OctetString && v.Type != snmp.Opaque {
		return "", false
	}
	if len(v.Bytes) == 6 {
		return macBytes(v.Bytes), true
	}
	if len(v.Bytes) == 7 && v.Bytes[6] == 0 {
		return macBytes(v.Bytes[:6]), true
	}
	return parseMAC(text(v))
}

func macBytes(b []byte) netdev.MAC {
	return netdev.MAC(fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]))
}

func parseMAC(s string) (netdev.MAC, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) < 11 || len(s) > 20 {
		return "", false
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ':' || r == '-' || r == ' ' })
	if len(parts) == 6 {
		for i, p := range parts {
			if len(p) == 1 {
				parts[i] = "0" + p
			}
		}
		s = strings.Join(parts, "")
	} else {
		s = strings.ReplaceAll(strings.Join(parts, ""), ".", "")
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 6 {
		return "", false
	}
	return macBytes(b), true
}

// macIndex reads six arcs.
func macIndex(arcs []uint32) (netdev.MAC, bool) {
	if len(arcs) != 6 {
		return "", false
	}
	b := make([]byte, 6)
	for i, a := range arcs {
		if a > 255 {
			return "", false
		}
		b[i] = byte(a)
	}
	return macBytes(b), true
}

func octets(arcs []uint32) ([]byte, bool) {
	b := make([]byte, len(arcs))
	for i, a := range arcs {
		if a > 255 {
			return nil, false
		}
		b[i] = byte(a)
	}
	return b, true
}

// addrIndex reads an InetAddress of an index: type, length, octets
// (RFC 4001); zones (types 3 and 4) lose their zone.
func addrIndex(arcs []uint32) (netip.Addr, bool) {
	if len(arcs) < 2 || uint32(len(arcs)-2) < arcs[1] {
		return netip.Addr{}, false
	}
	kind, b := arcs[0], arcs[2:2+arcs[1]]
	o, ok := octets(b)
	if !ok {
		return netip.Addr{}, false
	}
	switch {
	case (kind == 1 || kind == 3) && len(o) >= 4:
		return netip.AddrFromSlice(o[:4])
	case (kind == 2 || kind == 4) && len(o) >= 16:
		return netip.AddrFromSlice(o[:16])
	}
	return netip.Addr{}, false
}

func addr4(arcs []uint32) (netip.Addr, bool) {
	o, ok := octets(arcs)
	if !ok || len(o) != 4 {
		return netip.Addr{}, false
	}
	return netip.AddrFromSlice(o)
}

// readable says whether a text is one for people.
func readable(s string) bool {
	if s == "" {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
	}
	return true
}

// ident reads an LLDP identifier by its kind: MAC, network address, or text;
// octets that are neither become hex.
func ident(v snmp.Value, mac, network bool) string {
	if !v.IsSet() {
		return ""
	}
	if mac {
		if m, ok := macOf(v); ok {
			return string(m)
		}
	}
	b := v.Bytes
	if network && len(b) > 1 {
		if (b[0] == 1 && len(b) == 5) || (b[0] == 2 && len(b) == 17) {
			if a, ok := netip.AddrFromSlice(b[1:]); ok {
				return a.String()
			}
		}
		if len(b) == 4 && !readable(string(b)) {
			if a, ok := netip.AddrFromSlice(b); ok {
				return a.String()
			}
		}
	}
	s := text(v)
	if readable(s) && utf8.Valid(b) || len(b) == 0 {
		return s
	}
	if len(b) == 6 {
		return string(macBytes(b))
	}
	return hex.EncodeToString(b)
}

// bits names the bits of a BITS value: octets, or text such as "28 2 4" in
// which the first word is an octet in hex and bit numbers follow.
func bits(v snmp.Value, names []string) []string {
	b := v.Bytes
	if v.Type != snmp.OctetString || len(b) == 0 {
		return nil
	}
	if s := string(b); len(b) > 2 && strings.IndexFunc(s, func(r rune) bool { return r > 127 || !strings.ContainsRune("0123456789abcdefABCDEF ", r) }) < 0 {
		first, _, _ := strings.Cut(strings.TrimSpace(s), " ")
		if o, err := hex.DecodeString(first); err == nil && len(o) > 0 {
			b = o
		}
	}
	var out []string
	for i, n := range names {
		if i/8 < len(b) && b[i/8]&(0x80>>(i%8)) != 0 {
			out = append(out, n)
		}
	}
	return out
}
