package vault

import (
	"encoding/json"

	"github.com/plumbline-net/plumbline/netdev"
)

// logins is the plain form of what is sealed: it exists for the length of one
// call. netdev.Secret cannot be marshalled, by design.
type logins struct {
	SNMP *snmpLogin `json:"snmp,omitempty"`
	SSH  *sshLogin  `json:"ssh,omitempty"`
}

type snmpLogin struct {
	Version      netdev.SNMPVersion `json:"version"`
	Community    string             `json:"community,omitempty"`
	User         string             `json:"user,omitempty"`
	Auth         string             `json:"auth,omitempty"`
	AuthPassword string             `json:"auth_password,omitempty"`
	Priv         string             `json:"priv,omitempty"`
	PrivPassword string             `json:"priv_password,omitempty"`
	Context      string             `json:"context,omitempty"`
}

type sshLogin struct {
	User       string `json:"user"`
	Password   string `json:"password,omitempty"`
	Enable     string `json:"enable,omitempty"`
	PrivateKey string `json:"private_key,omitempty"`
	Passphrase string `json:"passphrase,omitempty"`
}

func loginsPlace(id string) Place { return Place{Table: "credential", Row: id, Field: "sealed"} }

func (v *Vault) sealLogins(id string, c netdev.Credential) ([]byte, error) {
	var l logins
	if s := c.SNMP; s != nil {
		l.SNMP = &snmpLogin{Version: s.Version, Community: s.Community.Reveal(), User: s.User, Auth: s.Auth,
			AuthPassword: s.AuthPassword.Reveal(), Priv: s.Priv, PrivPassword: s.PrivPassword.Reveal(), Context: s.Context}
	}
	if s := c.SSH; s != nil {
		l.SSH = &sshLogin{User: s.User, Password: s.Password.Reveal(), Enable: s.Enable.Reveal(),
			PrivateKey: s.PrivateKey.Reveal(), Passphrase: s.Passphrase.Reveal()}
	}
	plain, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	return v.Seal(ClassCredential, loginsPlace(id), plain)
}

func (v *Vault) openLogins(r SealedCredential) (netdev.Credential, error) {
	c := netdev.Credential{Name: r.Name, Scope: r.Scope, Sites: r.Sites, Platforms: r.Platforms}
	plain, err := v.Open(loginsPlace(r.ID), r.Sealed)
	if err != nil {
		return c, err
	}
	defer clear(plain)
	var l logins
	if err := json.Unmarshal(plain, &l); err != nil {
		return c, ErrDamaged // the library's message could quote the secret
	}
	if s := l.SNMP; s != nil {
		c.SNMP = &netdev.SNMPLogin{Version: s.Version, Community: netdev.NewSecret(s.Community), User: s.User, Auth: s.Auth,
			AuthPassword: netdev.NewSecret(s.AuthPassword), Priv: s.Priv, PrivPassword: netdev.NewSecret(s.PrivPassword), Context: s.Context}
	}
	if s := l.SSH; s != nil {
		c.SSH = &netdev.SSHLogin{User: s.User, Password: netdev.NewSecret(s.Password), Enable: netdev.NewSecret(s.Enable),
			PrivateKey: netdev.NewSecret(s.PrivateKey), Passphrase: netdev.NewSecret(s.Passphrase)}
	}
	return c, nil
}
