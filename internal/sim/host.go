package sim

import (
	"fmt"
	"net/netip"
)

// host is an end system: it speaks to nobody, but the tables know it.
type host struct {
	mac  mac
	addr netip.Addr
	vlan int
	at   *Device
	port *port
}

// settle plugs hosts into the access switches and names what is used.
func (n *Network) settle() {
	used := map[int]int{}
	for _, d := range n.devices {
		if !d.access() {
			continue
		}
		r := n.rand("hosts", d.name)
		vs := siteVLANs(d.site)
		left := 5 + r.IntN(5)
		for _, p := range d.ports {
			if left == 0 || !d.hostPort(p) || r.IntN(3) == 0 {
				continue
			}
			v := vs[r.IntN(len(vs))]
			net := netip.MustParsePrefix(v.net)
			used[v.id]++
			a := net.Addr()
			for range 9 + used[v.id] {
				a = a.Next()
			}
			k := len(n.hosts) + 1
			n.hosts = append(n.hosts, host{mac: mac{0xa4, 0x4c, 0xc8, byte(r.IntN(256)), byte(k >> 8), byte(k)}, addr: a, vlan: v.id, at: d, port: p})
			p.oper, p.vlan = true, v.id
			p.alias = fmt.Sprintf("%s %s-%03d", map[string]string{"USERS": "desk", "VOICE": "phone", "SERVERS": "server"}[v.name], d.name[:3], k)
			left--
		}
		if d.name == "ber-acc2" {
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

func (d *Device) access() bool { return d.plan.host == 11 || d.plan.host == 12 }

// hostPort says whether an end system may be plugged in at p.
func (d *Device) hostPort(p *port) bool {
	return p.typ == ifEthernet && p.peer == nil && p.bps == gig && p.lldp != 0
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

// treePorts are the trunks that forward: the first cable between two switches,
// and for an access switch the one to the root alone.
func (d *Device) treePorts() []*port {
	var out []*port
	for _, c := range []string{"ber-core1 ber-core2", "ber-acc1 ber-core1", "ber-acc2 ber-core1", "ham-core1 ham-acc1", "ham-core1 ham-acc2"} {
		for _, p := range d.ports {
			if p.peer != nil && p.trunk && (c == d.name+" "+p.peerDev.name || c == p.peerDev.name+" "+d.name) {
				out = append(out, p)
				break
			}
		}
	}
	return out
}

// bridgePort is the port that the bridge tables speak of: the logical unit
// where the platform has one.
func (d *Device) bridgePort(p *port) *port {
	if u := d.port(p.name + ".0"); u != nil {
		return u
	}
	return p
}
