package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/internal/auth"
)

type accountRow struct {
	ID       string `gorm:"primaryKey"`
	Name     string
	NameFold string
	Role     string
	Password string
	Disabled int64
	Created  int64
}

func (accountRow) TableName() string { return "account" }

func (r accountRow) user() auth.User {
	return auth.User{ID: r.ID, Name: r.Name, Role: auth.Role(r.Role), Password: r.Password, Disabled: unstamp(r.Disabled), Created: unstamp(r.Created)}
}

// Users lists the accounts by name.
func (d *DB) Users(ctx context.Context) ([]auth.User, error) {
	var rows []accountRow
	if err := d.conn(ctx).Order("name_fold").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	out := make([]auth.User, len(rows))
	for i, r := range rows {
		out[i] = r.user()
	}
	return out, nil
}

func (d *DB) user(ctx context.Context, where, value string) (auth.User, error) {
	var r accountRow
	err := d.conn(ctx).Where(map[string]any{where: value}).Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return auth.User{}, auth.ErrNoUser
	}
	if err != nil {
		return auth.User{}, fmt.Errorf("look up user: %w", err)
	}
	return r.user(), nil
}

// UserNamed gives the account of a name, whatever its case.
func (d *DB) UserNamed(ctx context.Context, name string) (auth.User, error) {
	return d.user(ctx, "name_fold", strings.ToLower(name))
}

// UserByID gives the account of an id.
func (d *DB) UserByID(ctx context.Context, id string) (auth.User, error) {
	return d.user(ctx, "id", id)
}

// SaveUser inserts or updates an account by its id.
func (d *DB) SaveUser(ctx context.Context, u auth.User) error {
	r := accountRow{ID: u.ID, Name: u.Name, NameFold: strings.ToLower(u.Name), Role: string(u.Role), Password: u.Password,
		Disabled: stamp(u.Disabled), Created: stamp(u.Created)}
	err := d.conn(ctx).Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, UpdateAll: true}).Create(&r).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fmt.Errorf("%q: %w", u.Name, auth.ErrUserExists)
	}
	if err != nil {
		return fmt.Errorf("keep user %q: %w", u.Name, err)
	}
	return nil
}

// DeleteUser removes an account with its sessions and tokens.
func (d *DB) DeleteUser(ctx context.Context, id string) error {
	return onlyOne(auth.ErrNoUser, "remove user", d.conn(ctx).Delete(&accountRow{}, "id = ?", id))
}

type loginFailureRow struct {
	ID  int64 `gorm:"primaryKey"`
	Key string
	At  int64
}

func (loginFailureRow) TableName() string { return "login_failure" }

// AddLoginFailure keeps one failed login under a key.
func (d *DB) AddLoginFailure(ctx context.Context, key string, at time.Time) error {
	if err := d.conn(ctx).Create(&loginFailureRow{Key: key, At: stamp(at)}).Error; err != nil {
		return fmt.Errorf("keep a failed login: %w", err)
	}
	return nil
}

// LoginFailures counts the failed logins of a key after since.
func (d *DB) LoginFailures(ctx context.Context, key string, since time.Time) (int, error) {
	var n int64
	err := d.conn(ctx).Model(&loginFailureRow{}).Where("key = ? AND at > ?", key, stamp(since)).Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count failed logins: %w", err)
	}
	return int(n), nil
}

// ClearLoginFailures forgets the failed logins of a key.
func (d *DB) ClearLoginFailures(ctx context.Context, key string) error {
	if err := d.conn(ctx).Delete(&loginFailureRow{}, "key = ?", key).Error; err != nil {
		return fmt.Errorf("forget failed logins: %w", err)
	}
	return nil
}

// PruneLoginFailures removes failed logins before a time.
func (d *DB) PruneLoginFailures(ctx context.Context, before time.Time) error {
	if err := d.conn(ctx).Delete(&loginFailureRow{}, "at < ?", stamp(before)).Error; err != nil {
		return fmt.Errorf("remove old failed logins: %w", err)
	}
	return nil
}

type setupLinkRow struct {
	ID      int64 `gorm:"primaryKey"`
	Hash    string
	Expires int64
}

func (setupLinkRow) TableName() string { return "setup_link" }

// SaveSetupLink keeps the set-up link in the place of the one before.
func (d *DB) SaveSetupLink(ctx context.Context, l auth.SetupLink) error {
	r := setupLinkRow{ID: 1, Hash: l.Hash, Expires: stamp(l.Expires)}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&r).Error; err != nil {
		return fmt.Errorf("keep the set-up link: %w", err)
	}
	return nil
}

// SetupLink gives the set-up link; false where there is none.
func (d *DB) SetupLink(ctx context.Context) (auth.SetupLink, bool, error) {
	var rows []setupLinkRow
	if err := d.conn(ctx).Find(&rows).Error; err != nil {
		return auth.SetupLink{}, false, fmt.Errorf("look up the set-up link: %w", err)
	}
	if len(rows) == 0 {
		return auth.SetupLink{}, false, nil
	}
	return auth.SetupLink{Hash: rows[0].Hash, Expires: unstamp(rows[0].Expires)}, true, nil
}

// DeleteSetupLink removes the set-up link.
func (d *DB) DeleteSetupLink(ctx context.Context) error {
	if err := d.conn(ctx).Delete(&setupLinkRow{}, "id = 1").Error; err != nil {
		return fmt.Errorf("remove the set-up link: %w", err)
	}
	return nil
}
