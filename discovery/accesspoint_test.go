package discovery

import (
	"net/netip"
	"testing"

	"github.com/plumbline-net/plumbline/discovery/target"
	"github.com/plumbline-net/plumbline/netdev"
)

func TestACrawlAsksNoAccessPointOfAController(t *testing.T) {
	allowed, err := target.Parser{}.Parse([]string{"192.0.2.0/28"})
	if err != nil {
		t.Fatal(err)
	}
	a := netip.MustParseAddr
	ap, old, other := a("192.0.2.1"), a("192.0.2.2"), a("192.0.2.3")
	sc := &scan{req: Request{Crawl: true, Known: []netdev.Device{{ID: "1", Address: old, Managed: netdev.Managed{Controller: "2"}}}}, asked: map[netip.Addr]bool{}}
	sc.found = []Found{
		{Facts: netdev.Facts{Neighbors: []netdev.Neighbor{{Addresses: []netip.Addr{ap, old, other}}}, ARP: []netdev.ARPEntry{{Address: ap}, {Address: old}}}},
		{Facts: netdev.Facts{AccessPoints: []netdev.ManagedAP{{Name: "ap", Address: ap}}}},
	}
	set, ok := sc.candidates(&allowed)
	if !ok || set.Len() != 1 || !set.Contains(other) {
		t.Errorf("%d candidates, want %s alone", set.Len(), other)
	}
}

func TestKnownAccessPointsAreFoundWithoutTheirController(t *testing.T) {
	known := []netdev.Device{
		{ID: "A", Name: "ap1", Kind: netdev.AccessPoint, Managed: netdev.Managed{Controller: "C", MAC: "02:a1:00:00:00:01"}},
		{ID: "B", Name: "ap2", Kind: netdev.AccessPoint, Managed: netdev.Managed{Controller: "C", MAC: "02:a1:00:00:00:02"}},
		{ID: "C", Name: "wlc"},
	}
	found := []Found{{Facts: netdev.Facts{AccessPoints: []netdev.ManagedAP{{Name: "ap2", MAC: "02:a1:00:00:00:02"}, {Name: "nobody"}, {Name: "placeholder", Serial: "N/A"}, {Name: "twin", MAC: "02:a1:00:00:00:02"}}}}}
	var ids []netdev.DeviceID
	for _, o := range accessPoints(found, known) {
		if !o.Managed || o.Kind != netdev.AccessPoint {
			t.Errorf("%+v", o)
		}
		ids = append(ids, o.ID)
	}
	if len(ids) != 2 || ids[0] != "ap-02:a1:00:00:00:02" || ids[1] != "A" {
		t.Errorf("%q, want the one that is listed and the one that is known", ids)
	}
}
