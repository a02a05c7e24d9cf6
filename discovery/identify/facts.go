package identify

import (
	"fmt"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// placeholder says whether a value only fills a field. Such values are never
// shown as a serial or model and never compare equal.
func placeholder(s string) bool {
	t := strings.ToLower(strings.TrimSpace(s))
	switch t {
	case "", "n/a", "na", "none", "null", "(null)", "unknown", "default", "not available", "not specified", "unspecified", "empty",
		"default string", "system serial number", "system product name", "invalid", "not set", "undefined", "no serial", "tbd", "-", "--", "?",
		"<private>", "not applicable", "not supported", "no such object", "nosuchobject", "serial", "123456789", "0123456789", "xxx":
		return true
	}
	return strings.Trim(t, "0") == "" || strings.Trim(t, "f") == "" && len(t) > 3 || strings.Trim(t, "x*.?- ") == "" ||
		strings.HasPrefix(t, "to be filled")
}

// chassis gives the physical entity that stands for the device: the first of
// class chassis with a model or serial, the one highest in the tree first; a
// stack's own row has neither.
func chassis(f netdev.Facts) (netdev.Entity, bool) {
	best, found := netdev.Entity{}, false
	for _, e := range f.Entities {
		if e.Class != "chassis" {
			continue
		}
		full := !placeholder(e.Model) || !placeholder(e.Serial)
		if !found || full && placeholder(best.Model) && placeholder(best.Serial) {
			best, found = e, true
		}
	}
	return best, found
}

// source gives the raw text of one source of a fact, and how to say where it
// came from.
func (d *decision) source(s platform.FactSource) (value, from string) {
	if s.OID != "" {
		v, ok := d.f.Scalars[s.OID]
		if !ok {
			return "", ""
		}
		return fmt.Sprint(v), s.OID
	}
	c, _ := chassis(d.f)
	switch s.From {
	case "sysdescr":
		return d.f.SysDescr, "sysDescr"
	case "sysname":
		return d.f.SysName, "sysName"
	case "sysobjectid":
		return d.f.SysObjectID, "sysObjectID"
	case "entity.chassis.model":
		return c.Model, "entPhysicalModelName of the chassis"
	case "entity.chassis.serial":
		return c.Serial, "entPhysicalSerialNum of the chassis"
	case "entity.chassis.hw":
		return c.HW, "entPhysicalHardwareRev of the chassis"
	case "entity.chassis.fw":
		return c.FW, "entPhysicalFirmwareRev of the chassis"
	case "entity.chassis.sw":
		return c.SW, "entPhysicalSoftwareRev of the chassis"
	case "entity.chassis.descr":
		return c.Descr, "entPhysicalDescr of the chassis"
	case "entity.chassis.name":
		return c.Name, "entPhysicalName of the chassis"
	case "lldp.local.sysdescr":
		return d.f.Local.SysDescr, "LLDP system description"
	case "lldp.local.sysname":
		return d.f.Local.SysName, "LLDP system name"
	case "entity.any.model", "entity.any.serial", "entity.any.sw", "entity.any.descr":
		return d.anyEntity(s.From), strings.TrimPrefix(s.From, "entity.any.") + " of the first physical entity that has one"
	}
	return "", ""
}

// anyEntity is for agents that give no entity the class chassis, or leave the
// chassis empty: the first entity that is not a part that can be changed.
func (d *decision) anyEntity(from string) string {
	for _, e := range d.f.Entities {
		switch e.Class {
		case "powerSupply", "fan", "sensor", "port", "cpu", "storageDrive", "battery":
			continue
		}
		v := e.Model
		switch from {
		case "entity.any.serial":
			v = e.Serial
		case "entity.any.sw":
			v = e.SW
		case "entity.any.descr":
			v = e.Descr
		}
		if !placeholder(v) {
			return v
		}
	}
	return ""
}

// value puts one source through match, map, trim and reject.
func (d *decision) value(s platform.FactSource) (value, from string) {
	raw, from := d.source(s)
	if raw == "" {
		return "", ""
	}
	if re := s.Match.Re(); re != nil {
		m := re.FindStringSubmatch(raw)
		if m == nil {
			return "", ""
		}
		raw = ""
		for _, g := range m[min(1, len(m)-1):] {
			if g != "" {
				raw = g
				break
			}
		}
		from += " matches " + s.Match.String()
	}
	if v, ok := s.Map[raw]; ok {
		raw = v
	} else if len(s.Map) > 0 {
		if v, ok := s.Map["*"]; !ok {
			return "", ""
		} else if v != "" {
			raw = v
		}
	}
	raw = strings.TrimSpace(strings.Trim(strings.TrimSpace(raw), s.Trim))
	if placeholder(raw) {
		return "", ""
	}
	for i := range s.Reject {
		if s.Reject[i].MatchString(raw) {
			return "", ""
		}
	}
	return raw, from
}

// first takes the first source that says something; what later ones say
// instead is told.
func (d *decision) first(field string, lists ...[]platform.FactSource) string {
	value := ""
	for _, list := range lists {
		for _, s := range list {
			v, from := d.value(s)
			switch {
			case v == "":
			case value == "":
				value = v
				d.why(field, v, "%s", from)
			case !strings.EqualFold(v, value) && !strings.Contains(v, value) && !strings.Contains(value, v):
				d.why(field, v, "not taken: %s, but an earlier source says %q", from, value)
			}
		}
		if value != "" {
			return value
		}
	}
	return value
}

func (d *decision) model() {
	own, common := d.lists(func(s platform.FactSources) []platform.FactSource { return s.Model })
	d.id.Model = d.first("model", own, common)
}

func (d *decision) version() {
	own, common := d.lists(func(s platform.FactSources) []platform.FactSource { return s.Version })
	d.id.Version = d.first("version", own, common)
}

func (d *decision) serial() {
	own, common := d.lists(func(s platform.FactSources) []platform.FactSource { return s.Serial })
	d.id.Serial = d.first("serial", own, common)
}

// lists gives the sources of the platform and those of every device.
func (d *decision) lists(pick func(platform.FactSources) []platform.FactSource) (own, common []platform.FactSource) {
	if d.platform != nil {
		own = pick(d.platform.Facts)
	}
	if d.generic != nil {
		common = pick(d.generic.Facts)
	}
	return own, common
}
