package cli

import (
	"errors"
	"sync"

	"golang.org/x/crypto/ssh"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

const maxRounds = 3 // of keyboard-interactive

var errSpent = errors.New("the password was refused once and is not sent again")

// login holds what one connection has shown of one credential.
type login struct {
	ssh      *netdev.SSHLogin
	platform *platform.Platform
	trying   func() error // see Target.Trying; nil once it was asked

	mu       sync.Mutex
	password bool   // the password has left
	question string // what nobody may answer
	rounds   int

	spentInShell bool
}

// inShell gives the password out for a login inside the shell.
func (l *login) inShell() (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.may(); err != nil {
		return "", err
	}
	l.password, l.spentInShell = true, true
	return l.ssh.Password.Reveal(), nil
}

// may asks once whether the credential may be shown. l.mu is held.
func (l *login) may() error {
	if l.trying == nil {
		return nil
	}
	if err := l.trying(); err != nil {
		if told, ok := errors.AsType[*netdev.OpError](err); ok {
			return told
		}
		return &netdev.OpError{Reason: netdev.Internal, Op: "login", Err: err}
	}
	l.trying = nil
	return nil
}

// methods lists the ways to authenticate, best first. "none" needs no entry:
// the library asks with it anyway, and a device that lets us in on it asks in
// the shell.
func (l *login) methods() ([]ssh.AuthMethod, error) {
	var out []ssh.AuthMethod
	if l.ssh.PrivateKey.IsSet() {
		signer, err := l.signer()
		if err != nil {
			return nil, err
		}
		out = append(out, ssh.PublicKeysCallback(func() ([]ssh.Signer, error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			return []ssh.Signer{signer}, l.may()
		}))
	}
	if l.ssh.Password.IsSet() {
		out = append(out, ssh.KeyboardInteractive(l.answer), ssh.PasswordCallback(l.spend))
	}
	return out, nil
}

func (l *login) signer() (ssh.Signer, error) {
	key := []byte(l.ssh.PrivateKey.Reveal())
	var signer ssh.Signer
	var err error
	if l.ssh.Passphrase.IsSet() {
		signer, err = ssh.ParsePrivateKeyWithPassphrase(key, []byte(l.ssh.Passphrase.Reveal()))
	} else {
		signer, err = ssh.ParsePrivateKey(key)
	}
	if err != nil {
		return nil, fail(netdev.NoCredential, "private key", "%v", err)
	}
	return signer, nil
}

// spend gives the password out once a connection.
func (l *login) spend() (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.password || l.question != "" {
		return "", errSpent
	}
	if err := l.may(); err != nil {
		return "", err
	}
	l.password = true
	return l.ssh.Password.Reveal(), nil
}

// spent says whether the password has left.
func (l *login) spent() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.password
}

// answer answers keyboard-interactive questions that the platform knows, and
// no other.
func (l *login) answer(_, _ string, questions []string, _ []bool) ([]string, error) {
	if len(questions) == 0 {
		return nil, nil
	}
	if l.rounds++; l.rounds > maxRounds {
		return nil, fail(netdev.AuthFailed, "login", "more than %d rounds of questions", maxRounds)
	}
	answers := make([]string, len(questions))
	for i, q := range questions {
		switch {
		case askMatches(l.platform.Login.Expired, q):
			return nil, l.unknown(netdev.PasswordExpired, q)
		case passwordRe(l.platform).MatchString(q):
			pw, err := l.spend()
			if err != nil {
				return nil, err
			}
			answers[i] = pw
		case userRe(l.platform).MatchString(q):
			answers[i] = l.ssh.User + l.platform.Login.Suffix
		default:
			return nil, l.unknown(netdev.AuthFailed, q)
		}
	}
	return answers, nil
}

func (l *login) unknown(r netdev.Reason, q string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.question = q
	return fail(r, "login", "the device asks %q, which is not answered", clip(q, 120))
}

func askMatches(list []platform.Regex, s string) bool {
	for i := range list {
		if list[i].MatchString(s) {
			return true
		}
	}
	return false
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}
