package capture

import (
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// LinkType is the LINKTYPE_ number of a capture file: what the first octets of
// a frame are (https://www.tcpdump.org/linktypes.html).
type LinkType uint16

// The link types that are read; frames of all others are counted and skipped.
const (
	Null       LinkType = 0 // BSD loopback, address family in host order
	Ethernet   LinkType = 1
	TokenRing  LinkType = 6
	PPP        LinkType = 9
	FDDI       LinkType = 10
	RawBSD     LinkType = 12
	RawOpenBSD LinkType = 14
	PPPSerial  LinkType = 50
	Raw        LinkType = 101
	HDLC       LinkType = 104
	FrameRelay LinkType = 107
	Loop       LinkType = 108 // as Null, family in network order
	SLL        LinkType = 113
	RawIPv4    LinkType = 228
	RawIPv6    LinkType = 229
	SLL2       LinkType = 276
)

// Frame is one captured frame.
type Frame struct {
	Number    int       // from 1 in the file or since the interface was opened
	Time      time.Time // of capture, UTC
	Link      LinkType
	Interface string // local interface, where known
	Length    int    // octets on the wire; more than len(Data) if cut
	Data      []byte // valid until the next frame is read
}

// Facts are what one frame says, by the names of the command line's contract.
// Values are string, int, bool or []string.
type Facts map[string]any

// Message is what one frame says.
type Message struct {
	Protocol  string
	SourceMAC netdev.MAC
	VLAN      int // outer tag; 0: none, or a priority tag
	Facts     Facts
}

// factCap bounds the entries of a list in Facts: a frame of 64 KiB that repeats
// one compressed name cannot say more.
const factCap = 4096

// textCap bounds a text of a frame, in octets.
const textCap = 4096

// text states b as text under name, unless it is empty.
func (f Facts) text(name string, b []byte) {
	if s := text(b); s != "" {
		f[name] = s
	}
}

// add appends s to the list name.
func (f Facts) add(name, s string) {
	list, _ := f[name].([]string)
	if s != "" && len(list) < factCap {
		f[name] = append(list, s)
	}
}

// note says what was odd about a frame that could be read all the same.
func (f Facts) note(s string) { f.add("notes", s) }

// str and list read facts back.
func (f Facts) str(name string) string {
	s, _ := f[name].(string)
	return s
}

func (f Facts) list(name string) []string {
	l, _ := f[name].([]string)
	return l
}
