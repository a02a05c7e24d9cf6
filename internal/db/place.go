package db

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

type placeRow struct {
	ID         int64 `gorm:"primaryKey"`
	Mac        string
	Device     string
	Port       string
	Vlan       int
	Address    string
	Confidence float64
	Because    string
	Since      int64
	Until      int64
	LastSeen   int64
	Missed     int
}

func (placeRow) TableName() string { return "place" }

const (
	uplink     = 0.3 // confidence of a port that leads to other devices
	missedMost = 3   // complete walks without a MAC, after which it is gone
)

// savePlaces moves hosts to where this scan shows them (DISCOVERY §8). Only a
// device whose walk was complete can show a place or miss one.
func (d *DB) savePlaces(ctx context.Context, sc scan, hosts []topology.Host) error {
	var open []placeRow
	if err := d.conn(ctx).Where("until = 0").Find(&open).Error; err != nil {
		return fmt.Errorf("read places: %w", err)
	}
	leads, err := d.linkedPorts(ctx)
	if err != nil {
		return err
	}
	now := make(map[string]*placeRow, len(open))
	for i := range open {
		now[open[i].Mac] = &open[i]
	}
	touched := map[string]bool{}
	var ended, kept, fresh []placeRow
	for _, h := range hosts {
		dev := sc.device(h.ID)
		if !sc.bridged[dev] || touched[string(h.MAC)] {
			continue
		}
		row := placeRow{Mac: string(h.MAC), Device: dev, Port: shorten(h.Port), Vlan: h.VLAN, Confidence: h.Confidence, Because: h.Because, Since: sc.at, LastSeen: sc.at}
		if h.Address != nil {
			row.Address = addressText(*h.Address)
		}
		// A scan of few devices does not see the links of the others.
		if leads[dev+" "+h.Port] {
			row.Confidence, row.Because = uplink, "seen on a port that leads to another device"
		}
		old := now[row.Mac]
		switch {
		case old == nil:
			fresh = append(fresh, row)
		case old.Device == row.Device && old.Port == row.Port && (old.Vlan == row.Vlan || row.Vlan == 0):
			row.ID, row.Since, row.Vlan = old.ID, old.Since, old.Vlan
			if row.Address == "" {
				row.Address = old.Address
			}
			kept = append(kept, row)
		case sc.moved(*old, row):
			old.Until = sc.at
			ended, fresh = append(ended, *old), append(fresh, row)
		default:
			continue
		}
		touched[row.Mac] = true
	}
	for _, p := range open {
		if touched[p.Mac] || !sc.bridged[p.Device] {
			continue
		}
		if p.Missed++; p.Missed >= missedMost {
			p.Until = p.LastSeen // nobody saw it there later
			ended = append(ended, p)
			continue
		}
		kept = append(kept, p)
	}
	for _, rows := range [][]placeRow{ended, kept, fresh} { // a place ends before the next begins
		if len(rows) == 0 {
			continue
		}
		if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(rows, batch).Error; err != nil {
			return fmt.Errorf("keep places: %w", err)
		}
	}
	return nil
}

// moved says whether a MAC left its place for another: the other one is no
// port towards other devices, and either the old device answered completely
// without it, or was not asked and is not surer. What a device said in part
// proves nothing about it.
func (sc scan) moved(old, next placeRow) bool {
	if next.Confidence <= uplink && old.Confidence > uplink {
		return false
	}
	if _, asked := sc.whole[old.Device]; asked {
		return sc.bridged[old.Device]
	}
	return next.Confidence >= old.Confidence
}

// bridged says whether a walk was complete and read a forwarding table.
func bridged(f netdev.Facts) bool {
	if !whole(f) {
		return false
	}
	for _, t := range f.Tables {
		if t.Table == "fdb" && t.Coverage == netdev.Complete {
			return true
		}
	}
	return false
}

// linkedPorts are the ports at which a kept cable ends, but for those to
// access points that a controller manages: nothing but clients is behind them.
func (d *DB) linkedPorts(ctx context.Context) (map[string]bool, error) {
	var rows []linkRow
	if err := d.conn(ctx).Select("a_id", "a_port", "b_id", "b_port").Where("layer = ? AND NOT EXISTS (SELECT 1 FROM device WHERE id IN (a_id, b_id) AND controller <> '')", "l2").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read ends of links: %w", err)
	}
	out := make(map[string]bool, 2*len(rows))
	for _, l := range rows {
		out[l.AID+" "+l.APort], out[l.BID+" "+l.BPort] = true, true
	}
	return out, nil
}

const placesOf = `SELECT place.*, device.name AS name FROM place JOIN device ON device.id = place.device `

// Hosts implements discovery.Inventory.
func (d *DB) Hosts(ctx context.Context) ([]discovery.Place, error) {
	return d.places(ctx, placesOf+`WHERE until = 0 ORDER BY mac`)
}

// maxPlaces bounds one answer; a MAC that flaps has many places.
const maxPlaces = 200

// FindHost implements discovery.Inventory.
func (d *DB) FindHost(ctx context.Context, ref string) ([]discovery.Place, error) {
	const order = ` ORDER BY until <> 0, last_seen DESC, since DESC, mac LIMIT ?`
	if m, ok := netdev.ReadMAC(ref); ok {
		return d.places(ctx, placesOf+`WHERE mac = ?`+order, string(m), maxPlaces)
	}
	a, err := netip.ParseAddr(strings.TrimSpace(ref))
	if err != nil {
		return nil, nil
	}
	// Who has the address now; else who had it at last.
	for _, present := range []string{"AND until = 0", ""} {
		out, err := d.places(ctx, placesOf+`WHERE mac IN (SELECT mac FROM place WHERE address = ? `+present+` ORDER BY last_seen DESC LIMIT 8)`+order, addressText(a), maxPlaces)
		if err != nil || len(out) > 0 {
			return out, err
		}
	}
	return nil, nil
}

func (d *DB) places(ctx context.Context, query string, args ...any) ([]discovery.Place, error) {
	var rows []struct {
		Row  placeRow `gorm:"embedded"`
		Name string
	}
	if err := d.conn(ctx).Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("places of hosts: %w", err)
	}
	out := make([]discovery.Place, len(rows))
	for i, row := range rows {
		r := row.Row
		out[i] = discovery.Place{MAC: netdev.MAC(r.Mac), Device: netdev.DeviceID(r.Device), Name: row.Name, Port: r.Port, VLAN: r.Vlan, Confidence: r.Confidence,
			Because: r.Because, Since: unstamp(r.Since), Until: unstamp(r.Until), LastSeen: unstamp(r.LastSeen), Missed: r.Missed}
		if r.Address != "" {
			a, err := netip.ParseAddr(r.Address)
			if err != nil {
				return nil, fmt.Errorf("places of hosts: an address in the database is damaged: %w", err)
			}
			out[i].Address = a
		}
	}
	return out, nil
}
