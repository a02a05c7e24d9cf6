package db

import (
	"context"
	"fmt"

	"github.com/plumbline-net/plumbline/internal/vault"
)

type vaultKeyRow struct {
	ID     uint32 `gorm:"primaryKey;autoIncrement:false"`
	Class  string
	Master string
	Sealed []byte
	Made   int64
}

func (vaultKeyRow) TableName() string { return "vault_key" }

// VaultKeys lists the wrapped keys by id.
func (d *DB) VaultKeys(ctx context.Context) ([]vault.WrappedKey, error) {
	var rows []vaultKeyRow
	if err := d.conn(ctx).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list wrapped keys: %w", err)
	}
	keys := make([]vault.WrappedKey, len(rows))
	for i, r := range rows {
		keys[i] = vault.WrappedKey{ID: r.ID, Class: vault.Class(r.Class), Master: r.Master, Sealed: r.Sealed, Made: unstamp(r.Made)}
	}
	return keys, nil
}

// AddVaultKeys keeps new wrapped keys; an id that is there is an error.
func (d *DB) AddVaultKeys(ctx context.Context, keys []vault.WrappedKey) error {
	rows := make([]vaultKeyRow, len(keys))
	for i, k := range keys {
		rows[i] = vaultKeyRow{ID: k.ID, Class: string(k.Class), Master: k.Master, Sealed: k.Sealed, Made: stamp(k.Made)}
	}
	if err := d.conn(ctx).Create(&rows).Error; err != nil {
		return fmt.Errorf("keep wrapped keys: %w", err)
	}
	return nil
}
