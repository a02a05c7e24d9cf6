package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

type credentialUsedRow struct {
	Device     string `gorm:"primaryKey"`
	Kind       string `gorm:"primaryKey"`
	Credential string
	At         int64
}

func (credentialUsedRow) TableName() string { return "credential_used" }

type credentialRefusedRow struct {
	ID         int64 `gorm:"primaryKey"`
	Device     string
	Kind       string
	Credential string
	At         int64
	Open       bool // nobody wrote how it ended
}

func (credentialRefusedRow) TableName() string { return "credential_refused" }

// SaveCredentialUsed keeps which credential opened a device last.
func (d *DB) SaveCredentialUsed(ctx context.Context, u vault.Used) error {
	r := credentialUsedRow{Device: string(u.Device), Kind: string(u.Kind), Credential: u.Credential, At: stamp(u.At)}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&r).Error; err != nil {
		return fmt.Errorf("keep the credential of %s: %w", u.Device, err)
	}
	return nil
}

// CredentialUsed gives which credential opened a device last; false for none.
func (d *DB) CredentialUsed(ctx context.Context, dev netdev.DeviceID, kind vault.Kind) (vault.Used, bool, error) {
	var r credentialUsedRow
	err := d.conn(ctx).Take(&r, "device = ? AND kind = ?", string(dev), string(kind)).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return vault.Used{}, false, nil
	}
	if err != nil {
		return vault.Used{}, false, fmt.Errorf("credential of %s: %w", dev, err)
	}
	return vault.Used{Device: dev, Kind: kind, Credential: r.Credential, At: unstamp(r.At)}, true, nil
}

// LastSuccess is when a credential last opened a device; zero for never.
func (d *DB) LastSuccess(ctx context.Context, credential string) (time.Time, error) {
	var at int64
	err := d.conn(ctx).Model(&credentialUsedRow{}).Where("credential = ?", credential).Select("coalesce(max(at), 0)").Scan(&at).Error
	if err != nil {
		return time.Time{}, fmt.Errorf("use of credential %q: %w", credential, err)
	}
	return unstamp(at), nil
}

// AddLogin keeps that a credential is about to be shown to a device.
func (d *DB) AddLogin(ctx context.Context, u vault.Used) error {
	r := credentialRefusedRow{Device: string(u.Device), Kind: string(u.Kind), Credential: u.Credential, At: stamp(u.At), Open: true}
	if err := d.conn(ctx).Create(&r).Error; err != nil {
		return fmt.Errorf("keep a login of %s: %w", u.Device, err)
	}
	return nil
}

// DropLogin forgets logins of a credential whose end was open.
func (d *DB) DropLogin(ctx context.Context, u vault.Used) error {
	err := d.conn(ctx).Delete(&credentialRefusedRow{}, "device = ? AND kind = ? AND credential = ? AND open", string(u.Device), string(u.Kind), u.Credential).Error
	if err != nil {
		return fmt.Errorf("forget a login of %s: %w", u.Device, err)
	}
	return nil
}

// AddRefusal keeps that a device refused a credential. The newest login of it
// whose end was open becomes the refused one.
func (d *DB) AddRefusal(ctx context.Context, u vault.Used) error {
	res := d.conn(ctx).Exec(`UPDATE credential_refused SET open = 0, at = ? WHERE id = (SELECT max(id) FROM credential_refused
		WHERE device = ? AND kind = ? AND credential = ? AND open)`, stamp(u.At), string(u.Device), string(u.Kind), u.Credential)
	if res.Error == nil && res.RowsAffected == 0 {
		res = d.conn(ctx).Create(&credentialRefusedRow{Device: string(u.Device), Kind: string(u.Kind), Credential: u.Credential, At: stamp(u.At)})
	}
	if res.Error != nil {
		return fmt.Errorf("keep a refused login of %s: %w", u.Device, res.Error)
	}
	return nil
}

