package capture

import (
	"fmt"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

func TestAStormOfInventedSendersLeavesTheRealOnes(t *testing.T) {
	tab := NewTable()
	at := time.Unix(1700000000, 0)
	real := Sighting{Protocol: "lldp", LocalInterface: "eth0", ChassisID: "real", PortID: "1", Time: at, Hold: time.Minute}
	if fresh, _ := tab.Put(real); !fresh {
		t.Error("the first frame is not new")
	}
	if fresh, _ := tab.Put(real); fresh {
		t.Error("the second frame is new")
	}
	other := real
	other.LocalInterface = "eth1"
	tab.Put(other)
	for i := range 50000 {
		s := real
		s.ChassisID, s.SourceMAC = fmt.Sprint("invented", i), netdev.MAC(fmt.Sprint(i))
		if _, shed := tab.Put(s); shed != (i >= TableCap-1) {
			t.Fatalf("sender %d: shed %v", i, shed)
		}
	}
	seen := tab.Sightings("eth0")
	if len(seen) != TableCap || seen[0].ChassisID != "real" {
		t.Errorf("%d are remembered, the first %q", len(seen), seen[0].ChassisID)
	}
	if n := tab.Shed("eth0"); n != 50000-TableCap+1 {
		t.Errorf("%d were shed", n)
	}
	if len(tab.Sightings("eth1")) != 1 || tab.Shed("eth1") != 0 || tab.Sightings("eth2") != nil || tab.Shed("eth2") != 0 {
		t.Error("another interface was touched")
	}
}

func TestATableOfKnownSendersStillGivesWayToNewOnes(t *testing.T) {
	tab := NewTable()
	for i := range TableCap + 1 {
		s := Sighting{Protocol: "cdp", LocalInterface: "eth0", ChassisID: fmt.Sprint(i)}
		tab.Put(s)
		tab.Put(s)
	}
	if n := len(tab.Sightings("eth0")); n != TableCap {
		t.Errorf("%d are remembered", n)
	}
}

func TestNeighboursEndWithTheTimeTheyAskedFor(t *testing.T) {
	at := time.Unix(1700000000, 0)
	s := func(chassis, port string, hold time.Duration) Sighting {
		return Sighting{Protocol: "lldp", LocalInterface: "eth0", ChassisID: chassis, PortID: port, Time: at, Hold: hold}
	}
	leave := s("c", "1", 0)
	leave.Gone = true
	seen := []Sighting{s("a", "1", time.Minute), s("a", "2", 2*time.Minute), s("a", "2", 3*time.Minute), leave, s("b", "1", time.Hour), s("c", "1", time.Hour), leave, {Protocol: "arp", LocalInterface: "eth0", Time: at}}
	for name, c := range map[string]struct {
		now  time.Time
		want int
	}{"at-once": {at, 3}, "later": {at.Add(90 * time.Second), 2}, "much-later": {at.Add(2 * time.Hour), 0}, "of-a-file": {time.Time{}, 3}} {
		if got := Neighbors(seen, c.now); len(got) != c.want {
			t.Errorf("%s: %+v, want %d", name, got, c.want)
		}
	}
}
