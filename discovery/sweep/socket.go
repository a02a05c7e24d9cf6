package sweep

import (
	"context"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// batcher sends and receives many datagrams a system call.
type batcher interface {
	ReadBatch(ms []ipv4.Message, flags int) (int, error)
	WriteBatch(ms []ipv4.Message, flags int) (int, error)
}

// sock is the socket of one address family.
type sock struct {
	conn  *net.UDPConn
	batch batcher
	raw   syscall.RawConn
	six   bool
}

// receiveBuffer holds the answers of a fast sweep while the reader is busy;
// the kernel may give less.
const receiveBuffer = 8 << 20

// listen opens a socket for each family among the targets.
func listen(targets Targets) ([]*sock, error) {
	var four, six bool
	if n := targets.Len(); n > 0 {
		four, six = targets.At(0).Is4(), !targets.At(n-1).Is4()
	}
	var out []*sock
	open := func(network string, is6 bool) error {
		var lc net.ListenConfig
		pc, err := lc.ListenPacket(context.Background(), network, ":0")
		if err != nil {
			return err
		}
		conn := pc.(*net.UDPConn)
		_ = conn.SetReadBuffer(receiveBuffer)
		raw, err := conn.SyscallConn()
		if err != nil {
			_ = conn.Close()
			return err
		}
		s := &sock{conn: conn, raw: raw, six: is6}
		if is6 {
			s.batch = ipv6.NewPacketConn(conn)
		} else {
			s.batch = ipv4.NewPacketConn(conn)
		}
		askForErrors(s)
		out = append(out, s)
		return nil
	}
	if four {
		if err := open("udp4", false); err != nil {
			return nil, err
		}
	}
	if six {
		if err := open("udp6", true); err != nil {
			for _, s := range out {
				_ = s.conn.Close()
			}
			return nil, err
		}
	}
	return out, nil
}

func (r *run) sockFor(a netip.Addr) *sock {
	if !a.Is4() {
		return r.socks[len(r.socks)-1]
	}
	return r.socks[0]
}

// unreachable takes in an ICMP error about a datagram to a.
func (r *run) unreachable(a netip.Addr, port bool, detail string) {
	rank := r.targets.Rank(a)
	if rank < 0 || !r.settle(rank, open) {
		return
	}
	out := Unreachable
	if port {
		out = Closed
	}
	r.tell(Result{Addr: a, Outcome: out, Detail: detail})
}
