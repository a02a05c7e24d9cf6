package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// PrepareDrift leaves exactly one device with a running configuration that was
// not saved, and gives its name.
func (n *Network) PrepareDrift() string {
	d := n.Device("ber-acc1")
	for _, o := range n.devices {
		if o != d && o.Drifts() {
			o.Save()
		}
	}
	if !d.Drifts() {
		d.ChangeConfig(n.rand("drift"))
	}
	return d.Name()
}

// RollOut makes the same change on several devices and saves it, as somebody
// with a script does. It names them.
func (n *Network) RollOut() []string {
	var names []string
	for _, d := range n.devices {
		if d.Platform() != "cisco_iosxe" {
			continue
		}
		if d.Edit(Change{Find: "snmp-server contact noc@example.net", Replace: "snmp-server contact netops@example.net"}) {
			d.Save()
			names = append(names, d.Name())
		}
	}
	return names
}

// Live changes a configuration every now and then, as people do: most changes
// are saved, some are forgotten. It ends with ctx.
func (n *Network) Live(ctx context.Context, every time.Duration) error {
	if every <= 0 {
		return fmt.Errorf("a change every %v: the pause has to be longer than nothing", every)
	}
	r := n.rand("live")
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		d := n.devices[r.IntN(len(n.devices))]
		what := d.ChangeConfig(r)
		saved := !d.HasStartup() || r.IntN(4) > 0
		if saved && d.HasStartup() {
			d.Save()
		}
		n.opt.Log.InfoContext(ctx, "simulated configuration changed", "device", d.Name(), "what", what, "saved", saved)
	}
}

// ChangeConfig makes a change of the kind people make and says in a few words
// which. The saved text stays behind.
func (d *Device) ChangeConfig(r *rand.Rand) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for range 20 {
		c, what, ok := d.suggest(r)
		if ok && c.Find != c.Replace && d.edit(c) {
			return what
		}
	}
	return "nothing"
}

// suggest picks a line of the present text and what becomes of it.
func (d *Device) suggest(r *rand.Rand) (Change, string, bool) {
	var kinds []kindOfChange
	switch d.Platform() {
	case "cisco_iosxe":
		kinds = []kindOfChange{
			{"a description", " description ", " description %s", ""},
			{"a line of an access list", " 70 permit ip any any", " 6%d permit tcp any host 198.51.100.2%02d eq 443\n 70 permit ip any any", "permit tcp any host 198.51.100.2"},
			{"a time server", "ntp server 203.0.113.201", "ntp server 203.0.113.20%d", ""},
			{"the contact", "snmp-server contact ", "snmp-server contact noc%d@example.net", ""},
			{"a log host", "logging host 198.51.100.210", "logging host 198.51.100.210\nlogging host 198.51.100.2%02d", "logging host 198.51.100.2"},
		}
	case "juniper_junos":
		kinds = []kindOfChange{
			{"a description", "        description \"", "        description \"%s\";", ""},
			{"the contact", "    contact ", "    contact \"noc%d@example.net\";", ""},
			{"the number of log files", "        archive size ", "        archive size 10m files %d;", ""},
		}
	case "mikrotik_routeros":
		kinds = []kindOfChange{
			{"the contact", "set contact=", "set contact=noc%d@example.net enabled=yes", ""},
			{"an address", "add address=198.51.100.2", "add address=198.51.100.2%02d list=mgmt", ""},
		}
	case "cisco_nxos", "arista_eos", "aruba_aoscx", "hp_comware", "huawei_vrp", "frr":
		kinds = []kindOfChange{{"a description", d.indent() + "description ", d.indent() + "description %s", ""}}
	default:
		kinds = []kindOfChange{
			{"a description", "        set description ", "        set description \"%s\"", ""},
			{"the contact", "    set contact-info ", "    set contact-info \"noc%d@example.net\"", ""},
			{"an address", "        set subnet 198.51.100.2", "        set subnet 198.51.100.2%02d 255.255.255.255", ""},
		}
	}
	k := kinds[r.IntN(len(kinds))]
	var found []string
	for _, l := range d.body {
		if strings.HasPrefix(l, k.find) && !strings.Contains(l, "<script>") {
			found = append(found, l)
		}
	}
	if len(found) == 0 {
		return Change{}, "", false
	}
	if k.extra != "" {
		// What was put in some time ago goes again, or the text would grow
		// as long as the demonstration lasts.
		var old []string
		for _, l := range d.body {
			if strings.Contains(l, k.extra) && !strings.HasPrefix(l, k.find) {
				old = append(old, l)
			}
		}
		if len(old) > 3 {
			return Change{Find: old[r.IntN(len(old))]}, k.what + " less", true
		}
	}
	return Change{Find: found[r.IntN(len(found))], Replace: k.with(r)}, k.what, true
}

// kindOfChange is what changes, how the old line begins, and the new lines:
// %s is a text for people, a %d a number. Lines that hold extra are those it
// put in.
type kindOfChange struct{ what, find, replace, extra string }

func (k kindOfChange) with(r *rand.Rand) string {
	words := []string{"desk", "printer", "meeting room", "camera", "to be removed", "lab", "uplink", "phone"}
	out := strings.Replace(k.replace, "%s", fmt.Sprintf("%s %d", words[r.IntN(len(words))], r.IntN(900)+100), 1)
	out = strings.Replace(out, "%02d", fmt.Sprintf("%02d", r.IntN(50)), 1)
	return strings.Replace(out, "%d", fmt.Sprint(r.IntN(9)+1), 1)
}
