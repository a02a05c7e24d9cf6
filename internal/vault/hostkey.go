package vault

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// ErrNotShown is returned where a key is to be accepted that the device did
// not show last.
var ErrNotShown = errors.New("the device did not show that host key last")

// HostKey is what is kept of a device's SSH identity: the key that is pinned,
// and the other one it showed, if it did.
type HostKey struct {
	Device netdev.DeviceID
	Type   string // "ssh-ed25519" …
	Blob   []byte // RFC 4253 §6.6
	Pinned time.Time
	By     string // the job or person that pinned it
	Reason string // of a person who accepted a changed key

	ShownType string // another key than the pinned one, shown last at Shown
	ShownBlob []byte
	Shown     time.Time
}

// Changed says whether the device showed another key since the pinned one was
// accepted.
func (k HostKey) Changed() bool { return len(k.ShownBlob) > 0 }

// Fingerprint gives "SHA256:…" as OpenSSH prints it.
func Fingerprint(blob []byte) string {
	sum := sha256.Sum256(blob)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// HostKeyRows keeps host keys; internal/db implements it.
type HostKeyRows interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	HostKey(ctx context.Context, dev netdev.DeviceID) (HostKey, bool, error)
	SaveHostKey(ctx context.Context, k HostKey) error
}

// HostKeys pins the SSH identity of devices.
type HostKeys struct {
	rows HostKeyRows
	now  func() time.Time
}

// NewHostKeys makes HostKeys over rows; now may be nil.
func NewHostKeys(rows HostKeyRows, now func() time.Time) *HostKeys {
	if now == nil {
		now = time.Now
	}
	return &HostKeys{rows: rows, now: now}
}

// Get gives what is kept of a device; false when no key is pinned.
func (h *HostKeys) Get(ctx context.Context, dev netdev.DeviceID) (HostKey, bool, error) {
	return h.rows.HostKey(ctx, dev)
}

// Check judges the key that a device shows, before anything is sent to it.
// The first one is pinned where learn says so, else refused with
// host-key-unknown; another than the pinned one is kept for a person to look
// at and refused with host-key-changed.
func (h *HostKeys) Check(ctx context.Context, dev netdev.Device, typ string, blob []byte, by string, learn bool) error {
	var verdict error
	err := h.rows.InTx(ctx, func(ctx context.Context) error {
		k, known, err := h.rows.HostKey(ctx, dev.ID)
		switch {
		case err != nil:
			return err
		case known && string(k.Blob) == string(blob):
			return nil
		case !known && !learn:
			verdict = h.refuse(dev, netdev.HostKeyUnknown, "shown "+Fingerprint(blob)+" ("+typ+")")
			return nil
		case !known:
			return h.rows.SaveHostKey(ctx, HostKey{Device: dev.ID, Type: typ, Blob: blob, Pinned: h.now().UTC(), By: by})
		}
		verdict = h.refuse(dev, netdev.HostKeyChanged, "known "+Fingerprint(k.Blob)+", shown "+Fingerprint(blob)+" ("+typ+")")
		k.ShownType, k.ShownBlob, k.Shown = typ, blob, h.now().UTC()
		return h.rows.SaveHostKey(ctx, k)
	})
	if err != nil {
		return fmt.Errorf("check host key of %s: %w", dev.Name, err)
	}
	return verdict
}

func (h *HostKeys) refuse(dev netdev.Device, r netdev.Reason, detail string) error {
	return &netdev.OpError{Reason: r, Op: "connect", Addr: dev.Address.String(), Detail: detail}
}

// Accept pins the other key that the device showed last. The caller names its
// fingerprint, so that nobody accepts a key he did not look at.
func (h *HostKeys) Accept(ctx context.Context, dev netdev.DeviceID, fingerprint, by, reason string) error {
	if reason == "" {
		return errors.New("a changed host key is accepted with a reason")
	}
	return h.rows.InTx(ctx, func(ctx context.Context) error {
		k, known, err := h.rows.HostKey(ctx, dev)
		if err != nil {
			return err
		}
		if !known || !k.Changed() || Fingerprint(k.ShownBlob) != fingerprint {
			return ErrNotShown
		}
		return h.rows.SaveHostKey(ctx, HostKey{Device: dev, Type: k.ShownType, Blob: k.ShownBlob, Pinned: h.now().UTC(), By: by, Reason: reason})
	})
}
