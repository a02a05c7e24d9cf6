package sweep_test

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/discovery/sweep"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp/snmptest"
)

func TestBothFamiliesAreAskedInOneSweep(t *testing.T) {
	if c, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
		t.Skip("this machine has no IPv6 loopback address:", err)
	} else {
		_ = c.Close()
	}
	six := (&snmptest.Agent{Community: "lab-ro", MIB: box("six")}).Start(t, "[::1]:0")
	(&snmptest.Agent{Community: "lab-ro", MIB: box("four")}).Start(t, netip.AddrPortFrom(netip.MustParseAddr("127.86.0.1"), six.Port.Port()).String())
	got := outcomes(t, targets(t, "::1", "127.86.0.1"), []netdev.Credential{community("lab", "lab-ro", "127.0.0.0/8", "::1/128")},
		sweep.Options{Port: six.Port.Port(), Timeout: 500 * time.Millisecond})
	for a, want := range map[string]string{"::1": "six", "127.86.0.1": "four"} {
		if r := got[netip.MustParseAddr(a)]; r.Outcome != sweep.Answered || r.System.Name != want {
			t.Errorf("%s = %+v, want %s", a, r, want)
		}
	}
}
