package cli

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"sync"

	"golang.org/x/crypto/ssh"

	"github.com/plumbline-net/plumbline/netdev"
)

// Host is whose key is asked about: the name or address a person gave, and the
// address that was really dialled.
type Host struct {
	Name    string
	Address netip.AddrPort
}

// HostKey is a server's public key.
type HostKey struct {
	Type string // "ssh-ed25519", "ssh-rsa" …
	Blob []byte // RFC 4253 §6.6
}

// Fingerprint gives "SHA256:…" as OpenSSH prints it.
func (k HostKey) Fingerprint() string {
	sum := sha256.Sum256(k.Blob)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// HostKeys decides whether the host that answers is the host that was meant.
type HostKeys interface {
	// Types lists the types of key that are known for the host; they are asked
	// for first, so that a host with several keys shows the one that is known.
	Types(h Host) []string
	// Check is called before any authentication. An error stops the
	// connection; it should be a *netdev.OpError with HostKeyChanged or
	// HostKeyUnknown.
	Check(ctx context.Context, h Host, key HostKey) error
}

// FirstUse accepts the first key of each host and insists on it from then on.
// The zero value is ready.
type FirstUse struct {
	mu   sync.Mutex
	seen map[string]HostKey
}

// Types gives the type that was seen.
func (f *FirstUse) Types(h Host) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if k, ok := f.seen[h.Address.String()]; ok {
		return []string{k.Type}
	}
	return nil
}

// Check accepts the first key and refuses another.
func (f *FirstUse) Check(_ context.Context, h Host, key HostKey) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := h.Address.String()
	if was, ok := f.seen[id]; ok {
		if string(was.Blob) == string(key.Blob) {
			return nil
		}
		return ChangedKey(h, was.Fingerprint(), key)
	}
	if f.seen == nil {
		f.seen = map[string]HostKey{}
	}
	f.seen[id] = key
	return nil
}

// ChangedKey is the refusal of a key that is not the known one.
func ChangedKey(h Host, known string, key HostKey) *netdev.OpError {
	return &netdev.OpError{Reason: netdev.HostKeyChanged, Op: "connect", Addr: h.Address.String(),
		Detail: "known " + known + ", shown " + key.Fingerprint() + " (" + key.Type + ")"}
}

// UnknownKey is the refusal of a key that should have been known beforehand.
func UnknownKey(h Host, key HostKey) *netdev.OpError {
	return &netdev.OpError{Reason: netdev.HostKeyUnknown, Op: "connect", Addr: h.Address.String(),
		Detail: "shown " + key.Fingerprint() + " (" + key.Type + ")"}
}

func hostKeyOf(k ssh.PublicKey) HostKey { return HostKey{Type: k.Type(), Blob: k.Marshal()} }
