//go:build linux

package capture

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// loopback opens a capture on the loopback interface and a socket that sends
// frames there, or skips.
func loopback(t *testing.T) (*Live, func([]byte)) {
	t.Helper()
	l, err := OpenLive("lo", LiveOptions{Promiscuous: true})
	if errors.Is(err, ErrNoRight) || errors.Is(err, unix.ENETDOWN) || errors.Is(err, unix.EAFNOSUPPORT) {
		t.Skipf("frames cannot be captured here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return l, func(b []byte) {
		to := unix.SockaddrLinklayer{Ifindex: lo.Index, Protocol: swap16(binary.BigEndian.Uint16(b[12:])), Halen: 6}
		if err := unix.Sendto(fd, b, 0, &to); err != nil {
			t.Fatal(err)
		}
	}
}

func TestALiveFrameIsReadOnceAndOtherTrafficIsNot(t *testing.T) {
	l, send := loopback(t)
	want := eth2(lldpGroup, 0x88cc, cat(lldpTLVOf(1, x("04 02 00 5e 7f 00 01")), lldpTLVOf(2, []byte("\x05lo-test")), lldpTLVOf(3, be16(120)), lldpTLVOf(0, nil)))
	send(eth2("02 00 00 00 00 01", 0x88cc, make([]byte, 60)))                   // to another host: the kernel drops it
	send(cat(want[:12], x("81 00 00 63"), want[12:]))                           // tagged
	send(eth2(lldpGroup, 0x88cc, cat(want[14:], make([]byte, 4000)))[:14+3000]) // longer than the snap length
	send(want)
	d := NewDecoder()
	deadline := time.AfterFunc(10*time.Second, func() { l.Close() })
	defer deadline.Stop()
	var vlans []int
	var lengths []int
	for len(vlans) < 3 {
		fr, err := l.Next()
		if err != nil {
			t.Fatal(err)
		}
		m, ok, _ := d.Decode(fr)
		if !ok || m.Facts["port_id"] != "lo-test" {
			continue // somebody else's
		}
		if fr.Interface != "lo" || time.Since(fr.Time) > time.Minute || len(fr.Data) > snapLength {
			t.Errorf("frame of %s at %v with %d octets", fr.Interface, fr.Time, len(fr.Data))
		}
		vlans, lengths = append(vlans, m.VLAN), append(lengths, fr.Length)
	}
	if vlans[0] != 99 || vlans[1] != 0 || vlans[2] != 0 || lengths[1] != 3014 || lengths[2] != len(want) {
		t.Errorf("vlans %v, lengths %v", vlans, lengths)
	}
	s, err := l.Stats()
	if err != nil || s.Received < 3 || s.Dropped != 0 {
		t.Errorf("counted %+v, %v", s, err)
	}
}

func TestClosingWakesAWaitingRead(t *testing.T) {
	l, _ := loopback(t)
	done := make(chan error, 1)
	go func() {
		for {
			if _, err := l.Next(); err != nil {
				done <- err
				return
			}
		}
	}()
	time.Sleep(50 * time.Millisecond) // the read is most likely waiting; if not, closing must do as well
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("got %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the read still waits")
	}
}

func TestWatchingEndsWithItsContextAndItsReader(t *testing.T) {
	l, _ := loopback(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := Watch(ctx, l, func(Frame) error { return nil }); err != nil {
		t.Errorf("asked to stop: %v", err)
	}
	l, send := loopback(t)
	full := errors.New("full")
	go send(samples()["lldp"].frame)
	ctx, cancel = context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := Watch(ctx, l, func(Frame) error { return full }); !errors.Is(err, full) {
		t.Errorf("the reader failed: %v", err)
	}
}

func TestAnInterfaceThatDoesNotExistIsNamed(t *testing.T) {
	if l, err := OpenLive("no such one", LiveOptions{}); err == nil {
		l.Close()
		t.Error("opened")
	}
}
