package sim

import (
	"net/netip"
	"slices"
	"time"
)

// row is one variable. A value that changes by itself is made when it is asked for.
type row struct {
	oid   oid
	value []byte
	live  func(now time.Time) []byte
}

func (r row) at(now time.Time) []byte {
	if r.live != nil {
		return r.live(now)
	}
	return r.value
}

// mib holds the variables of a device in their order.
type mib struct{ rows []row }

func (m *mib) put(o oid, v []byte) { m.rows = append(m.rows, row{oid: o, value: v}) }

func (m *mib) text(o oid, s string)      { m.put(o, tlv(tagOctets, []byte(s))) }
func (m *mib) bytes(o oid, b []byte)     { m.put(o, tlv(tagOctets, b)) }
func (m *mib) num(o oid, v int)          { m.put(o, berInt(tagInteger, int64(v))) }
func (m *mib) gauge(o oid, v uint64)     { m.put(o, berUint(tagGauge32, v)) }
func (m *mib) ident(o oid, v string)     { m.put(o, berOID(mustOID(v))) }
func (m *mib) ip(o oid, a netip.Addr)    { b := a.As4(); m.put(o, tlv(tagIPAddress, b[:])) }
func (m *mib) ticks(o oid, v uint32)     { m.put(o, berUint(tagTimeTicks, uint64(v))) }
func (m *mib) counter(o oid, v uint64)   { m.put(o, berUint(tagCounter32, v)) }
func (m *mib) counter64(o oid, v uint64) { m.put(o, berUint(tagCounter64, v)) }

func (m *mib) sort() {
	slices.SortFunc(m.rows, func(a, b row) int { return slices.Compare(a.oid, b.oid) })
}

// get finds o exactly.
func (m *mib) get(o oid) (row, bool) {
	i, ok := m.search(o)
	if !ok {
		return row{}, false
	}
	return m.rows[i], true
}

// next finds the first variable after o.
func (m *mib) next(o oid) (row, bool) {
	i, ok := m.search(o)
	if ok {
		i++
	}
	if i >= len(m.rows) {
		return row{}, false
	}
	return m.rows[i], true
}

func (m *mib) search(o oid) (int, bool) {
	return slices.BinarySearchFunc(m.rows, o, func(r row, o oid) int { return slices.Compare(r.oid, o) })
}

func addrIndex(a netip.Addr) []uint32 {
	b := a.As4()
	return []uint32{uint32(b[0]), uint32(b[1]), uint32(b[2]), uint32(b[3])}
}

func macIndex(m mac) []uint32 {
	out := make([]uint32, 6)
	for i, c := range m {
		out[i] = uint32(c)
	}
	return out
}
