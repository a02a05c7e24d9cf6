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
	Credentials FileCredentials // instead of those of the vault
}

// Backup joins what a backup needs.
func (a *Appliance) Backup(opt BackupOptions) (*configstore.Backup, error) {
	var creds configstore.Credentials = sshCredentials{a.Credentials}
	if opt.Credentials != nil {
		creds = guardedFile{opt.Credentials, a.Credentials}
	}
	return configstore.NewBackup(configstore.BackupOptions{
		Store: a.Store, Reader: a.Reader, Platforms: a.Platforms, Credentials: creds, Rules: a.Rules, Limits: opt.Limits,
		Log: a.log, Now: a.now,
		Puller: func(ctx context.Context, dev netdev.Device, job string) (configstore.Puller, error) {
			if job == "" {
				job = "command line"
			}
			keys, err := a.HostKeys.For(ctx, dev, job, opt.Learn)
			if err != nil {
				return nil, err
			}
			return pull.New(&net.Dialer{}, keys, pull.Options{}), nil
		},
	})
}

// sshCredentials gives out what opens command lines.
type sshCredentials struct{ c *vault.Credentials }

// For gives none for what a controller manages.
func (s sshCredentials) For(ctx context.Context, dev netdev.Device, addr netip.Addr) ([]netdev.Credential, error) {
	if dev.ByController() {
		return nil, &netdev.OpError{Reason: netdev.NoCredential, Op: "choose a credential", Addr: addr.String(), Detail: "its controller manages it"}
	}
	return s.c.For(ctx, dev, addr)
}

func (s sshCredentials) Trying(ctx context.Context, dev netdev.DeviceID, name string) error {
	return s.c.Trying(ctx, dev, vault.SSH, name)
}

func (s sshCredentials) Worked(ctx context.Context, dev netdev.DeviceID, name string) error {
	return s.c.Worked(ctx, dev, vault.SSH, name)
}

func (s sshCredentials) Refused(ctx context.Context, dev netdev.DeviceID, name string) error {
	return s.c.Refused(ctx, dev, vault.SSH, name)
}
