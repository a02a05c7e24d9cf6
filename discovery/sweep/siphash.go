package sweep

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// requestID is a MAC of address and step, so that an answer proves that its
// sender saw our question: 31 bits of SipHash-2-4 (Aumasson, Bernstein), never
// below 0x01000000, so that the INTEGER always takes four octets.
func requestID(key [2]uint64, a netip.Addr, step int) uint32 {
	b := a.As16()
	h := siphash(key, [3]uint64{binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:]), uint64(step)})
	id := uint32(h) & 0x7fffffff
	if id < 0x01000000 {
		id |= 0x01000000
	}
	return id
}

func siphash(key [2]uint64, m [3]uint64) uint64 {
	v0 := key[0] ^ 0x736f6d6570736575
	v1 := key[1] ^ 0x646f72616e646f6d
	v2 := key[0] ^ 0x6c7967656e657261
	v3 := key[1] ^ 0x7465646279746573
	round := func() {
		v0 += v1
		v1 = bits.RotateLeft64(v1, 13) ^ v0
		v0 = bits.RotateLeft64(v0, 32)
		v2 += v3
		v3 = bits.RotateLeft64(v3, 16) ^ v2
		v0 += v3
		v3 = bits.RotateLeft64(v3, 21) ^ v0
		v2 += v1
		v1 = bits.RotateLeft64(v1, 17) ^ v2
		v2 = bits.RotateLeft64(v2, 32)
	}
	for _, w := range [4]uint64{m[0], m[1], m[2], 24 << 56} {
		v3 ^= w
		round()
		round()
		v0 ^= w
	}
	v2 ^= 0xff
	for range 4 {
		round()
	}
	return v0 ^ v1 ^ v2 ^ v3
}
