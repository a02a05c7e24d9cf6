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
}
