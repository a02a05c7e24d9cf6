package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pcapFile makes a file of frames, with the magic number's octets as given.
func pcapFile(magic string, order binary.AppendByteOrder, link uint32, frac uint32, frames ...[]byte) []byte {
	b := x(magic)
	b = order.AppendUint16(order.AppendUint16(b, 2), 4)
	b = append(b, make([]byte, 8)...)
	b = order.AppendUint32(order.AppendUint32(b, 60), link) // a snap length that is too small is not believed
	for _, f := range frames {
		b = order.AppendUint32(order.AppendUint32(b, 1700000000), frac)
		b = order.AppendUint32(order.AppendUint32(b, uint32(len(f))), uint32(len(f)))
		b = append(b, f...)
	}
	return b
}

// block makes a pcapng block of a body.
func block(order binary.AppendByteOrder, typ uint32, body []byte) []byte {
	for len(body)%4 != 0 {
		body = append(body, 0)
	}
	n := uint32(len(body) + 12)
	b := order.AppendUint32(order.AppendUint32(nil, typ), n)
	return order.AppendUint32(append(b, body...), n)
}

func section(order binary.AppendByteOrder, major uint16) []byte {
	b := order.AppendUint16(order.AppendUint32(nil, 0x1a2b3c4d), major)
	return block(order, 0x0a0d0d0a, append(order.AppendUint16(b, 0), bytes.Repeat([]byte{0xff}, 8)...))
}

func iface(order binary.AppendByteOrder, link uint16, options ...byte) []byte {
	return block(order, 1, append(order.AppendUint32(order.AppendUint16(order.AppendUint16(nil, link), 0), 0), options...))
}

func enhanced(order binary.AppendByteOrder, id uint32, ticks uint64, f []byte) []byte {
	b := order.AppendUint32(order.AppendUint32(order.AppendUint32(nil, id), uint32(ticks>>32)), uint32(ticks))
	b = order.AppendUint32(order.AppendUint32(b, uint32(len(f))), uint32(len(f)))
	return block(order, 6, append(b, f...))
}

func files() map[string][]byte {
	arp, lldp := samples()["arp"].frame, samples()["lldp"].frame
	le, be := binary.LittleEndian, binary.BigEndian
	nanos := []byte{9, 0, 1, 0, 9, 0, 0, 0}
	return map[string][]byte{
		"pcap-little":        pcapFile("d4 c3 b2 a1", le, 1, 250000, arp, lldp),
		"pcap-big":           pcapFile("a1 b2 c3 d4", be, 1, 250000, arp, lldp),
		"pcap-nanos":         pcapFile("4d 3c b2 a1", le, 1, 250000000, arp, lldp),
		"pcap-with-checksum": pcapFile("d4 c3 b2 a1", le, 0x30000001, 250000, arp, lldp),
		"pcapng":             cat(section(le, 1), iface(le, 1), block(le, 0xabc, make([]byte, 40)), enhanced(le, 0, 1700000000250000, arp), block(le, 5, make([]byte, 12)), enhanced(le, 0, 1700000000250000, lldp)),
		"pcapng-big":         cat(section(be, 1), iface(be, 1), enhanced(be, 0, 1700000000250000, arp), enhanced(be, 0, 1700000000250000, lldp)),
		"pcapng-two-ports":   cat(section(le, 1), iface(le, 147), iface(le, 1, nanos...), enhanced(le, 1, 1700000000250000000, arp), enhanced(le, 1, 1700000000250000000, lldp)),
		"pcapng-two-parts":   cat(section(le, 1), iface(le, 1), enhanced(le, 0, 1700000000250000, arp), section(be, 1), iface(be, 1), enhanced(be, 0, 1700000000250000, lldp)),
	}
}

func TestEveryKindOfFileGivesTheSameLines(t *testing.T) {
	for name, b := range files() {
		t.Run(name, func(t *testing.T) {
			var got []string
			err := Replay(bytes.NewReader(b), NewDecoder(), nil, func(l Line) error {
				if !l.Time.Equal(time.Unix(1700000000, 250000000)) || l.Error != "" {
					t.Errorf("time %v, error %q", l.Time, l.Error)
				}
				got = append(got, l.Protocol)
				if l.Frame != len(got) {
					t.Errorf("frame %d is the %dth", l.Frame, len(got))
				}
				return nil
			})
			if d := cmp.Diff([]string{"arp", "lldp"}, got); d != "" || err != nil {
				t.Errorf("%v %s", err, d)
			}
		})
	}
}

