package netdev

import "slices"

// Kind is what a device does in the network, of a closed list.
type Kind string

// The kinds of device.
const (
	Router             Kind = "router"
	Switch             Kind = "switch"
	Firewall           Kind = "firewall"
	AccessPoint        Kind = "access-point"
	WirelessController Kind = "wireless-controller"
	LoadBalancer       Kind = "load-balancer"
	WANOptimizer       Kind = "wan-optimizer"
	Modem              Kind = "modem"
	Server             Kind = "server"
	Storage            Kind = "storage"
	Hypervisor         Kind = "hypervisor"
	Printer            Kind = "printer"
	UPS                Kind = "ups"
	PDU                Kind = "pdu"
	Environment        Kind = "environment"
	Camera             Kind = "camera"
	Phone              Kind = "phone"
	Management         Kind = "management"
	Other              Kind = "other"
)

// Kinds lists them all.
func Kinds() []Kind {
	return []Kind{Router, Switch, Firewall, AccessPoint, WirelessController, LoadBalancer, WANOptimizer, Modem, Server,
		Storage, Hypervisor, Printer, UPS, PDU, Environment, Camera, Phone, Management, Other}
}

// Valid says whether k is in the list.
func (k Kind) Valid() bool { return slices.Contains(Kinds(), k) }
