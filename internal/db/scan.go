package db

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// SaveScan implements discovery.Inventory.
func (d *DB) SaveScan(ctx context.Context, run discovery.RunID, found []discovery.Found, g topology.Graph) ([]netdev.Device, int, error) {
	var out []netdev.Device
	var fresh int
	err := d.InTx(ctx, func(ctx context.Context) error {
		out, fresh = nil, 0
		rows, err := d.deviceRows(ctx)
		if err != nil {
			return err
		}
		known, err := d.known(ctx, rows)
		if err != nil {
			return err
		}
		sc := scan{db: d, at: stamp(d.now()), ids: map[string]string{}, whole: map[string]bool{}, bridged: map[string]bool{}}
		listed := discovery.ListedIn(found)
		all := slices.Clone(found)
		for _, l := range listed {
			all = append(all, l.Found)
		}
		groups, of := map[int][]int{}, map[int]string{}
		who := discovery.Same(known, all)
		for i, w := range who[:len(found)] {
			groups[w] = append(groups[w], i)
		}
		ids := make([]string, len(found))
		for _, w := range who[:len(found)] { // in the order of found, each group once
			members := groups[w]
			delete(groups, w)
			if members == nil {
				continue
			}
			row := deviceRow{}
			if w >= 0 {
				row = rows[w]
			} else {
				fresh++
			}
			id, err := sc.saveDevice(ctx, row, pick(found, members))
			if err != nil {
				return err
			}
			of[w] = id
			for _, i := range members {
				ids[i] = id
			}
		}
		if err := sc.saveListed(ctx, rows, listed, who[len(found):], of, found); err != nil {
			return err
		}
		if err := d.saveLinks(ctx, sc, g); err != nil {
			return err
		}
		if err := d.placeManaged(ctx); err != nil {
			return err
		}
		if err := d.savePlaces(ctx, sc, g.Hosts); err != nil {
			return err
		}
		for _, id := range ids {
			v, err := d.Device(ctx, netdev.DeviceID(id))
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("keep what run %s found: %w", run, err)
	}
	return out, fresh, nil
}

func (d *DB) deviceRows(ctx context.Context) ([]deviceRow, error) {
	var rows []deviceRow
	err := d.conn(ctx).Order("id").Find(&rows).Error
	return rows, err
}

func (d *DB) known(ctx context.Context, rows []deviceRow) ([]discovery.Known, error) {
	devices, err := d.withAliases(ctx, rows)
	if err != nil {
		return nil, err
	}
	out := make([]discovery.Known, len(rows))
	for i, r := range rows {
		out[i] = discovery.Known{ID: devices[i].ID, Addresses: devices[i].Aliases,
			Keys: discovery.Keys{Serial: r.SerialKey, Engine: r.EngineKey, Chassis: r.ChassisKey}}
		if devices[i].Address.IsValid() {
			out[i].Addresses = append(out[i].Addresses, devices[i].Address)
		}
		if r.Controller != "" && r.Credential == "" {
			out[i].Addresses = nil // only a controller's word: who answers there need not be it
		}
	}
	return out, nil
}

// pick gives the found ones of a group, by address.
func pick(found []discovery.Found, members []int) []discovery.Found {
	out := make([]discovery.Found, len(members))
	for i, m := range members {
		out[i] = found[m]
	}
	slices.SortFunc(out, func(a, b discovery.Found) int { return a.Facts.Address.Compare(b.Facts.Address) })
	return out
}

// scan is one SaveScan on its way: who has which id, and who answered whole.
type scan struct {
	db    *DB
	at    int64
	ids   map[string]string // the text of an address, or a Listed.Ref → device
	whole map[string]bool

	bridged map[string]bool // whole, with a forwarding table
}

// saveDevice keeps a device that answered at one address or at several, and
// gives its id.
func (sc scan) saveDevice(ctx context.Context, row deviceRow, found []discovery.Found) (string, error) {
	d := sc.db
	isNew := row.ID == ""
	// The address where it is managed tells of it, if it answered there.
	f := found[0]
	for _, g := range found {
		if addressText(g.Facts.Address) == row.Address {
			f = g
		}
	}
	if isNew {
		row.ID, row.FirstSeen = d.NewID(), sc.at
	}
	row.take(f)
	row.LastSeen = sc.at
	if row.Missing != 0 { // it left its controller, and answers for itself
		row.Controller, row.Missing = "", 0
	}
	if row.Address == "" || isNew {
		row.Address = addressText(f.Facts.Address)
	}
	var err error
	if isNew {
		err = d.conn(ctx).Create(&row).Error
	} else {
		err = d.saveDevice(ctx, row)
	}
	if err != nil {
		return "", fmt.Errorf("device at %s: %w", f.Facts.Address, err)
	}
	for _, g := range found {
		a := addressText(g.Facts.Address)
		sc.ids[a] = row.ID
		if err := d.giveAddress(ctx, a, row.ID, sc.at); err != nil {
			return "", fmt.Errorf("address %s: %w", a, err)
		}
	}
	sc.whole[row.ID], sc.bridged[row.ID] = whole(f.Facts), bridged(f.Facts)
	if err := d.savePorts(ctx, row.ID, f.Facts); err != nil {
		return "", err
	}
	return row.ID, d.saveFacts(ctx, row.ID, f)
}

// take fills the row from what a device said. What a walk did not get leaves
// what is known.
func (r *deviceRow) take(f discovery.Found) {
	r.setName(cmp.Or(f.Identity.Name, f.Facts.SysName, r.Name, addressText(f.Facts.Address)))
	keep := func(to *string, v string) { *to = cmp.Or(v, *to) }
	keep(&r.Vendor, f.Identity.Vendor)
	keep(&r.Platform, string(f.Identity.Platform))
	keep(&r.Os, f.Identity.OS)
	keep(&r.Model, f.Identity.Model)
	keep(&r.Version, f.Identity.Version)
	keep(&r.Serial, f.Identity.Serial)
	keep(&r.Credential, f.Credential)
	keep(&r.Site, f.Site)
	if r.Kind == "" || (f.Identity.Kind != "" && f.Identity.Kind != netdev.Other) {
		r.Kind = string(cmp.Or(f.Identity.Kind, netdev.Other))
	}
	if f.SNMPPort != 0 {
		r.SnmpPort = int(f.SNMPPort)
	}
	if f.SSHPort != 0 {
		r.SshPort = int(f.SSHPort)
	}
	k := discovery.KeysOf(f)
	keep(&r.SerialKey, k.Serial)
	keep(&r.EngineKey, k.Engine)
	keep(&r.ChassisKey, k.Chassis)
}

// whole says whether a device answered completely: some table was read, and
// none was left in the middle.
func whole(f netdev.Facts) bool {
	return len(f.Tables) > 0 && !slices.ContainsFunc(f.Tables, func(t netdev.TableState) bool { return t.Coverage == netdev.Partial })
}

// device resolves a name of a graph: an id, the address of a found device, or
// the reference of a listed access point.
func (sc scan) device(id netdev.DeviceID) string {
	if dev, ok := sc.ids[string(id)]; ok {
		return dev
	}
	if a, err := netip.ParseAddr(string(id)); err == nil {
		if dev, ok := sc.ids[addressText(a)]; ok {
			return dev
		}
	}
	return string(id)
}

var _ discovery.Inventory = (*DB)(nil)
