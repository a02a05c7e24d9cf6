package db

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/capture"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

type sightingRow struct {
	ID         int64 `gorm:"primaryKey"`
	NearDevice string
	NearPort   string
	Via        string
	Protocol   string
	SourceMac  string
	Vlan       int
	Announces  int
	Says       string // a neighbour, as JSON
	Facts      string // as JSON
	Hold       int64  // ns
	Gone       int
	Frames     int
	FirstSeen  int64
	LastSeen   int64
	FarDevice  string
	FarPort    string
	FarMac     string
	PortSure   int
	Because    string

	NearName string `gorm:"->;-:migration"` // of the devices, now
	FarName  string `gorm:"->;-:migration"`
	neighbor netdev.Neighbor
}

func (sightingRow) TableName() string { return "sighting" }

// who names the sender of a row from one save to the next.
func (r sightingRow) who() string {
	return fmt.Sprintf("%q %q %d %q %q", r.Protocol, r.SourceMac, r.Vlan, r.neighbor.ChassisID, r.neighbor.PortID)
}

// SaveSightings implements discovery.Sightings.
func (d *DB) SaveSightings(ctx context.Context, near topology.End, via string, seen []capture.Seen) (shed int, err error) {
	if len(seen) == 0 {
		return 0, nil
	}
	err = d.InTx(ctx, func(ctx context.Context) error {
		old, err := d.sightingRows(ctx, "near_device = ? AND near_port = ?", string(near.ID), near.Port)
		if err != nil {
			return err
		}
		known := make(map[string]sightingRow, len(old))
		for _, r := range old {
			known[r.who()] = r
		}
		rows := map[string]sightingRow{}
		news := false
		now := stamp(d.now())
		for _, s := range seen {
			row, err := newSighting(near, via, s)
			if err != nil {
				return err
			}
			// A file may say any time; nothing was heard later than now.
			row.FirstSeen, row.LastSeen = min(row.FirstSeen, now), min(row.LastSeen, now)
			k := row.who()
			before, ok := rows[k]
			if !ok {
				before, ok = known[k]
			}
			if ok {
				row = before.heardAgain(row)
			}
			news = news || !ok || row.Gone != before.Gone || row.Says != before.Says
			rows[k] = row
		}
		var write []sightingRow
		for _, k := range slices.Sorted(maps.Keys(rows)) {
			write = append(write, rows[k])
		}
		err = d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Omit("NearName", "FarName").CreateInBatches(write, batch/4).Error
		if err != nil {
			return fmt.Errorf("keep sightings: %w", err)
		}
		if shed, err = d.shedSightings(ctx, near); err != nil {
			return err
		}
		if !news && shed == 0 {
			return d.heardStill(ctx)
		}
		if err := d.recognize(ctx); err != nil {
			return err
		}
		return d.saveCandidates(ctx)
	})
	return shed, err
}

// newSighting makes a row of what was heard. Who takes leave says next to
// nothing of itself, and is still somebody who announces.
func newSighting(near topology.End, via string, s capture.Seen) (sightingRow, error) {
	gone := s.Gone
	s.Sighting.Gone = false
	n, announces := s.Neighbor()
	n.Addresses = n.Addresses[:min(len(n.Addresses), maxTold)]
	says, err := json.Marshal(n)
	if err != nil {
		return sightingRow{}, fmt.Errorf("sighting: %w", err)
	}
	facts, err := json.Marshal(s.Facts)
	if err != nil {
		return sightingRow{}, fmt.Errorf("sighting: %w", err)
	}
	return sightingRow{NearDevice: string(near.ID), NearPort: near.Port, Via: shorten(via), Protocol: s.Protocol, SourceMac: string(s.SourceMAC), Vlan: s.VLAN,
		Announces: digit(announces), Says: string(says), Facts: string(facts), Hold: int64(s.Hold), Gone: digit(gone), Frames: s.Frames,
		FirstSeen: stamp(s.First), LastSeen: stamp(s.Time), neighbor: n}, nil
}

// digit is a truth as a column.
func digit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// heardAgain is the row after more frames of the same sender. Frames that are
// counted already, of a file that is read twice, change nothing; older ones
// change nothing but since when.
func (r sightingRow) heardAgain(next sightingRow) sightingRow {
	if next.FirstSeen >= r.FirstSeen && next.LastSeen <= r.LastSeen {
		return r
	}
	out := r
	if next.LastSeen > r.LastSeen {
		out = next
		out.ID, out.FarDevice, out.FarPort, out.FarMac, out.PortSure, out.Because = r.ID, r.FarDevice, r.FarPort, r.FarMac, r.PortSure, r.Because
		if next.Gone == 1 { // the last words say less than those before
			out.Says, out.Facts, out.neighbor, out.Hold = r.Says, r.Facts, r.neighbor, r.Hold
		}
	}
	out.FirstSeen, out.Frames = min(r.FirstSeen, next.FirstSeen), r.Frames+next.Frames
	return out
}

