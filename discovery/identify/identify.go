package identify

import (
	"fmt"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// closeRival is the distance in strength within which a second platform is
// named as a rival.
const closeRival = 5

// genericID is the platform file that holds what is true of any vendor.
const genericID netdev.PlatformID = "generic"

// Identify decides what the device is that told these facts.
func Identify(f netdev.Facts, set *platform.Set) netdev.Identity {
	d := &decision{f: f, set: set, evidence: platform.EvidenceOf(f)}
	d.generic, _ = set.Get(genericID)
	d.choosePlatform()
	d.vendor()
	d.kind()
	d.model()
	d.version()
	d.serial()
	d.name()
	return d.id
}

type decision struct {
	f        netdev.Facts
	set      *platform.Set
	evidence platform.Evidence
	platform *platform.Platform // nil: none holds
	generic  *platform.Platform // nil: the set has none
	maker    platform.Vendor    // zero: not known
	id       netdev.Identity
}

func (d *decision) why(field, value, because string, args ...any) {
	if len(args) > 0 {
		because = fmt.Sprintf(because, args...)
	}
	d.id.Why = append(d.id.Why, netdev.Why{Field: field, Value: value, Because: because})
}

func (d *decision) choosePlatform() {
	found := d.set.Choose(d.evidence)
	if len(found) == 0 {
		return
	}
	best := found[0]
	d.platform = best.Platform
	d.id.Platform = best.Platform.ID
	because := best.Because
	for _, r := range found[1:] {
		if best.Strength-r.Strength > closeRival {
			break
		}
		because += fmt.Sprintf("; rival %s (strength %d against %d): %s", r.Platform.ID, r.Strength, best.Strength, r.Because)
	}
	d.why("platform", string(d.id.Platform), "%s", because)
	d.id.OS = d.platform.OS.Default
	for _, w := range d.platform.OS.When {
		if reason, ok := d.holds(w); ok {
			d.id.OS = w.Value
			d.why("os", w.Value, "%s", reason)
			return
		}
	}
	if d.id.OS != "" {
		d.why("os", d.id.OS, "of platform %s", d.id.Platform)
	}
}

// holds says whether a row of "when" is true.
func (d *decision) holds(w platform.When) (string, bool) {
	switch w.Has {
	case "":
		return w.Condition.Holds(d.evidence)
	case "bridge-ports":
		n := d.f.BridgePort
		return fmt.Sprintf("%d bridge ports", n), n > w.MoreThan && d.also(w)
	case "ip-forwarding":
		return "it forwards IP packets", d.f.Forwarding && d.also(w)
	case "wireless-aps":
		n := d.radios()
		return fmt.Sprintf("%d radio interfaces", n), n > w.MoreThan && d.also(w)
	}
	return "", false
}

// also says whether the tests beside "has" hold, where there are any.
func (d *decision) also(w platform.When) bool {
	if w.Condition == (platform.Condition{}) {
		return true
	}
	_, ok := w.Condition.Holds(d.evidence)
	return ok
}

// radios counts interfaces of ieee80211 (71) and its relatives.
func (d *decision) radios() int {
	n := 0
	for _, i := range d.f.Interfaces {
		if i.Type == 71 {
			n++
		}
	}
	return n
}

func (d *decision) vendor() {
	if d.platform != nil && d.platform.Vendor != "" {
		d.id.Vendor = d.platform.Vendor
		d.why("vendor", d.id.Vendor, "of platform %s", d.id.Platform)
		d.maker, _ = d.set.VendorByName(d.id.Vendor)
		return
	}
	take := func(v platform.Vendor, because string, args ...any) {
		d.maker, d.id.Vendor = v, v.ID
		d.why("vendor", v.ID, because, args...)
	}
	pen, hasPEN := platform.PENOf(d.f.SysObjectID)
	if v, ok := d.set.VendorByPEN(pen); hasPEN && ok {
		take(v, "sysObjectID %s is of enterprise %d", d.f.SysObjectID, pen)
		return
	}
	if c, ok := chassis(d.f); ok {
		if v, ok := d.set.VendorByName(c.Vendor); ok {
			take(v, "entPhysicalMfgName of the chassis is %q", c.Vendor)
			return
		}
	}
	if v, ok := d.set.VendorByText(d.f.SysDescr); ok {
		take(v, "sysDescr names it")
		return
	}
	if v, ok := d.set.VendorByText(d.f.Local.SysDescr); ok {
		take(v, "its LLDP description names it")
		return
	}
	if v, ok := d.set.VendorByPEN(d.evidence.EnginePEN); ok {
		take(v, "snmpEngineID is of enterprise %d", d.evidence.EnginePEN)
	}
}

func (d *decision) kind() {
	if d.platform != nil {
		for _, w := range d.platform.Kind.When {
			if reason, ok := d.holds(w); ok {
				d.setKind(w.Value, reason)
				return
			}
		}
		if d.platform.Kind.Default != "" {
			d.setKind(d.platform.Kind.Default, "of platform "+string(d.id.Platform))
			return
		}
	}
	if d.generic != nil {
		for _, w := range d.generic.Kind.When {
			if reason, ok := d.holds(w); ok && w.Has == "" {
				d.setKind(w.Value, reason)
				return
			}
		}
	}
	if d.maker.Kind != "" {
		d.setKind(string(d.maker.Kind), "what "+d.maker.Title+" makes")
		return
	}
	if k, because, ok := d.kindOfFacts(); ok {
		d.setKind(string(k), because)
		return
	}
	d.setKind(string(netdev.Other), "nothing said what it does")
}

func (d *decision) setKind(k, because string) {
	d.id.Kind = netdev.Kind(k)
	if !d.id.Kind.Valid() {
		d.id.Kind = netdev.Other
	}
	d.why("kind", string(d.id.Kind), "%s", because)
}

// kindOfFacts looks at what the device does: radios, LLDP capabilities, the
// tables it keeps, and its sysServices (RFC 3418: 2 is layer 2, 4 layer 3).
func (d *decision) kindOfFacts() (netdev.Kind, string, bool) {
	caps := strings.Join(d.f.Local.Capabilities, " ")
	switch {
	case strings.Contains(caps, "wlan-access-point"):
		return netdev.AccessPoint, "LLDP capability wlan-access-point", true
	case strings.Contains(caps, "telephone"):
		return netdev.Phone, "LLDP capability telephone", true
	case d.f.BridgePort > 4:
		return netdev.Switch, fmt.Sprintf("%d bridge ports", d.f.BridgePort), true
	case d.f.Routing != nil:
		return netdev.Router, "it has routing neighbours", true
	case d.f.SysServices&^0x40 == 2:
		return netdev.Switch, fmt.Sprintf("sysServices %d is layer 2", d.f.SysServices), true
	case d.f.SysServices&0x0f == 6 && len(d.f.Interfaces) > 6:
		return netdev.Switch, fmt.Sprintf("sysServices %d is layers 2 and 3", d.f.SysServices), true
	}
	return "", "", false
}

func (d *decision) name() {
	switch {
	case d.f.SysName != "" && !placeholder(d.f.SysName):
		d.id.Name = d.f.SysName
		d.why("name", d.id.Name, "sysName")
	case d.f.Local.SysName != "" && !placeholder(d.f.Local.SysName):
		d.id.Name = d.f.Local.SysName
		d.why("name", d.id.Name, "LLDP system name")
	case d.f.Address.IsValid():
		d.id.Name = d.f.Address.String()
		d.why("name", d.id.Name, "its address, as it has no name")
	}
}
