package sim

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Device is one simulated device: what it is, what it says, and what was done
// to it. Its methods may be called while it answers.
type Device struct {
	net    *Network
	plan   plan
	model  model
	label  atomic.Pointer[string] // sysName: that of the plan until somebody renames the device
	site   string
	addr   netip.Addr
	base   mac
	serial string
	ports  []*port
	engine []byte
	booted time.Time
	boots  uint32

	mu      sync.Mutex
	body    []string // the configuration's lines, without heading
	saved   []string
	planted [][]string        // blocks of lines that faults put into body
	prints  int               // how often a text with changing secrets was printed
	said    map[[32]byte]bool // texts that were printed, or began to be
	printed time.Time         // when a text was printed last
	changed stamp
	written stamp
	faults  map[Fault]Params
	tables  *mib
	count   counters
	open    openThings
}

// stamp is when and by whom the configuration was changed or written.
type stamp struct {
	at time.Time
	by string
}

type counters struct {
	auth, snmp, sets, conns int
	passwords, commands     []string
	writes                  []string
	pdus                    map[byte]int
	reads                   int
}

func newDevice(n *Network, i int, p plan, m model) *Device {
	b := n.opt.Base.As4()
	d := &Device{net: n, plan: p, model: m, site: p.site, faults: map[Fault]Params{}, boots: uint32(3 + i)}
	d.label.Store(&p.name)
	third := b[2] + 1
	if p.site == "hamburg" {
		third++
	}
	d.addr = netip.AddrFrom4([4]byte{b[0], b[1], third, p.host})
	r := n.rand("device", p.name)
	d.base = mac{m.oui[0], m.oui[1], m.oui[2], byte(0x10 + i), byte(r.IntN(256)), 0}
	d.serial = m.serial + pick(r, "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", 8)
	if m.serial == "" {
		d.serial = "" // the agent of a host does not know its board
	}
	d.engine = append([]byte{0x80, byte(m.pen >> 16), byte(m.pen >> 8), byte(m.pen), 3}, d.base[:]...)
	d.booted = n.opt.Now().Add(-time.Duration(r.IntN(4000)+100) * time.Hour)
	d.changed = stamp{n.opt.Now().Add(-time.Duration(r.IntN(2000)+60) * time.Minute).UTC().Truncate(time.Second), sshUser}
	d.printed = n.opt.Now().UTC().Truncate(time.Second)
	d.written = stamp{d.changed.at.Add(2 * time.Minute), sshUser}
	m.layout(d)
	for _, name := range []string{"Lo0", "lo0.0", "mgmt-lo", "loopback0", "Loopback0", "LoopBack0", "lo"} {
		if lo := d.port(name); lo != nil {
			lo.addr, lo.oper = netip.PrefixFrom(d.addr, 32), true
		}
	}
	return d
}

// Name is the device's sysName.
func (d *Device) Name() string { return *d.label.Load() }

// Address is where the device is managed.
func (d *Device) Address() netip.Addr { return d.addr }

// Site is "berlin" or "hamburg".
func (d *Device) Site() string { return d.site }

// Platform is the platform that a discovery should find.
func (d *Device) Platform() netdev.PlatformID { return d.model.platform }

// Kind is what the device does.
func (d *Device) Kind() netdev.Kind { return d.model.kind }

// Vendor is the vendor's id.
func (d *Device) Vendor() string { return d.model.vendor }

// Model gives the model as its maker sells it.
func (d *Device) Model() string { return strings.TrimPrefix(d.model.name, "FGT_") }

// Version is the version of the operating system.
func (d *Device) Version() string { return d.model.version }

// Serial is the serial number of the chassis.
func (d *Device) Serial() string { return d.serial }

// Interfaces is the number of rows of ifTable.
func (d *Device) Interfaces() int { return len(d.ports) }

// InterfaceNames are the ifNames.
func (d *Device) InterfaceNames() []string {
	var out []string
	for _, p := range d.ports {
		out = append(out, p.name)
	}
	return out
}

// ChassisMAC is the chassis id of the discovery protocol.
func (d *Device) ChassisMAC() netdev.MAC { return netdev.MAC(d.base.String()) }

// HasStartup says whether the platform keeps a saved text beside the running one.
func (d *Device) HasStartup() bool {
	l, ok := dialects()[d.model.platform]
	return d.model.platform == "cisco_iosxe" || ok && l.startup != ""
}

// Weaknesses are the faults in its configuration that a rule should find.
func (d *Device) Weaknesses() []Weakness { return slices.Clone(d.plan.weak) }

func (d *Device) weak(w Weakness) bool { return slices.Contains(d.plan.weak, w) }
