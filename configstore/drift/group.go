package drift

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Group is the same difference on some devices: one row, however many there
// are. Members are ordered by device and key.
type Group struct {
	Key     string // of GroupKey
	Kind    Kind
	Change  Change // without lines: they are each device's own
	Members []Finding
}

// GroupKey is the same for the same difference on any device: kind, op, path,
// old and new text decide, lines and time do not. Texts are masked, a secret
// is told apart by its fingerprint.
func GroupKey(kind Kind, c Change) string {
	d := c.digest()
	h := sha256.Sum256(append([]byte(string(kind)+"\x00"), d[:]...))
	return hex.EncodeToString(h[:12])
}

// digest is over each part with its length before it, so that no two changes
// have the same bytes.
func (c Change) digest() [sha256.Size]byte {
	var b []byte
	put := func(s string) { b = append(binary.AppendUvarint(b, uint64(len(s))), s...) }
	put(c.Op)
	b = binary.AppendUvarint(b, uint64(len(c.Path)))
	for _, p := range c.Path {
		put(p)
	}
	put(c.Old)
	put(c.New)
	return sha256.Sum256(b)
}

// SetKey is the same for revisions that changed the same things, in whatever
// order: "" where nothing changed that means something.
func SetKey(fs []Finding) string {
	if len(fs) == 0 {
		return ""
	}
	keys := make([]string, len(fs))
	for i, f := range fs {
		keys[i] = GroupKey("", f.Change)
	}
	slices.Sort(keys)
	h := sha256.New()
	for _, k := range keys {
		h.Write([]byte(k))
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// Groups puts the same differences together, those on most devices first. The
// order of fs does not matter.
func Groups(fs []Finding) []Group {
	at := map[string]int{}
	var out []Group
	for _, f := range fs {
		key := GroupKey(f.Kind, f.Change)
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			c := f.Change
			c.OldLine, c.NewLine = 0, 0
			out = append(out, Group{Key: key, Kind: f.Kind, Change: c})
		}
		out[i].Members = append(out[i].Members, f)
	}
	for _, g := range out {
		slices.SortFunc(g.Members, func(a, b Finding) int {
			return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Key, b.Key))
		})
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(len(b.Devices()), len(a.Devices())), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// Devices lists the devices of a group, each once.
func (g Group) Devices() []netdev.DeviceID {
	var out []netdev.DeviceID
	for _, f := range g.Members {
		if len(out) == 0 || out[len(out)-1] != f.Device {
			out = append(out, f.Device)
		}
	}
	return out
}

// State is open where one member is, else acknowledged where one is.
func (g Group) State() State {
	s := Resolved
	for _, f := range g.Members {
		switch f.State {
		case Open:
			return Open
		case Acknowledged:
			s = Acknowledged
		}
	}
	return s
}

// Since is when the first member opened.
func (g Group) Since() time.Time {
	var t time.Time
	for _, f := range g.Members {
		if t.IsZero() || f.Since.Before(t) {
			t = f.Since
		}
	}
	return t
}

// Returns sums how often members came back.
func (g Group) Returns() int {
	n := 0
	for _, f := range g.Members {
		n += f.Returns
	}
	return n
}
