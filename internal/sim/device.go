package sim

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Device is one simulated device: what it is, what it says, and what was done
// to it. Its methods may be called while it answers.
type Device struct {
	net    *Network
	plan   plan
	model  model
	name   string
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
	planted []string // lines that faults put into body
	prints  int      // how often a text with changing secrets was printed
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
	d := &Device{net: n, plan: p, model: m, name: p.name, site: p.site, faults: map[Fault]Params{}, boots: uint32(3 + i)}
	third := b[2] + 1
	if p.site == "hamburg" {
		third++
	}
	d.addr = netip.AddrFrom4([4]byte{b[0], b[1], third, p.host})
	r := n.rand("device", p.name)
	d.base = mac{m.oui[0], m.oui[1], m.oui[2], byte(0x10 + i), byte(r.IntN(256)), 0}
	d.serial = m.serial + pick(r, "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", 8)
	d.engine = append([]byte{0x80, byte(m.pen >> 16), byte(m.pen >> 8), byte(m.pen), 3}, d.base[:]...)
	d.booted = n.opt.Now().Add(-time.Duration(r.IntN(4000)+100) * time.Hour)
	d.changed = stamp{n.opt.Now().Add(-time.Duration(r.IntN(2000)+60) * time.Minute).UTC().Truncate(time.Second), sshUser}
	d.written = stamp{d.changed.at.Add(2 * time.Minute), sshUser}
	m.layout(d)
	for _, name := range []string{"Lo0", "lo0.0", "mgmt-lo"} {
		if lo := d.port(name); lo != nil {
			lo.addr, lo.oper = netip.PrefixFrom(d.addr, 32), true
		}
	}
	return d
}

// Name is the device's sysName.
func (d *Device) Name() string { return d.name }

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

// Model is the model name of the chassis.
func (d *Device) Model() string { return d.model.name }

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
func (d *Device) HasStartup() bool { return d.model.platform == "cisco_iosxe" }

// Weaknesses are the faults in its configuration that a rule should find.
func (d *Device) Weaknesses() []Weakness { return slices.Clone(d.plan.weak) }

func (d *Device) weak(w Weakness) bool { return slices.Contains(d.plan.weak, w) }

// Running is exactly what a correct reader prints: the output of the
// platform's configuration command. Where secrets are enciphered anew at every
// print it is the text as it was printed last.
func (d *Device) Running() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.running()
}

// Startup is the same for the saved text; false where the platform has none.
func (d *Device) Startup() ([]byte, bool) {
	if !d.HasStartup() {
		return nil, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.startup(), true
}

// Drifts says whether the running text differs from the saved one.
func (d *Device) Drifts() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.HasStartup() && !slices.Equal(d.body, d.saved)
}

const iosTime = "15:04:05 MST Mon Jan 2 2006"

func (d *Device) running() []byte {
	var b bytes.Buffer
	text := strings.Join(d.body, "\n") + "\n"
	switch d.model.platform {
	case "cisco_iosxe":
		head := fmt.Sprintf("!\n! Last configuration change at %s by %s\n! NVRAM config last updated at %s by %s\n!\n",
			d.changed.at.Format(iosTime), d.changed.by, d.written.at.Format(iosTime), d.written.by)
		fmt.Fprintf(&b, "Building configuration...\n\nCurrent configuration : %d bytes\n%s%s", len(head)+len(text), head, text)
	case "juniper_junos":
		fmt.Fprintf(&b, "## Last commit: %s by %s\n%s", d.changed.at.Format("2006-01-02 15:04:05 MST"), d.changed.by, text)
	default:
		fmt.Fprintf(&b, "#config-version=%s-%s-FW-build1639-240313:opmode=0:vdom=0:user=%s\n#conf_file_ver=%d\n#buildno=1639\n#global_vdom=1\n%s",
			strings.ReplaceAll(d.model.name, "_", ""), d.model.version, sshUser, 183000000000000+d.changed.at.Unix()*7, d.encipher(text))
	}
	return b.Bytes()
}

func (d *Device) startup() []byte {
	text := strings.Join(d.saved, "\n") + "\n"
	head := fmt.Sprintf("!\n! Last configuration change at %s by %s\n! NVRAM config last updated at %s by %s\n!\n",
		d.written.at.Add(-time.Minute).Format(iosTime), d.written.by, d.written.at.Format(iosTime), d.written.by)
	return fmt.Appendf(nil, "Using %d out of 33554432 bytes\n%s%s", len(head)+len(text), head, text)
}

// encipher gives every secret a new cipher text for each print, as the real
// system salts it anew.
func (d *Device) encipher(text string) string {
	var b strings.Builder
	for i := 0; ; i++ {
		before, after, ok := strings.Cut(text, encMark)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteString("ENC " + pick(d.net.rand("enc", d.name, i, d.prints), letters+"+/", 86) + "==")
		text = after
	}
}

// printAnew is Running with every secret enciphered anew.
func (d *Device) printAnew() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.prints++
	return d.running()
}

const encMark = "ENC\x00"

// Change replaces the first line that equals Find, without looking at blanks
// around it, by the lines of Replace. An empty Replace removes the line.
type Change struct{ Find, Replace string }

// Edit changes the running configuration by one line. It says whether the
// line was found; the saved text stays behind.
func (d *Device) Edit(c Change) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.edit(c)
}

func (d *Device) edit(c Change) bool {
	i := slices.IndexFunc(d.body, func(l string) bool { return strings.TrimSpace(l) == strings.TrimSpace(c.Find) })
	if i < 0 {
		return false
	}
	var with []string
	if c.Replace != "" {
		with = strings.Split(c.Replace, "\n")
	}
	d.body = slices.Concat(d.body[:i], with, d.body[i+1:])
	d.changed = stamp{d.net.opt.Now().UTC().Truncate(time.Second), sshUser}
	return true
}

// Save copies the running configuration over the saved one.
func (d *Device) Save() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.saved = slices.Clone(d.body)
	d.written = stamp{d.net.opt.Now().UTC().Truncate(time.Second), sshUser}
}
