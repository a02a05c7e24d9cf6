package notify

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

// Sealer seals the address and the secret; *vault.Vault is one.
type Sealer interface {
	SealSecret(class vault.Class, at vault.Place, s netdev.Secret) ([]byte, error)
	Open(at vault.Place, sealed []byte) ([]byte, error)
}

// Options of New; the zero value works.
type Options struct {
	Now     func() time.Time
	Log     *slog.Logger
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error) // nil: the system's resolver
	TLS     *tls.Config                                                  // nil: the system's roots
	// Hold says that nothing may be delivered now: what came of a try could not
	// be kept, and the receiver would get it again and again. nil: never.
	Hold func() bool
}

// Service keeps the webhook and delivers to it.
type Service struct {
	*Outbox
	seal   Sealer
	jobs   Batches
	client *http.Client
	log    *slog.Logger
	hold   func() bool
	kick   chan struct{} // the webhook changed
}

// New makes a Service; it starts nothing.
func New(rows Rows, seal Sealer, jobs Batches, opt Options) *Service {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Hold == nil {
		opt.Hold = func() bool { return false }
	}
	return &Service{Outbox: NewOutbox(rows, opt.Now), seal: seal, jobs: jobs, client: newClient(opt.Resolve, opt.TLS), log: opt.Log,
		hold: opt.Hold, kick: make(chan struct{}, 1)}
}

// Change is what a person says of the webhook. Address and secret that are not
// set keep what is stored.
type Change struct {
	URL    netdev.Secret // its path may be one
	Secret netdev.Secret
	Unsign bool // forget the secret
	Plain  bool // clear text is meant
	Events []Kind
}

// ChangeError says what is wrong in a change: the field is url or events.
type ChangeError struct{ Field, Text string }

// Error is the text, after the field.
func (e *ChangeError) Error() string { return e.Field + ": " + e.Text }

func place(field string) vault.Place { return vault.Place{Table: "webhook", Row: "1", Field: field} }

// Set keeps a change; a webhook that was disabled is open again.
func (s *Service) Set(ctx context.Context, c Change, by string) error {
	for _, k := range c.Events {
		if !slices.Contains(Kinds(), k) {
			return &ChangeError{"events", fmt.Sprintf("%.40q is nothing that is told", k)}
		}
	}
	if len(c.Events) == 0 {
		return &ChangeError{"events", "choose at least one; to be told nothing, remove the webhook"}
	}
	return s.rows.InTx(ctx, func(ctx context.Context) error {
		row, err := s.rows.Webhook(ctx)
		if err != nil {
			return err
		}
		if row.URL, err = s.sealed("url", row.URL, c.URL); err != nil {
			return err
		}
		if row.URL == nil {
			return &ChangeError{"url", "missing: enter the address that the receiver gave you"}
		}
		if row.Secret, err = s.sealed("secret", row.Secret, c.Secret); err != nil {
			return err
		}
		if c.Unsign {
			row.Secret = nil
		}
		plain, err := s.seal.Open(place("url"), row.URL)
		if err != nil {
			return err
		}
		defer clear(plain)
		_, host, err := readURL(string(plain), c.Plain)
		if err != nil {
			return &ChangeError{"url", err.Error()}
		}
		row.View = View{Host: host, Signed: row.Secret != nil, Events: c.Events, Plain: c.Plain, Changed: s.now().UTC(), ChangedBy: by}
		s.rows.AfterCommit(ctx, s.wake)
		return s.rows.SaveWebhook(ctx, row)
	})
}

func (s *Service) sealed(field string, old []byte, now netdev.Secret) ([]byte, error) {
	if !now.IsSet() {
		return old, nil
	}
	return s.seal.SealSecret(vault.ClassIdentity, place(field), now)
}

func (s *Service) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// Remove forgets the webhook. What waits is given up at the next round.
func (s *Service) Remove(ctx context.Context) error {
	return s.rows.InTx(ctx, func(ctx context.Context) error { return s.rows.SaveWebhook(ctx, Row{}) })
}

// View gives what pages may show.
func (s *Service) View(ctx context.Context) (View, error) {
	row, err := s.rows.Webhook(ctx)
	return row.View, err
}

// Recent lists the newest messages.
func (s *Service) Recent(ctx context.Context, limit int) ([]Notice, error) {
	return s.rows.Notices(ctx, limit)
}

// Test sends a message at once and says in words what came of it; it works for
// a webhook that is disabled too.
func (s *Service) Test(ctx context.Context) (words string, ok bool, err error) {
	row, err := s.rows.Webhook(ctx)
	if err != nil || row.Host == "" {
		return "no webhook is set", false, err
	}
	now := s.now().UTC()
	m := Message{ID: s.rows.NewID(), Event: testKind, Time: now, Text: "A test from Plumbline", Items: []Item{}, Path: "/settings/notify"}
	body, err := json.Marshal(m)
	if err != nil {
		return "", false, err
	}
	out, err := s.deliver(ctx, row, m.ID, body)
	return out.words, out.ok, err
}

// deliver opens address and secret for the length of one try.
func (s *Service) deliver(ctx context.Context, row Row, id string, body []byte) (outcome, error) {
	plain, err := s.seal.Open(place("url"), row.URL)
	if err != nil {
		return outcome{}, err
	}
	defer clear(plain)
	var secret []byte
	if row.Secret != nil {
		if secret, err = s.seal.Open(place("secret"), row.Secret); err != nil {
			return outcome{}, err
		}
		defer clear(secret)
	}
	to, _, err := readURL(string(plain), row.Plain)
	if err != nil {
		return outcome{permanent: true, words: err.Error()}, nil
	}
	return send(ctx, s.client, to, secret, id, s.now(), body), nil
}
