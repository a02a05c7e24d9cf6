package vault_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
)

func TestASessionAsksForThePinnedKeyAndInsistsOnIt(t *testing.T) {
	h := vault.NewHostKeys(store(t, t.TempDir()), nil)
	dev := netdev.Device{ID: "d1", Name: "sw1", Address: netip.MustParseAddr("127.0.0.1")}
	host := cli.Host{Name: "sw1", Address: netip.MustParseAddrPort("127.0.0.1:22")}
	one, two := cli.HostKey{Type: "ssh-ed25519", Blob: []byte("one")}, cli.HostKey{Type: "ssh-rsa", Blob: []byte("two")}
	var keys cli.HostKeys
	first, err := h.For(t.Context(), dev, "job1", true)
	must(t, err)
	keys = first
	if got := keys.Types(host); got != nil {
		t.Errorf("types before any key was seen: %v", got)
	}
	must(t, keys.Check(t.Context(), host, one))
	later, err := h.For(t.Context(), dev, "job2", true)
	must(t, err)
	if got := later.Types(host); !slices.Equal(got, []string{"ssh-ed25519"}) {
		t.Errorf("types = %v, want the pinned one", got)
	}
	if err := later.Check(t.Context(), host, two); netdev.ReasonOf(err) != netdev.HostKeyChanged {
		t.Errorf("another key: %v", err)
	}
	if k, _, err := h.Get(t.Context(), "d1"); err != nil || vault.Fingerprint(k.ShownBlob) != two.Fingerprint() {
		t.Errorf("the shown key is kept as %+v (%v)", k, err)
	}
}
