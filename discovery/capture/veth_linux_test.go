//go:build linux

package capture

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestAnInterfaceThatGoesDownIsCaughtUpWith runs itself again in a network
// namespace of its own with a pair of virtual interfaces.
func TestAnInterfaceThatGoesDownIsCaughtUpWith(t *testing.T) {
	if os.Getenv("CAPTURE_INSIDE") != "" {
		insideNamespace(t)
		return
	}
	ip, err := exec.LookPath("ip")
	if err != nil || os.Geteuid() != 0 {
		t.Skipf("needs root and iproute2 (%v)", err)
	}
	ns := fmt.Sprintf("capture-test-%d", os.Getpid())
	if out, err := exec.Command(ip, "netns", "add", ns).CombinedOutput(); err != nil {
		t.Skipf("no network namespaces here: %s", out)
	}
	defer exec.Command(ip, "netns", "del", ns).Run()
	for _, line := range []string{"link add near type veth peer name far", "link set near up", "link set far up"} {
		if out, err := exec.Command(ip, append([]string{"-n", ns}, strings.Fields(line)...)...).CombinedOutput(); err != nil {
			t.Skipf("no virtual interfaces here: %s: %s", line, out)
		}
	}
	c := exec.Command(ip, "netns", "exec", ns, os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), "CAPTURE_INSIDE=yes")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func insideNamespace(t *testing.T) {
	l, err := OpenLive("near", LiveOptions{Retry: 20 * time.Millisecond, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	send := func(name string, vlan int) {
		dev, err := net.InterfaceByName(name)
		if err != nil {
			t.Fatal(err)
		}
		b := samples()["lldp"].frame
		b = cat(b[:12], x("81 00"), be16(vlan), b[12:])
		if err := unix.Sendto(fd, b, 0, &unix.SockaddrLinklayer{Ifindex: dev.Index, Halen: 6}); err != nil && !errors.Is(err, unix.ENETDOWN) {
			t.Fatal(err)
		}
	}
	run := func(args ...string) {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", args, out)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	var phase atomic.Int32
	var sending sync.WaitGroup
	defer sending.Wait()
	defer cancel()
	sending.Go(func() {
		for tick := time.Tick(10 * time.Millisecond); ctx.Err() == nil; <-tick {
			send("near", 999) // our own: must not be seen
			send("far", 100+int(phase.Load()))
		}
	})
	var vlans []int
	d := NewDecoder()
	err = Watch(ctx, l, func(fr Frame) error {
		m, ok, _ := d.Decode(fr)
		if !ok || m.Protocol != "lldp" || slices.Contains(vlans, m.VLAN) {
			return nil
		}
		vlans = append(vlans, m.VLAN)
		if m.VLAN == 100 {
			sending.Go(func() {
				run("link", "set", "near", "down")
				time.Sleep(100 * time.Millisecond)
				phase.Store(1)
				run("link", "set", "near", "up")
			})
		}
		if m.VLAN == 101 {
			cancel()
		}
		return nil
	})
	if err != nil || !slices.Equal(vlans, []int{100, 101}) {
		t.Errorf("%v, VLANs seen %v", err, vlans)
	}
}
