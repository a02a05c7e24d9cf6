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
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// Appliance is an open data directory with all that works on it: what commands
// and the server share. It may be opened beside a running server.
type Appliance struct {
	*Data
	Credentials *vault.Credentials
	HostKeys    *vault.HostKeys
	Platforms   *platform.Set
	Packs       []compliance.Pack
	Rules       []compliance.Rule
	Reader      *configstore.Reader

	log *slog.Logger
	now func() time.Time
}

// Open opens a data directory as OpenData does.
func Open(ctx context.Context, opt DataOptions) (a *Appliance, err error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	d, err := OpenData(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	a = &Appliance{Data: d, log: opt.Log, now: opt.Now}
	a.Credentials = vault.NewCredentials(a.Vault, a.DB, vault.CredentialOptions{Now: opt.Now, Log: opt.Log})
	a.HostKeys = vault.NewHostKeys(a.DB, opt.Now)
	if a.Platforms, err = Platforms(opt.Dir); err != nil {
		return nil, err
	}
	a.Reader = configstore.NewReader(a.Platforms.Get, scrub.KeyMasker(a.Vault.FingerprintKey()))
	if a.Packs, err = packs(opt.Dir, a.Platforms, a.Reader); err != nil {
		return nil, err
	}
	a.Rules = compliance.Rules(a.Packs)
	return a, nil
}

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
