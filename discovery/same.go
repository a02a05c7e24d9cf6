package discovery

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// sameAt is the score from which two answers are one device.
const sameAt = 100

// same scores whether two that answered are one device, and says what agreed.
// Serial, engine and bridge address that differ at the same time speak
// against it, whatever addresses are shared: members of a pair share those.
func same(a, b *Found, aliased bool) (score int, because string) {
	var agreed []string
	add := func(points int, what string) {
		score += points
		if points > 0 {
			agreed = append(agreed, what)
		}
	}
	if x, y := a.Identity.Serial, b.Identity.Serial; x != "" && y != "" {
		switch {
		case !strings.EqualFold(x, y):
			add(-200, "")
		case a.Identity.Vendor == b.Identity.Vendor:
			add(100, "serial "+x)
		}
	}
	if x, y := a.Facts.EngineID, b.Facts.EngineID; telling(x) && telling(y) {
		if bytes.Equal(x, y) {
			add(80, fmt.Sprintf("engine id %x", x))
		} else {
			add(-80, "")
		}
	}
	if x, y := chassisMACs(a), chassisMACs(b); len(x) > 0 && len(y) > 0 {
		switch {
		case slices.ContainsFunc(x, func(m netdev.MAC) bool { return slices.Contains(y, m) }):
			add(60, "chassis address "+string(x[0]))
		case a.Facts.BridgeMAC != "" && b.Facts.BridgeMAC != "":
			add(-80, "")
		}
	}
	if aliased {
		add(60, "one answered for the other")
	}
	if owns(a, b.Facts.Address) || owns(b, a.Facts.Address) {
		add(40, "one lists the other's address as its own")
	}
	if f, g := a.Facts, b.Facts; f.SysName != "" && f.SysName == g.SysName && f.SysObjectID == g.SysObjectID && f.SysDescr == g.SysDescr {
		add(30, "same name and description")
	}
	return score, strings.Join(agreed, ", ")
}

// telling refuses engine ids that many devices share: those without a tail.
func telling(id []byte) bool {
	return len(id) >= 8 && len(bytes.Trim(id[5:], "\x00")) > 0
}

func chassisMACs(f *Found) (out []netdev.MAC) {
	const lldpChassisMAC = 4 // LldpChassisIdSubtype
	if l := f.Facts.Local; l.ChassisSubtype == lldpChassisMAC && l.ChassisID != "" {
		out = append(out, netdev.MAC(l.ChassisID))
	}
	if m := f.Facts.BridgeMAC; m != "" && !slices.Contains(out, m) {
		out = append(out, m)
	}
	return slices.DeleteFunc(out, func(m netdev.MAC) bool { return m == "00:00:00:00:00:00" })
}

// owns says whether f lists a among its own addresses. Loopback addresses are
// everybody's.
func owns(f *Found, a netip.Addr) bool {
	if a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	return slices.ContainsFunc(f.Facts.Addresses, func(x netdev.IPAddress) bool { return x.Address == a })
}

// merge makes one of the answers that are the same device: the lowest address
// stays, the others become aliases. The order of in does not matter. Only
// pairs that share a key are compared.
func merge(in []Found, aliases []Alias) []Found {
	slices.SortFunc(in, func(a, b Found) int { return a.Facts.Address.Compare(b.Facts.Address) })
	answered := map[Alias]bool{}
	for _, a := range aliases {
		answered[a], answered[Alias{a.From, a.Asked}] = true, true
	}
	var out []Found
	var members [][]*Found // of each in out
	byKey := map[string][]int{}
	for i := range in {
		f := &in[i]
		keys := keysOf(f, aliases)
		at, because := -1, ""
		for _, k := range keys {
			for _, j := range byKey[k] {
				if why, ok := belongs(f, members[j], answered); ok && (at < 0 || j < at) {
					at, because = j, why
				}
			}
		}
		if at < 0 {
			at = len(out)
			out, members = append(out, *f), append(members, nil)
		} else {
			g := &out[at]
			g.Aliases = append(g.Aliases, f.Facts.Address)
			g.Identity.Why = append(g.Identity.Why, netdev.Why{Field: "alias", Value: f.Facts.Address.String(), Because: "same device: " + because})
		}
		members[at] = append(members[at], f)
		for _, k := range keys {
			if !slices.Contains(byKey[k], at) {
				byKey[k] = append(byKey[k], at)
			}
		}
	}
	return out
}

// belongs says whether f is the device of the answers all: one of them proves
// it and none speaks against it.
func belongs(f *Found, all []*Found, answered map[Alias]bool) (because string, ok bool) {
	for _, g := range all {
		score, why := same(g, f, answered[Alias{g.Facts.Address, f.Facts.Address}])
		if score < 0 {
			return "", false
		}
		if score >= sameAt && !ok {
			because, ok = why, true
		}
	}
	return because, ok
}

// keysOf are the values by which f could be another answer's device. No pair
// without one of them reaches the score.
func keysOf(f *Found, aliases []Alias) (keys []string) {
	if f.Identity.Serial != "" {
		keys = append(keys, "serial "+strings.ToLower(f.Identity.Serial))
	}
	if telling(f.Facts.EngineID) {
		keys = append(keys, "engine "+string(f.Facts.EngineID))
	}
	for _, m := range chassisMACs(f) {
		keys = append(keys, "mac "+string(m))
	}
	for _, a := range aliases {
		if a.Asked == f.Facts.Address || a.From == f.Facts.Address {
			keys = append(keys, fmt.Sprintf("alias %v %v", a.Asked, a.From))
		}
	}
	return keys
}