// shedSightings keeps the senders of one place within the bound: of those that
// announce themselves, and of the others. Who was heard once goes first, then
// who was not heard for the longest.
func (d *DB) shedSightings(ctx context.Context, near topology.End) (int, error) {
	n := 0
	for _, announces := range []int{0, 1} {
		res := d.conn(ctx).Exec(`DELETE FROM sighting WHERE id IN (SELECT id FROM sighting WHERE near_device = ? AND near_port = ? AND announces = ?
			ORDER BY frames > 1 DESC, last_seen DESC, id DESC LIMIT -1 OFFSET ?)`, string(near.ID), near.Port, announces, capture.TableCap)
		if res.Error != nil {
			return n, fmt.Errorf("forget sightings: %w", res.Error)
		}
		n += int(res.RowsAffected)
	}
	return n, nil
}

// heardStill brings up to date when candidates were told of last.
func (d *DB) heardStill(ctx context.Context) error {
	for _, s := range []string{
		`UPDATE unresolved SET last_seen = (SELECT last_seen FROM sighting WHERE sighting.id = heard) WHERE heard IN (SELECT id FROM sighting)`,
		`UPDATE candidate SET last_seen = max(last_seen, coalesce((SELECT max(last_seen) FROM unresolved WHERE candidate = candidate.id AND heard <> 0), 0))`,
	} {
		if err := d.conn(ctx).Exec(s).Error; err != nil {
			return fmt.Errorf("heard again: %w", err)
		}
	}
	return nil
}

// sightingRows reads rows with their neighbours, in the order they were met.
func (d *DB) sightingRows(ctx context.Context, where string, args ...any) ([]sightingRow, error) {
	var rows []sightingRow
	err := d.conn(ctx).Raw(`SELECT sighting.*, coalesce(n.name, '') AS near_name, coalesce(f.name, '') AS far_name FROM sighting
		LEFT JOIN device n ON n.id = near_device LEFT JOIN device f ON f.id = far_device WHERE `+where+` ORDER BY sighting.id`, args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read sightings: %w", err)
	}
	for i := range rows {
		if err := json.Unmarshal([]byte(rows[i].Says), &rows[i].neighbor); err != nil {
			return nil, fmt.Errorf("a sighting in the database is damaged: %w", err)
		}
	}
	return rows, nil
}

func (r sightingRow) heard() topology.Heard {
	h := topology.Heard{Near: topology.End{ID: netdev.DeviceID(r.NearDevice), Device: r.NearName, Port: r.NearPort}, Via: r.Via, Says: r.neighbor,
		Since: unstamp(r.FirstSeen), Time: unstamp(r.LastSeen), Hold: time.Duration(r.Hold), Gone: r.Gone == 1, PortSure: r.PortSure == 1, Because: r.Because}
	if r.FarDevice != "" && r.FarName != "" {
		h.Far = topology.End{ID: netdev.DeviceID(r.FarDevice), Device: r.FarName, Port: r.FarPort, MAC: netdev.MAC(r.FarMac)}
	}
	return h
}

func heardOf(rows []sightingRow) []topology.Heard {
	out := make([]topology.Heard, len(rows))
	for i, r := range rows {
		out[i] = r.heard()
	}
	return out
}

// Sightings implements discovery.Sightings.
func (d *DB) Sightings(ctx context.Context) ([]discovery.Sighting, error) {
	rows, err := d.sightingRows(ctx, "1 = 1")
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	links, err := d.walkedLinks(ctx)
	if err != nil {
		return nil, err
	}
	var told []unresolvedRow
	if err := d.conn(ctx).Where("heard <> 0 AND candidate <> ''").Find(&told).Error; err != nil {
		return nil, fmt.Errorf("read candidates of sightings: %w", err)
	}
	candidate := map[int64]string{}
	for _, u := range told {
		candidate[u.Heard] = u.Candidate
	}
	out := make([]discovery.Sighting, len(rows))
	var heard []topology.Heard
	var at []int
	for i, r := range rows {
		s := discovery.Sighting{Heard: r.heard(), ID: r.ID, Protocol: r.Protocol, SourceMAC: netdev.MAC(r.SourceMac), VLAN: r.Vlan, Frames: r.Frames,
			Announces: r.Announces == 1, Candidate: candidate[r.ID]}
		if err := json.Unmarshal([]byte(r.Facts), &s.Facts); err != nil {
			return nil, fmt.Errorf("a sighting in the database is damaged: %w", err)
		}
		if out[i] = s; s.Announces {
			heard, at = append(heard, s.Heard), append(at, i)
		}
	}
	_, verdicts := topology.Hear(links, heard, d.now())
	for i, v := range verdicts {
		out[at[i]].Verdict = v
	}
	slices.SortStableFunc(out, func(a, b discovery.Sighting) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}
