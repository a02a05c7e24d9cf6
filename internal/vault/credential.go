package vault

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/plumbline-net/plumbline/netdev"
)

// ErrNoCredential is returned for a name that is not kept.
var ErrNoCredential = errors.New("no such credential")

// Kind is what a login is made with.
type Kind string

// The kinds of login.
const (
	SSH  Kind = "ssh"
	SNMP Kind = "snmp"
)

// Listed is what pages may show of a credential: everything but its secrets.
type Listed struct {
	ID          string
	Name        string
	Scope       []netip.Prefix
	Sites       []string
	Platforms   []netdev.PlatformID
	SSHUser     string
	SNMPVersion netdev.SNMPVersion
	SNMPUser    string
	SSHKey      bool // a key pair, not a password
	Rank        int  // place that a person gave it; 0 as long as nobody did
	Paused      time.Time
	Changed     time.Time
	ChangedBy   string

	// What List finds inside the seal.
	SNMPAuth, SNMPPriv string  // words of netdev.SNMPLogin
	Set                []Field // secrets that are stored
	Damaged            bool    // it does not open
}

// Usage is how a credential fares.
type Usage struct {
	Devices  map[Kind]int // that it opened last
	Success  time.Time    // zero: never
	Refusal  time.Time    // zero: none within a day
	Refusing int          // devices that refused it within a day
}

// SealedCredential is a credential as it is stored.
type SealedCredential struct {
	Listed
	Sealed []byte
}

// Used says which credential opened a device last.
type Used struct {
	Device     netdev.DeviceID
	Kind       Kind
	Credential string
	At         time.Time
}

// CredentialRows keeps credentials and what became of their use; internal/db
// implements it.
type CredentialRows interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	Credentials(ctx context.Context) ([]SealedCredential, error) // by name
	CredentialUsage(ctx context.Context) (map[string]Usage, error)
	SaveCredential(ctx context.Context, c SealedCredential) error
	DeleteCredential(ctx context.Context, name string) error // ErrNoCredential
	PauseCredential(ctx context.Context, name string, since time.Time) error

	SaveCredentialUsed(ctx context.Context, u Used) error
	CredentialUsed(ctx context.Context, device netdev.DeviceID, kind Kind) (Used, bool, error)
	// LastSuccess is when the credential last opened any device; zero if never.
	LastSuccess(ctx context.Context, credential string) (time.Time, error)
	// AddLogin keeps that a credential is about to be shown to a device.
	AddLogin(ctx context.Context, u Used) error
	// DropLogin forgets it, since the device took the credential.
	DropLogin(ctx context.Context, u Used) error
	// AddRefusal keeps that a device refused a credential: what AddLogin kept
	// becomes that.
	AddRefusal(ctx context.Context, u Used) error
	// Refusals lists when a device refused logins of a kind after since, over
	// all credentials, the oldest first. A login whose end nobody wrote counts.
	Refusals(ctx context.Context, device netdev.DeviceID, kind Kind, since time.Time) ([]time.Time, error)
	// AllRefusals is Refusals of every device.
	AllRefusals(ctx context.Context, kind Kind, since time.Time) (map[netdev.DeviceID][]time.Time, error)
	// ForgetRefusals removes those of a credential.
	ForgetRefusals(ctx context.Context, credential string) error
	// DevicesRefusing counts the devices that refused the credential after since.
	DevicesRefusing(ctx context.Context, credential string, since time.Time) (int, error)
	PruneRefusals(ctx context.Context, before time.Time) error
}

// CredentialOptions of NewCredentials; the zero value works.
type CredentialOptions struct {
	Now func() time.Time
	Log *slog.Logger
}

// Credentials keeps credentials sealed and gives them out where their scope
// allows it.
type Credentials struct {
	v    *Vault
	rows CredentialRows
	now  func() time.Time
	log  *slog.Logger
}

