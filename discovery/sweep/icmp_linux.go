package sweep

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// askForErrors makes the kernel keep ICMP errors with the address they are
// about (ip(7), IP_RECVERR). Where it cannot, such addresses stay silent.
func askForErrors(s *sock) {
	_ = s.raw.Control(func(fd uintptr) {
		if s.six {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_IPV6, unix.IPV6_RECVERR, 1)
			return
		}
		_ = unix.SetsockoptInt(int(fd), unix.SOL_IP, unix.IP_RECVERR, 1)
	})
}

// drain reads the error queue of the socket until it is empty.
func (r *run) drain(s *sock) {
	var p [64]byte
	var oob [512]byte
	for {
		var oobn int
		var from unix.Sockaddr
		var err error
		cerr := s.raw.Control(func(fd uintptr) {
			_, oobn, _, from, err = unix.Recvmsg(int(fd), p[:], oob[:], unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
		})
		if cerr != nil || err != nil {
			return
		}
		var to netip.Addr
		switch a := from.(type) {
		case *unix.SockaddrInet4:
			if a.Port != int(r.opt.Port) {
				continue
			}
			to = netip.AddrFrom4(a.Addr)
		case *unix.SockaddrInet6:
			if a.Port != int(r.opt.Port) {
				continue
			}
			to = netip.AddrFrom16(a.Addr).Unmap()
		default:
			continue
		}
		if typ, code, ok := icmpOf(oob[:oobn]); ok {
			r.icmp(to, s.six, typ, code)
		}
	}
}

// icmpOf finds the sock_extended_err of an ICMP message: errno, origin, type,
// code (linux/errqueue.h).
func icmpOf(oob []byte) (typ, code byte, ok bool) {
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return 0, 0, false
	}
	for _, m := range msgs {
		four := m.Header.Level == unix.SOL_IP && m.Header.Type == unix.IP_RECVERR
		six := m.Header.Level == unix.SOL_IPV6 && m.Header.Type == unix.IPV6_RECVERR
		if (!four && !six) || len(m.Data) < 8 || binary.NativeEndian.Uint32(m.Data) == 0 {
			continue
		}
		if origin := m.Data[4]; origin == unix.SO_EE_ORIGIN_ICMP || origin == unix.SO_EE_ORIGIN_ICMP6 {
			return m.Data[5], m.Data[6], true
		}
	}
	return 0, 0, false
}

// icmp judges an error: destination unreachable is type 3 of ICMP (RFC 792),
// where 3 is the port, and type 1 of ICMPv6 (RFC 4443), where 4 is the port.
// Others, such as time exceeded, may pass.
func (r *run) icmp(to netip.Addr, six bool, typ, code byte) {
	kind, port := byte(3), byte(3)
	if six {
		kind, port = 1, 4
	}
	if typ != kind {
		return
	}
	detail := "port unreachable: a host is there, and no agent"
	if code != port {
		detail = fmt.Sprintf("destination unreachable, code %d", code)
	}
	r.unreachable(to, code == port, detail)
}
