package netdev

import (
	"net/netip"
	"time"
)

// IfIndex is ifIndex of the IF-MIB (RFC 2863); never a slice index.
type IfIndex uint32

// MAC is the canonical lower-case text of a hardware address,
// "00:1b:54:aa:bb:cc".
type MAC string

// Coverage says how much of a table was read. Truncated, empty and absent are
// three different things.
type Coverage string

// The coverages of a table.
const (
	Complete  Coverage = "complete"
	Partial   Coverage = "partial"
	Absent    Coverage = "absent"
	Skipped   Coverage = "skipped"
	Unchanged Coverage = "unchanged"
)

// AccessPointTable names, in Facts.Tables, the list of a controller's access
// points. Where it is Complete, what is not in it is not managed any more.
const AccessPointTable = "access-points"

// TableState tells of one table how it was read. Detail names what stopped a
// partial one or why one was skipped.
type TableState struct {
	Table    string   `json:"table"`
	Coverage Coverage `json:"coverage"`
	Reason   Reason   `json:"reason,omitempty"`
	Detail   string   `json:"detail,omitempty"`
	Rows     int      `json:"rows"`
}

// Facts is what one device said at one time, in the words of
// `plumbline identify --json`. It holds no decision, except Identity, which
// discovery/identify fills with the reasons beside it.
type Facts struct {
	Address     netip.Addr `json:"-"`
	Taken       time.Time  `json:"-"`
	SysName     string     `json:"sys_name,omitempty"`
	SysDescr    string     `json:"sys_descr,omitempty"`
	SysObjectID string     `json:"sys_object_id,omitempty"`
	SysLocation string     `json:"sys_location,omitempty"`
	SysContact  string     `json:"sys_contact,omitempty"`
	SysServices int        `json:"-"`
	UptimeTicks uint32     `json:"-"` // hundredths of a second
	EngineID    []byte     `json:"-"` // snmpEngineID, RFC 3411 §5
	Forwarding  bool       `json:"-"` // ipForwarding is 1

	Interfaces []Interface `json:"interfaces,omitempty"`
	Addresses  []IPAddress `json:"addresses,omitempty"`
	Neighbors  []Neighbor  `json:"neighbors,omitempty"`
	FDB        []FDBEntry  `json:"fdb,omitempty"`
	ARP        []ARPEntry  `json:"arp,omitempty"`
	Entities   []Entity    `json:"entities,omitempty"`
	VLANs      []VLAN      `json:"vlans,omitempty"`
	STP        []STPPort   `json:"stp,omitempty"`
	LAG        []LAG       `json:"lag,omitempty"`
	Routing    *Routing    `json:"routing,omitempty"`
	// AccessPoints are those that a wireless controller lists as its own.
	AccessPoints []ManagedAP `json:"access_points,omitempty"`

	Local       LocalChassis   `json:"-"`
	BridgeMAC   MAC            `json:"-"`
	BridgePort  int            `json:"-"` // number of bridge ports
	Enterprises []int          `json:"-"` // below which its agent answers; asked where sysObjectID names no maker
	RouterID    string         `json:"-"` // ospfRouterId, RFC 4750
	Scalars     map[string]any `json:"-"` // vendor scalars a platform file asked for, by OID: string or int64

	Tables []TableState `json:"tables,omitempty"`
}

// Interface is one row of ifTable and ifXTable.
type Interface struct {
	Index    IfIndex `json:"index"`
	Name     string  `json:"name,omitempty"`
	Descr    string  `json:"descr,omitempty"`
	Alias    string  `json:"alias,omitempty"`
	MAC      MAC     `json:"mac,omitempty"`
	SpeedBPS uint64  `json:"speed_bps,omitempty"`
	Admin    string  `json:"admin,omitempty"` // up down testing
	Oper     string  `json:"oper,omitempty"`  // words of ifOperStatus
	Type     int     `json:"type,omitempty"`  // IANAifType
	MTU      int     `json:"mtu,omitempty"`
}

// IPAddress is an address of the device itself.
type IPAddress struct {
	Address   netip.Addr `json:"address"`
	PrefixLen int        `json:"prefix_len,omitempty"`
	IfIndex   IfIndex    `json:"if_index,omitempty"`
}

// Neighbor is one row of a discovery protocol's remote table.
type Neighbor struct {
	Protocol       string       `json:"protocol"` // lldp cdp fdp edp sonmp …
	LocalPort      string       `json:"local_port,omitempty"`
	LocalIfIndex   IfIndex      `json:"local_if_index,omitempty"`
	ChassisID      string       `json:"chassis_id,omitempty"`
	ChassisSubtype int          `json:"chassis_subtype,omitempty"` // LldpChassisIdSubtype
	PortID         string       `json:"port_id,omitempty"`
	PortSubtype    int          `json:"port_subtype,omitempty"` // LldpPortIdSubtype
	PortDescr      string       `json:"port_descr,omitempty"`
	SysName        string       `json:"sys_name,omitempty"`
	SysDescr       string       `json:"sys_descr,omitempty"`
	Platform       string       `json:"platform,omitempty"`
	Addresses      []netip.Addr `json:"addresses,omitempty"`
	Capabilities   []string     `json:"capabilities,omitempty"`
}

