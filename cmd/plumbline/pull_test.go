package main

import (
	"bytes"
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/internal/sim"
)

// pullOf runs the command against a simulated device.
func pullOf(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	root := newRoot()
	var out, errs bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&errs)
	root.SetArgs(append([]string{"pull"}, args...))
	err := root.ExecuteContext(context.Background())
	if e, ok := err.(*exitError); ok {
		code = e.code
	} else if err != nil {
		code = 2
	}
	return out.String(), errs.String(), code
}

func TestPullPrintsTheTextOrOneLineWithItsReason(t *testing.T) {
	n, err := sim.New(sim.Options{Base: netip.MustParseAddr("127.35.0.1")})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = n.Close() }()
	d := n.Device("ber-core1")
	host := netip.AddrPortFrom(d.Address(), n.SSHPort()).String()
	creds := filepath.Join(t.TempDir(), "credentials.yaml")
	if err := os.WriteFile(creds, n.CredentialsFile(), 0o600); err != nil {
		t.Fatal(err)
	}
	known := filepath.Join(t.TempDir(), "known_hosts")
	common := []string{host, "--platform", "cisco_iosxe", "--credentials", creds, "--idle-timeout", "3s"}

	out, errs, code := pullOf(t, common...)
	if code != 0 || out != string(d.Running()) || !strings.Contains(errs, "SHA256:") {
		t.Errorf("exit %d, %d bytes, stderr %q", code, len(out), errs)
	}
	strict := append(common, "--known-hosts", known)
	if err := os.WriteFile(known, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs, code = pullOf(t, strict...); code != 1 || out != "" || !strings.HasPrefix(errs, "host-key-unknown: ") || strings.Count(errs, "\n") != 1 {
		t.Errorf("exit %d, %d bytes, stderr %q", code, len(out), errs)
	}
	if out, _, code = pullOf(t, append(strict, "--accept-new-host-key", "--source", "startup")...); code != 0 || !strings.HasPrefix(out, "Using ") {
		t.Errorf("exit %d, %q", code, out)
	}
	d.Inject(sim.OtherHostKey)
	if out, errs, code = pullOf(t, append(strict, "--accept-new-host-key")...); code != 1 || out != "" || !strings.HasPrefix(errs, "host-key-changed: ") {
		t.Errorf("exit %d, %d bytes, stderr %q", code, len(out), errs)
	}
	for name, args := range map[string][]string{
		"no-platform":      {host, "--credentials", creds},
		"unknown-platform": {host, "--credentials", creds, "--platform", "no_such"},
		"no-credentials":   {host, "--platform", "cisco_ios"},
		"bad-source":       {host, "--credentials", creds, "--platform", "cisco_ios", "--source", "other"},
		"bad-host":         {host + ":1:2", "--credentials", creds, "--platform", "cisco_ios"},
	} {
		if out, _, code := pullOf(t, args...); code != 2 || out != "" {
			t.Errorf("%s: exit %d", name, code)
		}
	}
}
