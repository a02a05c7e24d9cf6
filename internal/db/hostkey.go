package db

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

type hostKeyRow struct {
	Device    string `gorm:"primaryKey"`
	Type      string
	Body      []byte
	Pinned    int64
	PinnedBy  string
	Reason    string
	ShownType string
	ShownBody []byte
	Shown     int64
}

func (hostKeyRow) TableName() string { return "host_key" }

// HostKey gives the pinned host key of a device; false where none is.
func (d *DB) HostKey(ctx context.Context, dev netdev.DeviceID) (vault.HostKey, bool, error) {
	var r hostKeyRow
	err := d.conn(ctx).Take(&r, "device = ?", string(dev)).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return vault.HostKey{}, false, nil
	}
	if err != nil {
		return vault.HostKey{}, false, fmt.Errorf("host key of %s: %w", dev, err)
	}
	return vault.HostKey{Device: dev, Type: r.Type, Blob: r.Body, Pinned: unstamp(r.Pinned), By: r.PinnedBy, Reason: r.Reason,
		ShownType: r.ShownType, ShownBlob: r.ShownBody, Shown: unstamp(r.Shown)}, true, nil
}

// SaveHostKey keeps the host key of a device in the place of the one before.
func (d *DB) SaveHostKey(ctx context.Context, k vault.HostKey) error {
	r := hostKeyRow{Device: string(k.Device), Type: k.Type, Body: k.Blob, Pinned: stamp(k.Pinned), PinnedBy: k.By, Reason: k.Reason,
		ShownType: k.ShownType, ShownBody: append([]byte{}, k.ShownBlob...), Shown: stamp(k.Shown)}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&r).Error; err != nil {
		return fmt.Errorf("keep host key of %s: %w", k.Device, err)
	}
	return nil
}
