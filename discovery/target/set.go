package target

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"slices"
	"sort"
)

// Max is how many addresses one set may hold: a /8.
const Max = 1 << 24

// span is a run of IPv4 addresses, both ends in it.
type span struct{ lo, hi uint32 }

// Set is a set of addresses with an order: IPv4 ascending, then the IPv6
// addresses listed, ascending. It takes memory by range, not by address. The
// zero value is empty.
type Set struct {
	v4    []span
	from  []int // from[i] is the rank of the first address of v4[i]
	n4    int
	v6    []netip.Addr
	alone map[netip.Addr]bool
	out   []span
	out6  []netip.Prefix
	sites []Site
}

// Site is a place and the prefixes that belong to it.
type Site struct {
	Name     string
	Prefixes []netip.Prefix
}

// Len is the number of addresses.
func (s *Set) Len() int { return s.n4 + len(s.v6) }

// At gives the address of rank i, 0 ≤ i < Len.
func (s *Set) At(i int) netip.Addr {
	if i >= s.n4 {
		return s.v6[i-s.n4]
	}
	k := sort.Search(len(s.from), func(k int) bool { return s.from[k] > i }) - 1
	return addr4(s.v4[k].lo + uint32(i-s.from[k]))
}

// Rank is the inverse of At; -1 is not in the set.
func (s *Set) Rank(a netip.Addr) int {
	a = a.Unmap()
	if !a.Is4() {
		if i, ok := slices.BinarySearchFunc(s.v6, a, netip.Addr.Compare); ok {
			return s.n4 + i
		}
		return -1
	}
	v := num4(a)
	k := sort.Search(len(s.v4), func(k int) bool { return s.v4[k].hi >= v })
	if k == len(s.v4) || s.v4[k].lo > v {
		return -1
	}
	return s.from[k] + int(v-s.v4[k].lo)
}

// Contains says whether a may be asked.
func (s *Set) Contains(a netip.Addr) bool { return s.Rank(a) >= 0 }

// Alone says whether a was asked for by itself, not only as part of a range.
func (s *Set) Alone(a netip.Addr) bool { return s.alone[a.Unmap()] }

// Excluded says whether a was taken out by name: nothing may bring it back.
func (s *Set) Excluded(a netip.Addr) bool {
	a = a.Unmap()
	if !a.Is4() {
		return slices.ContainsFunc(s.out6, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	v := num4(a)
	return slices.ContainsFunc(s.out, func(x span) bool { return x.lo <= v && v <= x.hi })
}

// Site names the site of a: the longest prefix wins. "" is none.
func (s *Set) Site(a netip.Addr) string {
	name, best := "", -1
	for _, site := range s.sites {
		for _, p := range site.Prefixes {
			if p.Bits() > best && p.Contains(a.Unmap()) {
				name, best = site.Name, p.Bits()
			}
		}
	}
	return name
}

// WithSites gives the same set with sites.
func (s *Set) WithSites(sites []Site) Set {
	c := *s
	c.sites = sites
	return c
}

// Order is a permutation of the ranks 0…n-1 chosen by key: neighbours in the
// set are far from each other in it, so that no subnet sees a burst. It takes
// no memory (a Feistel network over the bits of n, walked until it falls
// inside).
type Order struct {
	n    uint64
	half uint
	key  [2]uint64
}

// NewOrder makes the order of n ranks under key.
func NewOrder(n int, key [2]uint64) Order {
	w := bits.Len(uint(max(n-1, 1)))
	return Order{n: uint64(n), half: uint(w+1) / 2, key: key}
}

// At gives the rank at position i, 0 ≤ i < n.
func (o Order) At(i int) int {
	x := uint64(i)
	for {
		x = o.once(x)
		if x < o.n {
			return int(x)
		}
	}
}

func (o Order) once(x uint64) uint64 {
	mask := uint64(1)<<o.half - 1
	l, r := x>>o.half, x&mask
	for round := range uint64(4) {
		l, r = r, l^(mix(r^o.key[round&1]+round*0x9e3779b97f4a7c15)&mask)
	}
	return l<<o.half | r
}

// mix is the finaliser of splitmix64: every bit of x moves every bit of it.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

func addr4(v uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], v)
	return netip.AddrFrom4(b)
}

func num4(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}
