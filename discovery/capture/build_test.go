package capture

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"
)

// Builders of frames by hand. The sender is always 02:00:5e:10:20:30.
const sender = "02 00 5e 10 20 30"

func x(s string) []byte {
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", "\n", "", "\t", "").Replace(s))
	if err != nil {
		panic(err)
	}
	return b
}

func cat(parts ...[]byte) []byte {
	var out []byte
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func be16(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }

// eth2 is an Ethernet II frame.
func eth2(dest string, typ int, payload []byte) []byte {
	return cat(x(dest), x(sender), be16(typ), payload)
}

// llc8023 is an IEEE 802.3 frame with an LLC payload.
func llc8023(dest string, payload []byte) []byte { return eth2(dest, len(payload), payload) }

// snapped puts a SNAP head before a payload.
func snapped(key string, payload []byte) []byte { return cat(x("aa aa 03"), x(key), payload) }

// ipv4 is an Ethernet frame with an IPv4 packet of 192.0.2.9.
func ipv4(dst string, proto int, payload []byte) []byte {
	d := netip.MustParseAddr(dst).As4()
	head := cat(x("45 c0"), be16(20+len(payload)), x("00 01 00 00 01"), []byte{byte(proto)}, x("00 00 c0 00 02 09"), d[:])
	return eth2("01 00 5e 00 00 01", 0x0800, cat(head, payload))
}

// ipv6 is an Ethernet frame with an IPv6 packet of fe80::9.
func ipv6(dst string, next int, payload []byte) []byte {
	s, d := netip.MustParseAddr("fe80::9").As16(), netip.MustParseAddr(dst).As16()
	head := cat(x("60 00 00 00"), be16(len(payload)), []byte{byte(next), 255}, s[:], d[:])
	return eth2("33 33 00 00 00 01", 0x86dd, cat(head, payload))
}

func udpDatagram(sport, dport int, payload []byte) []byte {
	return cat(be16(sport), be16(dport), be16(8+len(payload)), be16(0), payload)
}

func udp4(dst string, sport, dport int, payload []byte) []byte {
	return ipv4(dst, 17, udpDatagram(sport, dport, payload))
}

func udp6(dst string, sport, dport int, payload []byte) []byte {
	return ipv6(dst, 17, udpDatagram(sport, dport, payload))
}

// tlv16 is an element of 16-bit type and length, the length with extra added.
func tlv16(typ, extra int, v []byte) []byte { return cat(be16(typ), be16(len(v)+extra), v) }

// lldpTLVOf is an LLDP element.
func lldpTLVOf(typ int, v []byte) []byte { return cat(be16(typ<<9|len(v)), v) }

// named is a DNS name of labels.
func named(labels ...string) []byte {
	var out []byte
	for _, l := range labels {
		out = append(append(out, byte(len(l))), l...)
	}
	return append(out, 0)
}

// ofEthernet makes a frame of octets.
func ofEthernet(b []byte) Frame { return Frame{Number: 1, Link: Ethernet, Length: len(b), Data: b} }

// say decodes one frame and fails on silence.
func say(t testing.TB, fr Frame) (Message, error) {
	t.Helper()
	d := NewDecoder()
	m, ok, err := d.Decode(fr)
	if !ok {
		t.Fatalf("the frame says nothing")
	}
	if d.Defects != 0 {
		t.Fatalf("a decoder panicked")
	}
	return m, err
}
