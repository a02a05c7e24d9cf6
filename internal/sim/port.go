package sim

import (
	"fmt"
	"net/netip"
)

// IANAifType values that are used here.
const (
	ifEthernet  = 6
	ifLoopback  = 24
	ifVirtual   = 53
	ifTunnel    = 131
	ifVLAN      = 136 // l3ipvlan
	ifAggregate = 161
)

type mac [6]byte

func (m mac) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// port is one interface of a device.
type port struct {
	index  uint32
	name   string // ifName
	descr  string // ifDescr
	alias  string
	typ    int
	mtu    int
	bps    uint64
	mac    mac
	hasMAC bool
	admin  bool
	oper   bool

	addr   netip.Prefix // own address and its network
	vlan   int          // access VLAN, 0 none
	trunk  bool
	lldp   uint32 // port number of the discovery protocol, 0 does not speak it
	bridge int    // dot1dBasePort, 0 not bridged

	ap       *accessPoint // an access point instead of a cable to a device
	peer     *port
	peerDev  *Device
	isRouted bool
}

// Addr is the interface's address, or the zero Addr.
func (p *port) Addr() netip.Addr { return p.addr.Addr() }

func (d *Device) port(name string) *port {
	for _, p := range d.ports {
		if p.name == name {
			return p
		}
	}
	return nil
}

func (d *Device) add(p *port) *port {
	if p.mtu == 0 {
		p.mtu = 1500
	}
	if p.typ == 0 {
		p.typ = ifEthernet
	}
	if p.descr == "" {
		p.descr = p.name
	}
	if p.index == 0 {
		p.index = uint32(len(d.ports) + 1)
	}
	if p.typ == ifEthernet || p.typ == ifAggregate || p.typ == ifVLAN {
		n := len(d.ports) + 1
		p.mac, p.hasMAC = mac{d.base[0], d.base[1], d.base[2], d.base[3], d.base[4], d.base[5] + byte(n)}, true
	}
	p.admin = true
	d.ports = append(d.ports, p)
	return p
}

// row adds n Ethernet ports with numbers from first.
func (d *Device) row(long, short string, first, n int, bps uint64, bridged bool) {
	for i := first; i < first+n; i++ {
		p := d.add(&port{name: fmt.Sprint(short, i), descr: fmt.Sprint(long, i), bps: bps})
		p.lldp = p.index
		if bridged {
			p.bridge = d.nextBridge()
		}
	}
}

func (d *Device) nextBridge() int {
	n := 1
	for _, p := range d.ports {
		if p.bridge > 0 {
			n++
		}
	}
	return n
}
