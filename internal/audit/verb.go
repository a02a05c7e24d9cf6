package audit

import "slices"

// Verb is what was done, from a closed list.
type Verb string

// Verbs of the routes.
const (
	LoginOK           Verb = "login.ok"
	LoginFailed       Verb = "login.failed"
	SetupCompleted    Verb = "setup.completed"
	Logout            Verb = "logout"
	DeviceAdd         Verb = "device.add"
	DeviceChange      Verb = "device.change"
	DeviceDelete      Verb = "device.delete"
	DeviceImport      Verb = "device.import"
	HostKeyAccept     Verb = "hostkey.accept"
	ViewChange        Verb = "view.change"
	DiscoveryRun      Verb = "discovery.run"
	CandidateAccept   Verb = "candidate.accept"
	CandidateIgnore   Verb = "candidate.ignore"
	CandidateRestore  Verb = "candidate.restore"
	CaptureRun        Verb = "capture.run"
	CaptureDownload   Verb = "capture.download"
	ConfigExport      Verb = "config.export"
	ConfigReveal      Verb = "config.reveal"
	QuarantineReveal  Verb = "quarantine.reveal"
	QuarantineRead    Verb = "quarantine.read"
	QuarantineAccept  Verb = "quarantine.accept"
	QuarantineDiscard Verb = "quarantine.discard"
	BackupRun         Verb = "backup.run"
	DriftAcknowledge  Verb = "drift.acknowledge"
	DriftReopen       Verb = "drift.reopen"
	BaselineApprove   Verb = "baseline.approve"
	RemediationPlan   Verb = "remediation.plan"
	RuleChange        Verb = "rule.change"
	RuleDelete        Verb = "rule.delete"
	RuleTry           Verb = "rule.try" // on a pasted text, which is not kept
	PackImport        Verb = "pack.import"
	WaiverGrant       Verb = "waiver.grant"
	WaiverRevoke      Verb = "waiver.revoke"
	JobCancel         Verb = "job.cancel"
	JobRetry          Verb = "job.retry"
	ScheduleChange    Verb = "schedule.change"
	ScheduleDelete    Verb = "schedule.delete"
	ReportMade        Verb = "report.made"
	ReportExport      Verb = "report.export"
	AuditExport       Verb = "audit.export"
	AuditVerified     Verb = "audit.verify"
	CredentialChange  Verb = "credential.change"
	CredentialDelete  Verb = "credential.delete"
	CredentialTest    Verb = "credential.test"
	UserChange        Verb = "user.change"
	UserDelete        Verb = "user.delete"
	GrantChange       Verb = "grant.change"
	SessionEnd        Verb = "session.end"
	TokenRevoke       Verb = "token.revoke"
	PasswordChange    Verb = "password.change"
	FactorChange      Verb = "factor.change"
	TokenCreate       Verb = "token.create"
	CollectorEnrol    Verb = "collector.enrol"
	CollectorRevoke   Verb = "collector.revoke"
	CollectorJoined   Verb = "collector.joined"
	SettingsChange    Verb = "settings.change"
	RetentionChange   Verb = "retention.change"
	NoiseChange       Verb = "noise.change"
	ApplianceBackup   Verb = "appliance.backup"
	SupportExport     Verb = "support.export"
)

// Verbs of the appliance itself.
const (
	Start            Verb = "start"
	Stop             Verb = "stop"
	Upgrade          Verb = "upgrade"
	KeyRotate        Verb = "key.rotate"
	BackupRestored   Verb = "backup.restored"
	RetentionRemoved Verb = "retention.removed"
	Anchored         Verb = "audit.anchor"
	LeaseTaken       Verb = "lease.taken"
	IdentityChanged  Verb = "identity.changed"
	CollectorLost    Verb = "collector.lost"
	// SetupLinkMade is the command line's: whoever holds the data directory
	// may make a new link.
	SetupLinkMade Verb = "setup.link"
)

// Verbs lists every verb.
func Verbs() []Verb {
	return []Verb{LoginOK, LoginFailed, SetupCompleted, Logout, DeviceAdd, DeviceChange, DeviceDelete, DeviceImport, HostKeyAccept,
		ViewChange, DiscoveryRun, CandidateAccept, CandidateIgnore, CandidateRestore, CaptureRun, CaptureDownload, ConfigExport, ConfigReveal,
		QuarantineReveal, QuarantineRead, QuarantineAccept, QuarantineDiscard, BackupRun, DriftAcknowledge, DriftReopen, BaselineApprove,
		RemediationPlan, RuleChange, RuleDelete, RuleTry, PackImport, WaiverGrant, WaiverRevoke, JobCancel, JobRetry, ScheduleChange,
		ScheduleDelete, ReportMade, ReportExport, AuditExport, AuditVerified, CredentialChange, CredentialDelete, CredentialTest, UserChange,
		UserDelete, GrantChange, SessionEnd, TokenRevoke, PasswordChange, FactorChange, TokenCreate, CollectorEnrol, CollectorRevoke,
		CollectorJoined, SettingsChange, RetentionChange, NoiseChange, ApplianceBackup, SupportExport,
		Start, Stop, Upgrade, KeyRotate, BackupRestored, RetentionRemoved, Anchored, LeaseTaken, IdentityChanged, CollectorLost, SetupLinkMade}
}

// Known says whether the verb is on the list.
func (v Verb) Known() bool { return slices.Contains(Verbs(), v) }
