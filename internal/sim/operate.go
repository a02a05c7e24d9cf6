package sim

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Host is an end system behind an access port.
type Host struct {
	MAC     netdev.MAC
	Address netip.Addr
	VLAN    int
	At      End
}

// Hosts are the end systems and where they are plugged in.
func (n *Network) Hosts() []Host {
	n.topo.RLock()
	defer n.topo.RUnlock()
	var out []Host
	for _, h := range n.hosts {
		if !h.ap {
			out = append(out, Host{netdev.MAC(h.mac.String()), h.addr, h.vlan, End{h.at.Name(), h.port.name}})
		}
	}
	return out
}

// DropLink pulls cable i of Links out: both ports go down and no table speaks
// of it any more.
func (n *Network) DropLink(i int) error {
	n.topo.Lock()
	defer n.topo.Unlock()
	if i < 0 || i >= len(n.links) {
		return fmt.Errorf("there is no cable %d of %d", i, len(n.links))
	}
	c := n.links[i]
	n.links = slices.Delete(n.links, i, i+1)
	for d, p := range map[*Device]*port{c.a: c.aPort, c.b: c.bPort} {
		p.peer, p.peerDev, p.oper = nil, nil, false
		if u := d.port(p.name + ".0"); u != nil {
			u.oper = false
		}
	}
	n.span()
	n.rebuild()
	return nil
}

// MoveHost plugs an end system into another free access port of its site.
func (n *Network) MoveHost(mac netdev.MAC, device, port string) error {
	n.topo.Lock()
	defer n.topo.Unlock()
	i := slices.IndexFunc(n.hosts, func(h *host) bool { return netdev.MAC(h.mac.String()) == mac && !h.ap })
	d := n.Device(device)
	if i < 0 || d == nil {
		return fmt.Errorf("no host %q or no device %q", mac, device)
	}
	h, p := n.hosts[i], d.port(port)
	if p == nil || !d.hostPort(p) || p.oper || d.site != h.at.site {
		return fmt.Errorf("%s %s is no free access port of the host's site", device, port)
	}
	p.vlan, p.alias = h.port.vlan, h.port.alias
	h.port.alias, h.port.vlan = "", 0
	for e, up := range map[place]bool{{h.at, h.port}: false, {d, p}: true} {
		e.port.oper = up
		if u := e.device.port(e.port.name + ".0"); u != nil {
			u.oper, u.vlan = up, e.port.vlan
		}
	}
	h.at, h.port = d, p
	n.rebuild()
	return nil
}

// place is a port of a device.
type place struct {
	device *Device
	port   *port
}

// Rename gives a device another name: in its tables, in those of its
// neighbours, in its prompt and in its configuration. The saved text stays
// behind.
func (n *Network) Rename(device, name string) error {
	n.topo.Lock()
	defer n.topo.Unlock()
	d := n.Device(device)
	if d == nil || name == "" || strings.ContainsAny(name, " \t\r\n\"'") || n.Device(name) != nil {
		return fmt.Errorf("%q cannot be renamed to %q", device, name)
	}
	d.mu.Lock()
	for i, l := range d.body {
		for _, form := range []string{"hostname %s", "sysname %s", `set hostname "%s"`, `set alias "%s"`, "host-name %s;", "set name=%s"} {
			if strings.TrimSpace(l) == fmt.Sprintf(form, device) {
				d.body[i] = strings.Replace(l, device, name, 1)
			}
		}
	}
	d.changed = stamp{n.opt.Now().UTC().Truncate(time.Second), sshUser}
	d.mu.Unlock()
	d.label.Store(&name)
	n.rebuild()
	return nil
}

// rebuild writes every agent's tables anew.
func (n *Network) rebuild() {
	for _, d := range n.devices {
		d.buildTables()
	}
}
