package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Options of a simulated network; the zero value works.
type Options struct {
	Base     netip.Addr // default 127.10.0.1: site one is 127.10.1.N, site two 127.10.2.N
	SNMPPort uint16     // 0: a free one, the same on all devices
	SSHPort  uint16     // 0: a free one, the same on all devices
	Seed     uint64     // the same seed gives the same network
	Plan     string     // "": twelve devices; "campus": a campus, a branch and access points
	Log      *slog.Logger
	Now      func() time.Time
}

// End is one end of a cable. Port is the interface's name as ifName says it.
type End struct{ Device, Port string }

// Link is a cable that is there, whatever anybody says about it.
type Link struct{ A, B End }

// Network is the simulated network and the truth about it.
type Network struct {
	opt     Options
	devices []*Device
	links   []*cabled
	aps     []*accessPoint
	hosts   []*host
	tree    map[*port]bool // trunks that forward
	topo    sync.RWMutex   // cables and places of hosts; the tables are built under it
	sites   map[string]netip.Prefix

	mu      sync.Mutex
	cancel  context.CancelFunc
	wg      sync.WaitGroup
	snmp    uint16
	ssh     uint16
	started bool
}

var errLoopback = errors.New("the base address is not a loopback address: a simulated network is never reachable from outside")

// New builds the network from its seed. It opens nothing.
func New(opt Options) (*Network, error) {
	if !opt.Base.IsValid() {
		opt.Base = netip.MustParseAddr("127.10.0.1")
	}
	if !opt.Base.Is4() || !opt.Base.IsLoopback() {
		return nil, errLoopback
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	b := opt.Base.As4()
	n := &Network{opt: opt, snmp: opt.SNMPPort, ssh: opt.SSHPort, sites: map[string]netip.Prefix{
		"berlin":  netip.PrefixFrom(netip.AddrFrom4([4]byte{b[0], b[1], b[2] + 1, 0}), 24),
		"hamburg": netip.PrefixFrom(netip.AddrFrom4([4]byte{b[0], b[1], b[2] + 2, 0}), 24),
	}}
	plans, cables, err := planned(opt.Plan)
	if err != nil {
		return nil, err
	}
	mods := allModels()
	for i, p := range plans {
		n.devices = append(n.devices, newDevice(n, i, p, mods[p.model]))
	}
	if err := n.lay(cables); err != nil {
		return nil, err
	}
	n.span()
	n.settle()
	n.hang()
	for _, d := range n.devices {
		if err := d.compose(); err != nil {
			return nil, err
		}
		d.buildTables()
	}
	return n, nil
}

// lay plugs the cables in and numbers the routed ones.
func (n *Network) lay(cables []cable) error {
	next := netip.MustParseAddr("192.0.2.0")
	for _, c := range cables {
		a, b := n.Device(c.a).port(c.aPort), n.Device(c.b).port(c.bPort)
		if a == nil || b == nil || a.peer != nil || b.peer != nil {
			return fmt.Errorf("cable %s %s to %s %s: no such free port", c.a, c.aPort, c.b, c.bPort)
		}
		a.peer, a.peerDev, b.peer, b.peerDev = b, n.Device(c.b), a, n.Device(c.a)
		for _, p := range []*port{a, b} {
			p.oper, p.isRouted, p.trunk = true, c.routed, !c.routed
			if c.routed {
				p.bridge = 0
			}
			p.alias = "to " + p.peerDev.Name() + " " + p.peer.name
		}
		if c.routed {
			a.setAddr(n.Device(c.a), netip.PrefixFrom(next, 31))
			b.setAddr(n.Device(c.b), netip.PrefixFrom(next.Next(), 31))
			next = next.Next().Next()
		}
		n.links = append(n.links, &cabled{n.Device(c.a), n.Device(c.b), a, b})
	}
	return nil
}

// setAddr gives p its address; where the platform has logical units, unit 0
// carries it.
func (p *port) setAddr(d *Device, a netip.Prefix) {
	if u := d.port(p.name + ".0"); u != nil {
		u.addr, u.bridge = a, 0
		return
	}
	p.addr = a
}

// Devices are the devices of the network, in the order of the plan.
func (n *Network) Devices() []*Device { return slices.Clone(n.devices) }

// Device is the device of that name, or nil.
func (n *Network) Device(name string) *Device {
	for _, d := range n.devices {
		if d.Name() == name {
			return d
		}
	}
	return nil
}

// Links are the cables.
func (n *Network) Links() []Link {
	n.topo.RLock()
	defer n.topo.RUnlock()
	var out []Link
	for _, c := range n.links {
		out = append(out, Link{End{c.a.Name(), c.aPort.name}, End{c.b.Name(), c.bPort.name}})
	}
	return out
}

// cabled is a cable between two ports.
type cabled struct {
	a, b         *Device
	aPort, bPort *port
}

// Sites are the sites and their prefixes of management addresses.
func (n *Network) Sites() map[string]netip.Prefix {
	return map[string]netip.Prefix{"berlin": n.sites["berlin"], "hamburg": n.sites["hamburg"]}
}

// Prefixes are the prefixes of all sites, in order.
func (n *Network) Prefixes() []netip.Prefix {
	return []netip.Prefix{n.sites["berlin"], n.sites["hamburg"]}
}

// SNMPPort is the UDP port of every agent; 0 before Start when none was asked for.
func (n *Network) SNMPPort() uint16 { n.mu.Lock(); defer n.mu.Unlock(); return n.snmp }

// SSHPort is the TCP port of every command line; 0 before Start when none was asked for.
func (n *Network) SSHPort() uint16 { n.mu.Lock(); defer n.mu.Unlock(); return n.ssh }

// Credentials open every device, each credential one site.
func (n *Network) Credentials() []netdev.Credential {
	ssh := func() *netdev.SSHLogin {
		return &netdev.SSHLogin{User: sshUser, Password: netdev.NewSecret(n.sshPassword()), Enable: netdev.NewSecret(n.enableSecret())}
	}
	return []netdev.Credential{
		{Name: "berlin-v3", Scope: []netip.Prefix{n.sites["berlin"]}, SSH: ssh(), SNMP: &netdev.SNMPLogin{Version: netdev.SNMPv3, User: snmpUser,
			Auth: "sha256", AuthPassword: netdev.NewSecret(n.authPassword()), Priv: "aes128", PrivPassword: netdev.NewSecret(n.privPassword())}},
		{Name: "hamburg-v2c", Scope: []netip.Prefix{n.sites["hamburg"]}, SSH: ssh(), SNMP: &netdev.SNMPLogin{Version: netdev.SNMPv2c,
			Community: netdev.NewSecret(n.community())}},
	}
}

// CredentialsFile is Credentials in the format that `--credentials` reads.
func (n *Network) CredentialsFile() []byte {
	ssh := fmt.Sprintf("ssh: {user: %s, password: %q, enable: %q}", sshUser, n.sshPassword(), n.enableSecret())
	return fmt.Appendf(nil, `credentials:
  - name: berlin-v3
    scope: [%v]
    snmp: {version: 3, user: %s, auth: sha256, auth_password: %q, priv: aes128, priv_password: %q}
    %s
  - name: hamburg-v2c
    scope: [%v]
    snmp: {version: 2c, community: %q}
    %s
`, n.sites["berlin"], snmpUser, n.authPassword(), n.privPassword(), ssh, n.sites["hamburg"], n.community(), ssh)
}

const (
	sshUser  = "netops"
	snmpUser = "plumb-ro"
)

func (n *Network) sshPassword() string  { return "Sim-" + n.word("ssh", 10) }
func (n *Network) enableSecret() string { return "Ena-" + n.word("enable", 10) }
func (n *Network) authPassword() string { return "Auth-" + n.word("auth", 12) }
func (n *Network) privPassword() string { return "Priv-" + n.word("priv", 12) }
func (n *Network) community() string    { return "ham-" + n.word("community", 8) }
