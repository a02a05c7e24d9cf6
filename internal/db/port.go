package db

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/netdev"
)

type portRow struct {
	Device    string `gorm:"primaryKey"`
	Port      string `gorm:"primaryKey"`
	Alias     string
	AliasFold string
	Mac       string
}

func (portRow) TableName() string { return "port" }

// savePorts keeps what ports are searched by. A walk that did not read them
// all leaves those that are kept.
func (d *DB) savePorts(ctx context.Context, device string, f netdev.Facts) error {
	if !whole(f) || len(f.Interfaces) == 0 {
		return nil
	}
	if err := d.conn(ctx).Exec("DELETE FROM port WHERE device = ?", device).Error; err != nil {
		return fmt.Errorf("ports of %s: %w", device, err)
	}
	var rows []portRow
	seen := map[string]bool{}
	for _, i := range f.Interfaces {
		name := shorten(cmp.Or(i.Name, i.Descr))
		if seen[name] || i.Alias == "" && i.MAC == "" {
			continue
		}
		seen[name] = true
		alias := shorten(i.Alias)
		rows = append(rows, portRow{Device: device, Port: name, Alias: alias, AliasFold: strings.ToLower(alias), Mac: string(i.MAC)})
	}
	if len(rows) == 0 {
		return nil
	}
	if err := d.conn(ctx).CreateInBatches(rows, batch).Error; err != nil {
		return fmt.Errorf("ports of %s: %w", device, err)
	}
	return nil
}

// FindPorts implements discovery.Inventory.
func (d *DB) FindPorts(ctx context.Context, text string, limit int) ([]discovery.Port, int, error) {
	where, arg := "instr(alias_fold, ?) > 0", strings.ToLower(strings.TrimSpace(text))
	if m, ok := netdev.ReadMAC(text); ok {
		where, arg = "mac = ?", string(m)
	}
	if arg == "" {
		return nil, 0, nil
	}
	var total int64
	if err := d.conn(ctx).Model(&portRow{}).Where(where, arg).Count(&total).Error; err != nil {
		return nil, 0, fmt.Errorf("find ports: %w", err)
	}
	var rows []struct {
		Row  portRow `gorm:"embedded"`
		Name string
	}
	err := d.conn(ctx).Raw(`SELECT port.*, device.name AS name FROM port JOIN device ON device.id = port.device WHERE `+where+
		` ORDER BY device.name_fold, port.port LIMIT ?`, arg, limit).Scan(&rows).Error
	if err != nil {
		return nil, 0, fmt.Errorf("find ports: %w", err)
	}
	out := make([]discovery.Port, len(rows))
	for i, r := range rows {
		out[i] = discovery.Port{Device: netdev.DeviceID(r.Row.Device), Name: r.Name, Port: r.Row.Port, Alias: r.Row.Alias, MAC: netdev.MAC(r.Row.Mac)}
	}
	return out, int(total), nil
}
