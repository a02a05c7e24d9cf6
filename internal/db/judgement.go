package db

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/netdev"
)

// batch is how many rows go into one statement: SQLite takes 32,766 values.
const batch = 500

type verdictRow struct {
	Device   string `gorm:"primaryKey"`
	Rule     string `gorm:"primaryKey"`
	Verdict  string
	Since    int64
	Judged   int64
	Revision string
	Pack     string
	Body     string // the result as JSON
}

func (verdictRow) TableName() string { return "verdict" }

// ours holds for what was judged on devices whose configuration is read from
// themselves. What is kept of one from before a wireless controller took it over
// says nothing of the fleet as it is; it comes back when the device does.
const ours = "device NOT IN (SELECT id FROM device WHERE controller <> '')"

// Verdicts implements configstore.Rows.
func (d *DB) Verdicts(ctx context.Context, f configstore.ResultFilter) ([]configstore.RuleResult, error) {
	q := where(d.conn(ctx), map[string]string{"device": string(f.Device), "rule": f.Rule, "verdict": string(f.Verdict), "pack": f.Pack})
	if f.Device == "" {
		q = q.Where(ours)
	}
	for column, want := range map[string]*string{"site": f.Site, "role": f.Role} {
		if want != nil {
			q = q.Where("device IN (SELECT id FROM device WHERE "+column+" = ?)", *want)
		}
	}
	var rows []verdictRow
	if err := q.Order("device, rule").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list verdicts: %w", err)
	}
	out := make([]configstore.RuleResult, len(rows))
	for i, r := range rows {
		out[i] = configstore.RuleResult{Device: netdev.DeviceID(r.Device), Since: unstamp(r.Since), Judged: unstamp(r.Judged),
			Revision: configstore.RevisionID(r.Revision)}
		if err := json.Unmarshal([]byte(r.Body), &out[i].Result); err != nil {
			return nil, fmt.Errorf("verdict of %.80q on %s: %w", r.Rule, r.Device, err)
		}
	}
	return out, nil
}

// where adds a condition for each value that is set.
func where(q *gorm.DB, columns map[string]string) *gorm.DB {
	for c, v := range columns {
		if v != "" {
			q = q.Where(clause.Eq{Column: clause.Column{Name: c}, Value: v})
		}
	}
	return q
}

// SaveVerdicts implements configstore.Rows.
func (d *DB) SaveVerdicts(ctx context.Context, rs []configstore.RuleResult) error {
	if len(rs) == 0 {
		return nil
	}
	rows := make([]verdictRow, len(rs))
	for i, r := range rs {
		body, err := json.Marshal(r.Result)
		if err != nil {
			return fmt.Errorf("verdict of %.80q: %w", r.Rule, err)
		}
		rows[i] = verdictRow{Device: string(r.Device), Rule: r.Rule, Verdict: string(r.Verdict), Since: stamp(r.Since),
			Judged: stamp(r.Judged), Revision: string(r.Revision), Pack: r.Pack, Body: string(body)}
	}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(rows, batch).Error; err != nil {
		return fmt.Errorf("keep verdicts: %w", err)
	}
	return nil
}

// DropVerdicts implements configstore.Rows.
func (d *DB) DropVerdicts(ctx context.Context, dev netdev.DeviceID, rules []string) error {
	for _, rule := range rules {
		if err := d.conn(ctx).Exec("DELETE FROM verdict WHERE device = ? AND rule = ?", string(dev), rule).Error; err != nil {
			return fmt.Errorf("drop verdict: %w", err)
		}
	}
	return nil
}

// CountVerdicts implements configstore.Rows.
func (d *DB) CountVerdicts(ctx context.Context) (map[compliance.Verdict]int, error) {
	return count[compliance.Verdict](d.conn(ctx), "SELECT verdict AS word, count(*) AS n FROM verdict WHERE "+ours+" GROUP BY verdict")
}

// CountFindings implements configstore.Rows.
func (d *DB) CountFindings(ctx context.Context) (map[drift.Kind]int, error) {
	return count[drift.Kind](d.conn(ctx), "SELECT kind AS word, count(*) AS n FROM finding WHERE state <> ? AND "+ours+" GROUP BY kind", drift.Resolved)
}

func count[K ~string](q *gorm.DB, statement string, args ...any) (map[K]int, error) {
	var rows []struct {
		Word string
		N    int
	}
	if err := q.Raw(statement, args...).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("count: %w", err)
	}
	out := make(map[K]int, len(rows))
	for _, r := range rows {
		out[K(r.Word)] = r.N
	}
	return out, nil
}

type findingRow struct {
	Device    string `gorm:"primaryKey"`
	Source    string `gorm:"primaryKey"`
	Kind      string `gorm:"primaryKey"`
	Key       string `gorm:"primaryKey"`
	State     string
	Since     int64
	Seen      int64
	Ended     int64
	Reference string
	Revision  string
	Returns   int
	Change    string
	AckedBy   string
	Note      string
	Until     int64
}

func (findingRow) TableName() string { return "finding" }

// Findings implements configstore.Rows.
func (d *DB) Findings(ctx context.Context, f configstore.FindingFilter) ([]drift.Finding, error) {
	q := where(d.conn(ctx), map[string]string{"device": string(f.Device), "source": string(f.Source), "kind": string(f.Kind), "state": string(f.State)})
	if f.Device == "" {
		q = q.Where(ours)
	}
	if f.Live {
		q = q.Where("state <> ?", drift.Resolved)
	}
	var rows []findingRow
	if err := q.Order("since DESC, device, source, kind, key").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list findings: %w", err)
	}
	out := make([]drift.Finding, len(rows))
	for i, r := range rows {
		out[i] = drift.Finding{ID: drift.ID{Device: netdev.DeviceID(r.Device), Source: r.Source, Kind: drift.Kind(r.Kind), Key: r.Key},
			State: drift.State(r.State), Since: unstamp(r.Since), Seen: unstamp(r.Seen), Ended: unstamp(r.Ended),
			Reference: r.Reference, Revision: r.Revision, Returns: r.Returns, By: r.AckedBy, Note: r.Note, Until: unstamp(r.Until)}
		if err := json.Unmarshal([]byte(r.Change), &out[i].Change); err != nil {
			return nil, fmt.Errorf("finding %.80q on %s: %w", r.Key, r.Device, err)
		}
	}
	return out, nil
}

// SaveFindings implements configstore.Rows.
func (d *DB) SaveFindings(ctx context.Context, fs []drift.Finding) error {
	if len(fs) == 0 {
		return nil
	}
	rows := make([]findingRow, len(fs))
	for i, f := range fs {
		change, err := json.Marshal(f.Change)
		if err != nil {
			return fmt.Errorf("finding %.80q: %w", f.Key, err)
		}
		rows[i] = findingRow{Device: string(f.Device), Source: f.Source, Kind: string(f.Kind), Key: f.Key, State: string(f.State),
			Since: stamp(f.Since), Seen: stamp(f.Seen), Ended: stamp(f.Ended), Reference: f.Reference, Revision: f.Revision,
			Returns: f.Returns, Change: string(change), AckedBy: f.By, Note: f.Note, Until: stamp(f.Until)}
	}
	if err := d.conn(ctx).Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(rows, batch).Error; err != nil {
		return fmt.Errorf("keep findings: %w", err)
	}
	return nil
}
