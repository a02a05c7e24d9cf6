package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	secretBytes = 32
	maxAgent    = 200
	touchEvery  = time.Minute // how exact "last seen" is

	touchPatience = 2 * time.Second
)

// newSecret is 256 random bits as text that fits into a cookie and a link.
func newSecret() (string, error) {
	b := make([]byte, secretBytes)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// digest is the form in which secrets of this package are stored.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Authenticate says who a secret belongs to: a session's, or an API token
// (those start with plb_). Everything that does not lead to an open account is
// ErrNotLoggedIn.
func (s *Service) Authenticate(ctx context.Context, secret string) (Principal, error) {
	if strings.HasPrefix(secret, tokenPrefix) {
		return s.byToken(ctx, secret)
	}
	return s.bySession(ctx, secret)
}

func (s *Service) bySession(ctx context.Context, secret string) (Principal, error) {
	if len(secret) != base64.RawURLEncoding.EncodedLen(secretBytes) {
		return Principal{}, ErrNotLoggedIn
	}
	row, err := s.rows.SessionByID(ctx, digest(secret))
	if errors.Is(err, ErrNoSession) {
		return Principal{}, ErrNotLoggedIn
	}
	if err != nil {
		return Principal{}, fmt.Errorf("look up session: %w", err)
	}
	now := s.now()
	if now.Sub(row.Seen) >= s.opt.Idle || now.Sub(row.Created) >= s.opt.Age {
		return Principal{}, errors.Join(ErrNotLoggedIn, s.EndSession(ctx, row.ID))
	}
	u, err := s.openUser(ctx, row.UserID)
	if err != nil {
		return Principal{}, err
	}
	if now.Sub(row.Seen) >= touchEvery {
		s.touch(ctx, func(ctx context.Context) error { return s.rows.TouchSession(ctx, row.ID, now) })
	}
	return Principal{UserID: u.ID, User: u.Name, Role: u.Role, Session: row.ID}, nil
}

// touch notes a use. A page is not refused because a busy database took too
// long to write that somebody looked at it: the session just ends earlier.
func (s *Service) touch(ctx context.Context, f func(ctx context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, touchPatience)
	defer cancel()
	if err := s.rows.InTx(ctx, f); err != nil {
		s.opt.Log.WarnContext(ctx, "use of a session or token was not noted", "error", err)
	}
}

func (s *Service) openUser(ctx context.Context, id string) (User, error) {
	u, err := s.rows.UserByID(ctx, id)
	if errors.Is(err, ErrNoUser) || (err == nil && !u.active()) {
		return User{}, ErrNotLoggedIn
	}
	if err != nil {
		return User{}, fmt.Errorf("look up user: %w", err)
	}
	return u, nil
}

// start makes a session for u; it gives the secret, which is kept nowhere.
func (s *Service) start(ctx context.Context, u User, from Origin) (string, Principal, error) {
	secret, err := newSecret()
	if err != nil {
		return "", Principal{}, err
	}
	now := s.now()
	if err := s.rows.PruneSessions(ctx, now.Add(-s.opt.Idle), now.Add(-s.opt.Age)); err != nil {
		return "", Principal{}, err
	}
	row := Session{ID: digest(secret), UserID: u.ID, Created: now, Seen: now, Address: from.Address, Agent: cut(from.Agent, maxAgent)}
	if err := s.rows.AddSession(ctx, row); err != nil {
		return "", Principal{}, fmt.Errorf("start a session: %w", err)
	}
	return secret, Principal{UserID: u.ID, User: u.Name, Role: u.Role, Session: row.ID}, nil
}

func cut(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}

// Logout ends the session of a secret; an unknown one is no error.
func (s *Service) Logout(ctx context.Context, secret string) error {
	return s.EndSession(ctx, digest(secret))
}

// Sessions lists the logins of a user, newest first.
func (s *Service) Sessions(ctx context.Context, userID string) ([]Session, error) {
	return s.rows.SessionsOf(ctx, userID)
}

// EndSession ends one session by its id.
func (s *Service) EndSession(ctx context.Context, id string) error {
	return s.rows.InTx(ctx, func(ctx context.Context) error { return s.rows.EndSession(ctx, id) })
}

// CSRF is the token that forms of a session carry. It follows from the
// session's secret, so that it needs no row and ends with the session.
func CSRF(secret string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte("plumbline/1|csrf"))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// CheckCSRF compares in constant time.
func CheckCSRF(secret, token string) bool {
	return secret != "" && hmac.Equal([]byte(CSRF(secret)), []byte(token))
}
