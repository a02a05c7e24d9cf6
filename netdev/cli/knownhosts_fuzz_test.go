package cli

import (
	"context"
	"crypto/ed25519"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// FuzzKnownHosts reads whatever somebody's file holds: a key is accepted only
// where its own text stands in it.
func FuzzKnownHosts(f *testing.F) {
	s, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize))))
	if err != nil {
		f.Fatal(err)
	}
	pub := s.PublicKey()
	here := Host{Name: "sw1.example.net", Address: netip.MustParseAddrPort("192.0.2.7:2222")}
	text := strings.Fields(string(ssh.MarshalAuthorizedKey(pub)))[1]
	f.Add(knownhosts.Line([]string{"[sw1.example.net]:2222"}, pub) + "\n")
	f.Add("@revoked * ssh-ed25519 " + text + "\n")
	f.Add("|1|AAAA|BBBB ssh-ed25519 AAAA\n# x\n\n[h]:22,*.example.net,!a ssh-rsa AAAA c\n")
	f.Fuzz(func(t *testing.T, file string) {
		path := filepath.Join(t.TempDir(), "known_hosts")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		k, err := OpenKnownHosts(path, false)
		if err != nil {
			return
		}
		_ = k.Types(here)
		if err := k.Check(context.Background(), here, hostKeyOf(pub)); err == nil && !strings.Contains(file, text[:40]) {
			t.Errorf("accepted a key that %q does not hold", file)
		}
	})
}
