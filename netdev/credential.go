package netdev

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

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

// ParsePrefix reads a prefix, or an address, which is a prefix of its own. Bits
// behind the prefix are cut off.
func ParsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

// SNMPAuthWords are the words for the digest of version 3, "" for none.
func SNMPAuthWords() []string {
	return []string{"", "md5", "sha", "sha224", "sha256", "sha384", "sha512"}
}

// SNMPPrivWords are the words for the cipher of version 3, "" for none.
func SNMPPrivWords() []string {
	return []string{"", "des", "aes128", "aes192", "aes256", "aes192c", "aes256c"}
}

// Check says what is missing or does not fit together, named by its field.
func (l SNMPLogin) Check() error {
	switch l.Version {
	case SNMPv1, SNMPv2c:
		if !l.Community.IsSet() {
			return errors.New("community: missing")
		}
	case SNMPv3:
		if l.User == "" {
			return errors.New("user: missing")
		}
		if !slices.Contains(SNMPAuthWords(), l.Auth) {
			return fmt.Errorf("auth: %q is not one of md5, sha, sha224, sha256, sha384, sha512", l.Auth)
		}
		if !slices.Contains(SNMPPrivWords(), l.Priv) {
			return fmt.Errorf("priv: %q is not one of des, aes128, aes192, aes256, aes192c, aes256c", l.Priv)
		}
		if (l.Auth == "") != !l.AuthPassword.IsSet() || (l.Priv == "") != !l.PrivPassword.IsSet() || (l.Priv != "" && l.Auth == "") {
			return errors.New("auth, auth_password, priv and priv_password do not fit together")
		}
	default:
		return fmt.Errorf("version: %q is not one of 1, 2c, 3", l.Version)
	}
	return nil
}

// Check says what is missing.
func (l SSHLogin) Check() error {
	switch {
	case l.User == "":
		return errors.New("user: missing")
	case !l.Password.IsSet() && !l.PrivateKey.IsSet():
		return errors.New("neither password nor key")
	}
	return nil
}
