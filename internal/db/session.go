package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/plumbline-net/plumbline/internal/auth"
)

type sessionRow struct {
	ID      string `gorm:"primaryKey"`
	Account string
	Created int64
	Seen    int64
	Address string
	Agent   string
}

func (sessionRow) TableName() string { return "session" }

func (r sessionRow) session() auth.Session {
	return auth.Session{ID: r.ID, UserID: r.Account, Created: unstamp(r.Created), Seen: unstamp(r.Seen), Address: r.Address, Agent: r.Agent}
}

// AddSession keeps a new session.
func (d *DB) AddSession(ctx context.Context, s auth.Session) error {
	r := sessionRow{ID: s.ID, Account: s.UserID, Created: stamp(s.Created), Seen: stamp(s.Seen), Address: s.Address, Agent: s.Agent}
	if err := d.conn(ctx).Create(&r).Error; err != nil {
		return fmt.Errorf("keep a session: %w", err)
	}
	return nil
}

// SessionByID gives one session.
func (d *DB) SessionByID(ctx context.Context, id string) (auth.Session, error) {
	var r sessionRow
	err := d.conn(ctx).Take(&r, "id = ?", id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return auth.Session{}, auth.ErrNoSession
	}
	if err != nil {
		return auth.Session{}, fmt.Errorf("look up a session: %w", err)
	}
	return r.session(), nil
}

// SessionsOf lists the sessions of an account, newest first.
func (d *DB) SessionsOf(ctx context.Context, userID string) ([]auth.Session, error) {
	var rows []sessionRow
	if err := d.conn(ctx).Where("account = ?", userID).Order("created DESC, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	out := make([]auth.Session, len(rows))
	for i, r := range rows {
		out[i] = r.session()
	}
	return out, nil
}

// TouchSession notes when a session was used.
func (d *DB) TouchSession(ctx context.Context, id string, seen time.Time) error {
	return d.conn(ctx).Model(&sessionRow{}).Where("id = ?", id).Update("seen", stamp(seen)).Error
}

// EndSession removes a session.
func (d *DB) EndSession(ctx context.Context, id string) error {
	if err := d.conn(ctx).Delete(&sessionRow{}, "id = ?", id).Error; err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// EndSessionsOf removes the sessions of an account except one.
func (d *DB) EndSessionsOf(ctx context.Context, userID, except string) error {
	if err := d.conn(ctx).Delete(&sessionRow{}, "account = ? AND id <> ?", userID, except).Error; err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// PruneSessions removes sessions that were not used, or are older, than that.
func (d *DB) PruneSessions(ctx context.Context, seenBefore, createdBefore time.Time) error {
	if err := d.conn(ctx).Delete(&sessionRow{}, "seen < ? OR created < ?", stamp(seenBefore), stamp(createdBefore)).Error; err != nil {
		return fmt.Errorf("remove old sessions: %w", err)
	}
	return nil
}

type tokenRow struct {
	ID      string `gorm:"primaryKey"`
	Hash    string
	Account string
	Name    string
	Role    string
	Created int64
	Expires int64
	Used    int64
}

func (tokenRow) TableName() string { return "token" }

func (r tokenRow) token() auth.Token {
	return auth.Token{ID: r.ID, Hash: r.Hash, UserID: r.Account, Name: r.Name, Role: auth.Role(r.Role),
		Created: unstamp(r.Created), Expires: unstamp(r.Expires), Used: unstamp(r.Used)}
}

// AddToken keeps a new token's hash.
func (d *DB) AddToken(ctx context.Context, t auth.Token) error {
	r := tokenRow{ID: t.ID, Hash: t.Hash, Account: t.UserID, Name: t.Name, Role: string(t.Role),
		Created: stamp(t.Created), Expires: stamp(t.Expires), Used: stamp(t.Used)}
	if err := d.conn(ctx).Create(&r).Error; err != nil {
		return fmt.Errorf("keep a token: %w", err)
	}
	return nil
}

// TokenByHash gives the token of a hash.
func (d *DB) TokenByHash(ctx context.Context, hash string) (auth.Token, error) {
	var r tokenRow
	err := d.conn(ctx).Take(&r, "hash = ?", hash).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return auth.Token{}, auth.ErrNoToken
	}
	if err != nil {
		return auth.Token{}, fmt.Errorf("look up a token: %w", err)
	}
	return r.token(), nil
}

// TokensOf lists the tokens of an account, newest first.
func (d *DB) TokensOf(ctx context.Context, userID string) ([]auth.Token, error) {
	var rows []tokenRow
	if err := d.conn(ctx).Where("account = ?", userID).Order("created DESC, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	out := make([]auth.Token, len(rows))
	for i, r := range rows {
		out[i] = r.token()
	}
	return out, nil
}

// TouchToken notes when a token was used.
func (d *DB) TouchToken(ctx context.Context, id string, used time.Time) error {
	return d.conn(ctx).Model(&tokenRow{}).Where("id = ?", id).Update("used", stamp(used)).Error
}

// RevokeToken removes a token.
func (d *DB) RevokeToken(ctx context.Context, id string) error {
	return onlyOne(auth.ErrNoToken, "revoke token", d.conn(ctx).Delete(&tokenRow{}, "id = ?", id))
}

// PruneTokens removes tokens that ended before a time.
func (d *DB) PruneTokens(ctx context.Context, expiredBefore time.Time) error {
	if err := d.conn(ctx).Delete(&tokenRow{}, "expires < ?", stamp(expiredBefore)).Error; err != nil {
		return fmt.Errorf("remove old tokens: %w", err)
	}
	return nil
}
