package capture

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Sighting is what a frame says of a neighbour. It proves that a device with
// this source MAC is on the wire of the local interface, and what it says of
// itself; it is never proof of anything about third parties.
type Sighting struct {
	Protocol       string
	LocalInterface string
	SourceMAC      netdev.MAC
	VLAN           int
	Time           time.Time
	Hold           time.Duration // for how long the sender wants to be believed; 0: not said
	Gone           bool          // the sender takes its leave: a time to live of 0
	ChassisID      string
	ChassisSubtype int // LldpChassisIdSubtype, 0 if the protocol has none
	PortID         string
	PortSubtype    int // LldpPortIdSubtype
	PortDescr      string
	SysName        string
	SysDescr       string
	Platform       string
	Addresses      []netip.Addr
	Capabilities   []string
	Facts          Facts // everything the frame said
}

// Sight makes a sighting of a message; fr tells where and when.
func Sight(fr Frame, m Message) Sighting {
	f := m.Facts
	s := Sighting{Protocol: m.Protocol, LocalInterface: fr.Interface, SourceMAC: m.SourceMAC, VLAN: m.VLAN, Time: fr.Time, Facts: f,
		ChassisID: f.str("chassis_id"), PortID: f.str("port_id"), PortDescr: f.str("port_descr"), SysName: f.str("sys_name"),
		SysDescr: f.str("sys_descr"), Platform: f.str("platform"), Capabilities: slices.Clone(f.list("capabilities"))}
	s.ChassisSubtype, _ = f["chassis_subtype"].(int)
	s.PortSubtype, _ = f["port_subtype"].(int)
	if ttl, ok := f["ttl"].(int); ok {
		s.Hold, s.Gone = time.Duration(ttl)*time.Second, ttl == 0
	}
	switch m.Protocol {
	case "cdp", "fdp":
		if s.SysName == "" {
			s.SysName = s.ChassisID
		}
	case "edp":
		if slot, ok := f["slot"].(int); ok {
			port, _ := f["port"].(int)
			s.PortID = strconv.Itoa(slot) + ":" + strconv.Itoa(port)
		}
	case "sonmp":
		s.ChassisID, s.ChassisSubtype, s.PortID = f.str("address"), 5, segmentPort(f.str("segment"))
	case "udld":
		s.ChassisID = f.str("device_id")
	case "lacp":
		s.ChassisID, s.ChassisSubtype = f.str("actor_system"), 4
		if port, ok := f["actor_port"].(int); ok {
			s.PortID = strconv.Itoa(port)
		}
	case "mndp", "ubnt":
		s.SysDescr = f.str("version")
	}
	for _, name := range []string{"addresses", "address"} {
		s.addresses(f, name)
	}
	return s
}

func (s *Sighting) addresses(f Facts, name string) {
	list := f.list(name)
	if one := f.str(name); one != "" {
		list = []string{one}
	}
	if !announces(s.Protocol) {
		return
	}
	for _, t := range list {
		a, err := netip.ParseAddr(t)
		if err == nil && !a.IsUnspecified() && !slices.Contains(s.Addresses, a) && len(s.Addresses) < 64 {
			s.Addresses = append(s.Addresses, a)
		}
	}
}

// segmentPort reads slot and port of a segment identifier: 0x000104 is 1/4.
func segmentPort(segment string) string {
	n, err := strconv.ParseUint(segment, 0, 32)
	if err != nil {
		return ""
	}
	if n>>8 == 0 {
		return strconv.FormatUint(n, 10)
	}
	return strconv.FormatUint(n>>8, 10) + "/" + strconv.FormatUint(n&0xff, 10)
}

// announces says whether a device tells by the protocol who it is and by which
// port: what makes a neighbour.
func announces(protocol string) bool {
	return slices.Contains([]string{"lldp", "cdp", "edp", "fdp", "sonmp", "mndp", "ubnt", "udld"}, protocol)
}

// Neighbor gives the row of a neighbour table that the sighting stands for;
// ok is false for protocols that announce no neighbour, and for a sender that
// takes its leave (IEEE 802.1AB-2016 §9.2.7.7.3).
func (s Sighting) Neighbor() (n netdev.Neighbor, ok bool) {
	if s.Gone || !announces(s.Protocol) || s.ChassisID == "" && s.SysName == "" && len(s.Addresses) == 0 {
		return netdev.Neighbor{}, false
	}
	return netdev.Neighbor{Protocol: s.Protocol, LocalPort: s.LocalInterface, ChassisID: s.ChassisID, ChassisSubtype: s.ChassisSubtype,
		PortID: s.PortID, PortSubtype: s.PortSubtype, PortDescr: s.PortDescr, SysName: s.SysName, SysDescr: s.SysDescr,
		Platform: s.Platform, Addresses: slices.Clone(s.Addresses), Capabilities: slices.Clone(s.Capabilities)}, true
}
