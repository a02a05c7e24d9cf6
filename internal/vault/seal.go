package vault

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrDamaged is returned for bytes that were not sealed for this place, or
// that were changed since.
var ErrDamaged = errors.New("sealed value is damaged or does not belong here")

// Place is where a sealed value lies. It is part of what is authenticated, so
// a value moved to another row does not open.
type Place struct{ Table, Row, Field string }

// String is table/row/field.
func (p Place) String() string { return p.Table + "/" + p.Row + "/" + p.Field }

// aad is "plumbline/1|table|row|field"; a part with the separator in it would
// make two places one.
func (p Place) aad() ([]byte, error) {
	for _, s := range []string{p.Table, p.Row, p.Field} {
		if s == "" || strings.Contains(s, "|") {
			return nil, fmt.Errorf("%q is not a place to seal for", p.String())
		}
	}
	return []byte("plumbline/1|" + p.Table + "|" + p.Row + "|" + p.Field), nil
}

const (
	sealVersion = 1
	// version(1) | key id(4) | nonce(24)
	headerBytes = 1 + 4 + chacha20poly1305.NonceSizeX
)

func seal(key []byte, id uint32, at Place, plain []byte) ([]byte, error) {
	aad, err := at.aad()
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, headerBytes, headerBytes+len(plain)+aead.Overhead())
	out[0] = sealVersion
	binary.BigEndian.PutUint32(out[1:5], id)
	if _, err := rand.Read(out[5:headerBytes]); err != nil {
		return nil, err
	}
	return aead.Seal(out, out[5:headerBytes], plain, aad), nil
}

func open(key []byte, at Place, sealed []byte) ([]byte, error) {
	aad, err := at.aad()
	if err != nil {
		return nil, err
	}
	if len(sealed) < headerBytes || sealed[0] != sealVersion {
		return nil, fmt.Errorf("open %s: %w", at, ErrDamaged)
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, sealed[5:headerBytes], sealed[headerBytes:], aad)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", at, ErrDamaged)
	}
	return plain, nil
}
