package auth

import "slices"

// Role is what an account is there for.
type Role string

// The roles.
const (
	Viewer   Role = "viewer"
	Operator Role = "operator"
	Engineer Role = "engineer"
	Auditor  Role = "auditor"
	Admin    Role = "admin"
)

// Roles lists every role, the narrowest first.
func Roles() []Role { return []Role{Viewer, Operator, Engineer, Auditor, Admin} }

// Permission is one thing a route may ask for.
type Permission string

// Public marks a route that needs no login. No role holds it: it is not a
// permission to be granted.
const Public Permission = "public"

// The permissions.
const (
	InventoryRead    Permission = "inventory.read"
	TopologyRead     Permission = "topology.read"
	ConfigRead       Permission = "config.read" // masked
	DriftRead        Permission = "drift.read"
	ComplianceRead   Permission = "compliance.read"
	JobRead          Permission = "job.read"
	ExportRead       Permission = "export.read"
	OwnEdit          Permission = "own.edit"
	JobRun           Permission = "job.run"
	JobCancel        Permission = "job.cancel"
	DriftAcknowledge Permission = "drift.acknowledge"
	InventoryEdit    Permission = "inventory.edit"
	ScheduleEdit     Permission = "schedule.edit"
	CredentialUse    Permission = "credential.use"
	HostKeyAccept    Permission = "hostkey.accept"
	BaselineApprove  Permission = "baseline.approve"
	RuleEdit         Permission = "rule.edit"
	CaptureRun       Permission = "capture.run"
	RemediationPlan  Permission = "remediation.plan"
	WaiverGrant      Permission = "waiver.grant"
	ConfigReveal     Permission = "config.reveal" // unmasked
	AuditRead        Permission = "audit.read"
	AuditVerify      Permission = "audit.verify"
	AccessRead       Permission = "access.read"
	CredentialEdit   Permission = "credential.edit"
	NotifyEdit       Permission = "notify.edit"
	UserEdit         Permission = "user.edit"
	TokenEdit        Permission = "token.edit"
	CollectorEnrol   Permission = "collector.enrol"
	SettingsEdit     Permission = "settings.edit"
	RetentionEdit    Permission = "retention.edit"
	ApplianceBackup  Permission = "appliance.backup"
	MetricsRead      Permission = "metrics.read"
)

// row is one line of the matrix: these permissions, these roles.
type row struct {
	permissions []Permission
	roles       []Role
}

// matrix is the whole of what roles may do; what is not in it is refused.
func matrix() []row {
	return []row{
		{[]Permission{InventoryRead, TopologyRead, ConfigRead, DriftRead, ComplianceRead, JobRead, ExportRead, OwnEdit}, Roles()},
		{[]Permission{JobRun, JobCancel, DriftAcknowledge}, []Role{Operator, Engineer, Admin}},
		{[]Permission{InventoryEdit, ScheduleEdit, CredentialUse}, []Role{Operator, Engineer, Admin}},
		{[]Permission{HostKeyAccept, BaselineApprove, RuleEdit, CaptureRun, RemediationPlan}, []Role{Engineer, Admin}},
		{[]Permission{WaiverGrant}, []Role{Auditor, Admin}},
		// Not the administrator: who manages accounts should have to grant
		// this to a named one, where the audit shows it.
		{[]Permission{ConfigReveal}, []Role{Engineer}},
		{[]Permission{AuditRead, AuditVerify, AccessRead}, []Role{Auditor, Admin}},
		{[]Permission{CredentialEdit, NotifyEdit}, []Role{Engineer, Admin}},
		{[]Permission{UserEdit, TokenEdit, CollectorEnrol, SettingsEdit, RetentionEdit, ApplianceBackup, MetricsRead}, []Role{Admin}},
	}
}

// Can says whether the role holds the permission.
func (r Role) Can(p Permission) bool {
	for _, m := range matrix() {
		if slices.Contains(m.permissions, p) {
			return slices.Contains(m.roles, r)
		}
	}
	return false
}

// Known says whether the role is one of ours.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// within says whether everything r may do, other may do as well.
func (r Role) within(other Role) bool {
	for _, p := range Permissions() {
		if r.Can(p) && !other.Can(p) {
			return false
		}
	}
	return r.Known() && other.Known()
}

// Permissions lists every permission a role may hold.
func Permissions() []Permission {
	var out []Permission
	for _, m := range matrix() {
		out = append(out, m.permissions...)
	}
	return out
}

// Principal is somebody who is known: a person with a session, or a program
// with a token.
type Principal struct {
	UserID  string
	User    string // the name
	Role    Role
	Token   string // id of the API token; "" for a session
	Session string // id of the session, which is not its secret; "" for a token
}

// Can says whether the principal holds the permission. The zero Principal
// holds none.
func (p Principal) Can(perm Permission) bool { return p.User != "" && p.Role.Can(perm) }
