package db

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/netdev"
)

type addressRow struct {
	Address string `gorm:"primaryKey"`
	Device  string `gorm:"primaryKey"`
	Since   int64  `gorm:"primaryKey"`
	Until   int64
	MovedTo string
}

func (addressRow) TableName() string { return "device_address" }

// Addresses implements discovery.Inventory.
func (d *DB) Addresses(ctx context.Context, id netdev.DeviceID) ([]discovery.AddressSpan, error) {
	var rows []addressRow
	err := d.conn(ctx).Where("device = ?", string(id)).Order("until <> 0, until DESC, since DESC, address").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list addresses: %w", err)
	}
	out := make([]discovery.AddressSpan, len(rows))
	for i, r := range rows {
		out[i] = discovery.AddressSpan{Address: parseAddress(r.Address), Since: unstamp(r.Since), Until: unstamp(r.Until), MovedTo: netdev.DeviceID(r.MovedTo)}
	}
	return out, nil
}

// giveAddress makes address the device's. Another device that had it loses it,
// and its row says to whom.
func (d *DB) giveAddress(ctx context.Context, address, device string, at int64) error {
	var now []addressRow
	if err := d.conn(ctx).Where("address = ? AND until = 0", address).Find(&now).Error; err != nil {
		return err
	}
	for _, row := range now {
		if row.Device == device {
			return nil
		}
		d.log.WarnContext(ctx, "address moved to another device", "address", address, "from", row.Device, "to", device)
		err := d.conn(ctx).Exec("UPDATE device_address SET until = ?, moved_to = ? WHERE address = ? AND until = 0", max(at, row.Since+1), device, address).Error
		if err == nil {
			// The device is managed at another address of its own, or at none.
			err = d.conn(ctx).Exec(`UPDATE device SET address = coalesce((SELECT min(address) FROM device_address
				WHERE device = device.id AND until = 0), '') WHERE id = ? AND address = ?`, row.Device, address).Error
		}
		if err != nil {
			return err
		}
	}
	return d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(&addressRow{Address: address, Device: device, Since: at}).Error
}
