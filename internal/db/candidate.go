package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/netdev"
)

type candidateRow struct {
	ID        string `gorm:"primaryKey"`
	Identity  string
	Name      string
	ChassisID string
	What      string
	Addresses string
	State     string
	Decided   int64
	DecidedBy string
	Run       string
	FirstSeen int64
	LastSeen  int64
}

func (candidateRow) TableName() string { return "candidate" }

// maxCandidates bounds what unauthenticated neighbours can fill; those above
// it are told in the log and come in when others have gone.
const maxCandidates = 10_000

// identity is by what a neighbour is one candidate, whoever tells of it.
func (u unresolvedRow) identity() string {
	switch {
	case u.ChassisID != "":
		return "chassis " + strings.ToLower(u.ChassisID)
	case u.SysName != "":
		return "name " + strings.ToLower(u.SysName)
	}
	return "port " + u.Device + " " + u.Port + " " + u.PortID
}

// identities gives each row its identity. One neighbour tells its MAC by one
// protocol and its name by another: a row without a MAC is the neighbour with
// one that is told at the same port by the same address or name.
func identities(said []unresolvedRow) []string {
	type told struct{ device, port, word string }
	mac := map[told]string{}
	words := func(u unresolvedRow) []told {
		name, _, _ := strings.Cut(strings.ToLower(u.SysName), ".")
		out := []told{{u.Device, u.Port, "name " + name}, {u.Device, u.Port, "at " + u.Addresses}}
		return slices.DeleteFunc(out, func(t told) bool { return t.word == "name " || t.word == "at " })
	}
	for _, u := range said {
		if _, ok := netdev.ReadMAC(u.ChassisID); ok {
			for _, w := range words(u) {
				mac[w] = u.identity()
			}
		}
	}
	out := make([]string, len(said))
	for i, u := range said {
		out[i] = u.identity()
		if _, ok := netdev.ReadMAC(u.ChassisID); ok {
			continue
		}
		for _, w := range words(u) {
			if key := mac[w]; key != "" {
				out[i] = key
			}
		}
	}
	return out
}

// saveCandidates makes the candidates what the unresolved neighbours are now. A
// decision outlives the silence of those who told of it; a candidate that a
// device of the inventory matches is none any more.
func (d *DB) saveCandidates(ctx context.Context) error {
	var said []unresolvedRow
	if err := d.conn(ctx).Order("id").Find(&said).Error; err != nil {
		return fmt.Errorf("read unresolved neighbours: %w", err)
	}
	var kept []candidateRow
	if err := d.conn(ctx).Find(&kept).Error; err != nil {
		return fmt.Errorf("read candidates: %w", err)
	}
	matched, err := d.matcher(ctx)
	if err != nil {
		return err
	}
	rows := map[string]*candidateRow{}
	for i := range kept {
		rows[kept[i].Identity] = &kept[i]
	}
	heard, over := map[string]bool{}, 0
	keys := identities(said)
	for i := range said {
		u, key := &said[i], keys[i]
		row := rows[key]
		switch {
		case matched(u.ChassisID, u.Addresses):
			u.Candidate = ""
			continue
		case row == nil && len(rows) >= maxCandidates:
			over++
			continue
		case row == nil:
			row = &candidateRow{ID: d.NewID(), Identity: key, State: string(discovery.CandidateOpen), FirstSeen: u.Since}
			rows[key] = row
		}
		if !heard[key] || u.identity() == key {
			row.Name, row.ChassisID = cmp.Or(u.SysName, row.Name), u.ChassisID
			row.What, row.Addresses = cmp.Or(u.What, row.What), cmp.Or(u.Addresses, row.Addresses)
		}
		row.LastSeen = max(row.LastSeen, u.LastSeen)
		heard[key], u.Candidate = true, row.ID
	}
	if over > 0 {
		d.log.WarnContext(ctx, "more neighbours than can be listed as candidates", "left_out", over)
	}
	var keep []candidateRow
	var gone []string
	for key, r := range rows {
		if matched(r.ChassisID, r.Addresses) || !heard[key] && r.State != string(discovery.CandidateIgnored) {
			gone = append(gone, r.ID)
			continue
		}
		keep = append(keep, *r)
	}
	return d.writeCandidates(ctx, said, keep, gone)
}

