package configstore

import (
	"context"

	"github.com/plumbline-net/plumbline/configstore/compliance"
)

// TallyBy is by what verdicts are counted.
type TallyBy string

// The ways to count.
const (
	BySite   TallyBy = "site"
	ByRole   TallyBy = "role"
	ByDevice TallyBy = "device"
	ByRule   TallyBy = "rule"
)

// TallyFilter chooses what is counted; empty fields choose all. Site and Role
// are pointers because "" is a site too: that of devices without one.
type TallyFilter struct {
	Site, Role *string
	Pack       string
}

// Tally is one cell: how often a verdict was said. Key is a site, a role, a
// device or a rule.
type Tally struct {
	Key     string
	Pack    string
	Verdict compliance.Verdict
	N       int
}

// Tally counts verdicts in the database, so that a fleet's page costs what it
// shows and not what it has.
func (s *Store) Tally(ctx context.Context, by TallyBy, only TallyFilter) ([]Tally, error) {
	return s.rows.TallyVerdicts(ctx, by, only)
}
