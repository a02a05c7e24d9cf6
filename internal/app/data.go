package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/vault"
)

// DataOptions say which data directory to open.
type DataOptions struct {
	Dir       string
	Create    bool   // make the directory, the database and the keys where there are none
	MasterKey string // a file named in the settings; "" for the usual places
	Getenv    func(string) string
	Log       *slog.Logger
	Now       func() time.Time
}

// Data is an open data directory: the rows, the keys and the store of
// configurations over them. DB is the inventory too.
type Data struct {
	Dir   string
	DB    *db.DB
	Vault *vault.Vault
	Store *configstore.Store

	keyPath string // where the master key lies
}

// OpenData opens a data directory. It takes no lock: a command may work beside
// a server. A directory that is not there is db.ErrNoDatabase unless it may be
// made, a master key that is missing or another one a *vault.KeyError.
func OpenData(ctx context.Context, opt DataOptions) (*Data, error) {
	if opt.Getenv == nil {
		opt.Getenv = os.Getenv
	}
	path := filepath.Join(opt.Dir, db.FileName)
	if opt.Create {
		if err := os.MkdirAll(opt.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("make data directory: %w", err)
		}
	}
	d, err := db.Open(ctx, db.Options{Path: path, MustExist: !opt.Create, Log: opt.Log, Now: opt.Now})
	if err != nil {
		return nil, err
	}
	key := vault.FindKey(opt.Dir, opt.MasterKey, opt.Getenv)
	key.MayCreate = key.MayCreate && opt.Create
	v, err := vault.Unlock(ctx, d, key, vault.Options{Now: opt.Now, Log: opt.Log})
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	s, err := configstore.New(d, v, configstore.Options{Now: opt.Now, Log: opt.Log})
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return &Data{Dir: opt.Dir, DB: d, Vault: v, Store: s, keyPath: key.Path}, nil
}

// Close closes the database.
func (d *Data) Close() error { return d.DB.Close() }
