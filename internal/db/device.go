package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/netdev"
)

type deviceRow struct {
	ID         string `gorm:"primaryKey"`
	Name       string
	NameFold   string
	NameShort  string
	Address    string
	SnmpPort   int
	SshPort    int
	Site       string
	Role       string
	Tags       string
	Vendor     string
	Platform   string
	Os         string
	Kind       string
	Model      string
	Version    string
	Serial     string
	SerialKey  string
	EngineKey  string
	ChassisKey string
	Credential string
	FirstSeen  int64
	LastSeen   int64
	// What a person said goes before what discovery finds.
	PlatformSaid string
	KindSaid     string
	// What a wireless controller says of an access point that it manages.
	Controller string
	ApState    string
	ApMac      string
	ApLocation string
	Listed     int64
	Missing    int64
}

func (deviceRow) TableName() string { return "device" }

// maxName bounds what a device says its name is, in bytes.
const maxName = 255

// setName keeps the name and the forms it is found by: folded, and up to the
// first dot.
func (r *deviceRow) setName(name string) {
	r.Name = shorten(name)
	r.NameFold = strings.ToLower(r.Name)
	r.NameShort, _, _ = strings.Cut(r.NameFold, ".")
	if _, err := netip.ParseAddr(r.NameFold); err == nil {
		r.NameShort = r.NameFold
	}
}

func shorten(s string) string {
	const mark = "…"
	if len(s) <= maxName {
		return s
	}
	cut := maxName - len(mark)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + mark
}

func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.Unmap().String()
}

func parseAddress(s string) netip.Addr {
	a, _ := netip.ParseAddr(s) // what is there was written by addressText
	return a
}

// editable takes over what a person or a command line may say of a device.
func (r *deviceRow) editable(v netdev.Device) error {
	tags, err := list(v.Tags)
	r.setName(cmp.Or(v.Name, r.Name, addressText(v.Address), r.ID))
	r.SnmpPort, r.SshPort = int(v.SNMPPort), int(v.SSHPort)
	r.Site, r.Role, r.Tags = v.Site, v.Role, tags
	r.PlatformSaid = said(string(v.Platform), r.Platform, r.PlatformSaid)
	r.Kind = cmp.Or(r.Kind, string(netdev.Other))
	r.KindSaid = said(string(v.Kind), r.Kind, r.KindSaid)
	return err
}

// said is what a person's word about a fact becomes: nothing gives the choice
// back to discovery; the value that was shown before is no new word.
func said(word, found, before string) string {
	if word == cmp.Or(before, found) {
		return before
	}
	return word
}

func (r deviceRow) device(aliases []netip.Addr) (netdev.Device, error) {
	tags, err := unlist[string](r.Tags)
	return netdev.Device{ID: netdev.DeviceID(r.ID), Name: r.Name, Address: parseAddress(r.Address), Aliases: aliases,
		SNMPPort: uint16(r.SnmpPort), SSHPort: uint16(r.SshPort), Site: r.Site, Role: r.Role, Tags: tags,
		Vendor: r.Vendor, Platform: netdev.PlatformID(cmp.Or(r.PlatformSaid, r.Platform)), OS: r.Os, Kind: netdev.Kind(cmp.Or(r.KindSaid, r.Kind)), Model: r.Model,
		Version: r.Version, Serial: r.Serial, FirstSeen: unstamp(r.FirstSeen), LastSeen: unstamp(r.LastSeen)}, err
}

// Devices implements discovery.Inventory.
func (d *DB) Devices(ctx context.Context) ([]netdev.Device, error) {
	var rows []deviceRow
	if err := d.conn(ctx).Order("name_fold, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list devices: %w", err)
	}
	return d.withAliases(ctx, rows)
}

func (d *DB) withAliases(ctx context.Context, rows []deviceRow) ([]netdev.Device, error) {
	q := d.conn(ctx).Where("until = 0")
	if len(rows) == 1 {
		q = q.Where("device = ?", rows[0].ID)
	}
	var spans []addressRow
	if err := q.Find(&spans).Error; err != nil {
		return nil, fmt.Errorf("list addresses: %w", err)
	}
	of := map[string][]netip.Addr{}
	for _, s := range spans {
		of[s.Device] = append(of[s.Device], parseAddress(s.Address))
	}
	out := make([]netdev.Device, len(rows))
	for i, r := range rows {
		aliases := slices.DeleteFunc(of[r.ID], func(a netip.Addr) bool { return a == parseAddress(r.Address) })
		slices.SortFunc(aliases, netip.Addr.Compare)
		var err error
		if out[i], err = r.device(aliases); err != nil {
			return nil, fmt.Errorf("device %s: %w", r.ID, err)
		}
	}
	return out, d.managed(ctx, rows, out)
}

