package vault

import (
	"context"
	"fmt"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Trying keeps that a credential is about to be shown to a device: the row is
// there before the secret leaves, so that neither a crash nor a second process
// can make more failed logins than the guard allows. Where the device has had
// its number, the error is lockout-guard and nothing may be sent.
func (c *Credentials) Trying(ctx context.Context, dev netdev.DeviceID, kind Kind, name string) error {
	if kind != SSH { // an agent has no account to lock
		return nil
	}
	return c.rows.InTx(ctx, func(ctx context.Context) error {
		failed, err := c.rows.Refusals(ctx, dev, kind, c.now().Add(-guardWindow))
		if err != nil {
			return err
		}
		if len(failed) >= maxFailures {
			return &netdev.OpError{Reason: netdev.LockoutGuard, Op: "login", Detail: pausedWords(failed)}
		}
		return c.rows.AddLogin(ctx, Used{Device: dev, Kind: kind, Credential: name, At: c.now().UTC()})
	})
}

// pausedUntil is when the guard lets a device be asked again; zero where it
// does now. failed are its refused logins of the last hour, the oldest first.
func pausedUntil(failed []time.Time) time.Time {
	if len(failed) < maxFailures {
		return time.Time{}
	}
	return failed[len(failed)-maxFailures].Add(guardWindow)
}

func pausedWords(failed []time.Time) string {
	return fmt.Sprintf("login paused until %s: %d failed logins within an hour", pausedUntil(failed).UTC().Format("15:04 UTC"), len(failed))
}

// PausedDevices gives the devices at which no login is tried now, and until
// when: a person who changes a refused credential ends it earlier.
func (c *Credentials) PausedDevices(ctx context.Context) (map[netdev.DeviceID]time.Time, error) {
	all, err := c.rows.AllRefusals(ctx, SSH, c.now().Add(-guardWindow))
	if err != nil {
		return nil, err
	}
	out := map[netdev.DeviceID]time.Time{}
	for dev, failed := range all {
		if until := pausedUntil(failed); until.After(c.now()) {
			out[dev] = until
		}
	}
	return out, nil
}
