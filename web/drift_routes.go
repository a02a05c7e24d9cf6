package web

import (
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
)

// driftTable is what answers about differences and what was approved. What
// changes something writes its own audit record, with what came of it.
func (s *Server) driftTable() []route {
	rows := []route{
		{Method: get, Path: "/drift/:id", Permission: auth.DriftRead, Scope: scopeSite, Handler: s.groupPage},
		{Method: post, Path: "/drift/:id/acknowledge", Permission: auth.DriftAcknowledge, Scope: scopeSite, Verb: audit.DriftAcknowledge, OwnAudit: true, Handler: s.acknowledge},
		{Method: post, Path: "/drift/:id/reopen", Permission: auth.DriftAcknowledge, Scope: scopeSite, Verb: audit.DriftReopen, OwnAudit: true, Handler: s.reopen},
		{Method: post, Path: "/devices/:id/baseline", Permission: auth.BaselineApprove, Scope: scopeSite, Verb: audit.BaselineApprove, OwnAudit: true, Handler: s.approve},
		{Method: get, Path: "/devices/baseline", Permission: auth.BaselineApprove, Scope: scopeSite, Handler: s.approvePage},
		{Method: post, Path: "/devices/baseline", Permission: auth.BaselineApprove, Scope: scopeSite, Verb: audit.BaselineApprove, OwnAudit: true, Handler: s.approveHeads},
	}
	rows = append(rows, lists("/drift", auth.DriftRead, s.driftList)...)
	rows = append(rows, lists("/devices/:id/drift", auth.DriftRead, s.deviceDrift)...)
	own := func(r route) route { r.OwnAudit = true; return r }
	return append(rows,
		apiRow(get, "/drift", auth.DriftRead, "", s.apiDrift),
		apiRow(get, "/drift/:id", auth.DriftRead, "", s.apiGroup),
		own(apiRow(post, "/drift/:id/acknowledge", auth.DriftAcknowledge, audit.DriftAcknowledge, s.apiAcknowledge)),
		own(apiRow(post, "/drift/:id/reopen", auth.DriftAcknowledge, audit.DriftReopen, s.apiReopen)),
		apiRow(get, "/devices/:id/baseline", auth.ConfigRead, "", s.apiBaseline),
		own(apiRow(post, "/devices/:id/baseline", auth.BaselineApprove, audit.BaselineApprove, s.apiApprove)),
	)
}
