package sim

import (
	"net/netip"

	"github.com/plumbline-net/plumbline/netdev"
)

// Host is an end system that is there, whatever any table says.
type Host struct {
	MAC     netdev.MAC
	Address netip.Addr
	VLAN    int
	At      End
}

// Hosts are the end systems, each at the port it is plugged into.
func (n *Network) Hosts() []Host {
	out := make([]Host, len(n.hosts))
	for i, h := range n.hosts {
		out[i] = Host{MAC: netdev.MAC(h.mac.String()), Address: h.addr, VLAN: h.vlan, At: End{h.at.name, h.port.name}}
	}
	return out
}
