package vault_test

import (
	"bytes"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

func ssh(name, scope string) netdev.Credential {
	return netdev.Credential{Name: name, Scope: []netip.Prefix{netip.MustParsePrefix(scope)},
		SSH: &netdev.SSHLogin{User: "u-" + name, Password: netdev.NewSecret("canary-" + name)}}
}

func credentials(t testing.TB) (*vault.Credentials, *time.Time, string) {
	t.Helper()
	dir := t.TempDir()
	d := store(t, dir)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return vault.NewCredentials(unlock(t, d, dir), d, vault.CredentialOptions{Now: func() time.Time { return now }}), &now, dir
}

func names(list []netdev.Credential) string {
	var out []string
	for _, c := range list {
		out = append(out, c.Name)
	}
	return strings.Join(out, " ")
}

func TestCredentialComesBackAsItWasSaved(t *testing.T) {
	c, _, _ := credentials(t)
	in := ssh("ops", "127.0.0.0/8")
	in.Sites, in.Platforms = []string{"berlin"}, []netdev.PlatformID{"p1"}
	in.SSH.Enable, in.SSH.PrivateKey, in.SSH.Passphrase = netdev.NewSecret("en"), netdev.NewSecret("pem"), netdev.NewSecret("pp")
	in.SNMP = &netdev.SNMPLogin{Version: netdev.SNMPv3, User: "su", Auth: "sha256", AuthPassword: netdev.NewSecret("ap"), Priv: "aes128", PrivPassword: netdev.NewSecret("pr"), Context: "ctx"}
	must(t, c.Save(t.Context(), in, "ann"))
	all, err := c.All(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("All = %d, %v", len(all), err)
	}
	got := all[0]
	for i, pair := range [][2]netdev.Secret{{got.SSH.Password, in.SSH.Password}, {got.SSH.Enable, in.SSH.Enable}, {got.SSH.PrivateKey, in.SSH.PrivateKey},
		{got.SSH.Passphrase, in.SSH.Passphrase}, {got.SNMP.AuthPassword, in.SNMP.AuthPassword}, {got.SNMP.PrivPassword, in.SNMP.PrivPassword}} {
		if pair[0].Reveal() != pair[1].Reveal() {
			t.Errorf("secret %d differs", i)
		}
	}
	if got.SSH.User != in.SSH.User || got.SNMP.User != "su" || got.SNMP.Auth != "sha256" || got.SNMP.Priv != "aes128" || got.SNMP.Context != "ctx" ||
		!slices.Equal(got.Scope, in.Scope) || !slices.Equal(got.Sites, in.Sites) || !slices.Equal(got.Platforms, in.Platforms) {
		t.Errorf("got %+v", got)
	}
	listed, err := c.List(t.Context())
	if err != nil || len(listed) != 1 || listed[0].ChangedBy != "ann" || listed[0].SSHUser != "u-ops" || listed[0].SNMPVersion != netdev.SNMPv3 {
		t.Errorf("List = %+v, %v", listed, err)
	}
	must(t, c.Delete(t.Context(), "ops"))
	if err := c.Delete(t.Context(), "ops"); !errors.Is(err, vault.ErrNoCredential) {
		t.Errorf("second Delete = %v", err)
	}
}

// Control E38, the database's half.
func TestE38DatabaseHoldsNoSecretInClear(t *testing.T) {
	c, _, dir := credentials(t)
	must(t, c.Save(t.Context(), ssh("ops", "127.0.0.0/8"), "ann"))
	files, err := filepath.Glob(filepath.Join(dir, db.FileName+"*"))
	must(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		if bytes.Contains(b, []byte("canary-ops")) {
			t.Errorf("%s holds the password", filepath.Base(f))
		}
	}
	if len(files) == 0 {
		t.Error("no database file found")
	}
}

func TestCredentialsAreChosenByScopeAndOrder(t *testing.T) {
	c, _, _ := credentials(t)
	site := ssh("site", "127.0.0.0/8")
	site.Sites = []string{"berlin"}
	other := ssh("other-site", "127.0.0.0/8")
	other.Sites = []string{"oslo"}
	platform := ssh("other-platform", "127.0.0.0/8")
	platform.Platforms = []netdev.PlatformID{"p9"}
	key := ssh("z-key", "127.0.0.0/8")
	key.SSH.PrivateKey = netdev.NewSecret("pem")
	snmp := netdev.Credential{Name: "ro", Scope: site.Scope, SNMP: &netdev.SNMPLogin{Version: netdev.SNMPv2c, Community: netdev.NewSecret("c")}}
	v3 := netdev.Credential{Name: "v3", Scope: site.Scope, SNMP: &netdev.SNMPLogin{Version: netdev.SNMPv3, User: "u"}}
	for _, cr := range []netdev.Credential{ssh("wide", "127.0.0.0/8"), ssh("narrow", "127.1.0.0/16"), site, other, platform, key, snmp, v3, ssh("away", "10.0.0.0/8")} {
		must(t, c.Save(t.Context(), cr, "ann"))
	}
	dev := netdev.Device{ID: "d1", Site: "berlin", Platform: "p1"}
	addr := netip.MustParseAddr("127.1.2.3")
	got, err := c.For(t.Context(), dev, addr)
	must(t, err)
	if names(got) != "site narrow" {
		t.Errorf("For = %s, want the site's and the narrow one", names(got))
	}
	must(t, c.Worked(t.Context(), "d1", vault.SSH, "wide"))
	got, err = c.For(t.Context(), dev, netip.MustParseAddr("::ffff:127.1.2.3"))
	must(t, err)
	if names(got) != "wide site" {
		t.Errorf("For = %s, want what worked last first", names(got))
	}
	got, err = c.For(t.Context(), netdev.Device{ID: "d2", Site: "rome"}, netip.MustParseAddr("127.9.9.9"))
	must(t, err)
	if names(got) != "z-key wide" {
		t.Errorf("For = %s, want the key before the password", names(got))
	}
	got, err = c.ForSNMP(t.Context(), dev, addr)
	must(t, err)
	if names(got) != "v3 ro" || got[0].SSH != nil {
		t.Errorf("ForSNMP = %s, want version 3 first", names(got))
	}
}

// Controls E20 and E23, the vault's half.
func TestE23NoCredentialIsGivenThatMustNotBeSent(t *testing.T) {
	here, dev := netip.MustParseAddr("127.1.2.3"), netdev.Device{ID: "d1", Address: netip.MustParseAddr("127.1.2.3")}
	tests := map[string]struct {
		do   func(t *testing.T, c *vault.Credentials, now *time.Time)
		want netdev.Reason
		n    int
	}{
		"none-kept":    {func(*testing.T, *vault.Credentials, *time.Time) {}, netdev.NoCredential, 0},
		"out-of-scope": {func(t *testing.T, c *vault.Credentials, _ *time.Time) { save(t, c, ssh("a", "10.0.0.0/8")) }, netdev.OutOfScope, 0},
		"one-failure-leaves-one-try": {func(t *testing.T, c *vault.Credentials, _ *time.Time) {
			save(t, c, ssh("a", "127.0.0.0/8"), ssh("b", "127.0.0.0/8"))
			must(t, c.Refused(t.Context(), "d1", vault.SSH, "a"))
		}, "", 1},
		"two-failures-close": {func(t *testing.T, c *vault.Credentials, _ *time.Time) {
			save(t, c, ssh("a", "127.0.0.0/8"), ssh("b", "127.0.0.0/8"), ssh("c", "127.0.0.0/8"))
			must(t, c.Refused(t.Context(), "d1", vault.SSH, "a"))
			must(t, c.Refused(t.Context(), "d1", vault.SSH, "b"))
		}, netdev.LockoutGuard, 0},
		"an-hour-opens": {func(t *testing.T, c *vault.Credentials, now *time.Time) {
			save(t, c, ssh("a", "127.0.0.0/8"), ssh("b", "127.0.0.0/8"), ssh("c", "127.0.0.0/8"))
			must(t, c.Refused(t.Context(), "d1", vault.SSH, "a"))
			must(t, c.Refused(t.Context(), "d1", vault.SSH, "a"))
			*now = now.Add(time.Hour)
		}, "", 2},
		"paused-after-three-devices": {func(t *testing.T, c *vault.Credentials, _ *time.Time) {
			save(t, c, ssh("a", "127.0.0.0/8"))
			for _, d := range []netdev.DeviceID{"x", "y", "z"} {
				must(t, c.Refused(t.Context(), d, vault.SSH, "a"))
			}
		}, netdev.LockoutGuard, 0},
		"a-success-between-breaks-the-row": {func(t *testing.T, c *vault.Credentials, now *time.Time) {
			save(t, c, ssh("a", "127.0.0.0/8"))
			must(t, c.Refused(t.Context(), "x", vault.SSH, "a"))
			must(t, c.Refused(t.Context(), "y", vault.SSH, "a"))
			*now = now.Add(time.Second)
			must(t, c.Worked(t.Context(), "w", vault.SSH, "a"))
			*now = now.Add(time.Second)
			must(t, c.Refused(t.Context(), "z", vault.SSH, "a"))
		}, "", 1},
		"slow-failures-do-not-pause": {func(t *testing.T, c *vault.Credentials, now *time.Time) {
			save(t, c, ssh("a", "127.0.0.0/8"))
			for _, d := range []netdev.DeviceID{"x", "y", "z"} {
				must(t, c.Refused(t.Context(), d, vault.SSH, "a"))
				*now = now.Add(6 * time.Minute)
			}
		}, "", 1},
		"saving-again-resumes": {func(t *testing.T, c *vault.Credentials, _ *time.Time) {
			save(t, c, ssh("a", "127.0.0.0/8"))
			for _, d := range []netdev.DeviceID{"x", "y", "z"} {
				must(t, c.Refused(t.Context(), d, vault.SSH, "a"))
			}
			save(t, c, ssh("a", "127.0.0.0/8"))
		}, "", 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c, now, _ := credentials(t)
			tc.do(t, c, now)
			got, err := c.For(t.Context(), dev, here)
			if netdev.ReasonOf(err) != tc.want || len(got) != tc.n {
				t.Errorf("For = %d credentials, %v; want %d, %q", len(got), err, tc.n, tc.want)
			}
		})
	}
}