func (d *DB) writeCandidates(ctx context.Context, said []unresolvedRow, keep []candidateRow, gone []string) error {
	up := clause.OnConflict{UpdateAll: true}
	for ids := range slices.Chunk(gone, batch) {
		if err := d.conn(ctx).Exec("DELETE FROM candidate WHERE id IN ?", ids).Error; err != nil {
			return fmt.Errorf("drop candidates: %w", err)
		}
	}
	if len(keep) > 0 {
		slices.SortFunc(keep, func(a, b candidateRow) int { return cmp.Compare(a.ID, b.ID) })
		if err := d.conn(ctx).Clauses(up).CreateInBatches(keep, batch).Error; err != nil {
			return fmt.Errorf("keep candidates: %w", err)
		}
	}
	if len(said) > 0 {
		if err := d.conn(ctx).Clauses(up).CreateInBatches(said, batch).Error; err != nil {
			return fmt.Errorf("keep unresolved neighbours: %w", err)
		}
	}
	return nil
}

// matcher says whether a device of the inventory is a neighbour: it has its
// chassis, or one of its addresses and no other chassis.
func (d *DB) matcher(ctx context.Context) (func(chassis, addresses string) bool, error) {
	var rows []struct{ Address, ChassisKey string }
	err := d.conn(ctx).Raw(`SELECT device_address.address, chassis_key FROM device LEFT JOIN device_address ON device_address.device = device.id AND until = 0`).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read identities: %w", err)
	}
	at, chassis := map[string]string{}, map[string]bool{}
	for _, r := range rows {
		if r.Address != "" {
			at[r.Address] = r.ChassisKey
		}
		if r.ChassisKey != "" {
			chassis[r.ChassisKey] = true
		}
	}
	return func(id, addresses string) bool {
		id = strings.ToLower(id)
		if chassis[id] {
			return true
		}
		_, isMAC := netdev.ReadMAC(id)
		told, _ := unlist[netip.Addr](addresses)
		return slices.ContainsFunc(told, func(a netip.Addr) bool {
			own, ok := at[addressText(a)]
			return ok && (own == "" || !isMAC)
		})
	}, nil
}

// Candidates implements discovery.Inventory.
func (d *DB) Candidates(ctx context.Context) ([]discovery.Candidate, error) {
	return d.candidates(ctx, "1 = ?", 1)
}

// Candidate implements discovery.Inventory.
func (d *DB) Candidate(ctx context.Context, id string) (discovery.Candidate, error) {
	cs, err := d.candidates(ctx, "id = ?", id)
	if err != nil {
		return discovery.Candidate{}, err
	}
	if len(cs) == 0 {
		return discovery.Candidate{}, fmt.Errorf("%w: %.40q", discovery.ErrNoCandidate, id)
	}
	return cs[0], nil
}

func (d *DB) candidates(ctx context.Context, where string, arg any) ([]discovery.Candidate, error) {
	var rows []candidateRow
	if err := d.conn(ctx).Where(where, arg).Order("first_seen DESC, id DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list candidates: %w", err)
	}
	var said []unresolvedRow
	if err := d.conn(ctx).Where("candidate <> ''").Order("name, port, id").Find(&said).Error; err != nil {
		return nil, fmt.Errorf("list who told of candidates: %w", err)
	}
	told := map[string][]discovery.Told{}
	for _, u := range said {
		v, err := u.unresolved()
		if err != nil {
			return nil, err
		}
		told[u.Candidate] = append(told[u.Candidate], discovery.Told{Unresolved: v, Since: unstamp(u.Since), Sighting: u.Heard})
	}
	out := make([]discovery.Candidate, len(rows))
	for i, r := range rows {
		addresses, err := unlist[netip.Addr](r.Addresses)
		if err != nil {
			return nil, err
		}
		out[i] = discovery.Candidate{ID: r.ID, Name: r.Name, ChassisID: r.ChassisID, What: r.What, Addresses: addresses, State: discovery.CandidateState(r.State),
			By: r.DecidedBy, Decided: unstamp(r.Decided), Run: discovery.RunID(r.Run), FirstSeen: unstamp(r.FirstSeen), LastSeen: unstamp(r.LastSeen), Told: told[r.ID]}
	}
	return out, nil
}

// DecideCandidate implements discovery.Inventory.
func (d *DB) DecideCandidate(ctx context.Context, id string, state discovery.CandidateState, by string, run discovery.RunID) error {
	switch state {
	case discovery.CandidateOpen, discovery.CandidateAccepted, discovery.CandidateIgnored:
	default:
		return errors.New("no such decision about a candidate")
	}
	res := d.conn(ctx).Model(&candidateRow{}).Where("id = ?", id).Updates(map[string]any{"state": string(state), "decided_by": by, "decided": stamp(d.now()), "run": string(run)})
	if res.Error != nil {
		return fmt.Errorf("decide about candidate %s: %w", id, res.Error)
	}
	if res.RowsAffected == 0 {
		return fmt.Errorf("%w: %.40q", discovery.ErrNoCandidate, id)
	}
	return nil
}
