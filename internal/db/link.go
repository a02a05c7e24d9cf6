package db

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"

	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

type linkRow struct {
	Key        string `gorm:"primaryKey"`
	AID        string `gorm:"column:a_id"`
	AName      string
	APort      string
	AMac       string
	BID        string `gorm:"column:b_id"`
	BName      string
	BPort      string
	BMac       string
	Layer      string
	Evidence   string
	Confidence float64
	Because    string
	Proof      string
	Witnesses  string // the devices whose rows prove it
	FirstSeen  int64
	LastSeen   int64
}

func (linkRow) TableName() string { return "link" }

type unresolvedRow struct {
	ID        int64 `gorm:"primaryKey"`
	Device    string
	Name      string
	Port      string
	Protocol  string
	ChassisID string
	PortID    string
	SysName   string
	Reason    string
	LastSeen  int64
	Candidate string // its id
	Addresses string
	What      string
	Since     int64
	Heard     int64 // the sighting that tells it; 0: a walk does
}

func (unresolvedRow) TableName() string { return "unresolved" }

// saveLinks keeps what a scan proved. A link that is kept and was not seen again
// goes only when every device whose rows prove it answered completely: silence
// of one of them is no proof that the cable is gone.
func (d *DB) saveLinks(ctx context.Context, sc scan, g topology.Graph) error {
	var kept []linkRow
	if err := d.conn(ctx).Find(&kept).Error; err != nil {
		return fmt.Errorf("read links: %w", err)
	}
	since := map[string]int64{}
	for _, k := range kept {
		since[k.Key] = k.FirstSeen
	}
	seen := map[string]bool{}
	var rows []linkRow
	for _, l := range g.Links {
		row, err := sc.linkRow(l)
		if err != nil {
			return fmt.Errorf("link: %w", err)
		}
		if seen[row.Key] {
			continue
		}
		seen[row.Key] = true
		row.FirstSeen = cmp.Or(since[row.Key], sc.at)
		rows = append(rows, row)
	}
	if len(rows) > 0 {
		if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(rows, batch).Error; err != nil {
			return fmt.Errorf("keep links: %w", err)
		}
	}
	for _, k := range kept {
		witnesses, err := unlist[string](k.Witnesses)
		if err != nil {
			return err
		}
		if seen[k.Key] || slices.ContainsFunc(witnesses, func(id string) bool { return !sc.whole[id] }) {
			continue
		}
		if err := d.conn(ctx).Exec("DELETE FROM link WHERE key = ?", k.Key).Error; err != nil {
			return fmt.Errorf("drop link: %w", err)
		}
	}
	return d.saveUnresolved(ctx, sc, g.Unresolved)
}

// linkRow puts the ends into an order of their own, so that a cable has one key
// whoever tells of it.
func (sc scan) linkRow(l topology.Link) (linkRow, error) {
	a, b := l.A, l.B
	a.ID, b.ID = netdev.DeviceID(sc.device(a.ID)), netdev.DeviceID(sc.device(b.ID))
	key := func(e topology.End) string { return fmt.Sprintf("%q %q", cmp.Or(string(e.ID), e.Device), e.Port) }
	if key(b) < key(a) {
		a, b = b, a
	}
	proof := slices.Clone(l.Rows)
	var witnesses []string
	for i := range proof {
		proof[i].Device = netdev.DeviceID(sc.device(proof[i].Device))
		witnesses = append(witnesses, string(proof[i].Device))
	}
	if len(witnesses) == 0 {
		witnesses = []string{string(a.ID), string(b.ID)}
	}
	slices.Sort(witnesses)
	witnesses = slices.Compact(witnesses)
	evidence, err := list(l.Evidence)
	if err != nil {
		return linkRow{}, err
	}
	rows, err := list(proof)
	if err != nil {
		return linkRow{}, err
	}
	who, err := list(witnesses)
	return linkRow{Key: l.Layer + " " + key(a) + " " + key(b), Layer: l.Layer,
		AID: string(a.ID), AName: a.Device, APort: a.Port, AMac: string(a.MAC),
		BID: string(b.ID), BName: b.Device, BPort: b.Port, BMac: string(b.MAC),
		Evidence: evidence, Confidence: l.Confidence, Because: l.Because, Proof: rows, Witnesses: who, LastSeen: sc.at}, err
}