// Device implements discovery.Inventory.
func (d *DB) Device(ctx context.Context, id netdev.DeviceID) (netdev.Device, error) {
	found, err := d.devicesWhere(ctx, "id = ?", string(id))
	if err != nil {
		return netdev.Device{}, err
	}
	if len(found) == 0 {
		return netdev.Device{}, fmt.Errorf("%w: %.40q", discovery.ErrNoDevice, id)
	}
	return found[0], nil
}

func (d *DB) devicesWhere(ctx context.Context, where string, args ...any) ([]netdev.Device, error) {
	var rows []deviceRow
	if err := d.conn(ctx).Where(where, args...).Order("id").Limit(2).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("find device: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return d.withAliases(ctx, rows)
}

// FindDevice implements discovery.Inventory. An id or an address is exact; a
// name is looked for whole, then in its short form.
func (d *DB) FindDevice(ctx context.Context, ref string) (netdev.Device, error) {
	where := []struct{ where, arg string }{{"id = ?", ref}}
	if a, err := netip.ParseAddr(ref); err == nil {
		where = append(where, struct{ where, arg string }{"id IN (SELECT device FROM device_address WHERE address = ? AND until = 0)", addressText(a)})
	}
	fold := strings.ToLower(ref)
	where = append(where, struct{ where, arg string }{"name_fold = ?", fold}, struct{ where, arg string }{"name_short = ?", fold})
	for _, w := range where {
		found, err := d.devicesWhere(ctx, w.where, w.arg)
		switch {
		case err != nil:
			return netdev.Device{}, err
		case len(found) > 1:
			return netdev.Device{}, fmt.Errorf("%w: %.80q: give an id or an address", discovery.ErrAmbiguous, ref)
		case len(found) == 1:
			return found[0], nil
		}
	}
	return netdev.Device{}, fmt.Errorf("%w: %.80q", discovery.ErrNoDevice, ref)
}

// AddDevice implements discovery.Inventory.
func (d *DB) AddDevice(ctx context.Context, v netdev.Device) (netdev.Device, error) {
	if v.ID == "" {
		v.ID = netdev.DeviceID(d.NewID())
	}
	now := d.now()
	if v.FirstSeen.IsZero() {
		v.FirstSeen = now
	}
	row := deviceRow{ID: string(v.ID), Address: addressText(v.Address), Vendor: v.Vendor, Os: v.OS, Model: v.Model,
		Version: v.Version, Serial: v.Serial, FirstSeen: stamp(v.FirstSeen), LastSeen: stamp(v.LastSeen)}
	if err := row.editable(v); err != nil {
		return netdev.Device{}, fmt.Errorf("add device: %w", err)
	}
	var out netdev.Device
	err := d.InTx(ctx, func(ctx context.Context) error {
		if err := d.conn(ctx).Create(&row).Error; err != nil {
			return err
		}
		for _, a := range append([]netip.Addr{v.Address}, v.Aliases...) {
			if !a.IsValid() {
				continue
			}
			if err := d.conn(ctx).Create(&addressRow{Address: addressText(a), Device: row.ID, Since: stamp(now)}).Error; err != nil {
				return err
			}
		}
		var err error
		out, err = d.Device(ctx, v.ID)
		return err
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return netdev.Device{}, fmt.Errorf("add device %s: %w", addressText(v.Address), discovery.ErrDeviceExists)
	}
	if err != nil {
		return netdev.Device{}, fmt.Errorf("add device: %w", err)
	}
	return out, nil
}

// UpdateDevice implements discovery.Inventory.
func (d *DB) UpdateDevice(ctx context.Context, v netdev.Device) error {
	return d.InTx(ctx, func(ctx context.Context) error {
		var row deviceRow
		err := d.conn(ctx).Take(&row, "id = ?", string(v.ID)).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return fmt.Errorf("%w: %.40q", discovery.ErrNoDevice, v.ID)
		}
		if err == nil {
			err = row.editable(v)
		}
		if err == nil {
			err = d.saveDevice(ctx, row)
		}
		if err != nil {
			return fmt.Errorf("update device: %w", err)
		}
		return nil
	})
}

// saveDevice writes every column of a row but its fence.
func (d *DB) saveDevice(ctx context.Context, row deviceRow) error {
	return d.conn(ctx).Model(&row).Select("*").Omit("id").Updates(&row).Error
}
