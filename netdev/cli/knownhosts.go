package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/plumbline-net/plumbline/netdev"
)

// KnownHosts checks keys against a file in OpenSSH's format: plain and hashed
// names, [host]:port, @revoked and @cert-authority (sshd(8)).
type KnownHosts struct {
	path      string
	acceptNew bool

	mu    sync.Mutex
	check ssh.HostKeyCallback
}

// OpenKnownHosts reads the file. With acceptNew the key of a host that is not
// in it is added; the file need not be there yet.
func OpenKnownHosts(path string, acceptNew bool) (*KnownHosts, error) {
	k := &KnownHosts{path: path, acceptNew: acceptNew}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && acceptNew {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	if err := k.read(); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *KnownHosts) read() error {
	check, err := knownhosts.New(k.path)
	if err != nil {
		return fmt.Errorf("known hosts: %w", err)
	}
	k.check = check
	return nil
}

func (h Host) address() string {
	name := h.Name
	if name == "" {
		name = h.Address.Addr().String()
	}
	return net.JoinHostPort(name, fmt.Sprint(h.Address.Port()))
}

func (h Host) remote() net.Addr { return net.TCPAddrFromAddrPort(h.Address) }

// Types lists the types of key the file has for the host.
func (k *KnownHosts) Types(h Host) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var types []string
	// A key that cannot be in the file makes the library tell which ones are.
	var unknown *knownhosts.KeyError
	if err := k.check(h.address(), h.remote(), noKey{}); errors.As(err, &unknown) {
		for _, w := range unknown.Want {
			if t := w.Key.Type(); !slices.Contains(types, t) {
				types = append(types, t)
			}
		}
	}
	return types
}

// Check verifies the key, or adds it where that was allowed.
func (k *KnownHosts) Check(_ context.Context, h Host, key HostKey) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	pub, err := ssh.ParsePublicKey(key.Blob)
	if err != nil {
		return fail(netdev.Handshake, "connect", "host key: %v", err)
	}
	err = k.check(h.address(), h.remote(), pub)
	var wrong *knownhosts.KeyError
	var revoked *knownhosts.RevokedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &revoked):
		return &netdev.OpError{Reason: netdev.HostKeyChanged, Op: "connect", Addr: h.Address.String(), Detail: "the key " + key.Fingerprint() + " is revoked"}
	case errors.As(err, &wrong) && len(wrong.Want) > 0:
		return ChangedKey(h, ssh.FingerprintSHA256(wrong.Want[0].Key), key)
	case errors.As(err, &wrong) && k.acceptNew:
		return k.add(h, pub)
	case errors.As(err, &wrong):
		return UnknownKey(h, key)
	default:
		return fail(netdev.HostKeyUnknown, "connect", "%v", err)
	}
}

func (k *KnownHosts) add(h Host, pub ssh.PublicKey) error {
	f, err := os.OpenFile(k.path, os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return &netdev.OpError{Reason: netdev.Internal, Op: "known hosts", Err: err}
	}
	line := knownhosts.Line([]string{h.address()}, pub) + "\n"
	if !endsLine(f) {
		line = "\n" + line
	}
	_, err = f.WriteString(line)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return &netdev.OpError{Reason: netdev.Internal, Op: "known hosts", Err: err}
	}
	if err := k.read(); err != nil {
		return &netdev.OpError{Reason: netdev.Internal, Op: "known hosts", Err: err}
	}
	return nil
}

// endsLine says whether the file is empty or its last line is finished.
func endsLine(f *os.File) bool {
	st, err := f.Stat()
	if err != nil || st.Size() == 0 {
		return true
	}
	var b [1]byte
	_, err = f.ReadAt(b[:], st.Size()-1)
	return err != nil || b[0] == '\n'
}

// noKey is a public key that equals no other.
type noKey struct{}

func (noKey) Type() string                        { return "none" }
func (noKey) Marshal() []byte                     { return []byte("none") }
func (noKey) Verify([]byte, *ssh.Signature) error { return errors.New("not a key") }

// addrPortOf reads the far end of a connection.
func addrPortOf(a net.Addr) (netip.AddrPort, bool) {
	if t, ok := a.(*net.TCPAddr); ok {
		ap := t.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), true
	}
	ap, err := netip.ParseAddrPort(a.String())
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), err == nil
}
