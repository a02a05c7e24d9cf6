package sim

import "github.com/plumbline-net/plumbline/netdev"

// Weakness is something in a device's configuration that a rule should find.
type Weakness string

// The weaknesses that a simulated configuration may have.
const (
	HTTPServer       Weakness = "http-server"        // ip http server; web-management http
	TelnetService    Weakness = "telnet"             // transport input telnet; services telnet; allowaccess telnet
	PlainPasswords   Weakness = "plain-passwords"    // no service password-encryption
	DefaultCommunity Weakness = "default-community"  // community public
	NoTimeServer     Weakness = "no-time-server"     // no NTP at all
	NoLogHost        Weakness = "no-log-host"        // nothing is sent to a syslog host
	OpenAdmin        Weakness = "admin-anywhere"     // an administrator without trusted hosts
	NoIdleTimeout    Weakness = "no-idle-timeout"    // exec-timeout 0 0; no idle-timeout; admintimeout 480
	RootLogin        Weakness = "root-login"         // root may log in over SSH
	NoBanner         Weakness = "no-login-banner"    // nothing is said before login
	AllowAllPolicy   Weakness = "policy-allows-all"  // a policy from all to all with every service
	OldSSH           Weakness = "ssh-version-1"      // protocol version 1 is accepted
	UnusedPortsUp    Weakness = "unused-ports-in-up" // ports without a cable are not shut down
)

// model is what several devices of one kind have in common.
type model struct {
	platform netdev.PlatformID
	vendor   string
	kind     netdev.Kind
	name     string // as ENTITY-MIB says
	objectID string
	descr    string // %v is the version
	version  string
	oui      [3]byte
	pen      uint32
	serial   string // prefix
	layout   func(d *Device)
	config   string // template
}

var (
	ouiA = [3]byte{0x00, 0x1b, 0x54}
	ouiB = [3]byte{0x2c, 0x6b, 0xf5}
	ouiC = [3]byte{0x00, 0x09, 0x0f}
)

func models() map[string]model {
	return map[string]model{
		"c9500": {platform: "cisco_iosxe", vendor: "cisco", kind: netdev.Switch, name: "C9500-24Y4C", objectID: "1.3.6.1.4.1.9.1.2494",
			descr:   "Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version %v, RELEASE SOFTWARE (fc3)\r\nTechnical Support: http://www.cisco.com/techsupport\r\nCopyright (c) 1986-2023 by Cisco Systems, Inc.\r\nCompiled Tue 14-Feb-23 20:58 by mcpre",
			version: "17.9.4a", oui: ouiA, pen: 9, serial: "CAT2", layout: layoutCore, config: "iosxe_switch"},
		"c9300": {platform: "cisco_iosxe", vendor: "cisco", kind: netdev.Switch, name: "C9300-48P", objectID: "1.3.6.1.4.1.9.1.2494",
			descr:   "Cisco IOS Software [Cupertino], Catalyst L3 Switch Software (CAT9K_IOSXE), Version %v, RELEASE SOFTWARE (fc3)\r\nTechnical Support: http://www.cisco.com/techsupport\r\nCopyright (c) 1986-2022 by Cisco Systems, Inc.\r\nCompiled Wed 05-Oct-22 11:02 by mcpre",
			version: "17.9.2", oui: ouiA, pen: 9, serial: "FOC2", layout: layoutAccess48, config: "iosxe_switch"},
		"c9200": {platform: "cisco_iosxe", vendor: "cisco", kind: netdev.Switch, name: "C9200L-24T-4X", objectID: "1.3.6.1.4.1.9.1.2694",
			descr:   "Cisco IOS Software [Amsterdam], Catalyst L3 Switch Software (CAT9K_LITE_IOSXE), Version %v, RELEASE SOFTWARE (fc3)\r\nTechnical Support: http://www.cisco.com/techsupport\r\nCopyright (c) 1986-2022 by Cisco Systems, Inc.\r\nCompiled Thu 31-Mar-22 07:15 by mcpre",
			version: "17.3.5", oui: ouiA, pen: 9, serial: "JAE2", layout: layoutAccess24, config: "iosxe_switch"},
		"isr4331": {platform: "cisco_iosxe", vendor: "cisco", kind: netdev.Router, name: "ISR4331/K9", objectID: "1.3.6.1.4.1.9.1.2068",
			descr:   "Cisco IOS Software [Bengaluru], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version %v, RELEASE SOFTWARE (fc2)\r\nTechnical Support: http://www.cisco.com/techsupport\r\nCopyright (c) 1986-2023 by Cisco Systems, Inc.\r\nCompiled Mon 20-Mar-23 22:46 by mcpre",
			version: "17.6.5", oui: ouiA, pen: 9, serial: "FDO2", layout: layoutBranch, config: "iosxe_router"},
		"mx204": {platform: "juniper_junos", vendor: "juniper", kind: netdev.Router, name: "MX204", objectID: "1.3.6.1.4.1.2636.1.1.1.2.147",
			descr:   "Juniper Networks, Inc. mx204 internet router, kernel JUNOS %v, Build date: 2022-12-15 03:01:07 UTC Copyright (c) 1996-2022 Juniper Networks, Inc.",
			version: "21.4R3-S4.9", oui: ouiB, pen: 2636, serial: "BV", layout: layoutMX, config: "junos"},
		"ex4300": {platform: "juniper_junos", vendor: "juniper", kind: netdev.Switch, name: "EX4300-48T", objectID: "1.3.6.1.4.1.2636.1.1.1.2.63",
			descr:   "Juniper Networks, Inc. ex4300-48t Ethernet Switch, kernel JUNOS %v, Build date: 2022-05-19 09:44:12 UTC Copyright (c) 1996-2022 Juniper Networks, Inc.",
			version: "20.4R3-S3.4", oui: ouiB, pen: 2636, serial: "PE", layout: layoutEX48, config: "junos"},
		"ex2300": {platform: "juniper_junos", vendor: "juniper", kind: netdev.Switch, name: "EX2300-24T", objectID: "1.3.6.1.4.1.2636.1.1.1.2.132",
			descr:   "Juniper Networks, Inc. ex2300-24t Ethernet Switch, kernel JUNOS %v, Build date: 2021-11-30 17:20:55 UTC Copyright (c) 1996-2021 Juniper Networks, Inc.",
			version: "20.2R3-S2.5", oui: ouiB, pen: 2636, serial: "JW", layout: layoutEX24, config: "junos"},
		"fgt100f": {platform: "fortinet_fortios", vendor: "fortinet", kind: netdev.Firewall, name: "FGT_100F", objectID: "1.3.6.1.4.1.12356.101.1.1001",
			descr: "perimeter firewall", version: "7.2.8", oui: ouiC, pen: 12356, serial: "FG100FTK", layout: layoutFGT, config: "fortios"},
		"fgt60f": {platform: "fortinet_fortios", vendor: "fortinet", kind: netdev.Firewall, name: "FGT_60F", objectID: "1.3.6.1.4.1.12356.101.1.644",
			descr: "branch firewall", version: "7.0.14", oui: ouiC, pen: 12356, serial: "FGT60FTK", layout: layoutFGT, config: "fortios"},
	}
}

