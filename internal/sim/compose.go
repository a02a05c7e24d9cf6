package sim

import (
	"embed"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"text/template"

	"github.com/plumbline-net/plumbline/netdev"
)

//go:embed data/*.tmpl
var templates embed.FS

// compose writes the device's first configuration and saves it.
func (d *Device) compose() error {
	t, err := template.New("").Funcs(d.words()).ParseFS(templates, "data/*.tmpl")
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, d.model.config+".tmpl", d); err != nil {
		return fmt.Errorf("configuration of %s: %w", d.name, err)
	}
	d.body = strings.Split(strings.Trim(b.String(), "\n"), "\n")
	d.saved = slices.Clone(d.body)
	return nil
}

// words are what the templates may say beside the device's own methods.
func (d *Device) words() template.FuncMap {
	r := func(name string) *rand.Rand { return d.net.rand("secret", d.name, name) }
	const b64 = letters + "./01"
	return template.FuncMap{
		"weak":    func(w string) bool { return d.weak(Weakness(w)) },
		"type5":   func(n string) string { return "$1$" + pick(r(n), b64, 4) + "$" + pick(r(n+"h"), b64, 22) },
		"type7":   func(n string) string { return type7(r(n)) },
		"type9":   func(n string) string { return "$9$" + pick(r(n), b64, 14) + "$" + pick(r(n+"h"), b64, 43) },
		"sha512":  func(n string) string { return "$6$" + pick(r(n), b64, 8) + "$" + pick(r(n+"h"), b64, 86) },
		"junos9":  func(n string) string { return "$9$" + pick(r(n), letters+"-./", 24+r(n).IntN(16)) },
		"plain":   func(n string) string { return pick(r(n), letters, 12) },
		"enc":     func() string { return encMark },
		"uuid":    func(n string) string { return uuid(r(n)) },
		"pem":     func(n string) string { return pem(r(n)) },
		"hexes":   func(n string, lines int) []string { return hexes(r(n), lines) },
		"mask":    func(p netip.Prefix) string { return netmask(p.Bits()).String() },
		"netmask": func(s string) string { return netmask(netip.MustParsePrefix(s).Bits()).String() },
		"network": func(s string) string { return netip.MustParsePrefix(s).Addr().String() },
		"wild":    func(s string) string { return wildcard(netip.MustParsePrefix(s).Bits()) },
		"count": func(n int) []int {
			out := make([]int, n)
			for i := range out {
				out[i] = i + 1
			}
			return out
		},
		"add": func(a, b int) int { return a + b },
	}
}

func wildcard(bits int) string {
	b := netmask(bits).As4()
	return netip.AddrFrom4([4]byte{^b[0], ^b[1], ^b[2], ^b[3]}).String()
}

// type7 looks like the reversible form: a two-digit seed and hexadecimal.
func type7(r *rand.Rand) string {
	return fmt.Sprintf("%02d", r.IntN(15)) + pick(r, "0123456789ABCDEF", 2*(7+r.IntN(5)))
}

func uuid(r *rand.Rand) string {
	h := func(n int) string { return pick(r, "0123456789abcdef", n) }
	return h(8) + "-" + h(4) + "-51" + h(2) + "-" + h(4) + "-" + h(12)
}

// pem is a block that looks like a certificate to those who do not decode it.
func pem(r *rand.Rand) string {
	raw := make([]byte, 420)
	for i := range raw {
		raw[i] = byte(r.IntN(256))
	}
	text := base64.StdEncoding.EncodeToString(raw)
	var b strings.Builder
	for len(text) > 64 {
		b.WriteString(text[:64] + "\n")
		text = text[64:]
	}
	return b.String() + text
}

func hexes(r *rand.Rand, lines int) []string {
	var out []string
	for range lines {
		var groups []string
		for range 8 {
			groups = append(groups, pick(r, "0123456789ABCDEF", 8))
		}
		out = append(out, strings.Join(groups, " "))
	}
	return out
}

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
			c.Peer = p.peerDev.name
			c.Member = p.peerDev.name == "ber-core2" && d.name == "ber-core1" || p.peerDev.name == "ber-core1" && d.name == "ber-core2"
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
			out = append(out, Peer{far.name, far.unit(p.peer).Addr().String(), far.ASN()})
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
func (d *Device) Number() uint32 { return d.net.rand("number", d.name).Uint32() }

// Location is where the device stands.
func (d *Device) Location() string { return locations[d.site] }

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
