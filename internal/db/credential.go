package db

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

type credentialRow struct {
	ID          string `gorm:"primaryKey"`
	Name        string
	Scope       string
	Sites       string
	Platforms   string
	SSHUser     string `gorm:"column:ssh_user"`
	SSHKey      bool   `gorm:"column:ssh_key"`
	SNMPVersion string `gorm:"column:snmp_version"`
	SNMPUser    string `gorm:"column:snmp_user"`
	Sealed      []byte
	Rank        int
	Paused      int64
	Changed     int64
	ChangedBy   string
}

func (credentialRow) TableName() string { return "credential" }

func (r credentialRow) credential() (c vault.SealedCredential, err error) {
	var e1, e2, e3 error
	c.Scope, e1 = unlist[netip.Prefix](r.Scope)
	c.Sites, e2 = unlist[string](r.Sites)
	c.Platforms, e3 = unlist[netdev.PlatformID](r.Platforms)
	c.ID, c.Name, c.Sealed, c.Rank = r.ID, r.Name, r.Sealed, r.Rank
	c.SSHUser, c.SSHKey = r.SSHUser, r.SSHKey
	c.SNMPVersion, c.SNMPUser = netdev.SNMPVersion(r.SNMPVersion), r.SNMPUser
	c.Paused, c.Changed, c.ChangedBy = unstamp(r.Paused), unstamp(r.Changed), r.ChangedBy
	return c, errors.Join(e1, e2, e3)
}

// Credentials lists the sealed credentials by name.
func (d *DB) Credentials(ctx context.Context) ([]vault.SealedCredential, error) {
	var rows []credentialRow
	if err := d.conn(ctx).Order("name").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list credentials: %w", err)
	}
	out := make([]vault.SealedCredential, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.credential(); err != nil {
			return nil, fmt.Errorf("credential %q: %w", r.Name, err)
		}
	}
	return out, nil
}

// SaveCredential inserts or updates a credential by its id.
func (d *DB) SaveCredential(ctx context.Context, c vault.SealedCredential) error {
	scope, e1 := list(c.Scope)
	sites, e2 := list(c.Sites)
	platforms, e3 := list(c.Platforms)
	r := credentialRow{ID: c.ID, Name: c.Name, Scope: scope, Sites: sites, Platforms: platforms, SSHUser: c.SSHUser, SSHKey: c.SSHKey,
		SNMPVersion: string(c.SNMPVersion), SNMPUser: c.SNMPUser, Sealed: c.Sealed, Rank: c.Rank,
		Paused: stamp(c.Paused), Changed: stamp(c.Changed), ChangedBy: c.ChangedBy}
	err := errors.Join(e1, e2, e3)
	if err == nil {
		err = d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&r).Error
	}
	if err != nil {
		return fmt.Errorf("keep credential %q: %w", c.Name, err)
	}
	return nil
}

// DeleteCredential removes a credential by name.
func (d *DB) DeleteCredential(ctx context.Context, name string) error {
	return onlyOne(vault.ErrNoCredential, "remove credential", d.conn(ctx).Delete(&credentialRow{}, "name = ?", name))
}

// PauseCredential sets since when a credential is paused; zero ends the pause.
func (d *DB) PauseCredential(ctx context.Context, name string, since time.Time) error {
	return onlyOne(vault.ErrNoCredential, "pause credential",
		d.conn(ctx).Model(&credentialRow{}).Where("name = ?", name).Update("paused", stamp(since)))
}

// onlyOne makes missing of a statement that met no row.
func onlyOne(missing error, what string, res *gorm.DB) error {
	switch {
	case res.Error != nil:
		return fmt.Errorf("%s: %w", what, res.Error)
	case res.RowsAffected == 0:
		return missing
	}
	return nil
}
