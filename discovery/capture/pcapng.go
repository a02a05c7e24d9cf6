package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"time"
)

// port is an interface of a pcapng section.
type port struct {
	link   LinkType
	name   string
	ticks  uint64 // a second
	offset int64  // seconds
}

// portCap bounds the interfaces of a section.
const portCap = 4096

// blockCap bounds the octets of a block that are read: a frame and its options.
const blockCap = frameCap + 1<<16

// openSection reads a section header after its type.
func (f *File) openSection() error {
	head, err := f.r.read(8)
	if err != nil {
		return notCapture(err)
	}
	switch uint32(0x1a2b3c4d) {
	case binary.BigEndian.Uint32(head[4:]):
		f.order = binary.BigEndian
	case binary.LittleEndian.Uint32(head[4:]):
		f.order = binary.LittleEndian
	default:
		return fmt.Errorf("%w: a section without byte order", ErrNotACapture)
	}
	n := f.order.Uint32(head)
	if n < 28 || n%4 != 0 {
		return fmt.Errorf("%w: a section header of %d octets", ErrNotACapture, n)
	}
	version, err := f.r.read(2)
	if err != nil {
		return notCapture(err)
	}
	if v := f.order.Uint16(version); v != 1 {
		return fmt.Errorf("%w: a section of version %d", ErrNotACapture, v)
	}
	f.ports = f.ports[:0]
	return notCapture(f.r.discard(int64(n) - 14))
}

// nextBlock reads blocks up to the next packet
// (draft-ietf-opsawg-pcapng §4).
func (f *File) nextBlock() (Frame, error) {
	for {
		head, err := f.r.read(4)
		if err != nil {
			return Frame{}, ended(err, "a block's head")
		}
		typ := f.order.Uint32(head)
		if typ == 0x0a0d0d0a {
			if err := f.openSection(); err != nil {
				return Frame{}, err
			}
			continue
		}
		if head, err = f.r.read(4); err != nil {
			return Frame{}, ended(io.ErrUnexpectedEOF, "a block's head")
		}
		n := f.order.Uint32(head)
		if n < 12 || n%4 != 0 {
			return Frame{}, fmt.Errorf("a block of %d octets", n)
		}
		if typ == 0x00000bad || typ == 0x40000bad || typ == 9 {
			f.count++ // a custom block or journal entry has a number of its own in the programs people compare with
		}
		if typ != 1 && typ != 2 && typ != 3 && typ != 6 {
			if err := f.r.discard(int64(n) - 8); err != nil {
				return Frame{}, ended(err, "a block")
			}
			continue
		}
		if n > blockCap {
			return Frame{}, fmt.Errorf("a block of %d octets, at most %d are read", n, blockCap)
		}
		body, err := f.r.read(int(n) - 8)
		if err != nil {
			return Frame{}, ended(io.ErrUnexpectedEOF, "a block")
		}
		body = body[:len(body)-4]
		if typ == 1 {
			if err := f.addPort(body); err != nil {
				return Frame{}, err
			}
			continue
		}
		return f.packet(typ, body)
	}
}

func (f *File) addPort(body []byte) error {
	if len(body) < 8 || len(f.ports) == portCap {
		return fmt.Errorf("interface block %d is cut or one too many", len(f.ports))
	}
	p := port{link: LinkType(f.order.Uint16(body)), ticks: 1e6}
	for o := body[8:]; len(o) >= 4; {
		code, n := f.order.Uint16(o), int(f.order.Uint16(o[2:]))
		if code == 0 || 4+n > len(o) {
			break
		}
		v := o[4 : 4+n]
		switch {
		case code == 2:
			p.name = text(v)
		case code == 9 && n == 1 && v[0]&0x80 != 0:
			p.ticks = 1 << min(v[0]&0x7f, 63)
		case code == 9 && n == 1:
			p.ticks = 1
			for range min(v[0], 19) {
				p.ticks *= 10
			}
		case code == 14 && n == 8:
			p.offset = int64(f.order.Uint64(v))
		}
		o = o[min(len(o), 4+(n+3)&^3):]
	}
	f.ports = append(f.ports, p)
	return nil
}

// packet reads an enhanced (6), simple (3) or obsolete (2) packet block.
func (f *File) packet(typ uint32, body []byte) (Frame, error) {
	var id, head int
	var n, length uint32
	var ticks uint64
	switch {
	case typ == 3 && len(body) >= 4:
		head, length = 4, f.order.Uint32(body)
		n = min(length, uint32(len(body)-4))
	case typ != 3 && len(body) >= 20:
		head, id = 20, int(f.order.Uint32(body))
		if typ == 2 {
			id = int(f.order.Uint16(body))
		}
		ticks = uint64(f.order.Uint32(body[4:]))<<32 | uint64(f.order.Uint32(body[8:]))
		n, length = f.order.Uint32(body[12:]), f.order.Uint32(body[16:])
	default:
		return Frame{}, fmt.Errorf("a packet block of %d octets", len(body))
	}
	if id < 0 || id >= len(f.ports) {
		return Frame{}, fmt.Errorf("a packet of interface %d, which the file does not describe", id)
	}
	if uint64(n) > uint64(len(body)-head) || n > frameCap {
		return Frame{}, fmt.Errorf("a packet of %d octets in a block of %d", n, len(body))
	}
	p := f.ports[id]
	fr := Frame{Link: p.link, Interface: p.name, Length: int(length), Data: body[head : head+int(n) : head+int(n)]}
	if typ != 3 {
		fr.Time = p.time(ticks)
	}
	return fr, nil
}

func (p port) time(ticks uint64) time.Time {
	hi, lo := bits.Mul64(ticks%p.ticks, 1e9)
	nanos, _ := bits.Div64(hi, lo, p.ticks)
	return time.Unix(int64(ticks/p.ticks)+p.offset, int64(nanos)).UTC()
}
