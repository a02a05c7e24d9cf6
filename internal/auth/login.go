package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	maxFailures   = 5
	failureWindow = 15 * time.Minute
	maxName       = 64
)

// Origin is where a login comes from.
type Origin struct {
	Address string // of the peer, without its port
	Agent   string // as the browser says
}

// Login checks a password and starts a new session; it returns the session's
// secret for the cookie. Every wrong login is ErrBadLogin and takes the same
// time; ErrThrottled comes before any password is looked at.
//
// Do not call it inside a transaction: hashing takes long.
func (s *Service) Login(ctx context.Context, name, password string, from Origin) (string, Principal, error) {
	key := throttleKey(name, from.Address)
	if err := s.reserve(ctx, key, name, from); err != nil {
		return "", Principal{}, err
	}
	u, err := s.rows.UserNamed(ctx, name)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return "", Principal{}, fmt.Errorf("look up user: %w", err)
	}
	stored, known := u.Password, err == nil && u.active() && u.Password != ""
	if !known {
		stored = s.dummy
	}
	if len(password) > maxPassword*4 {
		known, password = false, ""
	}
	ok, rehash, err := s.hash.check(ctx, password, stored)
	if err != nil {
		return "", Principal{}, fmt.Errorf("check password: %w", err)
	}
	if !known || !ok {
		return "", Principal{}, s.refused(ctx, name, from, "wrong", ErrBadLogin)
	}
	newer := ""
	if rehash {
		if newer, err = s.hash.make(ctx, password); err != nil {
			return "", Principal{}, err
		}
	}
	return s.accept(ctx, u, newer, key, from)
}

// reserve counts the attempt as a failure before it is made, so that a
// thousand requests at once are not a thousand guesses.
func (s *Service) reserve(ctx context.Context, key, name string, from Origin) error {
	throttled := false
	err := s.rows.InTx(ctx, func(ctx context.Context) error {
		now := s.now()
		if err := s.rows.PruneLoginFailures(ctx, now.Add(-failureWindow)); err != nil {
			return err
		}
		n, err := s.rows.LoginFailures(ctx, key, now.Add(-failureWindow))
		if err != nil {
			return err
		}
		if throttled = n >= maxFailures; throttled {
			return nil
		}
		return s.rows.AddLoginFailure(ctx, key, now)
	})
	if err != nil {
		return fmt.Errorf("count logins: %w", err)
	}
	if throttled {
		return s.refused(ctx, name, from, "throttled", ErrThrottled)
	}
	return nil
}

// refused records a refusal. What was typed is no account's name when it is
// the password, in the wrong field: only names of accounts are kept.
func (s *Service) refused(ctx context.Context, name string, from Origin, why string, answer error) error {
	err := s.rows.InTx(ctx, func(ctx context.Context) error {
		u, err := s.rows.UserNamed(ctx, name)
		if err != nil && !errors.Is(err, ErrNoUser) {
			return err
		}
		return s.opt.Record(ctx, Event{Verb: "login.failed", User: u.Name, Address: from.Address, Detail: why})
	})
	return errors.Join(answer, err)
}

func (s *Service) accept(ctx context.Context, u User, newer, key string, from Origin) (secret string, p Principal, err error) {
	err = s.rows.InTx(ctx, func(ctx context.Context) error {
		// Read again under the lock: the account may have been closed, or its
		// password changed, while the hash was computed.
		now, err := s.rows.UserByID(ctx, u.ID)
		if err != nil || !now.active() || now.Password != u.Password {
			return errors.Join(ErrBadLogin, err)
		}
		if newer != "" {
			now.Password = newer
			if err := s.rows.SaveUser(ctx, now); err != nil {
				return err
			}
		}
		if err := s.rows.ClearLoginFailures(ctx, key); err != nil {
			return err
		}
		if secret, p, err = s.start(ctx, now, from); err != nil {
			return err
		}
		return s.opt.Record(ctx, Event{Verb: "login.ok", User: now.Name, Address: from.Address})
	})
	if err != nil {
		return "", Principal{}, err
	}
	return secret, p, nil
}

// throttleKey does not keep what was typed: people type passwords into the
// field for the name.
func throttleKey(name, address string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(name)) + "\x00" + address))
	return hex.EncodeToString(sum[:16])
}
