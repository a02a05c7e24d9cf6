package walk

import (
	"net/netip"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// ifOperStatus and ifAdminStatus (RFC 2863).
func statusWord(n int) string {
	words := [...]string{"", "up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown"}
	if n < 0 || n >= len(words) {
		return ""
	}
	return words[n]
}

func (c *collector) iface(index uint32) *netdev.Interface {
	i := netdev.IfIndex(index)
	at, ok := c.ifs[i]
	if !ok {
		at = len(c.f.Interfaces)
		c.ifs[i] = at
		c.f.Interfaces = append(c.f.Interfaces, netdev.Interface{Index: i})
	}
	return &c.f.Interfaces[at]
}

func (c *collector) interfaces() {
	c.ifs, c.named = map[netdev.IfIndex]int{}, map[string]netdev.IfIndex{}
	for _, r := range c.table("interfaces", columns("1.3.6.1.2.1.2.2.1", "1", "2", "3", "4", "5", "6", "7", "8")...) {
		if len(r.Index) != 1 {
			continue
		}
		i := c.iface(r.Index[0])
		i.Descr = text(r.Cells[1])
		i.Type = integer(r.Cells[2])
		i.MTU = integer(r.Cells[3])
		if n, ok := number(r.Cells[4]); ok && n < 4294967295 {
			i.SpeedBPS = n
		}
		i.MAC, _ = macOf(r.Cells[5])
		i.Admin, i.Oper = statusWord(integer(r.Cells[6])), statusWord(integer(r.Cells[7]))
	}
	for _, r := range c.table("interfaces", columns("1.3.6.1.2.1.31.1.1.1", "1", "15", "18")...) {
		if len(r.Index) != 1 {
			continue
		}
		i := c.iface(r.Index[0])
		i.Name = text(r.Cells[0])
		// ifHighSpeed counts millions; it is the better one where ifSpeed is
		// at its end or absent.
		if n, ok := number(r.Cells[1]); ok && n > 0 && n < 1<<32 && (i.SpeedBPS == 0 || n >= 4294) {
			i.SpeedBPS = n * 1_000_000
		}
		i.Alias = text(r.Cells[2])
	}
	for i := range c.f.Interfaces {
		in := &c.f.Interfaces[i]
		for _, n := range []string{in.Name, in.Descr} {
			key := fold(n)
			if other, ok := c.named[key]; key != "" && !ok {
				c.named[key] = in.Index
			} else if ok && other != in.Index && n == in.Name {
				c.named[key] = 0 // a name of two interfaces names neither
			}
		}
	}
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }

// nameOf gives the name under which an interface is spoken of, "" when there
// is no such interface or it has none.
func (c *collector) nameOf(i netdev.IfIndex) string {
	at, ok := c.ifs[i]
	if !ok {
		return ""
	}
	in := c.f.Interfaces[at]
	if in.Name != "" {
		return in.Name
	}
	return in.Descr
}

func (c *collector) addresses() {
	seen := map[netip.Addr]bool{}
	for _, r := range c.table("addresses", columns("1.3.6.1.2.1.4.20.1", "1", "2", "3")...) {
		a, ok := addr4(r.Index)
		if !ok || seen[a] {
			continue
		}
		seen[a] = true
		row := netdev.IPAddress{Address: a, IfIndex: netdev.IfIndex(integer(r.Cells[1]))}
		if m := r.Cells[2].Bytes; len(m) == 4 {
			row.PrefixLen = maskBits(m)
		}
		c.f.Addresses = append(c.f.Addresses, row)
	}
	for _, r := range c.table("addresses", columns("1.3.6.1.2.1.4.34.1", "3", "4", "5")...) {
		a, ok := addrIndex(r.Index)
		// 2 and 3 are anycast and broadcast (RFC 4293 ipAddressType)
		if kind := integer(r.Cells[1]); !ok || seen[a] || kind == 3 {
			continue
		}
		seen[a] = true
		row := netdev.IPAddress{Address: a, IfIndex: netdev.IfIndex(integer(r.Cells[0]))}
		// ipAddressPrefix points at a row whose last arc is the length
		if p := string(r.Cells[2].OID); p != "" && p != "0.0" {
			row.PrefixLen = lastArc(p)
			if row.PrefixLen > a.BitLen() {
				row.PrefixLen = 0
			}
		}
		c.f.Addresses = append(c.f.Addresses, row)
	}
}

func maskBits(m []byte) int {
	n := 0
	for _, b := range m {
		for ; b&0x80 != 0; b <<= 1 {
			n++
		}
		if b != 0 || n%8 != 0 {
			break
		}
	}
	return n
}

func lastArc(oid string) int {
	n := 0
	for _, r := range oid[strings.LastIndexByte(oid, '.')+1:] {
		if r < '0' || r > '9' || n > 1<<20 {
			return 0
		}
		n = n*10 + int(r-'0')
	}
	return n
}

func (c *collector) arp() {
	type key struct {
		a netip.Addr
		m netdev.MAC
		i netdev.IfIndex
	}
	seen := map[key]bool{}
	add := func(a netip.Addr, m netdev.MAC, i netdev.IfIndex) {
		if m == "00:00:00:00:00:00" || seen[key{a, m, i}] {
			return
		}
		seen[key{a, m, i}] = true
		c.f.ARP = append(c.f.ARP, netdev.ARPEntry{Address: a, MAC: m, IfIndex: i})
	}
	for _, r := range c.table("arp", columns("1.3.6.1.2.1.4.22.1", "2", "4")...) {
		if len(r.Index) < 5 || integer(r.Cells[1]) == 2 { // 2 is invalid
			continue
		}
		a, ok := addr4(r.Index[len(r.Index)-4:])
		m, isMAC := macOf(r.Cells[0])
		if ok && isMAC {
			add(a, m, netdev.IfIndex(r.Index[0]))
		}
	}
	for _, r := range c.table("nd", columns("1.3.6.1.2.1.4.35.1", "4", "6", "7")...) {
		if len(r.Index) < 3 || integer(r.Cells[1]) == 2 {
			continue
		}
		a, ok := addrIndex(r.Index[1:])
		m, isMAC := macOf(r.Cells[0])
		if ok && isMAC {
			add(a, m, netdev.IfIndex(r.Index[0]))
		}
	}
}
