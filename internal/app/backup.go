package app

import (
	"context"
	"net"
	"net/netip"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/pull"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
)

// BackupOptions say how devices are opened.
type BackupOptions struct {
	// Learn says that the first host key of a device is kept; without it a
	// device whose key is not known is refused.
	Learn       bool
	Limits      cli.Limits
	Credentials configstore.Credentials // instead of those of the vault
}

// Backup joins what a backup needs.
func (a *Appliance) Backup(opt BackupOptions) (*configstore.Backup, error) {
	creds := opt.Credentials
	if creds == nil {
		creds = sshCredentials{a.Credentials}
	}
	return configstore.NewBackup(configstore.BackupOptions{
		Store: a.Store, Reader: a.Reader, Platforms: a.Platforms, Credentials: creds, Rules: a.Rules, Limits: opt.Limits,
		Log: a.log, Now: a.now,
		Puller: func(dev netdev.Device, job string) configstore.Puller {
			if job == "" {
				job = "command line"
			}
			return pull.New(&net.Dialer{}, pinned{keys: a.HostKeys, dev: dev, by: job, learn: opt.Learn}, pull.Options{})
		},
	})
}

// sshCredentials gives out what opens command lines.
type sshCredentials struct{ c *vault.Credentials }

func (s sshCredentials) For(ctx context.Context, dev netdev.Device, addr netip.Addr) ([]netdev.Credential, error) {
	return s.c.For(ctx, dev, addr)
}

func (s sshCredentials) Worked(ctx context.Context, dev netdev.DeviceID, name string) error {
	return s.c.Worked(ctx, dev, vault.SSH, name)
}

func (s sshCredentials) Refused(ctx context.Context, dev netdev.DeviceID, name string) error {
	return s.c.Refused(ctx, dev, vault.SSH, name)
}

// pinned holds one device to the key that the database has for it.
type pinned struct {
	keys  *vault.HostKeys
	dev   netdev.Device
	by    string
	learn bool
}

// Types asks for the type of the pinned key first.
func (p pinned) Types(cli.Host) []string {
	k, ok, err := p.keys.Get(context.Background(), p.dev.ID)
	if err != nil || !ok {
		return nil // Check will say what is wrong
	}
	return []string{k.Type}
}

// Check compares with the pinned key before anything is sent.
func (p pinned) Check(ctx context.Context, _ cli.Host, key cli.HostKey) error {
	return p.keys.Check(ctx, p.dev, key.Type, key.Blob, p.by, p.learn)
}
