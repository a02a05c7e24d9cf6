package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// frameCap bounds one frame of a file, as other programs do (256 KiB).
const frameCap = 1 << 18

// ErrNotACapture is what Open gives for a file that is none.
var ErrNotACapture = errors.New("no pcap or pcapng file")

// File reads the frames of a pcap or pcapng file. It holds one frame at a time
// and grows its buffer by what the file really holds, never by a length that
// it states; the readers of gopacket allocate up to 4 GiB for one such length.
type File struct {
	r     source
	next  func(*File) (Frame, error)
	order binary.ByteOrder
	count int

	link  LinkType // pcap
	nanos bool

	ports []port // pcapng: interfaces of the section
}

// Open reads the head of a capture.
func Open(r io.Reader) (*File, error) {
	f := &File{r: source{r: r}}
	head, err := f.r.read(4)
	if err != nil {
		return nil, notCapture(err)
	}
	switch magic := binary.BigEndian.Uint32(head); magic {
	case 0x0a0d0d0a:
		f.next = (*File).nextBlock
		return f, f.openSection()
	case 0xa1b2c3d4, 0xa1b23c4d:
		f.order, f.nanos = binary.BigEndian, magic == 0xa1b23c4d
	case 0xd4c3b2a1, 0x4d3cb2a1:
		f.order, f.nanos = binary.LittleEndian, magic == 0x4d3cb2a1
	default:
		return nil, ErrNotACapture
	}
	head, err = f.r.read(20)
	if err != nil {
		return nil, notCapture(err)
	}
	if v := f.order.Uint16(head); v != 2 {
		return nil, fmt.Errorf("%w: version %d", ErrNotACapture, v)
	}
	// The upper half holds the length of frame check sequences.
	f.link = LinkType(f.order.Uint32(head[16:]))
	f.next = (*File).nextRecord
	return f, nil
}

// Next gives the next frame, io.EOF after the last one, or what is broken in
// the file. After an error there is no next frame. Data is valid until the
// next call.
func (f *File) Next() (Frame, error) {
	fr, err := f.next(f)
	if err != nil {
		return fr, err
	}
	f.count++
	fr.Number = f.count
	return fr, nil
}

func (f *File) nextRecord() (Frame, error) {
	head, err := f.r.read(16)
	if err != nil {
		return Frame{}, ended(err, "a frame's head")
	}
	sec, frac := f.order.Uint32(head), int64(f.order.Uint32(head[4:]))
	n, length := f.order.Uint32(head[8:]), f.order.Uint32(head[12:])
	if n > frameCap {
		return Frame{}, fmt.Errorf("frame of %d octets, at most %d are read", n, frameCap)
	}
	if !f.nanos {
		frac *= 1000
	}
	data, err := f.r.read(int(n))
	if err != nil {
		return Frame{}, ended(io.ErrUnexpectedEOF, "a frame")
	}
	return Frame{Time: time.Unix(int64(sec), frac).UTC(), Link: f.link, Length: int(length), Data: data}, nil
}

// source reads exact pieces into one buffer.
type source struct {
	r   io.Reader
	buf []byte
}

// read gives the next n octets: io.EOF if there are none, io.ErrUnexpectedEOF
// if there are fewer. The buffer grows in steps of what has arrived.
func (s *source) read(n int) ([]byte, error) {
	const step = 1 << 16
	got := 0
	for got < n {
		want := min(n, got+step)
		if want > len(s.buf) {
			s.buf = append(s.buf, make([]byte, want-len(s.buf))...)
		}
		m, err := io.ReadFull(s.r, s.buf[got:want])
		got += m
		if err == io.EOF && got > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
	}
	return s.buf[:n:n], nil
}

func (s *source) discard(n int64) error {
	m, err := io.CopyN(io.Discard, s.r, n)
	if err == io.EOF && m < n {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// notCapture turns the end of a file within its head into ErrNotACapture.
func notCapture(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("%w: it ends in its head", ErrNotACapture)
	}
	return err
}

func ended(err error, where string) error {
	if err == io.ErrUnexpectedEOF {
		return fmt.Errorf("the file ends within %s: %w", where, err)
	}
	return err
}
