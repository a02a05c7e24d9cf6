package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/scrub"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// ErrNoAppliance is returned for a data directory in which there is none.
var ErrNoAppliance = errors.New("there is no appliance in this data directory")

// OpenOptions say which data directory to open; Log and Now may be left out.
type OpenOptions struct {
	Dir     string
	Make    bool   // make what is not there yet
	KeyFile string // of the master key; "" for the usual places
	Log     *slog.Logger
	Now     func() time.Time
}

// Appliance is an open data directory: what commands and the server share. It
// may be opened beside a running server.
type Appliance struct {
	Dir         string
	DB          *db.DB // also discovery.Inventory
	Vault       *vault.Vault
	Credentials *vault.Credentials
	HostKeys    *vault.HostKeys
	Platforms   *platform.Set
	Rules       []compliance.Rule
	Reader      *configstore.Reader
	Store       *configstore.Store

	log *slog.Logger
	now func() time.Time
}

// Open opens a data directory. A missing one is ErrNoAppliance unless it may be
// made; a wrong or missing master key is a *vault.KeyError.
func Open(ctx context.Context, opt OpenOptions) (a *Appliance, err error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Make {
		if err := os.MkdirAll(opt.Dir, 0o700); err != nil {
			return nil, err
		}
	}
	d, err := db.Open(ctx, db.Options{Path: filepath.Join(opt.Dir, db.FileName), MustExist: !opt.Make, Log: opt.Log, Now: opt.Now})
	if errors.Is(err, db.ErrNoDatabase) {
		return nil, fmt.Errorf("%s: %w; start one with: plumbline serve --data %s", opt.Dir, ErrNoAppliance, opt.Dir)
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	a = &Appliance{Dir: opt.Dir, DB: d, log: opt.Log, now: opt.Now}
	key := vault.FindKey(opt.Dir, opt.KeyFile, os.Getenv)
	if a.Vault, err = vault.Unlock(ctx, d, key, vault.Options{Now: opt.Now, Log: opt.Log}); err != nil {
		return nil, err
	}
	a.Credentials = vault.NewCredentials(a.Vault, d, vault.CredentialOptions{Now: opt.Now, Log: opt.Log})
	a.HostKeys = vault.NewHostKeys(d, opt.Now)
	if a.Platforms, err = Platforms(opt.Dir); err != nil {
		return nil, err
	}
	packs, err := compliance.Builtin()
	if err != nil {
		return nil, err
	}
	a.Rules = compliance.Rules(packs)
	a.Reader = configstore.NewReader(a.Platforms, scrub.KeyMasker(a.Vault.FingerprintKey()))
	if a.Store, err = configstore.New(d, a.Vault, configstore.Options{Now: opt.Now, Log: opt.Log}); err != nil {
		return nil, err
	}
	return a, nil
}

// Close closes the data directory.
func (a *Appliance) Close() error { return a.DB.Close() }

// Platforms loads the platforms of the binary, and over them those of the
// operator in dir/platforms, where there are any.
func Platforms(dir string) (*platform.Set, error) {
	own := filepath.Join(dir, "platforms")
	if _, err := os.Stat(own); errors.Is(err, fs.ErrNotExist) || dir == "" {
		return platform.Builtin()
	}
	set, err := platform.BuiltinAnd(os.DirFS(own))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", own, err)
	}
	return set, nil
}
