package discovery

import (
	"cmp"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// Listed is an access point that a controller lists as its own. All of it is
// the controller's word.
type Listed struct {
	AP         netdev.ManagedAP
	Controller int // its place among those found
	// Ref is how a graph names the access point while it has no DeviceID.
	Ref netdev.DeviceID
	// Found is what identifies it, as if it had answered. It has no address:
	// the controller's word about one is no key.
	Found Found
}

const lldpMAC = 4 // LldpChassisIdSubtype macAddress

// ListedIn gives the access points that the controllers among found list, in
// the order of found. One that has neither a MAC nor a serial number of its own
// is left out: nothing would tell it from another one tomorrow.
func ListedIn(found []Found) []Listed {
	var out []Listed
	for i, c := range found {
		for _, ap := range c.Facts.AccessPoints {
			f := Found{Facts: apFacts(ap.MAC, ap.Name), Identity: netdev.Identity{Vendor: c.Identity.Vendor, Kind: netdev.AccessPoint,
				Model: ap.Model, Serial: ap.Serial, Version: ap.Version, Name: cmp.Or(ap.Name, string(ap.MAC), ap.Serial)}}
			f.Facts.Taken = c.Facts.Taken
			if k := KeysOf(f); k.Serial == "" && k.Chassis == "" {
				continue
			}
			key := cmp.Or(string(ap.MAC), strings.ToLower(ap.Serial))
			out = append(out, Listed{AP: ap, Controller: i, Ref: netdev.DeviceID("ap-" + key), Found: f})
		}
	}
	return out
}

// apFacts is what tells an access point in the tables of others.
func apFacts(mac netdev.MAC, name string) netdev.Facts {
	f := netdev.Facts{SysName: name}
	if mac != "" {
		f.Local = netdev.LocalChassis{ChassisID: string(mac), ChassisSubtype: lldpMAC, SysName: name}
	}
	return f
}

// accessPoints gives what a graph needs of the access points that found lists,
// and of those known before that none of found lists now. One that answered
// itself, as a member of a cluster does, is among found already.
func accessPoints(found []Found, known []netdev.Device) []topology.Observation {
	var out []topology.Observation
	listed := ListedIn(found)
	all := slices.Clone(found)
	for _, l := range listed {
		all = append(all, l.Found)
	}
	seen := map[netdev.MAC]bool{}
	for _, f := range all {
		seen[netdev.MAC(macKey(f.Facts))] = true
	}
	for i, who := range Same(nil, all) {
		if i < len(found) || who != -1-i {
			continue // answered, or the same as one before it
		}
		l := listed[i-len(found)]
		o := topology.Observation{ID: l.Ref, Name: l.Found.Identity.Name, Kind: netdev.AccessPoint, Facts: l.Found.Facts, Managed: true}
		o.Facts.Address = l.AP.Address
		out = append(out, o)
	}
	for _, d := range known {
		if d.ByController() && d.Managed.MAC != "" && !seen[d.Managed.MAC] {
			seen[d.Managed.MAC] = true
			o := topology.Observation{ID: d.ID, Name: d.Name, Kind: d.Kind, Facts: apFacts(d.Managed.MAC, d.Name), Managed: true}
			o.Facts.Address = d.Address
			out = append(out, o)
		}
	}
	return out
}
