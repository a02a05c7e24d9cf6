package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/netdev"
)

// saveListed keeps the access points that controllers list. who says for each
// which device it is (discovery.Same), groups which of those answered in this
// scan. One that a complete list lacks is marked, never deleted.
func (sc scan) saveListed(ctx context.Context, rows []deviceRow, listed []discovery.Listed, who []int, groups map[int]string, found []discovery.Found) error {
	byGroup := map[int][]discovery.Listed{}
	for i, l := range listed {
		byGroup[who[i]] = append(byGroup[who[i]], l)
	}
	for _, w := range who { // in the order of the lists, each group once
		of := byGroup[w]
		delete(byGroup, w)
		if of == nil {
			continue
		}
		row := deviceRow{}
		if id := groups[w]; id != "" {
			if err := sc.db.conn(ctx).Take(&row, "id = ?", id).Error; err != nil {
				return fmt.Errorf("access point %s: %w", id, err)
			}
		} else if w >= 0 {
			row = rows[w]
		}
		id, err := sc.saveManaged(ctx, row, of, found)
		if err != nil {
			return fmt.Errorf("access point %s: %w", of[0].Ref, err)
		}
		for _, l := range of {
			sc.ids[string(l.Ref)] = id
		}
	}
	for _, f := range found {
		whole := func(t netdev.TableState) bool {
			return t.Table == netdev.AccessPointTable && t.Coverage == netdev.Complete
		}
		if !slices.ContainsFunc(f.Facts.Tables, whole) {
			continue
		}
		id := sc.ids[addressText(f.Facts.Address)]
		err := sc.db.conn(ctx).Exec("UPDATE device SET missing = ? WHERE controller = ? AND missing = 0 AND listed <> ?", sc.at, id, sc.at).Error
		if err != nil {
			return fmt.Errorf("what %s lists no more: %w", id, err)
		}
	}
	return nil
}

// saveManaged keeps one access point. of is who lists it; of several the one
// that managed it before goes first.
func (sc scan) saveManaged(ctx context.Context, row deviceRow, of []discovery.Listed, found []discovery.Found) (string, error) {
	d := sc.db
	controller := func(l discovery.Listed) string { return sc.ids[addressText(found[l.Controller].Facts.Address)] }
	l := of[0]
	for _, other := range of[1:] {
		if controller(other) == row.Controller {
			l = other
			break
		}
	}
	if row.ID != "" && controller(l) == row.ID {
		return row.ID, nil // a member that answers for its cluster lists itself
	}
	isNew := row.ID == ""
	if isNew {
		row.ID, row.FirstSeen, row.Kind = d.NewID(), sc.at, string(netdev.AccessPoint)
	}
	if row.LastSeen != sc.at { // it did not answer itself
		row.told(l)
		row.LastSeen = sc.at
	}
	row.Controller, row.Listed, row.Missing = controller(l), sc.at, 0
	row.ApState, row.ApLocation = shorten(l.AP.State), shorten(l.AP.Location)
	row.ApMac = cmp.Or(string(l.AP.MAC), row.ApMac)
	if isNew {
		row.Address = ""
		if err := d.conn(ctx).Create(&row).Error; err != nil {
			return "", err
		}
	}
	if row.Credential == "" { // one that answers is managed where it answers
		free, err := d.listAddress(ctx, addressText(l.AP.Address), row.ID, sc.at)
		if err != nil {
			return "", err
		}
		if row.Address = ""; free {
			row.Address = addressText(l.AP.Address)
		}
	}
	return row.ID, d.saveDevice(ctx, row)
}

// told fills the row from a controller's word.
func (r *deviceRow) told(l discovery.Listed) {
	r.setName(cmp.Or(l.AP.Name, r.Name, l.Found.Identity.Name))
	keep := func(to *string, v string) { *to = cmp.Or(shorten(v), *to) }
	keep(&r.Vendor, l.Found.Identity.Vendor)
	keep(&r.Model, l.AP.Model)
	keep(&r.Version, l.AP.Version)
	keep(&r.Serial, l.AP.Serial)
	k := discovery.KeysOf(l.Found)
	keep(&r.SerialKey, k.Serial)
	keep(&r.ChassisKey, k.Chassis)
}

// listAddress notes the address that a controller tells of an access point. It
// takes none away from a device that answered there, and says whether it is
// the access point's now.
func (d *DB) listAddress(ctx context.Context, address, device string, at int64) (bool, error) {
	err := d.conn(ctx).Exec("UPDATE device_address SET until = max(?, since + 1) WHERE device = ? AND until = 0 AND address <> ?", at, device, address).Error
	if err != nil || address == "" {
		return false, err
	}
	var owner []string
	if err := d.conn(ctx).Raw("SELECT device FROM device_address WHERE address = ? AND until = 0", address).Scan(&owner).Error; err != nil {
		return false, err
	}
	if len(owner) > 0 && owner[0] != device {
		var managed int
		err := d.conn(ctx).Raw("SELECT count(*) FROM device WHERE id = ? AND controller <> '' AND credential = ''", owner[0]).Scan(&managed).Error
		if err != nil || managed == 0 {
			return false, err
		}
	}
	return true, d.giveAddress(ctx, address, device, at)
}

// placeManaged gives access points the site of what they hang from.
func (d *DB) placeManaged(ctx context.Context) error {
	err := d.conn(ctx).Exec(`UPDATE device SET site = coalesce((
		SELECT other.site FROM link JOIN device other ON other.id = CASE WHEN link.a_id = device.id THEN link.b_id ELSE link.a_id END
		WHERE link.layer = 'l2' AND (link.a_id = device.id OR link.b_id = device.id) AND other.site <> ''
		ORDER BY link.confidence DESC, link.key LIMIT 1), '') WHERE controller <> '' AND site = ''`).Error
	if err != nil {
		return fmt.Errorf("sites of access points: %w", err)
	}
	return nil
}

// managed fills in the names of controllers.
func (d *DB) managed(ctx context.Context, rows []deviceRow, out []netdev.Device) error {
	var ids []string
	for _, r := range rows {
		if r.Controller != "" {
			ids = append(ids, r.Controller)
		}
	}
	slices.Sort(ids)
	names := map[string]string{}
	for some := range slices.Chunk(slices.Compact(ids), batch) {
		var of []struct{ ID, Name string }
		if err := d.conn(ctx).Raw("SELECT id, name FROM device WHERE id IN ?", some).Scan(&of).Error; err != nil {
			return fmt.Errorf("names of controllers: %w", err)
		}
		for _, c := range of {
			names[c.ID] = c.Name
		}
	}
	for i, r := range rows {
		if r.Controller != "" {
			out[i].Managed = netdev.Managed{Controller: netdev.DeviceID(r.Controller), Name: names[r.Controller], State: r.ApState, MAC: netdev.MAC(r.ApMac),
				Location: r.ApLocation, Listed: unstamp(r.Listed), Missing: unstamp(r.Missing)}
		}
	}
	return nil
}
