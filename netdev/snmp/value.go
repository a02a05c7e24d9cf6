package snmp

import (
	"context"

	"github.com/plumbline-net/plumbline/netdev"
)

// OID is a canonical dotted object identifier without a leading dot.
type OID string

// Type is the ASN.1 type of a value (RFC 3416 §2, RFC 2578 §7).
type Type uint8

// Types of values, with the tag numbers of BER.
const (
	Integer        Type = 0x02
	OctetString    Type = 0x04
	Null           Type = 0x05
	ObjectID       Type = 0x06
	IPAddress      Type = 0x40
	Counter32      Type = 0x41
	Gauge32        Type = 0x42
	TimeTicks      Type = 0x43
	Opaque         Type = 0x44
	Counter64      Type = 0x46
	NoSuchObject   Type = 0x80
	NoSuchInstance Type = 0x81
	EndOfMibView   Type = 0x82
)

// Value is one value. Num holds integers and counters (a negative Integer as
// its two's complement in 64 bits); Bytes octets, addresses and opaque; OID an
// object identifier. The zero Value means "not there".
type Value struct {
	Type  Type
	Num   uint64
	Bytes []byte
	OID   OID
}

// Varbind is one variable binding.
type Varbind struct {
	OID   OID
	Value Value
}

// IsSet says whether there is a value: neither absent nor an exception.
func (v Value) IsSet() bool { return v.Type != 0 && v.Type != Null && v.Type < NoSuchObject }

// Row is one conceptual row: the part of the OIDs behind the column, and one
// cell a column in the order that was asked for.
type Row struct {
	Index []uint32
	Cells []Value
}

// Table is what was read of one table.
type Table struct {
	Rows     []Row
	Coverage netdev.Coverage
	Reason   netdev.Reason // of a partial one
	Detail   string
}

// Agent is one SNMP agent, live or recorded, with its credential chosen.
type Agent interface {
	// Get reads instances. An instance that is not there has a Value that is
	// not set. The error is a *netdev.OpError.
	Get(ctx context.Context, oids ...OID) ([]Varbind, error)
	// Table reads columns (full OIDs of columnar objects, such as
	// 1.3.6.1.2.1.2.2.1.2) row by row, ordered by index. It returns what it
	// got: trouble is in Coverage, never lost.
	Table(ctx context.Context, columns ...OID) Table
	// InContext is the same agent asked in another context: a VLAN or VRF.
	// The name is what stands behind the @ or in contextName. An agent that
	// has none answers every Table with Absent.
	InContext(name string) Agent
}