// plan is one device of the network.
type plan struct {
	name, site string
	host       uint8
	model      string
	enable     bool // login gives the lower privilege only
	weak       []Weakness
}

func plans() []plan {
	return []plan{
		{"ber-core1", "berlin", 1, "c9500", false, nil},
		{"ber-core2", "berlin", 2, "c9500", false, []Weakness{NoIdleTimeout}},
		{"ber-rt1", "berlin", 3, "mx204", false, nil},
		{"ber-edge1", "berlin", 4, "isr4331", true, []Weakness{HTTPServer, PlainPasswords, NoLogHost}},
		{"ber-acc1", "berlin", 11, "c9300", true, nil},
		{"ber-acc2", "berlin", 12, "c9200", true, []Weakness{TelnetService, HTTPServer, UnusedPortsUp}},
		{"ber-fw1", "berlin", 20, "fgt100f", false, nil},
		{"ham-core1", "hamburg", 1, "ex4300", false, []Weakness{RootLogin}},
		{"ham-rt1", "hamburg", 3, "isr4331", true, []Weakness{DefaultCommunity, NoTimeServer}},
		{"ham-acc1", "hamburg", 11, "ex2300", false, []Weakness{TelnetService, DefaultCommunity, NoIdleTimeout, HTTPServer}},
		{"ham-acc2", "hamburg", 12, "c9200", false, []Weakness{PlainPasswords, OldSSH, NoBanner}},
		{"ham-fw1", "hamburg", 20, "fgt60f", false, []Weakness{OpenAdmin, TelnetService, AllowAllPolicy, NoIdleTimeout}},
	}
}

// cable joins two ports. A routed one has an address at both ends, the others
// are trunks between switches.
type cable struct {
	a, aPort, b, bPort string
	routed             bool
}

func cables() []cable {
	return []cable{
		{"ber-core1", "Twe1/0/1", "ber-core2", "Twe1/0/1", false},
		{"ber-core1", "Twe1/0/2", "ber-core2", "Twe1/0/2", false},
		{"ber-acc1", "Te1/1/1", "ber-core1", "Twe1/0/3", false},
		{"ber-acc1", "Te1/1/2", "ber-core2", "Twe1/0/3", false},
		{"ber-acc2", "Te1/1/1", "ber-core1", "Twe1/0/4", false},
		{"ber-acc2", "Te1/1/2", "ber-core2", "Twe1/0/4", false},
		{"ber-fw1", "port1", "ber-core1", "Twe1/0/5", true},
		{"ber-fw1", "port2", "ber-core2", "Twe1/0/5", true},
		{"ber-edge1", "Gi0/0/0", "ber-core1", "Twe1/0/6", true},
		{"ber-fw1", "wan1", "ber-rt1", "ge-0/0/1", true},
		{"ber-rt1", "xe-0/1/0", "ham-rt1", "Gi0/0/0", true},
		{"ber-edge1", "Gi0/0/1", "ham-rt1", "Gi0/0/1", true},
		{"ham-rt1", "Gi0/0/2", "ham-fw1", "wan1", true},
		{"ham-fw1", "port1", "ham-core1", "ge-0/0/0", true},
		{"ham-core1", "xe-0/2/0", "ham-acc1", "xe-0/1/0", false},
		{"ham-core1", "xe-0/2/1", "ham-acc2", "Te1/1/1", false},
	}
}

// vlan is a VLAN of a site.
type vlan struct {
	id   int
	name string
	net  string // documentation ranges only, RFC 5737
}

func siteVLANs(site string) []vlan {
	if site == "berlin" {
		return []vlan{{20, "USERS", "198.51.100.0/25"}, {30, "VOICE", "198.51.100.128/26"}, {40, "SERVERS", "198.51.100.192/26"}}
	}
	return []vlan{{110, "USERS", "203.0.113.0/25"}, {120, "VOICE", "203.0.113.128/26"}, {140, "SERVERS", "203.0.113.192/26"}}
}
