package topology

import (
	"net/netip"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Observation is one device and what it said.
type Observation struct {
	ID    netdev.DeviceID // or a file's name, where no inventory is
	Name  string
	Kind  netdev.Kind
	Facts netdev.Facts
	// Managed: known through its wireless controller alone. It tells nothing
	// itself, claims nothing that a device which answered says of itself, and
	// what is behind it is behind an access point.
	Managed bool
}

// Graph is devices, what joins them and what hangs on them.
type Graph struct {
	Devices    []Node       `json:"devices"`
	Links      []Link       `json:"links"`
	Hosts      []Host       `json:"hosts"`
	Unresolved []Unresolved `json:"unresolved"`
}

// Node is one device.
type Node struct {
	ID         netdev.DeviceID `json:"id"`
	Name       string          `json:"name"`
	Kind       netdev.Kind     `json:"kind"`
	ChassisIDs []string        `json:"chassis_ids,omitempty"`
}

// End is one end of a link. Device is the name for people, ID the identity.
type End struct {
	ID     netdev.DeviceID `json:"id,omitempty"`
	Device string          `json:"device"`
	Port   string          `json:"port,omitempty"`
	MAC    netdev.MAC      `json:"mac,omitempty"`
}

// Link is one cable (l2) or adjacency (l3). Evidence holds words of the closed
// list ("lldp-both", "cdp-one" …); Rows the rows that say so.
type Link struct {
	A          End           `json:"a"`
	B          End           `json:"b"`
	Layer      string        `json:"layer"`
	Evidence   []string      `json:"evidence"`
	Confidence float64       `json:"confidence"`
	Because    string        `json:"because"`
	Rows       []EvidenceRow `json:"rows,omitempty"`

	// Of a link that an inventory keeps. Stale: a device at one of its ends
	// answered since, and the link was not seen again.
	FirstSeen time.Time `json:"first_seen,omitzero"`
	LastSeen  time.Time `json:"last_seen,omitzero"`
	Stale     bool      `json:"stale,omitempty"`
}

// EvidenceRow is one row of one table of one device at one time.
type EvidenceRow struct {
	Device netdev.DeviceID `json:"device"`
	Table  string          `json:"table"`
	Row    string          `json:"row"` // index and values, for people
	Time   time.Time       `json:"time,omitzero"`
}

// Host is a MAC that is not one of the devices, and where it is. Because says
// why there.
type Host struct {
	ID         netdev.DeviceID `json:"-"` // of the device
	Because    string          `json:"-"`
	MAC        netdev.MAC      `json:"mac"`
	Address    *netip.Addr     `json:"address,omitempty"`
	Device     string          `json:"device"`
	Port       string          `json:"port"`
	VLAN       int             `json:"vlan,omitempty"`
	Confidence float64         `json:"confidence"`
}

// Unresolved is a neighbour that no device here matches. Addresses and What it
// is are its own words.
type Unresolved struct {
	Addresses []netip.Addr    `json:"-"`
	What      string          `json:"-"`
	ID        netdev.DeviceID `json:"id,omitempty"`
	Device    string          `json:"device"`
	Port      string          `json:"port"`
	Protocol  string          `json:"protocol,omitempty"`
	ChassisID string          `json:"chassis_id,omitempty"`
	PortID    string          `json:"port_id,omitempty"`
	SysName   string          `json:"sys_name,omitempty"`
	Reason    string          `json:"reason"`
}