// LocalChassis is what the device says of itself by LLDP
// (IEEE 802.1AB-2016 §8.5.2, LLDP-MIB lldpLocalSystemData).
type LocalChassis struct {
	ChassisID      string
	ChassisSubtype int
	SysName        string
	SysDescr       string
	Capabilities   []string
	Ports          []LocalPort
}

// LocalPort is one row of lldpLocPortTable. Number is a port number of the
// protocol, which need not be an ifIndex.
type LocalPort struct {
	Number  uint32
	ID      string
	Subtype int
	Descr   string
	IfIndex IfIndex // 0: not resolved
}

// FDBEntry is one row of a forwarding table, resolved to a port's name.
type FDBEntry struct {
	MAC     MAC     `json:"mac"`
	Port    string  `json:"port"`
	IfIndex IfIndex `json:"if_index,omitempty"`
	VLAN    int     `json:"vlan,omitempty"`
	Status  string  `json:"status,omitempty"` // learned self mgmt
}

// ARPEntry is one row of an ARP or neighbour-discovery table.
type ARPEntry struct {
	Address netip.Addr `json:"address"`
	MAC     MAC        `json:"mac"`
	IfIndex IfIndex    `json:"if_index,omitempty"`
}

// Entity is one row of entPhysicalTable (RFC 6933).
type Entity struct {
	Index  uint32 `json:"index"`
	Parent uint32 `json:"parent,omitempty"`
	Class  string `json:"class,omitempty"`
	Name   string `json:"name,omitempty"`
	Descr  string `json:"descr,omitempty"`
	Model  string `json:"model,omitempty"`
	Serial string `json:"serial,omitempty"`
	Vendor string `json:"vendor,omitempty"`
	HW     string `json:"hw,omitempty"`
	FW     string `json:"fw,omitempty"`
	SW     string `json:"sw,omitempty"`
}

// VLAN is a VLAN the device knows.
type VLAN struct {
	ID   int    `json:"id"`
	Name string `json:"name,omitempty"`
}

// STPPort is one row of dot1dStpPortTable (RFC 4188).
type STPPort struct {
	Port             string `json:"port"`
	State            string `json:"state,omitempty"`
	DesignatedBridge string `json:"designated_bridge,omitempty"`
	DesignatedPort   string `json:"designated_port,omitempty"`
}

// LAG is an aggregate and its members, by interface name.
type LAG struct {
	Aggregate string   `json:"aggregate"`
	Members   []string `json:"members"`
}

// Routing holds adjacencies, not routes.
type Routing struct {
	OSPF []OSPFNeighbor `json:"ospf,omitempty"`
	BGP  []BGPPeer      `json:"bgp,omitempty"`
}

// OSPFNeighbor is one row of ospfNbrTable (RFC 4750).
type OSPFNeighbor struct {
	Neighbor string `json:"neighbor"`
	RouterID string `json:"router_id,omitempty"`
	State    string `json:"state,omitempty"`
}

// BGPPeer is one row of bgpPeerTable (RFC 4273).
type BGPPeer struct {
	Neighbor string `json:"neighbor"`
	RemoteAS uint32 `json:"remote_as,omitempty"`
	State    string `json:"state,omitempty"`
}

// ManagedAP is one row of a wireless controller's table of the access points
// that it manages. All of it is the controller's word.
type ManagedAP struct {
	Name     string     `json:"name,omitempty"`
	MAC      MAC        `json:"mac,omitempty"`       // of its wired side
	RadioMAC MAC        `json:"radio_mac,omitempty"` // base of its radios, where it differs
	Model    string     `json:"model,omitempty"`
	Serial   string     `json:"serial,omitempty"`
	Version  string     `json:"version,omitempty"`
	Address  netip.Addr `json:"address,omitzero"`
	State    string     `json:"state,omitempty"` // a word of the platform file
	Location string     `json:"location,omitempty"`
}

// Why is one decision about a device and its reason.
type Why struct {
	Field   string `json:"field"`
	Value   string `json:"value"`
	Because string `json:"because"`
}

// Identity is what discovery/identify decided from facts.
type Identity struct {
	Vendor   string     `json:"vendor,omitempty"`
	Platform PlatformID `json:"platform,omitempty"`
	OS       string     `json:"os,omitempty"`
	Kind     Kind       `json:"kind"`
	Model    string     `json:"model,omitempty"`
	Version  string     `json:"version,omitempty"`
	Serial   string     `json:"serial,omitempty"`
	Name     string     `json:"-"`
	Why      []Why      `json:"why,omitempty"`
}
