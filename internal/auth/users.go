package auth

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode"

	"github.com/oklog/ulid/v2"
)

// Users lists every account by name. Password hashes are not in it.
func (s *Service) Users(ctx context.Context) ([]User, error) {
	users, err := s.rows.Users(ctx)
	for i := range users {
		users[i].Password = ""
	}
	return users, err
}

// AddUser makes an account. Without a password it can only have tokens.
func (s *Service) AddUser(ctx context.Context, name, password string, role Role) (User, error) {
	u, err := s.newUser(ctx, name, password, role)
	if err != nil {
		return User{}, err
	}
	if err := s.rows.InTx(ctx, func(ctx context.Context) error { return s.addUser(ctx, u) }); err != nil {
		return User{}, err
	}
	u.Password = ""
	return u, nil
}

func (s *Service) newUser(ctx context.Context, name, password string, role Role) (User, error) {
	if err := checkName(name); err != nil {
		return User{}, err
	}
	if !role.Known() {
		return User{}, fmt.Errorf("%q is not a role", role)
	}
	u := User{ID: ulid.Make().String(), Name: name, Role: role, Created: s.now()}
	if password == "" && role != Admin {
		return u, nil
	}
	if password == "" {
		return u, &PasswordError{"it is empty"}
	}
	if err := CheckPassword(password, name); err != nil {
		return User{}, err
	}
	hash, err := s.hash.make(ctx, password)
	u.Password = hash
	return u, err
}

func (s *Service) addUser(ctx context.Context, u User) error {
	_, err := s.rows.UserNamed(ctx, u.Name)
	if err == nil {
		return fmt.Errorf("%q: %w", u.Name, ErrUserExists)
	}
	if !errors.Is(err, ErrNoUser) {
		return err
	}
	return s.rows.SaveUser(ctx, u)
}

// Machine gives the account of a program that only has tokens, and makes it
// where there is none. Whoever calls this already holds the data directory.
func (s *Service) Machine(ctx context.Context, name string, role Role) (User, error) {
	if err := checkName(name); err != nil {
		return User{}, err
	}
	if !role.Known() {
		return User{}, fmt.Errorf("%q is not a role", role)
	}
	var u User
	err := s.rows.InTx(ctx, func(ctx context.Context) (err error) {
		u, err = s.rows.UserNamed(ctx, name)
		if errors.Is(err, ErrNoUser) {
			u = User{ID: ulid.Make().String(), Name: name, Role: role, Created: s.now()}
			return s.rows.SaveUser(ctx, u)
		}
		return err
	})
	u.Password = ""
	return u, err
}

func checkName(name string) error {
	if name == "" || len(name) > maxName {
		return fmt.Errorf("a user's name has 1 to %d characters", maxName)
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '-' && r != '_' && r != '@' {
			return fmt.Errorf("user name %q: only letters, digits and . - _ @", name)
		}
	}
	return nil
}

// change does one thing to an account, never to the last administrator what
// would leave none, and ends the account's sessions except one.
func (s *Service) change(ctx context.Context, id, exceptSession string, f func(u *User)) error {
	return s.rows.InTx(ctx, func(ctx context.Context) error {
		u, err := s.rows.UserByID(ctx, id)
		if err != nil {
			return err
		}
		f(&u)
		users, err := s.rows.Users(ctx)
		if err != nil {
			return err
		}
		was := admins(users, "") > 0
		still := u.active() && u.Role == Admin && u.Password != ""
		if was && !still && admins(users, id) == 0 {
			return ErrLastAdmin
		}
		if err := s.rows.SaveUser(ctx, u); err != nil {
			return err
		}
		return s.rows.EndSessionsOf(ctx, id, exceptSession)
	})
}

// SetRole changes an account's role; its sessions end.
func (s *Service) SetRole(ctx context.Context, id string, role Role) error {
	if !role.Known() {
		return fmt.Errorf("%q is not a role", role)
	}
	return s.change(ctx, id, "", func(u *User) { u.Role = role })
}

// Disable closes an account or opens it again; its sessions end.
func (s *Service) Disable(ctx context.Context, id string, closed bool) error {
	return s.change(ctx, id, "", func(u *User) {
		u.Disabled = time.Time{}
		if closed {
			u.Disabled = s.now()
		}
	})
}

// SetPassword gives an account a new password; every session but the one
// named ends.
func (s *Service) SetPassword(ctx context.Context, id, password, exceptSession string) error {
	u, err := s.rows.UserByID(ctx, id)
	if err != nil {
		return err
	}
	if err := CheckPassword(password, u.Name); err != nil {
		return err
	}
	hash, err := s.hash.make(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, id, exceptSession, func(u *User) { u.Password = hash })
}

// DeleteUser removes an account with its sessions and tokens.
func (s *Service) DeleteUser(ctx context.Context, id string) error {
	return s.rows.InTx(ctx, func(ctx context.Context) error {
		users, err := s.rows.Users(ctx)
		if err != nil {
			return err
		}
		if admins(users, "") > 0 && admins(users, id) == 0 {
			return ErrLastAdmin
		}
		return s.rows.DeleteUser(ctx, id)
	})
}
