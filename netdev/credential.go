package netdev

import "net/netip"

// SNMPVersion is "1", "2c" or "3".
type SNMPVersion string

// The versions of SNMP.
const (
	SNMPv1  SNMPVersion = "1"
	SNMPv2c SNMPVersion = "2c"
	SNMPv3  SNMPVersion = "3"
)

// Credential opens devices inside its scope and is never sent outside of it.
type Credential struct {
	Name      string
	Scope     []netip.Prefix // required; an empty scope allows nothing
	Sites     []string       // empty: any
	Platforms []PlatformID   // empty: any
	SNMP      *SNMPLogin
	SSH       *SSHLogin
}

// SNMPLogin is how an agent is asked. Community for versions 1 and 2c, the
// rest for version 3 (RFC 3414, RFC 3826, RFC 7860).
type SNMPLogin struct {
	Version      SNMPVersion
	Community    Secret
	User         string
	Auth         string // "", md5, sha, sha224, sha256, sha384, sha512
	AuthPassword Secret
	Priv         string // "", des, aes128, aes192, aes256, aes192c, aes256c
	PrivPassword Secret
	Context      string
}

// SSHLogin is how a command line is opened.
type SSHLogin struct {
	User       string
	Password   Secret
	Enable     Secret // for the privilege step; Password is not tried in its place
	PrivateKey Secret // PEM
	Passphrase Secret
}

// Allows says whether the credential may be sent to addr. IPv4-mapped IPv6
// addresses are judged as IPv4.
func (c Credential) Allows(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, p := range c.Scope {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// ScopeLen is the length of the longest prefix of the scope that holds addr,
// or -1; a longer one is the better match.
func (c Credential) ScopeLen(addr netip.Addr) int {
	best := -1
	addr = addr.Unmap().WithZone("")
	for _, p := range c.Scope {
		if p.Contains(addr) {
			best = max(best, p.Bits())
		}
	}
	return best
}
