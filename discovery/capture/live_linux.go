//go:build linux

package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Live reads the frames of one interface from an AF_PACKET socket. The socket
// never sends. Close wakes a waiting Next.
type Live struct {
	name     string
	opt      LiveOptions
	file     *os.File
	raw      syscall.RawConn
	buf, oob []byte
	count    int
	stats    struct{ received, dropped atomic.Uint64 }
	link     LinkType
	closed   atomic.Bool
}

// OpenLive starts capturing on an interface of Ethernet frames or on loopback.
func OpenLive(name string, opt LiveOptions) (*Live, error) {
	dev, err := net.InterfaceByName(name)
	if err != nil {
		return nil, liveError(name, err)
	}
	if dev.Flags&net.FlagUp == 0 {
		return nil, liveError(name, unix.ENETDOWN)
	}
	// No protocol until the filter stands and the socket is bound: nothing of
	// other interfaces slips in.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, liveError(name, err)
	}
	if err := arm(fd, dev.Index, opt); err != nil {
		unix.Close(fd)
		return nil, liveError(name, err)
	}
	file := os.NewFile(uintptr(fd), "packet:"+name)
	raw, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return nil, liveError(name, err)
	}
	return &Live{name: name, opt: opt, file: file, raw: raw, buf: make([]byte, 4+snapLength), oob: make([]byte, 256), link: Ethernet}, nil
}

func arm(fd, index int, opt LiveOptions) error {
	prog, err := bpf.Assemble(filter())
	if err != nil {
		return err
	}
	sock := make([]unix.SockFilter, len(prog))
	for i, in := range prog {
		sock[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	if err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(sock)), Filter: &sock[0]}); err != nil {
		return fmt.Errorf("filter: %w", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1); err != nil {
		return fmt.Errorf("auxiliary data: %w", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return fmt.Errorf("timestamps: %w", err)
	}
	join := func(m unix.PacketMreq) error {
		m.Ifindex = int32(index)
		return unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &m)
	}
	if opt.Promiscuous {
		if err := join(unix.PacketMreq{Type: unix.PACKET_MR_PROMISC}); err != nil {
			return fmt.Errorf("promiscuous mode: %w", err)
		}
	} else {
		for _, g := range groups() {
			m := unix.PacketMreq{Type: unix.PACKET_MR_MULTICAST, Alen: 6}
			copy(m.Address[:], g[:])
			if g[0]&1 == 0 {
				m.Type = unix.PACKET_MR_UNICAST
			}
			if err := join(m); err != nil && m.Type == unix.PACKET_MR_MULTICAST {
				return fmt.Errorf("group %x: %w", g, err)
			}
		}
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: swap16(unix.ETH_P_ALL), Ifindex: index}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	return nil
}

// swap16 writes a number in network order into one of host order.
func swap16(n uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], n)
	return binary.NativeEndian.Uint16(b[:])
}

// Next waits for the next frame; os.ErrClosed after Close. Data is valid until
// the next call.
func (l *Live) Next() (Frame, error) {
	var n, oobn int
	var err error
	waitErr := l.raw.Read(func(fd uintptr) bool {
		// Four octets stay free in front for a VLAN tag.
		for n, oobn, _, _, err = unix.Recvmsg(int(fd), l.buf[4:], l.oob, unix.MSG_TRUNC); err == unix.EINTR; {
			n, oobn, _, _, err = unix.Recvmsg(int(fd), l.buf[4:], l.oob, unix.MSG_TRUNC)
		}
		return err != unix.EAGAIN
	})
	if waitErr != nil && l.closed.Load() { // the poller has an error of its own for this
		waitErr = os.ErrClosed
	}
	if waitErr != nil {
		return Frame{}, liveError(l.name, waitErr)
	}
	if err != nil {
		return Frame{}, liveError(l.name, err)
	}
	if n == 0 {
		return Frame{}, liveError(l.name, io.ErrUnexpectedEOF)
	}
	l.count++
	fr := Frame{Number: l.count, Link: l.link, Interface: l.name, Length: n, Data: l.buf[4 : 4+min(n, len(l.buf)-4)]}
	l.ancillary(l.oob[:oobn], &fr)
	if fr.Time.IsZero() {
		fr.Time = time.Now().UTC()
	}
	return fr, nil
}

// ancillary puts back the VLAN tag that the kernel took out, the length on the
// wire, and the time.
func (l *Live) ancillary(oob []byte, fr *Frame) {
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return
	}
	for _, m := range msgs {
		switch {
		case m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= 16:
			fr.Time = time.Unix(int64(binary.NativeEndian.Uint64(m.Data)), int64(binary.NativeEndian.Uint64(m.Data[8:]))).UTC()
		case m.Header.Level == unix.SOL_PACKET && m.Header.Type == unix.PACKET_AUXDATA && len(m.Data) >= 20:
			status := binary.NativeEndian.Uint32(m.Data)
			fr.Length = max(int(binary.NativeEndian.Uint32(m.Data[4:])), len(fr.Data)) // before the filter cut it
			if status&unix.TP_STATUS_VLAN_VALID == 0 || len(fr.Data) < 12 {
				continue
			}
			tpid := uint16(0x8100)
			if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
				tpid = binary.NativeEndian.Uint16(m.Data[18:])
			}
			copy(l.buf, l.buf[4:16])
			binary.BigEndian.PutUint16(l.buf[12:], tpid)
			binary.BigEndian.PutUint16(l.buf[14:], binary.NativeEndian.Uint16(m.Data[16:]))
			fr.Data = l.buf[:4+len(fr.Data)]
			fr.Length += 4
		}
	}
}

// Stats gives the counts since the interface was opened.
func (l *Live) Stats() (Stats, error) {
	var s *unix.TpacketStats
	var err error
	if e := l.raw.Control(func(fd uintptr) {
		s, err = unix.GetsockoptTpacketStats(int(fd), unix.SOL_PACKET, unix.PACKET_STATISTICS)
	}); e != nil {
		return Stats{}, e
	}
	if err != nil {
		return Stats{}, err
	}
	// The kernel counts from the last call, and drops as received too.
	l.stats.received.Add(uint64(s.Packets - s.Drops))
	l.stats.dropped.Add(uint64(s.Drops))
	return Stats{Received: l.stats.received.Load(), Dropped: l.stats.dropped.Load()}, nil
}

// Close ends the capture.
func (l *Live) Close() error {
	l.closed.Store(true)
	return l.file.Close()
}
