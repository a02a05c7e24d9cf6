package capture

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

func TestAnEarRemembersDevicesApartFromTheChatterOfHosts(t *testing.T) {
	e := NewEar("eth7")
	at := time.Unix(1700000000, 0)
	hear := func(b []byte) { e.Hear(Frame{Time: at, Link: Ethernet, Interface: "made up", Length: len(b), Data: b}) }
	lldp, arp := samples()["lldp"].frame, samples()["arp"].frame
	hear(lldp)
	for i := range 3 * TableCap {
		b := append([]byte{}, arp...)
		binary.BigEndian.PutUint32(b[8:], uint32(i))
		hear(b)
		hear(b)
	}
	at = at.Add(time.Second)
	hear(lldp)
	seen := e.Take()
	if len(seen) != 1+TableCap || seen[0].Protocol != "lldp" || seen[0].Frames != 2 || seen[0].LocalInterface != "eth7" || seen[0].Time.Sub(seen[0].First) != time.Second {
		t.Fatalf("%d senders, the first %+v", len(seen), seen[0])
	}
	if frames, shed := e.Heard(); frames != 2+6*TableCap || shed != 2*TableCap {
		t.Errorf("%d frames, %d senders forgotten", frames, shed)
	}
	if again := e.Take(); len(again) != 0 {
		t.Errorf("%d senders said nothing since, and are given again", len(again))
	}
	hear(lldp)
	if again := e.Take(); len(again) != 1 || again[0].Frames != 1 {
		t.Errorf("heard once more: %+v", again)
	}
}

func TestAnEarDoesNotHearItsOwnHost(t *testing.T) {
	e := NewEar("eth7", netdev.MAC(strings.ReplaceAll(sender, " ", ":")))
	b := samples()["lldp"].frame
	e.Hear(Frame{Link: Ethernet, Length: len(b), Data: b})
	if seen := e.Take(); len(seen) != 0 {
		t.Errorf("%+v", seen)
	}
}