func save(t *testing.T, c *vault.Credentials, list ...netdev.Credential) {
	t.Helper()
	for _, cr := range list {
		must(t, c.Save(t.Context(), cr, "ann"))
	}
}

func TestChangedHostKeyIsRefusedUntilSomeoneAcceptsIt(t *testing.T) {
	h := vault.NewHostKeys(store(t, t.TempDir()), nil)
	dev := netdev.Device{ID: "d1", Name: "sw1", Address: netip.MustParseAddr("127.0.0.1")}
	one, two := []byte("key one"), []byte("key two")
	ask := func(key []byte, learn bool, want netdev.Reason) {
		t.Helper()
		if err := h.Check(t.Context(), dev, "ssh-ed25519", key, "job1", learn); netdev.ReasonOf(err) != want {
			t.Errorf("Check(%q) = %v, want %q", key, err, want)
		}
	}
	ask(one, false, netdev.HostKeyUnknown)
	ask(one, true, "")
	ask(one, false, "")
	ask(two, true, netdev.HostKeyChanged)
	ask(two, true, netdev.HostKeyChanged)
	ask(one, true, "")
	k, known, err := h.Get(t.Context(), "d1")
	if err != nil || !known || !k.Changed() || string(k.Blob) != "key one" || k.By != "job1" {
		t.Fatalf("Get = %+v, %v, %v", k, known, err)
	}
	if err := h.Accept(t.Context(), "d1", vault.Fingerprint([]byte("other")), "ann", "rollout"); !errors.Is(err, vault.ErrNotShown) {
		t.Errorf("accepting a key that was not shown: %v", err)
	}
	if err := h.Accept(t.Context(), "d1", vault.Fingerprint(two), "ann", ""); err == nil {
		t.Error("accepted without a reason")
	}
	must(t, h.Accept(t.Context(), "d1", vault.Fingerprint(two), "ann", "replaced hardware"))
	ask(two, false, "")
	ask(one, true, netdev.HostKeyChanged)
}