// NewCredentials joins the vault with the rows that keep credentials.
func NewCredentials(v *Vault, rows CredentialRows, opt CredentialOptions) *Credentials {
	c := &Credentials{v: v, rows: rows, now: opt.Now, log: opt.Log}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Save seals and keeps a credential; one of the same name is replaced and its
// pause ends, and so do the pauses of the devices that refused it. A scope is
// required.
func (c *Credentials) Save(ctx context.Context, cred netdev.Credential, by string) error {
	if cred.Name == "" || strings.ContainsFunc(cred.Name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Errorf("credential %q: not a name", cred.Name)
	}
	if len(cred.Scope) == 0 {
		return fmt.Errorf("credential %q: no scope: name the prefixes it may be sent to", cred.Name)
	}
	if cred.SSH == nil && cred.SNMP == nil {
		return fmt.Errorf("credential %q: neither ssh nor snmp", cred.Name)
	}
	return c.rows.InTx(ctx, func(ctx context.Context) error {
		kept, err := c.rows.Credentials(ctx)
		if err != nil {
			return err
		}
		row := SealedCredential{Listed: listed(cred)}
		for _, k := range kept {
			if k.Name == cred.Name {
				row.ID, row.Rank = k.ID, k.Rank
			}
		}
		if row.ID == "" {
			row.ID, row.Rank = ulid.Make().String(), nextRank(kept)
		}
		row.Changed, row.ChangedBy = c.now().UTC(), by
		if row.Sealed, err = c.v.sealLogins(row.ID, cred); err != nil {
			return err
		}
		// A person has changed what was refused: the devices are asked anew.
		if err := c.rows.ForgetRefusals(ctx, cred.Name); err != nil {
			return err
		}
		return c.rows.SaveCredential(ctx, row)
	})
}

func listed(c netdev.Credential) Listed {
	l := Listed{Name: c.Name, Scope: c.Scope, Sites: c.Sites, Platforms: c.Platforms}
	if c.SSH != nil {
		l.SSHUser, l.SSHKey = c.SSH.User, c.SSH.PrivateKey.IsSet()
	}
	if c.SNMP != nil {
		l.SNMPVersion, l.SNMPUser = c.SNMP.Version, c.SNMP.User
	}
	return l
}

// List gives every credential without its secrets, in the order of use.
func (c *Credentials) List(ctx context.Context) ([]Listed, error) {
	rows, err := c.rows.Credentials(ctx)
	if err != nil {
		return nil, err
	}
	var out []Listed
	for _, r := range rows {
		out = append(out, c.v.inside(r))
	}
	slices.SortFunc(out, byUse)
	return out, nil
}

// inside is what may be told of a sealed credential.
func (v *Vault) inside(r SealedCredential) Listed {
	l := r.Listed
	cred, err := v.openLogins(r)
	if err != nil {
		l.Damaged = true
		return l
	}
	set := func(f Field, s netdev.Secret) {
		if s.IsSet() {
			l.Set = append(l.Set, f)
		}
	}
	if s := cred.SSH; s != nil {
		set(FieldPassword, s.Password)
		set(FieldEnable, s.Enable)
		set(FieldKey, s.PrivateKey)
		set(FieldPassphrase, s.Passphrase)
	}
	if s := cred.SNMP; s != nil {
		l.SNMPAuth, l.SNMPPriv = s.Auth, s.Priv
		set(FieldCommunity, s.Community)
		set(FieldAuthPassword, s.AuthPassword)
		set(FieldPrivPassword, s.PrivPassword)
	}
	return l
}

// Delete removes a credential; ErrNoCredential when there is none.
func (c *Credentials) Delete(ctx context.Context, name string) error {
	return c.rows.InTx(ctx, func(ctx context.Context) error { return c.rows.DeleteCredential(ctx, name) })
}

// All gives every credential that is not paused, opened, for a sweep of
// ranges: the sweep keeps each inside its scope.
func (c *Credentials) All(ctx context.Context) ([]netdev.Credential, error) {
	rows, err := c.rows.Credentials(ctx)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(r SealedCredential) bool { return !r.Paused.IsZero() })
	return c.open(rows)
}

func (c *Credentials) open(rows []SealedCredential) ([]netdev.Credential, error) {
	var out []netdev.Credential
	for _, r := range rows {
		cred, err := c.v.openLogins(r)
		if err != nil {
			return nil, fmt.Errorf("credential %q: %w", r.Name, err)
		}
		out = append(out, cred)
	}
	return out, nil
}
