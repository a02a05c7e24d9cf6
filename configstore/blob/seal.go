package blob

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
)

// sumBytes of the content's SHA-256 lie under the seal, before the compressed
// bytes: in the clear they would let a thief test guesses, and full length is
// not needed behind an authenticated seal. They catch what the seal cannot: a
// delta that was applied to the wrong text.
const sumBytes = 16

// save compresses content against dict, seals it into r and keeps it. What does
// not read back is not kept.
func (s *Store) save(ctx context.Context, device string, r Row, content, dict []byte) error {
	sum := sha256.Sum256(content)
	plain := append([]byte(nil), sum[:sumBytes]...)
	if r.Kind == Same {
		dict = content
	} else {
		var err error
		if plain, err = compress(plain, content, dict); err != nil {
			return fmt.Errorf("compress %s of revision %s: %w", r.Class, r.Revision, err)
		}
	}
	r.Size = len(content)
	var err error
	if r.Body, err = Seal(s.keys, device, string(r.Class), r.aad(), plain); err != nil {
		return err
	}
	back, err := s.decode(device, r, dict)
	if err != nil {
		return err
	}
	if !bytes.Equal(back, content) {
		return damaged(r, "it did not read back")
	}
	return s.rows.SaveBlob(ctx, r)
}

// decode opens r and applies it to dict: the text of its base, or of its own
// revision for a raw one.
func (s *Store) decode(device string, r Row, dict []byte) ([]byte, error) {
	plain, err := Open(s.keys, device, string(r.Class), r.aad(), r.Body)
	if err != nil {
		return nil, fmt.Errorf("%s of revision %s: %w", r.Class, r.Revision, err)
	}
	if len(plain) < sumBytes || r.Size < 0 {
		return nil, damaged(r, "it is too short")
	}
	content := dict
	switch r.Kind {
	case Same:
	case Whole:
		content, err = decompress(plain[sumBytes:], nil, r.Size)
	case Delta:
		content, err = decompress(plain[sumBytes:], dict, r.Size)
	default:
		return nil, damaged(r, "unknown kind")
	}
	if err != nil {
		return nil, damaged(r, err.Error())
	}
	sum := sha256.Sum256(content)
	if len(content) != r.Size || !bytes.Equal(sum[:sumBytes], plain[:sumBytes]) {
		return nil, damaged(r, "its hash does not fit")
	}
	return content, nil
}

// aad ties a body to its row, so that two bodies cannot be exchanged and the
// size can be believed before it is made room for.
func (r Row) aad() []byte {
	return AAD("blob", string(r.Class), r.Revision, string(r.Kind), r.Base, strconv.Itoa(r.Size))
}

// AAD joins parts so that no two lists give the same bytes.
func AAD(parts ...string) []byte {
	var b []byte
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

// Sealer seals and opens under one key of one device. Making one costs more than
// using it, which shows where a list is opened.
type Sealer struct{ g cipher.AEAD }

// NewSealer derives the device's key for label.
func NewSealer(keys Keys, device, label string) (*Sealer, error) {
	key, err := keys.Derive(device, label)
	if err != nil {
		return nil, fmt.Errorf("key for %s: %w", label, err)
	}
	defer clear(key)
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("key for %s: %w", label, err)
	}
	g, err := cipher.NewGCM(c)
	if err != nil {
		return nil, fmt.Errorf("key for %s: %w", label, err)
	}
	return &Sealer{g}, nil
}

// Seal encrypts plain with AES-256-GCM. The nonce is random: a key per device
// and label sees too few of them to meet one twice.
func (s *Sealer) Seal(aad, plain []byte) ([]byte, error) {
	out := make([]byte, s.g.NonceSize(), s.g.NonceSize()+len(plain)+s.g.Overhead())
	if _, err := rand.Read(out); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return s.g.Seal(out, out, plain, aad), nil
}

// Open decrypts what Seal made, or returns ErrDamaged.
func (s *Sealer) Open(aad, sealed []byte) ([]byte, error) {
	n := s.g.NonceSize()
	if len(sealed) < n {
		return nil, fmt.Errorf("%w: it is too short", ErrDamaged)
	}
	plain, err := s.g.Open(nil, sealed[:n], sealed[n:], aad)
	if err != nil {
		return nil, fmt.Errorf("%w: its seal does not open", ErrDamaged)
	}
	return plain, nil
}

// Seal seals one value under the device's key for label.
func Seal(keys Keys, device, label string, aad, plain []byte) ([]byte, error) {
	s, err := NewSealer(keys, device, label)
	if err != nil {
		return nil, err
	}
	return s.Seal(aad, plain)
}

// Open opens one value that Seal sealed, or returns ErrDamaged.
func Open(keys Keys, device, label string, aad, sealed []byte) ([]byte, error) {
	s, err := NewSealer(keys, device, label)
	if err != nil {
		return nil, err
	}
	return s.Open(aad, sealed)
}

// SealText compresses and seals a text that stands alone, under the key of
// class raw.
func SealText(keys Keys, device string, aad, text []byte) ([]byte, error) {
	plain, err := compress(nil, text, nil)
	if err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return Seal(keys, device, string(Raw), aad, plain)
}

// OpenText gives back what SealText sealed; size is its length, which aad should
// hold.
func OpenText(keys Keys, device string, aad, sealed []byte, size int) ([]byte, error) {
	plain, err := Open(keys, device, string(Raw), aad, sealed)
	if err != nil {
		return nil, err
	}
	text, err := decompress(plain, nil, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return text, nil
}
