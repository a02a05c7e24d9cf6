package web

import (
	"context"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/event"
	"github.com/plumbline-net/plumbline/netdev"
)

// Store is what pages read of the configurations. *configstore.Store is one.
// Text is always masked.
type Store interface {
	// History lists the revisions of one source, newest first.
	History(ctx context.Context, dev netdev.DeviceID, source configstore.Source) ([]configstore.Revision, error)
	Revision(ctx context.Context, id configstore.RevisionID) (configstore.Revision, error)
	Text(ctx context.Context, id configstore.RevisionID) ([]byte, error)
	Attempts(ctx context.Context, dev netdev.DeviceID, limit int) ([]configstore.Attempt, error)
	Recent(ctx context.Context, since time.Time, limit int) ([]configstore.Revision, error)
	States(ctx context.Context) (map[netdev.DeviceID]configstore.DeviceState, error)
	Results(ctx context.Context, f configstore.ResultFilter) ([]configstore.RuleResult, error)
	Findings(ctx context.Context, f configstore.FindingFilter) ([]drift.Finding, error)
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

// Audit keeps what people did. *audit.Log is one.
type Audit interface {
	Append(ctx context.Context, r audit.Record) error
}

// Events tells what moved, by topic: device, run (of a discovery), job and
// config. *event.Hub is one.
type Events interface {
	Subscribe(ctx context.Context, topics ...string) <-chan event.Event
	SubscribeAfter(ctx context.Context, last uint64, topics ...string) <-chan event.Event
}
