package vault

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

const (
	maxTried     = 3 // credentials a device and run
	maxFailures  = 2 // failed logins a device and guardWindow
	guardWindow  = time.Hour
	maxDevices   = 3 // devices in a row that refuse a credential within pauseWindow
	pauseWindow  = 10 * time.Minute
	keepFailures = 24 * time.Hour
)

// For gives the credentials with which a command line at addr may be opened,
// best first, never more than may still fail there: what worked last, then
// the order that a person gave, then the longer scope, keys before passwords, the name. Only their SSH part is
// filled. addr is the address about to be dialled; the dialer checks the
// scope again.
//
// Errors are *netdev.OpError: no-credential, out-of-scope, lockout-guard.
func (c *Credentials) For(ctx context.Context, dev netdev.Device, addr netip.Addr) ([]netdev.Credential, error) {
	return c.choose(ctx, dev, addr, SSH)
}

// ForSNMP is For for a walk of tables: only the SNMP part is filled, version 3
// goes before 2c and 1.
func (c *Credentials) ForSNMP(ctx context.Context, dev netdev.Device, addr netip.Addr) ([]netdev.Credential, error) {
	return c.choose(ctx, dev, addr, SNMP)
}

func (c *Credentials) choose(ctx context.Context, dev netdev.Device, addr netip.Addr, kind Kind) ([]netdev.Credential, error) {
	rows, err := c.rows.Credentials(ctx)
	if err != nil {
		return nil, err
	}
	refuse := func(r netdev.Reason, detail string) ([]netdev.Credential, error) {
		return nil, &netdev.OpError{Reason: r, Op: "choose a credential", Addr: addr.String(), Detail: detail}
	}
	fits, elsewhere, paused := 0, 0, 0
	rows = slices.DeleteFunc(rows, func(r SealedCredential) bool {
		switch {
		case !r.has(kind) || !allows(r.Sites, dev.Site) || !allows(r.Platforms, dev.Platform):
			return true
		case !inScope(r, addr):
			elsewhere++
			return true
		case !r.Paused.IsZero():
			paused++
			return true
		}
		fits++
		return false
	})
	switch {
	case fits == 0 && paused > 0:
		return refuse(netdev.LockoutGuard, "every credential for it is paused: several devices refused it")
	case fits == 0 && elsewhere > 0:
		return refuse(netdev.OutOfScope, "no credential's scope holds the address")
	case fits == 0:
		return refuse(netdev.NoCredential, fmt.Sprintf("none with %s for this site and platform", kind))
	}
	failed, err := c.rows.Refusals(ctx, dev.ID, kind, c.now().Add(-guardWindow))
	if err != nil {
		return nil, err
	}
	left := maxTried
	if kind == SSH { // an agent has no account to lock
		left = min(left, maxFailures-len(failed))
	}
	if left <= 0 {
		return refuse(netdev.LockoutGuard, pausedWords(failed))
	}
	used, _, err := c.rows.CredentialUsed(ctx, dev.ID, kind)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b SealedCredential) int { return order(a, b, addr, used.Credential) })
	return c.openPart(rows[:min(left, len(rows))], kind)
}

// openPart opens the credentials and keeps the one login that is asked for: a
// secret that is not needed does not travel.
func (c *Credentials) openPart(rows []SealedCredential, kind Kind) ([]netdev.Credential, error) {
	out, err := c.open(rows)
	for i := range out {
		if kind == SSH {
			out[i].SNMP = nil
		} else {
			out[i].SSH = nil
		}
	}
	return out, err
}

func (l Listed) has(kind Kind) bool {
	if kind == SSH {
		return l.SSHUser != ""
	}
	return l.SNMPVersion != ""
}

func inScope(r SealedCredential, addr netip.Addr) bool {
	return netdev.Credential{Scope: r.Scope}.Allows(addr)
}

func allows[T comparable](list []T, v T) bool { return len(list) == 0 || slices.Contains(list, v) }

func order(a, b SealedCredential, addr netip.Addr, worked string) int {
	scope := func(r SealedCredential) int { return netdev.Credential{Scope: r.Scope}.ScopeLen(addr) }
	return cmp.Or(
		cmp.Compare(first(a.Name == worked), first(b.Name == worked)),
		cmp.Compare(a.Rank, b.Rank),
		cmp.Compare(first(len(a.Sites) > 0), first(len(b.Sites) > 0)),
		cmp.Compare(scope(b), scope(a)),
		cmp.Compare(first(a.SSHKey), first(b.SSHKey)),
		cmp.Compare(b.SNMPVersion, a.SNMPVersion), // "3", "2c", "1"
		cmp.Compare(a.Name, b.Name),
	)
}

// first sorts what is so before what is not.
func first(yes bool) int {
	if yes {
		return 0
	}
	return 1
}

// Worked keeps that a credential opened a device: it is tried first there
// next time.
func (c *Credentials) Worked(ctx context.Context, dev netdev.DeviceID, kind Kind, name string) error {
	return c.rows.InTx(ctx, func(ctx context.Context) error {
		if err := c.rows.DropLogin(ctx, Used{Device: dev, Kind: kind, Credential: name}); err != nil {
			return err
		}
		return c.rows.SaveCredentialUsed(ctx, Used{Device: dev, Kind: kind, Credential: name, At: c.now().UTC()})
	})
}

// Refused counts a failed login. A credential that three devices in a row
// refused within ten minutes is paused until it is saved again or resumed, so
// that a wrong rollout does not lock an account on every device.
func (c *Credentials) Refused(ctx context.Context, dev netdev.DeviceID, kind Kind, name string) error {
	now := c.now().UTC()
	return c.rows.InTx(ctx, func(ctx context.Context) error {
		if err := c.rows.AddRefusal(ctx, Used{Device: dev, Kind: kind, Credential: name, At: now}); err != nil {
			return err
		}
		if err := c.rows.PruneRefusals(ctx, now.Add(-keepFailures)); err != nil {
			return err
		}
		since := now.Add(-pauseWindow)
		last, err := c.rows.LastSuccess(ctx, name)
		if err != nil {
			return err
		}
		if last.After(since) {
			since = last
		}
		n, err := c.rows.DevicesRefusing(ctx, name, since)
		if err != nil || n < maxDevices {
			return err
		}
		c.log.WarnContext(ctx, "credential paused", "credential", name, "devices", n)
		return c.rows.PauseCredential(ctx, name, now)
	})
}

// Resume ends a pause.
func (c *Credentials) Resume(ctx context.Context, name string) error {
	return c.rows.InTx(ctx, func(ctx context.Context) error { return c.rows.PauseCredential(ctx, name, time.Time{}) })
}
