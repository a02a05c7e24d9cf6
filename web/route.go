package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
)

// scope says whose objects a route reaches.
type scope string

const (
	scopePublic scope = "public"
	scopeOwn    scope = "own"
	scopeSite   scope = "site"
	scopeGlobal scope = "global"
)

// route is one row: nothing is answered that has none. Paths are echo's, with
// ":id". Verb is what the audit log calls it; "" for what only reads.
type route struct {
	Method     string
	Path       string
	Permission auth.Permission
	Scope      scope
	Verb       audit.Verb
	Handler    echo.HandlerFunc
	OwnAudit   bool // who does it writes the record, with what came of it
	API        bool
	operation  func(api huma.API, op huma.Operation)
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// table is the whole of what this server answers.
func (s *Server) table() []route {
	rows := []route{
		{Method: get, Path: "/login", Permission: auth.Public, Scope: scopePublic, Handler: s.loginPage},
		{Method: post, Path: "/login", Permission: auth.Public, Scope: scopePublic, Verb: audit.LoginOK, OwnAudit: true, Handler: s.login},
		{Method: get, Path: "/setup", Permission: auth.Public, Scope: scopePublic, Handler: s.setupPage},
		{Method: post, Path: "/setup", Permission: auth.Public, Scope: scopePublic, Verb: audit.SetupCompleted, OwnAudit: true, Handler: s.setup},
		{Method: get, Path: "/healthz", Permission: auth.Public, Scope: scopePublic, Handler: s.healthz},
		{Method: get, Path: "/static/*", Permission: auth.Public, Scope: scopePublic, Handler: s.static},

		{Method: post, Path: "/logout", Permission: auth.OwnEdit, Scope: scopeOwn, Verb: audit.Logout, Handler: s.logout},
		{Method: get, Path: "/me", Permission: auth.OwnEdit, Scope: scopeOwn, Handler: s.mePage},
		{Method: post, Path: "/me/password", Permission: auth.OwnEdit, Scope: scopeOwn, Verb: audit.PasswordChange, Handler: s.changePassword},
		{Method: post, Path: "/me/tokens", Permission: auth.OwnEdit, Scope: scopeOwn, Verb: audit.TokenCreate, Handler: s.makeToken},
		{Method: post, Path: "/me/tokens/:id/revoke", Permission: auth.OwnEdit, Scope: scopeOwn, Verb: audit.TokenRevoke, Handler: s.dropToken},
		{Method: post, Path: "/me/theme", Permission: auth.OwnEdit, Scope: scopeOwn, Verb: audit.ViewChange, Handler: s.setTheme},

		{Method: get, Path: "/", Permission: auth.InventoryRead, Scope: scopeSite, Handler: s.overview},
		{Method: get, Path: "/events", Permission: auth.InventoryRead, Scope: scopeSite, Handler: s.events},
		{Method: get, Path: "/help", Permission: auth.InventoryRead, Scope: scopeSite, Handler: s.help},
		{Method: get, Path: "/help/:page", Permission: auth.InventoryRead, Scope: scopeSite, Handler: s.help},

		{Method: get, Path: "/devices/:id", Permission: auth.InventoryRead, Scope: scopeSite, Handler: s.deviceRoot},
		{Method: get, Path: "/devices/:id/facts", Permission: auth.InventoryRead, Scope: scopeSite, Handler: s.deviceFacts},
		{Method: post, Path: "/devices/:id/backup", Permission: auth.JobRun, Scope: scopeSite, Verb: audit.BackupRun, Handler: s.backupOne},
		{Method: post, Path: "/backup", Permission: auth.JobRun, Scope: scopeSite, Verb: audit.BackupRun, Handler: s.backupMany},

		{Method: get, Path: "/discovery", Permission: auth.JobRead, Scope: scopeSite, Handler: s.discoveryPage},
		{Method: post, Path: "/discovery", Permission: auth.JobRun, Scope: scopeSite, Verb: audit.DiscoveryRun, Handler: s.startDiscovery},
		{Method: get, Path: "/discovery/candidates/:id", Permission: auth.JobRead, Scope: scopeSite, Handler: s.candidatePage},
		{Method: post, Path: "/discovery/candidates/:id/accept", Permission: auth.InventoryEdit, Scope: scopeSite, Verb: audit.CandidateAccept, Handler: s.acceptCandidate},
		{Method: post, Path: "/discovery/candidates/:id/ignore", Permission: auth.InventoryEdit, Scope: scopeSite, Verb: audit.CandidateIgnore, Handler: s.ignoreCandidate},
		{Method: post, Path: "/discovery/candidates/:id/restore", Permission: auth.InventoryEdit, Scope: scopeSite, Verb: audit.CandidateRestore, Handler: s.restoreCandidate},
		{Method: get, Path: "/search", Permission: auth.InventoryRead, Scope: scopeSite, Handler: s.searchPage},
		{Method: get, Path: "/discovery/:id", Permission: auth.JobRead, Scope: scopeSite, Handler: s.runPage},

		{Method: get, Path: "/configs/:rev", Permission: auth.ConfigRead, Scope: scopeSite, Handler: s.revisionPage},
		{Method: get, Path: "/configs/:rev/diff/:other", Permission: auth.ConfigRead, Scope: scopeSite, Handler: s.diffPage},
		{Method: get, Path: "/configs/:rev/text", Permission: auth.ConfigRead, Scope: scopeSite, Handler: s.textPage},
		{Method: get, Path: "/configs/:rev/raw", Permission: auth.ExportRead, Scope: scopeSite, Verb: audit.ConfigExport, Handler: s.rawText},
	}
	rows = append(rows, lists("/devices", auth.InventoryRead, s.inventory)...)
	rows = append(rows, lists("/devices/:id/interfaces", auth.InventoryRead, s.deviceInterfaces)...)
	rows = append(rows, lists("/devices/:id/neighbors", auth.InventoryRead, s.deviceNeighbors)...)
	rows = append(rows, lists("/devices/:id/configs", auth.ConfigRead, s.deviceConfigs)...)
	rows = append(rows, lists("/devices/:id/compliance", auth.ComplianceRead, s.deviceCompliance)...)
	rows = append(rows, lists("/devices/:id/events", auth.InventoryRead, s.deviceEvents)...)
	rows = append(rows, lists("/changes", auth.ConfigRead, s.changes)...)
	rows = append(rows, lists("/topology", auth.TopologyRead, s.topology)...)
	rows = append(rows,
		route{Method: get, Path: "/topology/data", Permission: auth.TopologyRead, Scope: scopeSite, Handler: s.topologyData},
		route{Method: get, Path: "/topology/panel", Permission: auth.TopologyRead, Scope: scopeSite, Handler: s.topologyPanel},
		route{Method: get, Path: "/topology.svg", Permission: auth.ExportRead, Scope: scopeSite, Verb: audit.ReportExport, Handler: also(auth.TopologyRead, s.topologySVG)})
	rows = append(rows, s.driftTable()...)
	rows = append(rows, lists("/compliance/results", auth.ComplianceRead, s.results)...)
	rows = append(rows, s.complianceTable()...)
	rows = append(rows, lists("/discovery/candidates", auth.JobRead, s.candidates)...)
	rows = append(rows, lists("/search/places", auth.InventoryRead, s.placesPage)...)
	rows = append(rows, s.jobsTable()...)
	rows = append(rows, s.settingsTable()...)
	rows = append(rows, s.captureTable()...)
	rows = slices.Concat(rows, s.searchTable(), s.healthTable(), s.auditTable())
	return append(rows, s.apiTable()...)
}

// lists gives the three rows of a list: the page, and the same rows as CSV and
// JSON, which are exports.
func lists(path string, p auth.Permission, h echo.HandlerFunc) []route {
	return []route{
		{Method: get, Path: path, Permission: p, Scope: scopeSite, Handler: h},
		{Method: get, Path: path + ".csv", Permission: auth.ExportRead, Scope: scopeSite, Verb: audit.ReportExport, Handler: also(p, h)},
		{Method: get, Path: path + ".json", Permission: auth.ExportRead, Scope: scopeSite, Verb: audit.ReportExport, Handler: also(p, h)},
	}
}

// also asks for a second permission: an export needs that of its page too.
func also(p auth.Permission, h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !viewerOf(c).Can(p) {
			return &denied{permission: p}
		}
		return h(c)
	}
}

// register hands every row to the router: the one place that does.
func (s *Server) register() {
	api := s.newAPI()
	for _, r := range s.table() {
		s.routes[r.Method+" "+r.Path] = &r
		if r.operation != nil {
			r.operation(api, huma.Operation{Method: r.Method, Path: braces(r.Path), OperationID: operationID(r), Security: bearerSecurity()})
			continue
		}
		s.echo.Add(r.Method, r.Path, r.Handler)
	}
}

// braces turns echo's ":id" into the "{id}" of OpenAPI.
func braces(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

func operationID(r route) string {
	name := strings.NewReplacer("/api/v1/", "", "/", "-", ":", "").Replace(r.Path)
	return strings.ToLower(r.Method) + "-" + name
}
