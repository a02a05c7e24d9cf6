package web

import (
	"context"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// Compliance is what the pages of rules read and do beside verdicts.
type Compliance interface {
	// Tally counts verdicts where they are kept.
	Tally(ctx context.Context, by configstore.TallyBy, only configstore.TallyFilter) ([]configstore.Tally, error)
	Waivers(ctx context.Context) ([]compliance.Waiver, error) // newest first
	GrantWaiver(ctx context.Context, w compliance.Waiver) error
	RevokeWaiver(ctx context.Context, id, by string) (compliance.Waiver, error)
	// Packs are those that devices are judged by.
	Packs() []compliance.Pack
	// Try asks one rule of a text, which is not kept.
	Try(rule string, platform netdev.PlatformID, text []byte) (compliance.Result, error)
}

func (s *Server) complianceTable() []route {
	if s.Compliance == nil {
		return nil
	}
	rows := []route{
		{Method: get, Path: "/compliance/rules/:id", Permission: auth.ComplianceRead, Scope: scopeSite, Handler: s.rulePage},
		{Method: post, Path: "/compliance/rules/:id/try", Permission: auth.ComplianceRead, Scope: scopeSite, Verb: audit.RuleTry, Handler: s.tryRule},
		{Method: post, Path: "/compliance/waivers", Permission: auth.WaiverGrant, Scope: scopeSite, Verb: audit.WaiverGrant, Handler: s.grantWaiver},
		{Method: post, Path: "/compliance/waivers/:id/revoke", Permission: auth.WaiverGrant, Scope: scopeSite, Verb: audit.WaiverRevoke, Handler: s.revokeWaiver},
		{Method: get, Path: "/reports/compliance", Permission: auth.ComplianceRead, Scope: scopeSite, Handler: s.complianceReport},
	}
	rows = append(rows, lists("/compliance", auth.ComplianceRead, s.complianceMatrix)...)
	rows = append(rows, lists("/compliance/rules", auth.ComplianceRead, s.rulesList)...)
	return append(rows, lists("/compliance/waivers", auth.ComplianceRead, s.waiversList)...)
}
