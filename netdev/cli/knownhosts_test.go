package cli

import (
	"context"
	"crypto/ed25519"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/plumbline-net/plumbline/netdev"
)

func testKey(t *testing.T, seed byte) ssh.PublicKey {
	t.Helper()
	key := ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(seed), ed25519.SeedSize)))
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s.PublicKey()
}

func TestKnownHostsRefuseWhatIsNotTheKnownKey(t *testing.T) {
	one, two := testKey(t, 'a'), testKey(t, 'b')
	line := func(name string, k ssh.PublicKey) string { return knownhosts.Line([]string{name}, k) + "\n" }
	here := Host{Name: "sw1.example.net", Address: netip.MustParseAddrPort("192.0.2.7:2222")}
	tests := map[string]struct {
		file   string
		accept bool
		shown  ssh.PublicKey
		want   netdev.Reason
	}{
		"known-with-port":          {line("[sw1.example.net]:2222", one), false, one, ""},
		"other-key":                {line("[sw1.example.net]:2222", one), true, two, netdev.HostKeyChanged},
		"other-port-is-other-host": {line("sw1.example.net", one), false, one, netdev.HostKeyUnknown},
		"hashed-name":              {knownhosts.HashHostname("[sw1.example.net]:2222") + " " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(one))) + "\n", false, one, ""},
		"hashed-name-other-key":    {knownhosts.HashHostname("[sw1.example.net]:2222") + " " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(one))) + "\n", false, two, netdev.HostKeyChanged},
		"revoked":                  {"@revoked * " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(one))) + "\n", true, one, netdev.HostKeyChanged},
		"unknown":                  {"", false, one, netdev.HostKeyUnknown},
		"unknown-but-accepted":     {"", true, one, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "known_hosts")
			if err := os.WriteFile(path, []byte(tc.file), 0o600); err != nil {
				t.Fatal(err)
			}
			k, err := OpenKnownHosts(path, tc.accept)
			if err != nil {
				t.Fatal(err)
			}
			if got := netdev.ReasonOf(k.Check(context.Background(), here, hostKeyOf(tc.shown))); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestAcceptedKeyIsInTheFileAndBindsTheNextPull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(path, []byte("# no line end at the end"), 0o600); err != nil {
		t.Fatal(err)
	}
	here := Host{Name: "192.0.2.7", Address: netip.MustParseAddrPort("192.0.2.7:22")}
	k, err := OpenKnownHosts(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Check(context.Background(), here, hostKeyOf(testKey(t, 'a'))); err != nil {
		t.Fatal(err)
	}
	again, err := OpenKnownHosts(path, true)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Types(here); !slices.Equal(got, []string{ssh.KeyAlgoED25519}) {
		t.Errorf("known types %q", got)
	}
	for _, kh := range []*KnownHosts{k, again} {
		if r := netdev.ReasonOf(kh.Check(context.Background(), here, hostKeyOf(testKey(t, 'b')))); r != netdev.HostKeyChanged {
			t.Errorf("another key gives %q", r)
		}
		if err := kh.Check(context.Background(), here, hostKeyOf(testKey(t, 'a'))); err != nil {
			t.Error(err)
		}
	}
}

func TestFirstUseInsistsOnTheFirstKey(t *testing.T) {
	var f FirstUse
	here := Host{Address: netip.MustParseAddrPort("192.0.2.7:22")}
	if err := f.Check(context.Background(), here, hostKeyOf(testKey(t, 'a'))); err != nil {
		t.Fatal(err)
	}
	if r := netdev.ReasonOf(f.Check(context.Background(), here, hostKeyOf(testKey(t, 'b')))); r != netdev.HostKeyChanged {
		t.Errorf("another key gives %q", r)
	}
}

func TestKnownTypesOfKeyAreAskedForFirst(t *testing.T) {
	for known, first := range map[string]string{ssh.KeyAlgoRSA: ssh.KeyAlgoRSASHA256, ssh.KeyAlgoECDSA256: ssh.KeyAlgoECDSA256, "": ssh.KeyAlgoED25519} {
		if _, keys := algorithms(false, []string{known}); keys[0] != first {
			t.Errorf("known %q: first %q, want %q", known, keys[0], first)
		}
	}
	modern, keys := algorithms(false, nil)
	for _, list := range [][]string{modern.KeyExchanges, modern.Ciphers, modern.MACs, keys} {
		for _, a := range list {
			//lint:ignore SA1019 that it is not offered is what is tested
			if strings.Contains(a, "sha1") || strings.Contains(a, "cbc") || a == ssh.KeyAlgoRSA || a == ssh.InsecureKeyAlgoDSA {
				t.Errorf("%s is offered without the opt-in", a)
			}
		}
	}
}