// Refusals lists when a device refused logins after since.
func (d *DB) Refusals(ctx context.Context, dev netdev.DeviceID, kind vault.Kind, since time.Time) ([]time.Time, error) {
	by, err := d.refusals(d.conn(ctx).Where("device = ?", string(dev)), kind, since)
	return by[dev], err
}

// AllRefusals lists them of every device.
func (d *DB) AllRefusals(ctx context.Context, kind vault.Kind, since time.Time) (map[netdev.DeviceID][]time.Time, error) {
	return d.refusals(d.conn(ctx), kind, since)
}

func (d *DB) refusals(q *gorm.DB, kind vault.Kind, since time.Time) (map[netdev.DeviceID][]time.Time, error) {
	var rows []credentialRefusedRow
	if err := q.Where("kind = ? AND at > ?", string(kind), stamp(since)).Order("at, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("refused logins: %w", err)
	}
	out := map[netdev.DeviceID][]time.Time{}
	for _, r := range rows {
		dev := netdev.DeviceID(r.Device)
		out[dev] = append(out[dev], unstamp(r.At))
	}
	return out, nil
}

// ForgetRefusals removes the refused logins of a credential.
func (d *DB) ForgetRefusals(ctx context.Context, credential string) error {
	if err := d.conn(ctx).Delete(&credentialRefusedRow{}, "credential = ?", credential).Error; err != nil {
		return fmt.Errorf("forget refused logins of %q: %w", credential, err)
	}
	return nil
}

// DevicesRefusing counts the devices that refused a credential after since.
func (d *DB) DevicesRefusing(ctx context.Context, credential string, since time.Time) (int, error) {
	var n int64
	err := d.conn(ctx).Model(&credentialRefusedRow{}).
		Where("credential = ? AND at > ? AND NOT open", credential, stamp(since)).Distinct("device").Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("refusals of credential %q: %w", credential, err)
	}
	return int(n), nil
}

// PruneRefusals removes refused logins before a time.
func (d *DB) PruneRefusals(ctx context.Context, before time.Time) error {
	if err := d.conn(ctx).Delete(&credentialRefusedRow{}, "at < ?", stamp(before)).Error; err != nil {
		return fmt.Errorf("remove old refused logins: %w", err)
	}
	return nil
}

// CredentialUsage counts what became of each credential, by its name. What
// opened an agent is kept with the device.
func (d *DB) CredentialUsage(ctx context.Context) (map[string]vault.Usage, error) {
	out := map[string]vault.Usage{}
	type row struct {
		Credential string
		N          int
		At         int64
	}
	of := func(statement string, enter func(u *vault.Usage, r row)) error {
		var rows []row
		if err := d.conn(ctx).Raw(statement).Scan(&rows).Error; err != nil {
			return fmt.Errorf("use of credentials: %w", err)
		}
		for _, r := range rows {
			u := out[r.Credential]
			if u.Devices == nil {
				u.Devices = map[vault.Kind]int{}
			}
			enter(&u, r)
			out[r.Credential] = u
		}
		return nil
	}
	opened := func(kind vault.Kind) func(u *vault.Usage, r row) {
		return func(u *vault.Usage, r row) {
			u.Devices[kind] += r.N
			if at := unstamp(r.At); at.After(u.Success) {
				u.Success = at
			}
		}
	}
	return out, errors.Join(
		of("SELECT credential, count(*) AS n, max(at) AS at FROM credential_used WHERE kind = 'ssh' GROUP BY credential", opened(vault.SSH)),
		of("SELECT credential, count(*) AS n, max(last_seen) AS at FROM device WHERE credential <> '' GROUP BY credential", opened(vault.SNMP)),
		of("SELECT credential, count(DISTINCT device) AS n, max(at) AS at FROM credential_refused GROUP BY credential", func(u *vault.Usage, r row) {
			u.Refusing, u.Refusal = r.N, unstamp(r.At)
		}))
}
