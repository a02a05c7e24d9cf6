package settings

import (
	"fmt"
	"os"

	"github.com/goccy/go-yaml"
	"github.com/plumbline-net/plumbline/netdev"
)

type credentialsFile struct {
	Credentials []credentialEntry `yaml:"credentials"`
}

type credentialEntry struct {
	Name      string              `yaml:"name"`
	Scope     []string            `yaml:"scope"`
	Sites     []string            `yaml:"sites"`
	Platforms []netdev.PlatformID `yaml:"platforms"`
	SNMP      *struct {
		Version      string `yaml:"version"`
		Community    string `yaml:"community"`
		User         string `yaml:"user"`
		Auth         string `yaml:"auth"`
		AuthPassword string `yaml:"auth_password"`
		Priv         string `yaml:"priv"`
		PrivPassword string `yaml:"priv_password"`
		Context      string `yaml:"context"`
	} `yaml:"snmp"`
	SSH *struct {
		User       string `yaml:"user"`
		Password   string `yaml:"password"`
		Enable     string `yaml:"enable"`
		Key        string `yaml:"key"`
		Passphrase string `yaml:"passphrase"`
	} `yaml:"ssh"`
}

// ReadCredentials reads a credentials file. It refuses one that others than
// its owner may read, an unknown key, and a credential without a scope.
func ReadCredentials(path string) ([]netdev.Credential, error) {
	if err := private(path); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f credentialsFile
	if err := yaml.UnmarshalWithOptions(b, &f, yaml.Strict()); err != nil {
		// The library's message quotes the lines around the fault, which may
		// hold a password: only the place and the cause are told.
		return nil, fmt.Errorf("%s: %s", path, quiet(err))
	}
	var out []netdev.Credential
	seen := map[string]bool{}
	for i, e := range f.Credentials {
		c, err := e.credential()
		if err == nil && seen[c.Name] {
			err = fmt.Errorf("the name is used twice")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: credential %d (%q): %w", path, i+1, e.Name, err)
		}
		seen[c.Name] = true
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no credential in it; see the manual for the format", path)
	}
	return out, nil
}

// private refuses files of secrets that group or world may read.
func private(path string) error {
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if st.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s: others may read this file of secrets (mode %04o): run chmod 600 on it", path, st.Mode().Perm())
	}
	return nil
}

func quiet(err error) string {
	if y, ok := err.(yaml.Error); ok {
		if t := y.GetToken(); t != nil && t.Position != nil {
			return fmt.Sprintf("line %d, column %d: %s", t.Position.Line, t.Position.Column, y.GetMessage())
		}
		return y.GetMessage()
	}
	return "not the YAML of a credentials file"
}

func (e credentialEntry) credential() (netdev.Credential, error) {
	c := netdev.Credential{Name: e.Name, Sites: e.Sites, Platforms: e.Platforms}
	if e.Name == "" {
		return c, fmt.Errorf("name: missing")
	}
	if len(e.Scope) == 0 {
		return c, fmt.Errorf("scope: missing; name the prefixes this credential may be sent to")
	}
	for _, s := range e.Scope {
		p, err := netdev.ParsePrefix(s)
		if err != nil {
			return c, fmt.Errorf("scope: %q is neither a prefix nor an address", s)
		}
		c.Scope = append(c.Scope, p)
	}
	if e.SNMP == nil && e.SSH == nil {
		return c, fmt.Errorf("neither snmp nor ssh")
	}
	if s := e.SNMP; s != nil {
		c.SNMP = &netdev.SNMPLogin{Version: netdev.SNMPVersion(s.Version), Community: netdev.NewSecret(s.Community), User: s.User,
			Auth: s.Auth, AuthPassword: netdev.NewSecret(s.AuthPassword), Priv: s.Priv, PrivPassword: netdev.NewSecret(s.PrivPassword), Context: s.Context}
		if err := c.SNMP.Check(); err != nil {
			return c, fmt.Errorf("snmp: %w", err)
		}
	}
	if s := e.SSH; s != nil {
		c.SSH = &netdev.SSHLogin{User: s.User, Password: netdev.NewSecret(s.Password), Enable: netdev.NewSecret(s.Enable), Passphrase: netdev.NewSecret(s.Passphrase)}
		if s.Key != "" {
			if err := private(s.Key); err != nil {
				return c, fmt.Errorf("ssh: key: %w", err)
			}
			b, err := os.ReadFile(s.Key)
			if err != nil {
				return c, fmt.Errorf("ssh: key: %w", err)
			}
			c.SSH.PrivateKey = netdev.NewSecret(string(b))
		}
		if err := c.SSH.Check(); err != nil {
			return c, fmt.Errorf("ssh: %w", err)
		}
	}
	return c, nil
}
