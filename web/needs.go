package web

import (
	"context"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// Store is what pages read of the configurations. Text is always masked.
type Store interface {
	// History lists the revisions of one source, newest first.
	History(ctx context.Context, dev netdev.DeviceID, source configstore.Source) ([]configstore.Revision, error)
	Revision(ctx context.Context, id configstore.RevisionID) (configstore.Revision, error)
	Text(ctx context.Context, id configstore.RevisionID) ([]byte, error)
	Attempts(ctx context.Context, dev netdev.DeviceID, limit int) ([]configstore.Attempt, error)
	Recent(ctx context.Context, since time.Time, limit int) ([]configstore.Revision, error)
	States(ctx context.Context) (map[netdev.DeviceID]DeviceState, error)
	Results(ctx context.Context, f ResultFilter) ([]Judged, error)
	Findings(ctx context.Context, f FindingFilter) ([]drift.Finding, error)
}

// DeviceState is what the store knows of one device.
type DeviceState struct {
	Running     *HeadState
	Startup     *HeadState
	LastAttempt *configstore.Attempt
	Freshness   string
}

// HeadState is the newest revision of a source and when it was last confirmed.
type HeadState struct {
	Revision    configstore.Revision
	ConfirmedAt time.Time
}

// Judged is a rule's verdict on the newest revision.
type Judged struct {
	Device netdev.DeviceID
	compliance.Result
	Since    time.Time
	Judged   time.Time
	Revision configstore.RevisionID
}

// ResultFilter narrows results.
type ResultFilter struct {
	Device  netdev.DeviceID
	Rule    string
	Verdict compliance.Verdict
}

// FindingFilter narrows findings.
type FindingFilter struct {
	Device netdev.DeviceID
	Source configstore.Source
	Kind   drift.Kind
	State  drift.State
}

// Auth says who somebody is. *auth.Service is one.
type Auth interface {
	HasAdmin(ctx context.Context) (bool, error)
	CheckSetup(ctx context.Context, token string) error
	Setup(ctx context.Context, token, name, password string, from auth.Origin) (string, auth.Principal, error)
	Login(ctx context.Context, name, password string, from auth.Origin) (string, auth.Principal, error)
	Authenticate(ctx context.Context, secret string) (auth.Principal, error)
	Logout(ctx context.Context, secret string) error
	Sessions(ctx context.Context, userID string) ([]auth.Session, error)
	EndSession(ctx context.Context, id string) error
	SetPassword(ctx context.Context, id, password, exceptSession string) error
	Tokens(ctx context.Context, userID string) ([]auth.Token, error)
	NewToken(ctx context.Context, userName, name string, role auth.Role, life time.Duration) (string, auth.Token, error)
	RevokeToken(ctx context.Context, id string) error
}

// Audit keeps what people did.
type Audit interface {
	Write(ctx context.Context, r AuditRecord) error
}

// AuditRecord is one thing a person did.
type AuditRecord struct {
	Actor, Address, Request, Verb, Object, Outcome string
}

// Events tells what moved.
type Events interface {
	Subscribe(ctx context.Context, topics []string, after uint64) (<-chan Event, bool)
}

// Event is one thing that moved: an id that grows, a topic, and counters.
type Event struct {
	ID    uint64
	Topic string
	Data  string // JSON of ids and counters, no rows
}
