package sim

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// What the templates ask a device.

// VLANs are the VLANs of the device's site.
func (d *Device) VLANs() []ConfigVLAN {
	var out []ConfigVLAN
	for _, v := range siteVLANs(d.site) {
		out = append(out, ConfigVLAN{v.id, v.name, v.net})
	}
	return out
}

// ConfigVLAN is a VLAN in a configuration.
type ConfigVLAN struct {
	ID   int
	Name string
	Net  string
}

// ConfigPort is an interface in a configuration.
type ConfigPort struct {
	Name, Alias, Addr, Mask string
	Bits, VLAN              int
	Trunk, Up, Routed, SVI  bool
	Loopback, Member        bool
	Peer                    string
}

// Ports are the interfaces a configuration has stanzas for.
func (d *Device) Ports() []ConfigPort {
	var out []ConfigPort
	for _, p := range d.ports {
		if d.Platform() == "juniper_junos" && d.physical(p) != p || p.name == "lo0" {
			continue
		}
		name := p.descr
		if d.Platform() == "juniper_junos" {
			name, _, _ = strings.Cut(p.name, ".")
		}
		c := ConfigPort{Name: name, Alias: p.alias, VLAN: p.vlan, Trunk: p.trunk, Up: d.adminUp(p) && (p.oper || d.weak(UnusedPortsUp)), Routed: p.isRouted,
			SVI: p.typ == ifVLAN, Loopback: p.typ == ifLoopback}
		if a := d.unit(p).addr; a.IsValid() {
			c.Addr, c.Mask, c.Bits = a.Addr().String(), netmask(a.Bits()).String(), a.Bits()
		}
		if p.peerDev != nil {
			c.Peer = p.peerDev.Name()
			c.Member = p.peerDev.Name() == "ber-core2" && d.Name() == "ber-core1" || p.peerDev.Name() == "ber-core1" && d.Name() == "ber-core2"
		}
		out = append(out, c)
	}
	return out
}

// Peers are the routed neighbours' addresses.
func (d *Device) Peers() []Peer {
	var out []Peer
	for _, p := range d.ports {
		if p.isRouted && p.peer != nil {
			far := p.peerDev
			out = append(out, Peer{far.Name(), far.unit(p.peer).Addr().String(), far.ASN()})
		}
	}
	return out
}

// Peer is a routed neighbour in a configuration.
type Peer struct {
	Name, Addr string
	ASN        int
}

// ASN is the private AS number of the device.
func (d *Device) ASN() int { return 64512 + slices.Index(d.net.devices, d) }

// Community is the community that opens the agent.
func (d *Device) Community() string { return d.net.community() }

// Switching says whether the device bridges.
func (d *Device) Switching() bool { return d.Kind() == netdev.Switch }

// Access says whether end systems are plugged in here.
func (d *Device) Access() bool { return d.access() }

// Enable says whether a login gives the lower privilege.
func (d *Device) Enable() bool { return d.plan.enable }

// Release is the version as the first line of a configuration has it.
func (d *Device) Release() string {
	parts := strings.Split(d.Version(), ".")
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// Number is a number that certificates are named by.
func (d *Device) Number() uint32 { return d.net.rand("number", d.plan.name).Uint32() }

// Location is where the device stands.
func (d *Device) Location() string {
	return map[string]string{"berlin": "Berlin, Rack 12", "hamburg": "Hamburg, Rack 3"}[d.site]
}

// Provision is the model as a stack names its members.
func (d *Device) Provision() string { return strings.ToLower(d.Model()) }

// Gateway is the shared address of the gateways of a VLAN.
func (d *Device) Gateway(vlan int) string {
	for _, v := range siteVLANs(d.site) {
		if v.id == vlan {
			a := netip.MustParsePrefix(v.net).Addr().Next()
			if d.site == "berlin" {
				a = a.Next().Next() // two gateways share it
			}
			return a.String()
		}
	}
	return ""
}

// Unused are the ports that nothing is plugged into.
func (d *Device) Unused() []string {
	var out []string
	for _, p := range d.ports {
		if p.typ == ifEthernet && !p.oper {
			out = append(out, p.name)
		}
	}
	return out
}

// VLANName is the name of a VLAN.
func (d *Device) VLANName(id int) string {
	for _, v := range siteVLANs(d.site) {
		if v.id == id {
			return v.name
		}
	}
	return "default"
}

// Index is the ifIndex of an interface.
func (d *Device) Index(name string) uint32 {
	if p := d.port(name); p != nil {
		return p.index
	}
	return 0
}
