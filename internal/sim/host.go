package sim

import (
	"fmt"
	"net/netip"

	"github.com/plumbline-net/plumbline/netdev"
)

// host is an end system: it speaks to nobody, but the tables know it.
type host struct {
	mac  mac
	addr netip.Addr
	vlan int
	at   *Device
	port *port
	ap   bool
}

// settle plugs hosts into the access switches and names what is used.
func (n *Network) settle() {
	used := map[int]int{}
	for _, d := range n.devices {
		if !d.access() {
			continue
		}
		r := n.rand("hosts", d.plan.name)
		vs := siteVLANs(d.site)
		left := 5 + r.IntN(5)
		for _, p := range d.ports {
			if left == 0 || !d.hostPort(p) || r.IntN(3) == 0 {
				continue
			}
			v := vs[r.IntN(len(vs))]
			if used[v.id] >= 45 {
				v = vs[0] // the others are small
			}
			net := netip.MustParsePrefix(v.net)
			used[v.id]++
			a := net.Addr()
			for range 9 + used[v.id] {
				a = a.Next()
			}
			k := len(n.hosts) + 1
			n.hosts = append(n.hosts, &host{mac: mac{0xa4, 0x4c, 0xc8, byte(r.IntN(256)), byte(k >> 8), byte(k)}, addr: a, vlan: v.id, at: d, port: p})
			p.oper, p.vlan = true, v.id
			p.alias = fmt.Sprintf("%s %s-%03d", map[string]string{"USERS": "desk", "VOICE": "phone", "SERVERS": "server"}[v.name], d.Name()[:3], k)
			left--
		}
		if d.Name() == "ber-acc2" {
			for _, p := range d.ports {
				if d.hostPort(p) && !p.oper {
					p.alias = hostileText
					break
				}
			}
		}
	}
	for _, d := range n.devices {
		for _, p := range d.ports {
			if u := d.port(p.name + ".0"); u != nil {
				u.oper, u.vlan, u.trunk = p.oper, p.vlan, p.trunk
			}
		}
	}
}

// hostileText is what somebody typed into a description: pages, tables and
// diffs have to show it as text.
const hostileText = `<script>alert("Büro")</script> 'O''Brien' & Söhne 会議室#3>`

func (d *Device) access() bool {
	return d.plan.host == 11 || d.plan.host == 12 || d.plan.host >= 31 && d.plan.host < 70
}

// hostPort says whether an end system may be plugged in at p.
func (d *Device) hostPort(p *port) bool {
	return p.typ == ifEthernet && p.peer == nil && p.ap == nil && p.bps == gig && p.lldp != 0
}

// towards is the bridge port of d behind which target is reached along the
// tree that the first cables of the plan span, as a spanning tree would leave
// it; nil if it is not reached by bridging.
func (d *Device) towards(target *Device) *port {
	if d == target {
		return nil
	}
	type step struct {
		d     *Device
		first *port
	}
	seen := map[*Device]bool{d: true}
	todo := []step{{d, nil}}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		for _, p := range s.d.treePorts() {
			if seen[p.peerDev] {
				continue
			}
			first := s.first
			if first == nil {
				first = p
			}
			if p.peerDev == target {
				return first
			}
			seen[p.peerDev] = true
			todo = append(todo, step{p.peerDev, first})
		}
	}
	return nil
}

// treePorts are the trunks that forward.
func (d *Device) treePorts() []*port {
	var out []*port
	for _, p := range d.ports {
		if p.peer != nil && d.net.tree[p] {
			out = append(out, p)
		}
	}
	return out
}

// span chooses the trunks that forward as a spanning tree does: from the first
// switch of each site outwards, the first cable between two switches.
func (n *Network) span() {
	n.tree = map[*port]bool{}
	seen := map[*Device]bool{}
	for _, root := range n.devices {
		if root.Kind() != netdev.Switch || seen[root] {
			continue
		}
		seen[root] = true
		for todo := []*Device{root}; len(todo) > 0; todo = todo[1:] {
			for _, p := range todo[0].ports {
				if p.peer != nil && p.trunk && !seen[p.peerDev] {
					seen[p.peerDev], n.tree[p], n.tree[p.peer] = true, true, true
					todo = append(todo, p.peerDev)
				}
			}
		}
	}
}

// bridgePort is the port that the bridge tables speak of: the logical unit
// where the platform has one.
func (d *Device) bridgePort(p *port) *port {
	if u := d.port(p.name + ".0"); u != nil {
		return u
	}
	return p
}
