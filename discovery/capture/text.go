package capture

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/plumbline-net/plumbline/netdev"
)

// text reads octets as UTF-8, else as Latin-1, without trailing zeros and
// blanks, cut at textCap.
func text(b []byte) string {
	for len(b) > 0 && (b[len(b)-1] == 0 || b[len(b)-1] == ' ' || b[len(b)-1] == '\n' || b[len(b)-1] == '\r') {
		b = b[:len(b)-1]
	}
	if len(b) > textCap {
		b = b[:textCap]
		for i := 0; i < 3 && !utf8.RuneStart(b[len(b)-1]); i++ {
			b = b[:len(b)-1]
		}
	}
	if utf8.Valid(b) {
		return string(b)
	}
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

// cText is text up to the first zero: the octets behind it are left over from
// whatever the sender had in memory.
func cText(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			return b[:i]
		}
	}
	return b
}

// mac writes six octets canonically, and "" for anything else.
func mac(b []byte) string {
	if len(b) != 6 {
		return ""
	}
	const digits = "0123456789abcdef"
	var out [17]byte
	for i, c := range b {
		out[3*i], out[3*i+1] = digits[c>>4], digits[c&15]
		if i < 5 {
			out[3*i+2] = ':'
		}
	}
	return string(out[:])
}

// sourceMAC is mac without the address of nobody.
func sourceMAC(b []byte) netdev.MAC {
	return netdev.MAC(mac(b))
}

// ip writes 4 or 16 octets as an address, and "" for anything else.
func ip(b []byte) string {
	a, ok := netip.AddrFromSlice(b)
	if !ok {
		return ""
	}
	return a.String()
}

// ip4 writes a 32-bit number as a dotted address.
func ip4(n uint32) string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], n)
	return netip.AddrFrom4(b).String()
}

func hexText(b []byte) string {
	if len(b) > textCap {
		b = b[:textCap]
	}
	return hex.EncodeToString(b)
}

// hex16 writes a 16-bit number as 0x8001.
func hex16(n int) string {
	return "0x" + hex.EncodeToString([]byte{byte(n >> 8), byte(n)})
}

// words names the bits that are set, lowest first.
func words(set uint32, names ...string) []string {
	var out []string
	for i, n := range names {
		if n != "" && set&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return out
}

// afAddress reads an address after its IANA address family (RFC 3232).
func afAddress(family int, b []byte) string {
	switch {
	case family == 1 && len(b) == 4, family == 2 && len(b) == 16:
		return ip(b)
	case family == 6:
		return mac(b)
	}
	return ""
}
