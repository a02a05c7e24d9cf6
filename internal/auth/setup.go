package auth

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"
)

const setupLife = 30 * time.Minute

// HasAdmin says whether an administrator exists who can log in; until then the
// set-up is the only page.
func (s *Service) HasAdmin(ctx context.Context) (bool, error) {
	users, err := s.rows.Users(ctx)
	if err != nil {
		return false, err
	}
	return admins(users, "") > 0, nil
}

// admins counts the administrators who can log in, without the one of id but.
func admins(users []User, but string) int {
	n := 0
	for _, u := range users {
		if u.active() && u.Role == Admin && u.Password != "" && u.ID != but {
			n++
		}
	}
	return n
}

// NewSetupLink makes the token of a set-up link, valid for 30 minutes or until
// it is used; the one before ends. ErrSetupDone when an administrator exists.
func (s *Service) NewSetupLink(ctx context.Context) (string, error) {
	secret, err := newSecret()
	if err != nil {
		return "", err
	}
	err = s.rows.InTx(ctx, func(ctx context.Context) error {
		if done, err := s.HasAdmin(ctx); err != nil || done {
			return errors.Join(err, when(done, ErrSetupDone))
		}
		return s.rows.SaveSetupLink(ctx, SetupLink{Hash: digest(secret), Expires: s.now().Add(setupLife)})
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// SetupURL is the link that a token makes under the address of the web.
func SetupURL(base, token string) string {
	return strings.TrimSuffix(base, "/") + "/setup?token=" + token
}

func when(yes bool, err error) error {
	if yes {
		return err
	}
	return nil
}

// CheckSetup says whether the token of a set-up link may still be used:
// ErrBadSetup or ErrSetupDone when not.
func (s *Service) CheckSetup(ctx context.Context, token string) error {
	if done, err := s.HasAdmin(ctx); err != nil || done {
		return errors.Join(err, when(done, ErrSetupDone))
	}
	link, ok, err := s.rows.SetupLink(ctx)
	if err != nil {
		return err
	}
	fits := ok && subtle.ConstantTimeCompare([]byte(link.Hash), []byte(digest(token))) == 1
	return when(!fits || !s.now().Before(link.Expires), ErrBadSetup)
}

// Setup makes the first administrator, uses up the link, and logs in. It
// returns the session's secret.
func (s *Service) Setup(ctx context.Context, token, name, password string, from Origin) (string, Principal, error) {
	// Before the hash is computed: that is work, and the link is its price.
	if err := s.CheckSetup(ctx, token); err != nil {
		return "", Principal{}, err
	}
	u, err := s.newUser(ctx, name, password, Admin)
	if err != nil {
		return "", Principal{}, err
	}
	var secret string
	var p Principal
	err = s.rows.InTx(ctx, func(ctx context.Context) error {
		if err := s.CheckSetup(ctx, token); err != nil {
			return err
		}
		if err := s.addUser(ctx, u); err != nil {
			return err
		}
		if err := s.rows.DeleteSetupLink(ctx); err != nil {
			return err
		}
		if secret, p, err = s.start(ctx, u, from); err != nil {
			return err
		}
		return s.opt.Record(ctx, Event{Verb: "setup.completed", User: u.Name, Address: from.Address})
	})
	if err != nil {
		return "", Principal{}, err
	}
	return secret, p, nil
}
