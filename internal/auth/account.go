package auth

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// What a caller may branch on.
var (
	// ErrNotLoggedIn is returned for a session or token that is unknown, ended,
	// expired or whose account is closed.
	ErrNotLoggedIn = errors.New("not logged in")
	// ErrBadLogin is the one answer to every wrong login, whether the account
	// exists or not.
	ErrBadLogin = errors.New("name or password is wrong")
	// ErrThrottled is returned after five failures in fifteen minutes, for an
	// account that exists and for one that does not.
	ErrThrottled  = errors.New("too many failed logins: wait 15 minutes")
	ErrNoUser     = errors.New("no such user")
	ErrUserExists = errors.New("there is a user of that name")
	ErrLastAdmin  = errors.New("the last administrator cannot be removed, disabled or made less")
	ErrBadSetup   = errors.New("the set-up link is not valid any more: make a new one with plumbline admin setup-link")
	ErrSetupDone  = errors.New("an administrator exists: the set-up is done")
	ErrNoToken    = errors.New("no such token")
	ErrNoSession  = errors.New("no such session")
)

// User is one account.
type User struct {
	ID       string
	Name     string
	Role     Role
	Password string    // PHC string; "" for an account that only has tokens
	Disabled time.Time // zero: open
	Created  time.Time
}

// active says whether the account may be used at all.
func (u User) active() bool { return u.ID != "" && u.Disabled.IsZero() && u.Role.Known() }

// Session is one login of a browser.
type Session struct {
	ID      string // SHA-256 of the secret, hex
	UserID  string
	Created time.Time
	Seen    time.Time
	Address string
	Agent   string // as the browser says
}

// Token is what is kept of an API token: never the token itself.
type Token struct {
	ID      string
	Hash    string // SHA-256, hex
	UserID  string
	Name    string
	Role    Role // at most the owner's
	Created time.Time
	Expires time.Time
	Used    time.Time // to the minute; zero: never
}

// SetupLink is the one link that makes the first administrator.
type SetupLink struct {
	Hash    string // SHA-256, hex
	Expires time.Time
}

// Rows keeps accounts; internal/db implements it. A row that is not there is
// ErrNoUser, ErrNoSession or ErrNoToken.
type Rows interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error

	Users(ctx context.Context) ([]User, error) // by name
	UserNamed(ctx context.Context, name string) (User, error)
	UserByID(ctx context.Context, id string) (User, error)
	SaveUser(ctx context.Context, u User) error // insert or update by id
	DeleteUser(ctx context.Context, id string) error

	AddSession(ctx context.Context, s Session) error
	SessionByID(ctx context.Context, id string) (Session, error)
	SessionsOf(ctx context.Context, userID string) ([]Session, error) // newest first
	TouchSession(ctx context.Context, id string, seen time.Time) error
	EndSession(ctx context.Context, id string) error // no error where there is none
	EndSessionsOf(ctx context.Context, userID, except string) error
	PruneSessions(ctx context.Context, seenBefore, createdBefore time.Time) error

	AddToken(ctx context.Context, t Token) error
	TokenByHash(ctx context.Context, hash string) (Token, error)
	TokensOf(ctx context.Context, userID string) ([]Token, error) // newest first
	TouchToken(ctx context.Context, id string, used time.Time) error
	RevokeToken(ctx context.Context, id string) error // ErrNoToken
	PruneTokens(ctx context.Context, expiredBefore time.Time) error

	// Failures of logins are kept by a key that the caller makes.
	AddLoginFailure(ctx context.Context, key string, at time.Time) error
	LoginFailures(ctx context.Context, key string, since time.Time) (int, error)
	ClearLoginFailures(ctx context.Context, key string) error
	PruneLoginFailures(ctx context.Context, before time.Time) error

	SaveSetupLink(ctx context.Context, l SetupLink) error // replaces the one before
	SetupLink(ctx context.Context) (SetupLink, bool, error)
	DeleteSetupLink(ctx context.Context) error
}

// Event is told to Options.Record inside the transaction of what happened.
type Event struct {
	Verb    string // login.ok, login.failed, setup.completed
	User    string // the account's; "" for a name that none has, which is not told
	Address string
	Detail  string // throttled, wrong
}

// Options of New; the zero value works.
type Options struct {
	Now func() time.Time
	Log *slog.Logger
	// Record writes the audit record of a login. When it fails, the login
	// fails: no record, no action.
	Record func(ctx context.Context, e Event) error
	Idle   time.Duration // a session without a request ends; default 30 min
	Age    time.Duration // a session ends whatever is done; default 12 h
}

// Service answers who somebody is. It is safe for use by many goroutines.
type Service struct {
	rows  Rows
	opt   Options
	hash  *hasher
	dummy string
}

// New makes a Service over rows.
func New(rows Rows, opt Options) *Service {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Record == nil {
		opt.Record = func(context.Context, Event) error { return nil }
	}
	if opt.Idle <= 0 {
		opt.Idle = 30 * time.Minute
	}
	if opt.Age <= 0 {
		opt.Age = 12 * time.Hour
	}
	h := newHasher()
	return &Service{rows: rows, opt: opt, hash: h, dummy: h.dummy()}
}

func (s *Service) now() time.Time { return s.opt.Now().UTC() }
