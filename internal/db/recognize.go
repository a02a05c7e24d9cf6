package db

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// maxStrangers bounds the candidates that one place of a capture can make.
const maxStrangers = 256

// recognize finds out who sent the announcements that are kept, and tells of
// those whom no device matches. It is done anew after each scan, and when
// somebody new is heard.
func (d *DB) recognize(ctx context.Context) error {
	if err := d.conn(ctx).Exec(`DELETE FROM sighting WHERE near_device <> '' AND near_device NOT IN (SELECT id FROM device)`).Error; err != nil {
		return fmt.Errorf("forget sightings at devices that are gone: %w", err)
	}
	if err := d.conn(ctx).Exec("DELETE FROM unresolved WHERE heard <> 0").Error; err != nil {
		return fmt.Errorf("drop who was heard: %w", err)
	}
	rows, err := d.sightingRows(ctx, "announces = 1")
	if err != nil || len(rows) == 0 {
		return err
	}
	obs, err := d.concerned(ctx, rows)
	if err != nil {
		return err
	}
	var strangers []int
	for i, h := range topology.Recognize(obs, heardOf(rows)) {
		if h.Far.ID == "" {
			strangers = append(strangers, i)
		}
		r := &rows[i]
		who := []any{string(h.Far.ID), shorten(h.Far.Port), string(h.Far.MAC), digit(h.PortSure), h.Because, r.ID}
		if slices.Equal(who, []any{r.FarDevice, r.FarPort, r.FarMac, r.PortSure, r.Because, r.ID}) {
			continue
		}
		err := d.conn(ctx).Exec(`UPDATE sighting SET far_device = ?, far_port = ?, far_mac = ?, port_sure = ?, because = ? WHERE id = ?`, who...).Error
		if err != nil {
			return fmt.Errorf("who was heard: %w", err)
		}
		r.Because = h.Because
	}
	return d.tellStrangers(ctx, rows, strangers)
}

// tellStrangers lists who was heard and is no device of the inventory among the
// unresolved neighbours. Who was heard again is more likely to be there than
// who was heard once.
func (d *DB) tellStrangers(ctx context.Context, rows []sightingRow, strangers []int) error {
	slices.SortStableFunc(strangers, func(a, b int) int {
		return -cmp.Compare(digit(rows[a].Frames > 1), digit(rows[b].Frames > 1))
	})
	places := map[[2]string]int{}
	var said []unresolvedRow
	for _, i := range strangers {
		r := rows[i]
		if r.Gone == 1 {
			continue
		}
		at := [2]string{r.NearDevice, r.NearPort}
		if places[at]++; places[at] > maxStrangers {
			continue
		}
		u, err := r.stranger()
		if err != nil {
			return err
		}
		said = append(said, u)
	}
	if len(said) == 0 {
		return nil
	}
	if err := d.conn(ctx).CreateInBatches(said, batch).Error; err != nil {
		return fmt.Errorf("tell who was heard: %w", err)
	}
	return nil
}

// thisHost is what people read where the appliance itself stands.
const thisHost = "this appliance"

func (r sightingRow) stranger() (unresolvedRow, error) {
	n := r.neighbor
	addresses, err := list(n.Addresses)
	return unresolvedRow{Device: r.NearDevice, Name: cmp.Or(r.NearName, thisHost), Port: r.NearPort, Protocol: r.Protocol, ChassisID: shorten(n.ChassisID),
		PortID: shorten(n.PortID), SysName: shorten(n.SysName), Reason: r.Because, LastSeen: r.LastSeen, Addresses: addresses,
		What: shorten(cmp.Or(n.Platform, n.SysDescr)), Since: r.FirstSeen, Heard: r.ID}, err
}

// concerned gives the devices that the announcements may be of, with what they
// said of themselves: an inventory is large, and a wire has few neighbours.
func (d *DB) concerned(ctx context.Context, rows []sightingRow) ([]topology.Observation, error) {
	words := map[string]bool{} // names, texts, MACs and addresses that were heard
	say := func(ss ...string) {
		for _, s := range ss {
			if s = strings.ToLower(strings.TrimSpace(s)); s != "" {
				words[s] = true
				head, rest, _ := strings.Cut(s, "(") // "name(SERIAL)", as some ids are written
				words[head], words[strings.TrimSuffix(rest, ")")] = true, true
				short, _, _ := strings.Cut(head, ".")
				words[short] = true
			}
		}
	}
	near := map[string]bool{}
	for _, r := range rows {
		near[r.NearDevice] = true
		say(r.neighbor.ChassisID, r.neighbor.SysName, r.SourceMac)
		for _, a := range r.neighbor.Addresses {
			say(addressText(a))
		}
	}
	delete(words, "")
	var known []struct{ ID, Word string }
	err := d.conn(ctx).Raw(`SELECT id, name_fold AS word FROM device UNION ALL SELECT id, name_short FROM device UNION ALL SELECT id, chassis_key FROM device
		UNION ALL SELECT id, lower(serial) FROM device UNION ALL SELECT device, address FROM device_address WHERE until = 0
		UNION ALL SELECT device, mac FROM port WHERE mac <> ''`).Scan(&known).Error
	if err != nil {
		return nil, fmt.Errorf("read identities: %w", err)
	}
	ids := map[string]bool{}
	for _, k := range known {
		if words[k.Word] || near[k.ID] {
			ids[k.ID] = true
		}
	}
	var out []topology.Observation
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		dev, err := d.Device(ctx, netdev.DeviceID(id))
		if err != nil {
			return nil, err
		}
		f, _, err := d.Facts(ctx, dev.ID)
		if err != nil {
			return nil, err
		}
		// An address that is the device's now names it; those that it listed
		// once, and another has now, do not.
		f.Address = dev.Address
		for _, a := range dev.Aliases {
			if !slices.ContainsFunc(f.Addresses, func(own netdev.IPAddress) bool { return own.Address == a }) {
				f.Addresses = append(slices.Clip(f.Addresses), netdev.IPAddress{Address: a})
			}
		}
		out = append(out, topology.Observation{ID: dev.ID, Name: dev.Name, Kind: dev.Kind, Facts: f})
	}
	return out, nil
}
