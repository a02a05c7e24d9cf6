package app

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

// FileCredentials are credentials of a file.
type FileCredentials []netdev.Credential

// For gives the credentials whose scope holds addr, the longest scope first.
func (f FileCredentials) For(_ context.Context, dev netdev.Device, addr netip.Addr) ([]netdev.Credential, error) {
	var fit []netdev.Credential
	any := false
	for _, c := range f {
		if c.SSH == nil || len(c.Sites) > 0 && !slices.Contains(c.Sites, dev.Site) || len(c.Platforms) > 0 && !slices.Contains(c.Platforms, dev.Platform) {
			continue
		}
		any = true
		if c.Allows(addr) {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		reason := netdev.NoCredential
		if any {
			reason = netdev.OutOfScope
		}
		return nil, &netdev.OpError{Reason: reason, Op: "choose a credential", Addr: addr.String(), Detail: "none of the file may be sent there"}
	}
	slices.SortStableFunc(fit, func(x, y netdev.Credential) int { return y.ScopeLen(addr) - x.ScopeLen(addr) })
	return fit[:min(len(fit), 3)], nil
}

// guardedFile is credentials of a file under the appliance's guard against
// locking accounts: whoever names them, a device counts the same logins.
type guardedFile struct {
	FileCredentials
	guard *vault.Credentials
}

// fileName keeps what is counted of a file's credential apart from one of the
// same name in the vault.
func fileName(name string) string { return "file: " + name }

func (g guardedFile) Trying(ctx context.Context, dev netdev.DeviceID, name string) error {
	return g.guard.Trying(ctx, dev, vault.SSH, fileName(name))
}

func (g guardedFile) Worked(ctx context.Context, dev netdev.DeviceID, name string) error {
	return g.guard.Worked(ctx, dev, vault.SSH, fileName(name))
}

func (g guardedFile) Refused(ctx context.Context, dev netdev.DeviceID, name string) error {
	return g.guard.Refused(ctx, dev, vault.SSH, fileName(name))
}

// BackupAll backs devices up, at most concurrency at once, without the queue.
// A device that a server's job has in hand is left to it. Reports are in the
// order of the devices; the error is one of our own, after all were tried.
func (a *Appliance) BackupAll(ctx context.Context, devs []netdev.Device, concurrency int, b *configstore.Backup) ([]configstore.Report, error) {
	reports := make([]configstore.Report, len(devs))
	errs := make([]error, len(devs))
	board := jobs.NewBoard(a.DB, jobs.Options{Now: a.now, Log: a.log})
	slots := make(chan struct{}, max(1, concurrency))
	var wg sync.WaitGroup
	for i, d := range devs {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			j, busy, err := board.Active(ctx, d.ID, jobs.CLI)
			switch {
			case err != nil:
				errs[i] = err
			case busy && j.State == jobs.Running:
				reports[i] = configstore.Report{Device: d, Outcome: configstore.Failed, Reason: netdev.DeviceBusy, Detail: "job " + j.ID + " has it in hand"}
			default:
				reports[i], errs[i] = b.Device(ctx, d, configstore.Fence{}, nil)
			}
		})
	}
	wg.Wait()
	return reports, errors.Join(errs...)
}
