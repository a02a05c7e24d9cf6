package discovery

import (
	"cmp"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// Keys are what tells one device from another. An empty key says nothing.
type Keys struct {
	Serial  string // vendor and chassis serial
	Engine  string // snmpEngineID, hexadecimal
	Chassis string // LLDP chassis MAC, else bridge address
}

// KeysOf reads the keys of a device that answered. Placeholders are no keys.
func KeysOf(f Found) Keys {
	k := Keys{Engine: engineKey(f.Facts.EngineID), Chassis: macKey(f.Facts)}
	if s := strings.ToLower(strings.TrimSpace(f.Identity.Serial)); plausible(s) {
		k.Serial = strings.ToLower(f.Identity.Vendor) + "|" + s
	}
	return k
}

// plausible says whether a serial number names one device: not the words and
// patterns that stand where nobody set one.
func plausible(s string) bool {
	if len(s) < 3 || len(s) > 128 || strings.ContainsAny(s, "<>") {
		return false
	}
	switch strings.Trim(s, ". ") {
	case "none", "n/a", "na", "null", "unknown", "default", "default string", "not specified", "not available",
		"to be filled by o.e.m", "system serial number", "0123456789", "123456789", "1234567890":
		return false
	}
	return strings.Trim(s, s[:1]) != "" // all of one character
}

// engineKey refuses engine ids without a part of their own (RFC 3411 §5: five
// octets of enterprise and format come first).
func engineKey(id []byte) string {
	if len(id) < 9 || len(id) > 32 {
		return ""
	}
	own := id[5:]
	if strings.Trim(string(own), string(own[:1])) == "" {
		return ""
	}
	return hex.EncodeToString(id)
}

func macKey(f netdev.Facts) string {
	mac := string(f.BridgeMAC)
	if f.Local.ChassisSubtype == lldpMAC && f.Local.ChassisID != "" {
		mac = f.Local.ChassisID
	}
	mac = strings.ToLower(mac)
	if len(mac) != len("00:00:00:00:00:00") || strings.Trim(mac, "0:") == "" || strings.Trim(mac, "f:") == "" {
		return ""
	}
	return mac
}

// Known is a device of the inventory, for comparing.
type Known struct {
	ID        netdev.DeviceID
	Keys      Keys
	Addresses []netip.Addr
}

// Same says for each found device which one it is: an index into known, or the
// index of the first found of a new device as a negative number, -1-i. Found
// devices that are one device get the same answer. Strongest first: serial,
// engine id, chassis, address; a key that differs forbids a weaker one to join.
// The order of neither list matters to who is joined with whom.
func Same(known []Known, found []Found) []int {
	m := newMatcher(known, found)
	for _, key := range []func(Keys) string{
		func(k Keys) string { return k.Serial },
		func(k Keys) string { return k.Engine },
		func(k Keys) string { return k.Chassis },
	} {
		m.joinBy(func(i int) []string { return []string{key(m.keys[i])} })
	}
	m.joinBy(func(i int) []string { return m.addresses[i] })
	return m.answers(len(known))
}

// matcher joins items (known devices, then found ones) into groups. A group
// holds at most one known device: histories are not merged behind anyone's back.
type matcher struct {
	keys      []Keys
	addresses [][]string
	order     []int   // a fixed order of items, whatever the lists' order
	group     []int   // of an item; the smallest member names it
	members   [][]int // of a group
	known     int
}

func newMatcher(known []Known, found []Found) *matcher {
	m := &matcher{known: len(known)}
	var names []string
	for _, k := range known {
		m.keys = append(m.keys, k.Keys)
		var as []string
		for _, a := range k.Addresses {
			as = append(as, a.String())
		}
		m.addresses = append(m.addresses, as)
		names = append(names, "0"+string(k.ID))
	}
	for _, f := range found {
		m.keys = append(m.keys, KeysOf(f))
		var as []string
		if f.Facts.Address.IsValid() {
			as = []string{f.Facts.Address.String()}
		}
		m.addresses = append(m.addresses, as)
		names = append(names, "1"+f.Facts.Address.StringExpanded())
	}
	for i := range m.keys {
		m.order = append(m.order, i)
		m.group = append(m.group, i)
		m.members = append(m.members, []int{i})
	}
	slices.SortStableFunc(m.order, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	m.dropShared(func(k *Keys) *string { return &k.Engine })
	m.dropShared(func(k *Keys) *string { return &k.Chassis })
	return m
}

// dropShared takes away keys that devices of different serials show: they were
// cloned with an image, or are a default.
func (m *matcher) dropShared(key func(*Keys) *string) {
	serials := map[string]string{}
	shared := map[string]bool{}
	for _, k := range m.keys {
		v := *key(&k)
		if v == "" || k.Serial == "" {
			continue
		}
		if s, ok := serials[v]; ok && s != k.Serial {
			shared[v] = true
		}
		serials[v] = k.Serial
	}
	for i := range m.keys {
		if v := key(&m.keys[i]); shared[*v] {
			*v = ""
		}
	}
}

// joinBy joins items that share a value and contradict each other in nothing.
func (m *matcher) joinBy(values func(i int) []string) {
	first := map[string][]int{}
	for _, i := range m.order {
		for _, v := range values(i) {
			if v == "" {
				continue
			}
			for _, j := range first[v] {
				if m.join(i, j) {
					break
				}
			}
			first[v] = append(first[v], i)
		}
	}
}

func (m *matcher) join(i, j int) bool {
	a, b := m.group[i], m.group[j]
	if a == b {
		return true
	}
	if a > b {
		a, b = b, a
	}
	if a < m.known && b < m.known {
		return false
	}
	for _, x := range m.members[a] {
		for _, y := range m.members[b] {
			if contradict(m.keys[x], m.keys[y]) {
				return false
			}
		}
	}
	for _, y := range m.members[b] {
		m.group[y] = a
	}
	m.members[a] = append(m.members[a], m.members[b]...)
	m.members[b] = nil
	return true
}

// contradict says that two items cannot be one device: the strongest key that
// both show decides.
func contradict(a, b Keys) bool {
	for _, p := range [][2]string{{a.Serial, b.Serial}, {a.Engine, b.Engine}, {a.Chassis, b.Chassis}} {
		if p[0] != "" && p[1] != "" {
			return p[0] != p[1]
		}
	}
	return false
}

func (m *matcher) answers(known int) []int {
	out := make([]int, len(m.group)-known)
	for i := range out {
		g := m.group[known+i]
		if g >= known {
			g = -1 - (g - known)
		}
		out[i] = g
	}
	return out
}
