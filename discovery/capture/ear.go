package capture

import (
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/plumbline-net/plumbline/netdev"
)

// Ear listens at one place: it decodes frames, and remembers their senders in
// two tables, so that the chatter of end systems cannot push out devices that
// announce themselves. It is not safe for use by several goroutines at once.
type Ear struct {
	name    string
	own     []netdev.MAC
	decoder *Decoder
	devices *Table // who announce what they are
	rest    *Table
	frames  uint64
}

// NewEar makes one for the interface or file of that name. Frames from own
// addresses say nothing about anybody else and are left out.
func NewEar(name string, own ...netdev.MAC) *Ear {
	return &Ear{name: name, own: own, decoder: NewDecoder(), devices: NewTable(), rest: NewTable()}
}

// Hear takes a frame.
func (e *Ear) Hear(fr Frame) {
	m, ok, err := e.decoder.Decode(fr)
	if !ok || m.SourceMAC == "" || slices.Contains(e.own, m.SourceMAC) {
		return
	}
	if err != nil { // what was read before it stands, and is marked
		m.Facts.note(err.Error())
	}
	e.frames++
	fr.Interface = e.name
	m.Facts = m.Facts.short()
	s := Sight(fr, m)
	if _, ok := s.Neighbor(); ok || s.Gone {
		e.devices.Put(s)
		return
	}
	e.rest.Put(s)
}

// Take gives the senders that were heard since it was called last, those that
// announce themselves first.
func (e *Ear) Take() []Seen { return append(e.devices.Take(e.name), e.rest.Take(e.name)...) }

// Heard counts the frames that said something, and the senders that were
// forgotten for want of room.
func (e *Ear) Heard() (frames, shed uint64) {
	return e.frames, e.devices.Shed(e.name) + e.rest.Shed(e.name)
}

// What is kept of one frame: a frame can say 1 MiB by repeating one compressed
// name, and thousands of senders are remembered.
const (
	keptText = 512  // octets of a text
	keptList = 32   // entries of a list
	keptAll  = 4096 // octets of all facts, as JSON
)

// short gives the facts cut to what is kept; a note says so.
func (f Facts) short() Facts {
	out, cut := Facts{}, false
	var names []string
	for name, v := range f {
		switch v := v.(type) {
		case string:
			out[name] = cutText(v)
			cut = cut || len(v) > keptText
		case []string:
			cut = cut || len(v) > keptList
			list := slices.Clone(v[:min(len(v), keptList)])
			for i := range list {
				cut = cut || len(list[i]) > keptText
				list[i] = cutText(list[i])
			}
			out[name] = list
		default:
			out[name] = v
		}
		names = append(names, name)
	}
	if jsonSize(out) <= keptAll { // nearly every frame
		if cut {
			out.note("cut: the frame says more")
		}
		return out
	}
	// The names by which a device is known are short; the longest go first.
	slices.SortFunc(names, func(a, b string) int {
		if n := jsonSize(out[b]) - jsonSize(out[a]); n != 0 {
			return n
		}
		return len(b) - len(a)
	})
	for len(names) > 0 && jsonSize(out) > keptAll {
		delete(out, names[0])
		names = names[1:]
	}
	out.note("cut: the frame says more")
	return out
}

func jsonSize(v any) int {
	b, err := json.Marshal(v)
	if err != nil {
		return keptAll + 1 // no fact is of such a type
	}
	return len(b)
}

func cutText(s string) string {
	if len(s) <= keptText {
		return s
	}
	n := keptText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
