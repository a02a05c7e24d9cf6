package sim

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

var errDenied = errors.New("denied")

// HostKey is the device's SSH host key.
func (d *Device) HostKey() ssh.PublicKey {
	s, err := d.signer("hostkey")
	if err != nil {
		return nil
	}
	return s.PublicKey()
}

func (d *Device) signer(what string) (ssh.Signer, error) {
	seed := d.net.digest(what, d.plan.name)
	return ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
}

func (d *Device) serverConfig() (*ssh.ServerConfig, error) {
	pass := func(p string) error {
		d.sawPassword(p)
		if p != d.net.sshPassword() || d.fault(RejectPassword) {
			return errDenied
		}
		return nil
	}
	conf := &ssh.ServerConfig{
		MaxAuthTries:  4,
		ServerVersion: d.sshVersion(),
		AuthLogCallback: func(_ ssh.ConnMetadata, method string, _ error) {
			if method != "none" {
				d.note(func(c *counters) { c.auth++ })
			}
		},
		PasswordCallback: func(m ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) {
			if err := pass(string(p)); err != nil || !d.knows(m.User()) || d.fault(UnknownQuestion) {
				return nil, errDenied
			}
			return nil, nil
		},
		KeyboardInteractiveCallback: func(m ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			if d.fault(UnknownQuestion) {
				a, err := ask("", "", []string{"Enter the six digits of your token: "}, []bool{false})
				if err == nil && len(a) > 0 && a[0] != "" {
					d.sawPassword(a[0])
				}
				return nil, errDenied
			}
			a, err := ask("", "", []string{d.passwordPrompt()}, []bool{false})
			if err != nil || len(a) != 1 {
				return nil, errDenied
			}
			if err := pass(a[0]); err != nil || !d.knows(m.User()) {
				return nil, errDenied
			}
			return nil, nil
		},
		BannerCallback: func(ssh.ConnMetadata) string { return d.loginBanner() },
	}
	if d.fault(LegacyOnly) {
		return conf, d.makeLegacy(conf)
	}
	what := "hostkey"
	if d.fault(OtherHostKey) {
		what = "otherkey"
	}
	s, err := d.signer(what)
	if err != nil {
		return nil, err
	}
	conf.AddHostKey(s)
	return conf, nil
}

// sawPassword notes a secret that was sent here, for those who count.
func (d *Device) sawPassword(p string) {
	d.note(func(c *counters) {
		if len(c.passwords) >= maxNotes {
			c.passwords = slices.Clone(c.passwords[maxNotes/2:])
		}
		c.passwords = append(c.passwords, p)
	})
}

// makeLegacy offers only what a system of twenty years ago did.
func (d *Device) makeLegacy(conf *ssh.ServerConfig) error {
	conf.KeyExchanges = []string{ssh.InsecureKeyExchangeDH1SHA1}
	conf.Ciphers = []string{ssh.InsecureCipherAES128CBC, ssh.InsecureCipherTripleDESCBC}
	conf.MACs = []string{ssh.HMACSHA1}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return err
	}
	old, err := ssh.NewSignerWithAlgorithms(s.(ssh.AlgorithmSigner), []string{ssh.KeyAlgoRSA})
	if err != nil {
		return err
	}
	conf.AddHostKey(old)
	return nil
}

func (d *Device) sshVersion() string {
	switch d.Platform() {
	case "cisco_iosxe":
		return "SSH-2.0-Cisco-1.25"
	case "juniper_junos":
		return "SSH-2.0-OpenSSH_7.5"
	}
	if l, ok := dialects()[d.Platform()]; ok {
		return l.ssh
	}
	return "SSH-2.0-kq2xVb"
}

func (d *Device) passwordPrompt() string {
	if d.Platform() == "juniper_junos" {
		return "Password:"
	}
	return "Password: "
}

func (d *Device) loginBanner() string {
	if d.weak(NoBanner) || d.Platform() == "fortinet_fortios" {
		return ""
	}
	return "\r\nAuthorised staff only. What you do here is recorded.\r\n"
}

// knows says whether the user exists. What some systems let a client append
// to the name is about the terminal.
func (d *Device) knows(user string) bool {
	if d.Platform() == "mikrotik_routeros" {
		user, _, _ = strings.Cut(user, "+")
	}
	return user == sshUser
}
