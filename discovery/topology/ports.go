package topology

import (
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// longNames maps long type names of interfaces to the short ones; both are
// met for one port.
func longNames() [][2]string {
	return [][2]string{
		{"hundredgigabitethernet", "hu"}, {"hundredgige", "hu"}, {"fortygigabitethernet", "fo"}, {"fortygige", "fo"},
		{"twentyfivegigabitethernet", "twe"}, {"twentyfivegige", "twe"}, {"tengigabitethernet", "te"}, {"tengige", "te"},
		{"fivegigabitethernet", "fi"}, {"twogigabitethernet", "tw"}, {"gigabitethernet", "gi"}, {"gigabitether", "gi"}, {"gige", "gi"},
		{"fastethernet", "fa"}, {"fastether", "fa"}, {"ethernet", "eth"}, {"port-channel", "po"}, {"management", "mgmt"},
		{"xgigabitethernet", "xge"}, {"ten-gigabitethernet", "te"}, {"loopback", "lo"}, {"serial", "se"},
	}
}

// portKey is the form in which names of ports are compared.
func portKey(s string) string {
	k := strings.ToLower(strings.Join(strings.Fields(strings.Trim(s, "\x00\"' ")), ""))
	k = strings.TrimPrefix(k, "bridge1/")
	k = strings.TrimPrefix(k, "bridge/")
	if head, _, ok := strings.Cut(k, ":copper"); ok {
		k = head
	}
	if len(k) > 2 && strings.HasSuffix(k, ".0") {
		k = k[:len(k)-2]
	}
	for _, l := range longNames() {
		if rest, ok := strings.CutPrefix(k, l[0]); ok && rest != "" && (rest[0] >= '0' && rest[0] <= '9' || rest[0] == '/') {
			return l[1] + rest
		}
	}
	if rest, ok := strings.CutPrefix(k, "et"); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
		return "eth" + rest
	}
	return k
}

// port finds the interface that a neighbour names: by the device's own table
// of local ports, by name, by MAC, by the port's description.
func (d *device) port(subtype int, id, descr string) (netdev.IfIndex, bool) {
	for _, p := range d.Facts.Local.Ports {
		if p.IfIndex != 0 && p.ID != "" && fold(p.ID) == fold(id) && (subtype == 0 || p.Subtype == 0 || p.Subtype == subtype) {
			return p.IfIndex, true
		}
	}
	if m := netdev.MAC(strings.ToLower(id)); len(m) == 17 {
		if i := d.byMAC[m]; i != 0 {
			return i, true
		}
	}
	if i := d.ports[portKey(id)]; i != 0 && id != "" {
		return i, true
	}
	if i := d.ports[portKey(descr)]; i != 0 && descr != "" {
		return i, true
	}
	return 0, false
}

// end is one side of a link while it is put together.
type end struct {
	dev  int
	ifx  netdev.IfIndex // 0: not resolved
	text string         // what was said, where it is not resolved
}

// key tells ends apart; "" stands for a port nobody named.
func (e end) key() string {
	if e.ifx != 0 {
		return "#" + itoa(int(e.ifx))
	}
	return portKey(e.text)
}

func itoa(n int) string {
	if n == 0 {
		return "0"
	}
	var b [20]byte
	i := len(b)
	for ; n > 0; n /= 10 {
		i--
		b[i] = byte('0' + n%10)
	}
	return string(b[i:])
}

func (x *index) show(e end) End {
	d := x.devices[e.dev]
	out := End{ID: d.ID, Device: d.label, Port: e.text}
	if e.ifx != 0 {
		out.MAC = d.macs[e.ifx]
		if n := d.names[e.ifx]; n != "" {
			out.Port = n
		}
	}
	return out
}

// local gives the end at which a device has a neighbour.
func (d *device) local(name string, i netdev.IfIndex) end {
	if i == 0 {
		i = d.ports[portKey(name)]
	}
	return end{dev: d.at, ifx: i, text: name}
}
