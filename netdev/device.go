package netdev

import (
	"net/netip"
	"time"
)

// PlatformID names a platform file, such as "cisco_iosxe".
type PlatformID string

// DeviceID is the stable identity of a device in the inventory (a ULID).
type DeviceID string

// Device is one managed device: the only thing that discovery and
// configstore both know.
type Device struct {
	ID       DeviceID     `json:"id"`
	Name     string       `json:"name"`
	Address  netip.Addr   `json:"address"`           // where it is managed
	Aliases  []netip.Addr `json:"aliases,omitempty"` // other addresses that are the same device
	SNMPPort uint16       `json:"snmp_port,omitempty"`
	SSHPort  uint16       `json:"ssh_port,omitempty"`
	Site     string       `json:"site,omitempty"`
	Role     string       `json:"role,omitempty"`
	Tags     []string     `json:"tags,omitempty"`

	Vendor   string     `json:"vendor,omitempty"`
	Platform PlatformID `json:"platform,omitempty"`
	OS       string     `json:"os,omitempty"`
	Kind     Kind       `json:"kind"`
	Model    string     `json:"model,omitempty"`
	Version  string     `json:"version,omitempty"`
	Serial   string     `json:"serial,omitempty"`

	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`

	// Managed says who manages the device in our place; zero: we do.
	Managed Managed `json:"managed,omitzero"`
}

// Managed tells of an access point that a wireless controller manages. It is
// known through that controller alone: nothing is sent to it, no credential is
// meant for it, and its configuration is its controller's.
type Managed struct {
	Controller DeviceID  `json:"controller"`
	Name       string    `json:"name,omitempty"` // of the controller
	State      string    `json:"state,omitempty"`
	MAC        MAC       `json:"mac,omitempty"` // of its wired side
	Location   string    `json:"location,omitempty"`
	Listed     time.Time `json:"listed"` // when the controller last listed it
	// Missing is since when a complete list of the controller lacks it; zero
	// while it is listed, and while nothing complete was read.
	Missing time.Time `json:"missing,omitzero"`
}

// ByController says whether a controller manages the device.
func (d Device) ByController() bool { return d.Managed.Controller != "" }
