package app

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/web"
)

// credential keeps one and gives its id.
func (b *bench) credential(c netdev.Credential) string {
	b.t.Helper()
	if err := b.a.Credentials.Save(b.t.Context(), c, "test"); err != nil {
		b.t.Fatal(err)
	}
	list, err := b.a.Credentials.List(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, l := range list {
		if l.Name == c.Name {
			return l.ID
		}
	}
	b.t.Fatalf("%s is not kept", c.Name)
	return ""
}

func (b *bench) test(id string, addr netip.Addr) map[vault.Kind]web.CredentialAnswer {
	b.t.Helper()
	list, err := b.w.TestCredential(b.t.Context(), "anna", id, addr)
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[vault.Kind]web.CredentialAnswer{}
	for _, a := range list {
		out[a.Kind] = a
	}
	return out
}

func TestACredentialIsTriedOnceAtOneAddress(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.71.0.1")
	b.w.learn = true
	dev := b.net.Device("ber-core1")
	if dev == nil {
		dev = b.net.Devices()[0]
	}
	good := b.net.Credentials()[0]
	id := b.credential(good)

	// Not in the inventory: an agent may be asked, a password may not be sent.
	got := b.test(id, dev.Address())
	if a := got[vault.SNMP]; !a.OK || a.Name != dev.Name() || a.How != "SNMPv3 authPriv" {
		t.Errorf("SNMP: %+v", a)
	}
	if a := got[vault.SSH]; a.OK || a.Sent || !strings.Contains(a.Detail, "discover it first") || dev.Connections() != 0 {
		t.Errorf("SSH to an unknown device: %+v, %d connections", a, dev.Connections())
	}

	stop := b.work(map[jobs.Kind]jobs.Handler{jobs.Sweep: b.w.sweep})
	b.discover(dev.Name())
	stop()
	dev.ResetCounters()
	got = b.test(id, dev.Address())
	if a := got[vault.SSH]; !a.OK || !strings.Contains(a.Name, dev.Name()) || !strings.Contains(a.How, "SHA256:") || dev.Connections() != 1 {
		t.Errorf("SSH: %+v, %d connections", a, dev.Connections())
	}
	if k, known, err := b.a.HostKeys.Get(t.Context(), b.device(dev.Name()).ID); err != nil || !known || k.By != "anna" {
		t.Errorf("host key %+v, %v, %v", k, known, err)
	}
	if len(dev.Writes()) != 0 || dev.SNMPWrites() != 0 {
		t.Errorf("it wrote %v", dev.Writes())
	}

	// Another site's credential: not a single datagram.
	dev.ResetCounters()
	got = b.test(b.credential(b.net.Credentials()[1]), dev.Address())
	for kind, a := range got {
		if a.Reason != netdev.OutOfScope || a.Sent {
			t.Errorf("%s outside the scope: %+v", kind, a)
		}
	}
	if dev.SNMPRequests() != 0 || dev.Connections() != 0 {
		t.Errorf("%d datagrams and %d connections left the scope", dev.SNMPRequests(), dev.Connections())
	}

	// Wrong secrets: told in words, one login each, and the guard counts.
	wrong := good
	wrong.Name = "wrong"
	snmp, ssh := *good.SNMP, *good.SSH
	snmp.AuthPassword, ssh.Password = netdev.NewSecret("not-the-password"), netdev.NewSecret("not-the-password")
	wrong.SNMP, wrong.SSH = &snmp, &ssh
	bad := b.credential(wrong)
	for i := range 3 {
		got = b.test(bad, dev.Address())
		if a := got[vault.SNMP]; a.Reason != netdev.AuthFailed || !strings.Contains(a.Detail, "wrong digest") {
			t.Errorf("SNMP: %+v", a)
		}
		a, want := got[vault.SSH], netdev.AuthFailed
		if i == 2 {
			want = netdev.LockoutGuard
		}
		if a.Reason != want || a.Sent != (i < 2) {
			t.Errorf("test %d by SSH: %+v, want %s", i+1, a, want)
		}
	}
	if n := dev.Connections(); n != 2 {
		t.Errorf("%d connections for three tests, the third of which is guarded", n)
	}
}

func TestATestNeverSendsASecretToAnotherDevice(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.72.0.1")
	b.w.learn = true
	dev := b.net.Devices()[0]
	id := b.credential(b.net.Credentials()[0])
	stop := b.work(map[jobs.Kind]jobs.Handler{jobs.Sweep: b.w.sweep})
	b.discover(dev.Name())
	stop()
	if a := b.test(id, dev.Address())[vault.SSH]; !a.OK {
		t.Fatalf("the first test: %+v", a)
	}
	dev.Inject(sim.OtherHostKey)
	dev.ResetCounters()
	if a := b.test(id, dev.Address())[vault.SSH]; a.OK || a.Reason != netdev.HostKeyChanged || dev.AuthAttempts() != 0 || len(dev.PasswordsSeen()) != 0 {
		t.Errorf("another host key: %+v, %d attempts", a, dev.AuthAttempts())
	}
	if err := dev.ClearFaults(); err != nil {
		t.Fatal(err)
	}
	b.w.testing.Lock()
	if _, err := b.w.TestCredential(t.Context(), "anna", id, dev.Address()); err != web.ErrTesting {
		t.Errorf("a second test beside the first: %v", err)
	}
	b.w.testing.Unlock()
	b.w.learn = false
	other := b.net.Devices()[1]
	stop = b.work(map[jobs.Kind]jobs.Handler{jobs.Sweep: b.w.sweep})
	b.discover(other.Name())
	stop()
	if a := b.test(id, other.Address())[vault.SSH]; a.Reason != netdev.HostKeyUnknown || other.AuthAttempts() != 0 {
		t.Errorf("a first key under the policy strict: %+v, %d attempts", a, other.AuthAttempts())
	}
}
