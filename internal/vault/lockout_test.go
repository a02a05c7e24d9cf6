package vault_test

import (
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

func TestTwoLoginsWithoutAGoodEndPauseADeviceForAnHour(t *testing.T) {
	tests := map[string]struct {
		logins func(t *testing.T, c *vault.Credentials, now *time.Time) // at device d1
		pass   time.Duration
		open   bool // another login may be tried
	}{
		"none":                {func(*testing.T, *vault.Credentials, *time.Time) {}, 0, true},
		"one-refused":         {refused(1), 0, true},
		"two-refused":         {refused(2), 0, false},
		"two-refused-an-hour": {refused(2), time.Hour, true},
		"nobody-wrote-the-end": {func(t *testing.T, c *vault.Credentials, _ *time.Time) {
			must(t, c.Trying(t.Context(), "d1", vault.SSH, "a"))
			must(t, c.Trying(t.Context(), "d1", vault.SSH, "a")) // the process died in both
		}, 59 * time.Minute, false},
		"taken": {func(t *testing.T, c *vault.Credentials, _ *time.Time) {
			for range 5 {
				must(t, c.Trying(t.Context(), "d1", vault.SSH, "a"))
				must(t, c.Worked(t.Context(), "d1", vault.SSH, "a"))
			}
		}, 0, true},
		"a-good-login-does-not-hide-refused-ones": {func(t *testing.T, c *vault.Credentials, _ *time.Time) {
			refused(1)(t, c, nil)
			must(t, c.Trying(t.Context(), "d1", vault.SSH, "b"))
			must(t, c.Worked(t.Context(), "d1", vault.SSH, "b"))
			refused(1)(t, c, nil)
		}, 0, false},
		"a-person-changed-the-credential": {func(t *testing.T, c *vault.Credentials, _ *time.Time) {
			refused(2)(t, c, nil)
			save(t, c, ssh("a", "127.0.0.0/8"))
		}, 0, true},
		"a-person-changed-another": {func(t *testing.T, c *vault.Credentials, _ *time.Time) {
			refused(2)(t, c, nil)
			save(t, c, ssh("b", "127.0.0.0/8"))
		}, 0, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c, now, _ := credentials(t)
			save(t, c, ssh("a", "127.0.0.0/8"), ssh("b", "127.0.0.0/8"))
			began := *now
			tc.logins(t, c, now)
			*now = now.Add(tc.pass)
			paused, err := c.PausedDevices(t.Context())
			must(t, err)
			if until, ok := paused["d1"]; ok == tc.open || ok && !until.Equal(began.Add(time.Hour)) {
				t.Errorf("paused until %v (%v), want %v", until, ok, !tc.open)
			}
			err = c.Trying(t.Context(), "d1", vault.SSH, "a")
			if (err == nil) != tc.open || err != nil && netdev.ReasonOf(err) != netdev.LockoutGuard {
				t.Errorf("another login: %v, want it allowed %v", err, tc.open)
			}
			if err := c.Trying(t.Context(), "d2", vault.SSH, "a"); err != nil {
				t.Errorf("another device: %v", err)
			}
		})
	}
}

// refused makes n logins that the device refuses, while the guard lets them.
func refused(n int) func(*testing.T, *vault.Credentials, *time.Time) {
	return func(t *testing.T, c *vault.Credentials, _ *time.Time) {
		for range n {
			must(t, c.Trying(t.Context(), "d1", vault.SSH, "a"))
			must(t, c.Refused(t.Context(), "d1", vault.SSH, "a"))
		}
	}
}

func TestThePauseOutlivesARestart(t *testing.T) {
	c, now, dir := credentials(t)
	save(t, c, ssh("a", "127.0.0.0/8"))
	refused(2)(t, c, nil)
	d, err := db.Open(t.Context(), db.Options{Path: filepath.Join(dir, db.FileName)}) // as another process does
	must(t, err)
	defer d.Close()
	other := vault.NewCredentials(unlock(t, d, dir), d, vault.CredentialOptions{Now: func() time.Time { return *now }})
	if err := other.Trying(t.Context(), "d1", vault.SSH, "a"); netdev.ReasonOf(err) != netdev.LockoutGuard {
		t.Errorf("after a restart: %v, want lockout-guard", err)
	}
	_, err = other.For(t.Context(), netdev.Device{ID: "d1"}, netip.MustParseAddr("127.0.0.1"))
	if netdev.ReasonOf(err) != netdev.LockoutGuard {
		t.Errorf("choosing one: %v, want lockout-guard", err)
	}
}
