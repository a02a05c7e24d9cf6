package vault

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Class is what a data key is for. One key a class, so that one of them can be
// replaced alone.
type Class string

// Classes of sealed values.
const (
	ClassCredential Class = "credential"
	ClassConfig     Class = "config"
	ClassIdentity   Class = "identity" // second factors, sessions, a CA's key
	ClassSpool      Class = "spool"
)

// Keys that seal nothing but are kept the same way.
const (
	classCheck       Class = "check" // the key check value
	classFingerprint Class = "fingerprint"
	classAudit       Class = "audit"
	classQueue       Class = "queue"
)

func classes() []Class {
	return []Class{classCheck, ClassCredential, ClassConfig, ClassIdentity, ClassSpool, classFingerprint, classAudit, classQueue}
}

// WrappedKey is a data key as it is stored: sealed under the master key.
type WrappedKey struct {
	ID     uint32 // 1…; named in every value sealed under it
	Class  Class
	Master string // id of the master key that wraps it
	Sealed []byte
	Made   time.Time
}

// Rows keeps wrapped keys; internal/db implements it.
type Rows interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	VaultKeys(ctx context.Context) ([]WrappedKey, error)
	AddVaultKeys(ctx context.Context, keys []WrappedKey) error
}

// Options of Unlock; the zero value works.
type Options struct {
	Now func() time.Time
	Log *slog.Logger
}

// Vault seals and opens. It is safe for use by many goroutines.
type Vault struct {
	byID   map[uint32][]byte
	newest map[Class]uint32
}

const checkText = "plumbline key check value"

// Unlock reads the master key and unwraps the data keys. On a store without
// keys it makes them, and a master key too where the source may. Where the
// store has keys, a missing or another master key is a *KeyError that names
// the id of the one that is needed; no new one is ever made then.
func Unlock(ctx context.Context, rows Rows, src KeySource, opt Options) (*Vault, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	var v *Vault
	// One transaction: two first starts beside each other must not make two
	// sets of keys.
	err := rows.InTx(ctx, func(ctx context.Context) error {
		kept, err := rows.VaultKeys(ctx)
		if err != nil {
			return fmt.Errorf("read wrapped keys: %w", err)
		}
		master, err := masterKey(ctx, src, kept, opt.Log)
		if err != nil {
			return err
		}
		defer clear(master)
		if len(kept) == 0 {
			if kept, err = makeKeys(master, opt.Now()); err != nil {
				return err
			}
			if err := rows.AddVaultKeys(ctx, kept); err != nil {
				return fmt.Errorf("store wrapped keys: %w", err)
			}
		}
		v, err = unwrap(master, kept, src.String())
		return err
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

func masterKey(ctx context.Context, src KeySource, kept []WrappedKey, log *slog.Logger) ([]byte, error) {
	master, err := src.Key()
	if errors.Is(err, fs.ErrNotExist) {
		if len(kept) > 0 {
			return nil, &KeyError{src.String(), "is missing, and the store is sealed with key " + kept[0].Master + ": put that key back"}
		}
		master, err = src.Create()
		if err == nil {
			log.WarnContext(ctx, "made a new master key: keep a copy elsewhere, without it nothing sealed can be read", "file", src.String(), "id", keyID(master))
		}
	}
	if err != nil {
		return nil, err
	}
	if len(kept) > 0 && kept[0].Master != keyID(master) {
		id := keyID(master)
		clear(master)
		return nil, &KeyError{src.String(), "is key " + id + ", but the store is sealed with key " + kept[0].Master}
	}
	return master, nil
}

// keyID names a master key without giving anything of it away.
func keyID(master []byte) string {
	h := sha256.New()
	h.Write([]byte("plumbline/1|master key id|"))
	h.Write(master)
	return hex.EncodeToString(h.Sum(nil)[:6])
}

func makeKeys(master []byte, now time.Time) ([]WrappedKey, error) {
	var out []WrappedKey
	for i, c := range classes() {
		plain := []byte(checkText)
		if c != classCheck {
			plain = make([]byte, keyBytes)
			if _, err := rand.Read(plain); err != nil {
				return nil, err
			}
		}
		k := WrappedKey{ID: uint32(i + 1), Class: c, Master: keyID(master), Made: now.UTC()}
		sealed, err := seal(master, 0, wrapPlace(k), plain)
		if err != nil {
			return nil, err
		}
		k.Sealed = sealed
		out = append(out, k)
	}
	return out, nil
}

func wrapPlace(k WrappedKey) Place {
	return Place{Table: "vault_key", Row: fmt.Sprint(k.ID), Field: string(k.Class)}
}

func unwrap(master []byte, kept []WrappedKey, source string) (*Vault, error) {
	v := &Vault{byID: map[uint32][]byte{}, newest: map[Class]uint32{}}
	for _, k := range kept {
		plain, err := open(master, wrapPlace(k), k.Sealed)
		if err != nil || (k.Class == classCheck && string(plain) != checkText) {
			return nil, &KeyError{source, fmt.Sprintf("does not open data key %d (%s), sealed with key %s", k.ID, k.Class, k.Master)}
		}
		v.byID[k.ID] = plain
		v.newest[k.Class] = max(v.newest[k.Class], k.ID)
	}
	for _, c := range classes() {
		if v.newest[c] == 0 {
			return nil, &KeyError{source, "the store has no data key of class " + string(c)}
		}
	}
	return v, nil
}

// Seal encrypts plain for one place of the database; it opens nowhere else.
func (v *Vault) Seal(class Class, at Place, plain []byte) ([]byte, error) {
	id := v.newest[class]
	if id == 0 {
		return nil, fmt.Errorf("seal %s: no key of class %q", at, class)
	}
	return seal(v.byID[id], id, at, plain)
}

// SealSecret seals a secret for one place of the database.
func (v *Vault) SealSecret(class Class, at Place, s netdev.Secret) ([]byte, error) {
	return v.Seal(class, at, []byte(s.Reveal()))
}

// Open decrypts what Seal made for the same place. The bytes are the
// caller's; clear them after use.
func (v *Vault) Open(at Place, sealed []byte) ([]byte, error) {
	if len(sealed) < headerBytes {
		return nil, fmt.Errorf("open %s: %w", at, ErrDamaged)
	}
	key, ok := v.byID[binary.BigEndian.Uint32(sealed[1:5])]
	if !ok {
		return nil, fmt.Errorf("open %s: %w: its key is not known", at, ErrDamaged)
	}
	return open(key, at, sealed)
}

// Derive gives the 32-byte key for the blobs of one device under one label
// ("text" or "raw"), by HKDF-SHA-256 from the data key of class config.
func (v *Vault) Derive(device, class string) ([]byte, error) {
	return hkdf.Key(sha256.New, v.byID[v.newest[ClassConfig]], nil, fmt.Sprintf("plumbline/1|blob|%d|%s|%s", len(device), device, class), keyBytes)
}

// FingerprintKey is the key of the HMAC that masks secrets. It does not
// rotate with the data keys, or every secret would look changed.
func (v *Vault) FingerprintKey() []byte { return v.fixed(classFingerprint) }

// AuditKey is the key of the audit chain's HMAC.
func (v *Vault) AuditKey() []byte { return v.fixed(classAudit) }

// QueueKey encrypts the work queue's files; it is text because the queue
// wants text.
func (v *Vault) QueueKey() string { return hex.EncodeToString(v.fixed(classQueue)) }

func (v *Vault) fixed(c Class) []byte { return append([]byte(nil), v.byID[v.newest[c]]...) }