func (d *DB) saveUnresolved(ctx context.Context, sc scan, us []topology.Unresolved) error {
	var before []unresolvedRow
	if err := d.conn(ctx).Where("heard = 0").Find(&before).Error; err != nil {
		return fmt.Errorf("read unresolved neighbours: %w", err)
	}
	since := map[string]int64{}
	for _, u := range before {
		since[u.row()] = cmp.Or(u.Since, u.LastSeen)
	}
	drop := map[string]bool{} // devices whose list is replaced
	for id, whole := range sc.whole {
		drop[id] = whole
	}
	var rows []unresolvedRow
	for _, u := range us {
		id := sc.device(u.ID)
		drop[id] = true
		addresses, err := list(u.Addresses[:min(len(u.Addresses), maxTold)])
		if err != nil {
			return fmt.Errorf("addresses of a neighbour: %w", err)
		}
		row := unresolvedRow{Device: id, Name: u.Device, Port: u.Port, Protocol: u.Protocol, ChassisID: shorten(u.ChassisID),
			PortID: shorten(u.PortID), SysName: shorten(u.SysName), Reason: u.Reason, LastSeen: sc.at, Addresses: addresses, What: shorten(u.What)}
		row.Since = cmp.Or(since[row.row()], sc.at)
		rows = append(rows, row)
	}
	for id, yes := range drop {
		if !yes {
			continue
		}
		if err := d.conn(ctx).Exec("DELETE FROM unresolved WHERE device = ? AND heard = 0", id).Error; err != nil {
			return fmt.Errorf("drop unresolved neighbours: %w", err)
		}
	}
	if len(rows) > 0 {
		if err := d.conn(ctx).CreateInBatches(rows, batch).Error; err != nil {
			return fmt.Errorf("keep unresolved neighbours: %w", err)
		}
	}
	if err := d.recognize(ctx); err != nil {
		return err
	}
	return d.saveCandidates(ctx)
}

// maxTold bounds the addresses that one neighbour tells.
const maxTold = 16

// row names a neighbour's row from one walk to the next.
func (u unresolvedRow) row() string {
	return fmt.Sprintf("%q %q %q %q %q", u.Device, u.Port, u.Protocol, u.ChassisID, u.PortID)
}

func (u unresolvedRow) unresolved() (topology.Unresolved, error) {
	addresses, err := unlist[netip.Addr](u.Addresses)
	return topology.Unresolved{ID: netdev.DeviceID(u.Device), Device: u.Name, Port: u.Port, Protocol: u.Protocol, ChassisID: u.ChassisID,
		PortID: u.PortID, SysName: u.SysName, Reason: u.Reason, Addresses: addresses, What: u.What}, err
}

// Links implements discovery.Inventory: what walks proved, and what is heard on
// the wire beside it.
func (d *DB) Links(ctx context.Context) ([]topology.Link, error) {
	links, err := d.walkedLinks(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := d.sightingRows(ctx, "announces = 1")
	if err != nil || len(rows) == 0 {
		return links, err
	}
	links, _ = topology.Hear(links, heardOf(rows), d.now())
	return links, nil
}

// walkedLinks are the links that walks proved.
func (d *DB) walkedLinks(ctx context.Context) ([]topology.Link, error) {
	var rows []struct {
		Row    linkRow `gorm:"embedded"`
		Newest int64   // when a device at one of its ends answered last
	}
	err := d.conn(ctx).Raw(`SELECT link.*, max(coalesce(a.last_seen, 0), coalesce(b.last_seen, 0)) AS newest FROM link
		LEFT JOIN device a ON a.id = a_id AND a.controller = '' LEFT JOIN device b ON b.id = b_id AND b.controller = '' ORDER BY key`).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list links: %w", err)
	}
	out := make([]topology.Link, len(rows))
	for i, row := range rows {
		r := row.Row
		evidence, err := unlist[string](r.Evidence)
		if err != nil {
			return nil, err
		}
		proof, err := unlist[topology.EvidenceRow](r.Proof)
		if err != nil {
			return nil, err
		}
		out[i] = topology.Link{
			A:     topology.End{ID: netdev.DeviceID(r.AID), Device: r.AName, Port: r.APort, MAC: netdev.MAC(r.AMac)},
			B:     topology.End{ID: netdev.DeviceID(r.BID), Device: r.BName, Port: r.BPort, MAC: netdev.MAC(r.BMac)},
			Layer: r.Layer, Evidence: evidence, Confidence: r.Confidence, Because: r.Because, Rows: proof,
			FirstSeen: unstamp(r.FirstSeen), LastSeen: unstamp(r.LastSeen), Stale: row.Newest > r.LastSeen}
	}
	return out, nil
}

// Unresolved implements discovery.Inventory.
func (d *DB) Unresolved(ctx context.Context) ([]topology.Unresolved, error) {
	var rows []unresolvedRow
	if err := d.conn(ctx).Order("name, port, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list unresolved neighbours: %w", err)
	}
	out := make([]topology.Unresolved, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.unresolved(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
