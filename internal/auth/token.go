package auth

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

const (
	// tokenPrefix lets scanners of repositories find a token that leaked.
	tokenPrefix = "plb_"
	maxTokenAge = 366 * 24 * time.Hour
)

func tokenText() *base32.Encoding {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
}

// newToken is plb_ and base32 of 32 random bytes and their CRC-32, which tells
// a mistyped token from an unknown one without asking the database.
func newToken() (string, error) {
	b := make([]byte, secretBytes, secretBytes+4)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return tokenPrefix + tokenText().EncodeToString(b), nil
}

func wellFormed(token string) bool {
	text, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok || len(text) != tokenText().EncodedLen(secretBytes+4) {
		return false
	}
	b, err := tokenText().DecodeString(text)
	return err == nil && len(b) == secretBytes+4 && crc32.ChecksumIEEE(b[:secretBytes]) == binary.BigEndian.Uint32(b[secretBytes:])
}

// NewToken makes an API token for an account and returns it; it is shown once
// and kept as a hash. Its role is at most the account's; it ends after at most
// a year.
func (s *Service) NewToken(ctx context.Context, userName, name string, role Role, life time.Duration) (string, Token, error) {
	if life <= 0 || life > maxTokenAge {
		return "", Token{}, fmt.Errorf("a token's life is more than nothing and at most a year, not %s", life)
	}
	if !role.Known() {
		return "", Token{}, fmt.Errorf("%q is not a role", role)
	}
	secret, err := newToken()
	if err != nil {
		return "", Token{}, err
	}
	var t Token
	err = s.rows.InTx(ctx, func(ctx context.Context) error {
		u, err := s.rows.UserNamed(ctx, userName)
		if err != nil {
			return err
		}
		if !u.active() || !role.within(u.Role) {
			return fmt.Errorf("user %q has the role %s: it cannot have a token of the role %s", u.Name, u.Role, role)
		}
		now := s.now()
		if err := s.rows.PruneTokens(ctx, now.Add(-maxTokenAge)); err != nil {
			return err
		}
		t = Token{ID: ulid.Make().String(), Hash: digest(secret), UserID: u.ID, Name: name, Role: role, Created: now, Expires: now.Add(life)}
		return s.rows.AddToken(ctx, t)
	})
	if err != nil {
		return "", Token{}, err
	}
	return secret, t, nil
}

func (s *Service) byToken(ctx context.Context, secret string) (Principal, error) {
	if !wellFormed(secret) {
		return Principal{}, ErrNotLoggedIn
	}
	t, err := s.rows.TokenByHash(ctx, digest(secret))
	if errors.Is(err, ErrNoToken) {
		return Principal{}, ErrNotLoggedIn
	}
	if err != nil {
		return Principal{}, fmt.Errorf("look up token: %w", err)
	}
	now := s.now()
	if !now.Before(t.Expires) {
		return Principal{}, ErrNotLoggedIn
	}
	u, err := s.openUser(ctx, t.UserID)
	if err != nil {
		return Principal{}, err
	}
	role := t.Role
	if !role.within(u.Role) {
		role = u.Role // the account was made less since
	}
	if now.Sub(t.Used) >= touchEvery {
		s.touch(ctx, func(ctx context.Context) error { return s.rows.TouchToken(ctx, t.ID, now) })
	}
	return Principal{UserID: u.ID, User: u.Name, Role: role, Token: t.ID}, nil
}

// Tokens lists the tokens of an account, newest first.
func (s *Service) Tokens(ctx context.Context, userID string) ([]Token, error) {
	return s.rows.TokensOf(ctx, userID)
}

// RevokeToken ends a token by its id; ErrNoToken when there is none.
func (s *Service) RevokeToken(ctx context.Context, id string) error {
	return s.rows.InTx(ctx, func(ctx context.Context) error { return s.rows.RevokeToken(ctx, id) })
}
