package snmp

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// canned is a connection whose other side answers each GETBULK with the rows
// that follow, without a socket in between.
type canned struct {
	net.Conn
	w    builder
	rows uint32
	at   uint32
	out  []byte
}

func (c *canned) Write(b []byte) (int, error) {
	m, _ := parseMessage(b)
	if c.at >= c.rows {
		c.at = 0
	}
	names, vals := [][]uint32{}, m.pdu.index
	for range vals {
		c.at++
		for col := range uint32(4) {
			arcs := []uint32{1, 3, 6, 1, 2, 1, 2, 2, 1, col + 2, c.at}
			if c.at > c.rows {
				arcs = []uint32{1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1}
			}
			names = append(names, arcs)
		}
	}
	c.out = c.w.community(1, []byte("lab-ro"), pduResponse, 0x41414141, 0, 0, names)
	for i := range c.out {
		if binary.BigEndian.Uint32(c.out[i:]) == 0x41414141 {
			binary.BigEndian.PutUint32(c.out[i:], m.pdu.id)
			break
		}
	}
	return len(b), nil
}

func (c *canned) Read(b []byte) (int, error)        { return copy(b, c.out), nil }
func (c *canned) SetReadDeadline(t time.Time) error { return nil }
func (c *canned) RemoteAddr() net.Addr              { return &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (c *canned) Close() error                      { return nil }

// BenchmarkTable reads 900 rows of 4 columns: 3,600 variable bindings, about
// what one access switch has. The other side's encoding is in the figure.
func BenchmarkTable(b *testing.B) {
	cred := netdev.Credential{Scope: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		SNMP: &netdev.SNMPLogin{Version: netdev.SNMPv2c, Community: netdev.NewSecret("lab-ro")}}
	cols := []OID{"1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.2.2.1.3", "1.3.6.1.2.1.2.2.1.4", "1.3.6.1.2.1.2.2.1.5"}
	b.ReportAllocs()
	for b.Loop() {
		conn := &canned{rows: 900}
		l, err := Dial(b.Context(), netip.MustParseAddrPort("127.0.0.1:161"), cred, Options{
			Dial: func(context.Context, netip.AddrPort) (net.Conn, error) { return conn, nil },
		})
		if err != nil {
			b.Fatal(err)
		}
		if t := l.Table(b.Context(), cols...); len(t.Rows) != 900 || t.Coverage != netdev.Complete {
			b.Fatal(len(t.Rows), t.Coverage, t.Reason, t.Detail)
		}
	}
}
