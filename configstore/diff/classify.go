package diff

import (
	"strings"

	"github.com/plumbline-net/plumbline/configstore/tree"
)

// classWords say what a change is about, by the first words of its path; a
// rule of the platform comes first.
var classWords = map[string]string{
	"router": "routing", "route": "routing", "bgp": "routing", "ospf": "routing", "isis": "routing", "rip": "routing", "static": "routing",
	"route-map": "routing", "routing-options": "routing", "protocols": "routing", "policy-options": "routing", "prefix-list": "routing", "route-policy": "routing", "prefix-set": "routing", "vrf": "routing",
	"access-list": "acl", "acl": "acl", "firewall": "acl", "filter": "acl", "access-group": "acl", "nat": "acl", "security": "acl", "zone": "acl",
	"aaa": "aaa", "username": "aaa", "user": "aaa", "tacacs": "aaa", "tacacs-server": "aaa", "radius": "aaa", "radius-server": "aaa", "enable": "aaa", "login": "aaa", "password": "aaa",
	"line": "mgmt", "hostname": "mgmt", "system": "mgmt", "ntp": "mgmt", "clock": "mgmt", "banner": "mgmt", "ssh": "mgmt", "telnet": "mgmt", "management": "mgmt", "service": "mgmt", "sysname": "mgmt",
	"interface": "interface", "interfaces": "interface", "port": "interface",
	"vlan": "vlan", "vlans": "vlan", "spanning-tree": "vlan", "bridge": "vlan",
	"crypto": "vpn", "ipsec": "vpn", "ike": "vpn", "vpn": "vpn", "tunnel-group": "vpn",
	"class-map": "qos", "policy-map": "qos", "qos": "qos", "class-of-service": "qos", "queue": "qos",
	"snmp": "snmp", "snmp-server": "snmp", "snmp-agent": "snmp", "logging": "logging", "syslog": "logging",
}

func classify(path []string, n *tree.Node) string {
	if n.Rule != nil && n.Rule.Class != "" {
		return n.Rule.Class
	}
	if len(path) == 0 {
		return "other"
	}
	words := strings.Fields(path[0])
	if len(path) > 1 && len(words) == 1 {
		words = append(words, strings.Fields(path[1])...)
	}
	for i, w := range words {
		w = strings.TrimPrefix(w, "/")
		if w == "ip" || w == "ipv6" || w == "no" || w == "config" || w == "set" || w == "system" && i+1 < len(words) {
			continue
		}
		if c := classWords[w]; c != "" {
			return c
		}
		if i > 2 {
			break
		}
	}
	if c := classWords[strings.TrimPrefix(words0(words), "/")]; c != "" {
		return c
	}
	return "other"
}

func words0(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}