func TestWhatIsNoCaptureIsRefused(t *testing.T) {
	le := binary.LittleEndian
	for name, b := range map[string][]byte{
		"empty":          {},
		"text":           []byte("interface Ethernet1\n"),
		"half-a-head":    files()["pcap-little"][:20],
		"half-a-section": files()["pcapng"][:10],
		"no-byte-order":  cat(x("0a 0d 0d 0a 1c 00 00 00 00 00 00 00"), make([]byte, 16)),
		"other-version":  section(le, 2),
		"compressed":     x("1f 8b 08 00 00 00 00 00"),
	} {
		t.Run(name, func(t *testing.T) {
			err := Replay(bytes.NewReader(b), NewDecoder(), nil, func(l Line) error { t.Errorf("said %+v", l); return nil })
			if !errors.Is(err, ErrNotACapture) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAFileBrokenInTheMiddleKeepsWhatCameBefore(t *testing.T) {
	le := binary.LittleEndian
	arp := samples()["arp"].frame
	ng := cat(section(le, 1), iface(le, 1), enhanced(le, 0, 0, arp))
	record := func(n uint32) []byte { return le.AppendUint32(le.AppendUint32(make([]byte, 8), n), n) }
	lying := enhanced(le, 0, 0, arp)
	le.PutUint32(lying[20:], 0x7fffffff)
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"cut-frame":        {files()["pcap-little"][:24+16+len(arp)+16+10], "ends within a frame"},
		"cut-frame-head":   {files()["pcap-little"][:24+16+len(arp)+7], "ends within a frame's head"},
		"frame-of-4-GiB":   {cat(pcapFile("d4 c3 b2 a1", le, 1, 0, arp), record(0xffffffff)), "4294967295 octets"},
		"frame-of-256-KiB": {cat(pcapFile("d4 c3 b2 a1", le, 1, 0, arp), record(1<<18), make([]byte, 100)), "ends within a frame"},
		"cut-block":        {cat(ng, enhanced(le, 0, 0, arp)[:30]), "ends within a block"},
		"block-of-0":       {cat(ng, x("06 00 00 00 00 00 00 00")), "a block of 0"},
		"block-of-4-GiB":   {cat(ng, x("06 00 00 00 fc ff ff ff")), "a block of"},
		"lying-length":     {cat(ng, lying), "a packet of 2147483647"},
		"unknown-port":     {cat(ng, enhanced(le, 7, 0, arp)), "interface 7"},
		"skipped-4-GiB":    {cat(ng, x("ad 0b 00 00 fc ff ff ff")), "ends within a block"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var got []Line
			err := Replay(bytes.NewReader(c.file), NewDecoder(), nil, func(l Line) error { got = append(got, l); return nil })
			runtime.ReadMemStats(&after)
			if err != nil || len(got) != 2 || got[0].Protocol != "arp" || !strings.Contains(got[1].Error, c.want) {
				t.Errorf("%v, lines %+v", err, got)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 2<<20 {
				t.Errorf("%d KiB allocated", n>>10)
			}
		})
	}
}

func TestWhatIsWrittenReadsBack(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, "eth3")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1700000000, 123456789).UTC()
	want := samples()["lldp"].frame
	if err := w.Write(Frame{Time: at, Length: len(want) + 4, Data: want}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	f, err := Open(&b)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Next()
	if err != nil || !got.Time.Equal(at) || got.Interface != "eth3" || got.Link != Ethernet || got.Length != len(want)+4 || !bytes.Equal(got.Data, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := f.Next(); err != io.EOF {
		t.Errorf("after the last frame: %v", err)
	}
}

func TestAReaderThatFailsIsNotTakenForTheEnd(t *testing.T) {
	r := io.MultiReader(bytes.NewReader(pcapFile("d4 c3 b2 a1", binary.LittleEndian, 1, 0, samples()["arp"].frame)), failing{})
	var last Line
	if err := Replay(r, NewDecoder(), nil, func(l Line) error { last = l; return nil }); err != nil || !strings.Contains(last.Error, "disk") {
		t.Errorf("got %v, %+v", err, last)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("disk") }
