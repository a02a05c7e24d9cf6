package app

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/capture"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
)

// tap listens at ports of simulated devices: an interface tapN of the appliance
// gets what the N-th of ends hears.
func tap(b *Appliance, frames []sim.Frame, ends []sim.End, at time.Time) *listener {
	set := settings.Capture{At: map[string]string{}}
	hears := map[string]sim.End{}
	for i, e := range ends {
		name := fmt.Sprint("tap", i)
		set.Interfaces, set.At[name], hears[name] = append(set.Interfaces, name), e.Device+":"+e.Port, e
	}
	l := newListener(b.Data, set, slog.New(slog.DiscardHandler), func(string, string) {})
	l.watch = func(_ context.Context, name string, _ bool, told func(error), each func(capture.Frame) error) error {
		told(nil)
		for _, f := range frames {
			if f.To != hears[name] {
				continue
			}
			if err := each(capture.Frame{Time: at, Link: capture.Ethernet, Interface: name, Length: len(f.Data), Data: f.Data}); err != nil {
				return err
			}
		}
		return errors.New("the frames are at their end")
	}
	return l
}

// hearAll lets a listener hear each frame once, and stops it.
func hearAll(t *testing.T, l *listener) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	wg.Add(len(l.places))
	inner := l.watch
	l.watch = func(ctx context.Context, name string, promiscuous bool, told func(error), each func(capture.Frame) error) error {
		defer wg.Done()
		return inner(ctx, name, promiscuous, told, each)
	}
	go func() { wg.Wait(); cancel() }()
	if err := l.run(ctx); err != nil {
		t.Fatal(err)
	}
}

// cabled says the cables of a network, and said the links of an inventory, in
// the same words.
func cabled(n *sim.Network) []string {
	var out []string
	for _, l := range n.Links() {
		out = append(out, cable(l.A.Device+" "+l.A.Port, l.B.Device+" "+l.B.Port))
	}
	slices.Sort(out)
	return out
}

func cable(a, b string) string { return min(a, b) + " – " + max(a, b) }

func TestCapturesAloneFindExactlyTheCablesOfACampus(t *testing.T) {
	t.Parallel()
	n, err := sim.New(sim.Options{Base: netip.MustParseAddr("127.103.0.1"), Plan: "campus", Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	a, err := Open(t.Context(), DataOptions{Dir: filepath.Join(t.TempDir(), "data"), Create: true, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, d := range n.Devices() { // nothing but names and addresses: no device is ever asked
		if _, err := a.DB.AddDevice(t.Context(), netdev.Device{Name: d.Name(), Address: d.Address()}); err != nil {
			t.Fatal(err)
		}
	}
	frames := n.Frames()
	var ends []sim.End
	for _, f := range frames {
		if f.To.Port != "" && !slices.Contains(ends, f.To) {
			ends = append(ends, f.To)
		}
	}
	hearAll(t, tap(a, frames, ends, now))

	links, err := a.DB.Links(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range links {
		got = append(got, cable(l.A.Device+" "+l.A.Port, l.B.Device+" "+l.B.Port))
		if !slices.Equal(l.Evidence, []string{"capture"}) || l.Confidence != 0.9 || l.Stale || len(l.Rows) < 2 {
			t.Errorf("%s: %q %v, stale %v, %d rows", got[len(got)-1], l.Evidence, l.Confidence, l.Stale, len(l.Rows))
		}
	}
	slices.Sort(got)
	if want := cabled(n); !slices.Equal(got, want) {
		t.Errorf("links\n%s\nwant the cables\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	candidates, err := a.DB.Candidates(t.Context())
	if err != nil || len(candidates) != len(n.AccessPoints()) {
		t.Errorf("%d candidates, %v: want the %d access points", len(candidates), err, len(n.AccessPoints()))
	}
	for _, c := range candidates {
		if c.State != discovery.CandidateOpen || len(c.Told) == 0 || c.Told[0].Sighting == 0 || len(c.Addresses) != 1 {
			t.Errorf("candidate %+v", c)
		}
	}
	t.Logf("%d frames at %d ports: %d links, %d candidates", len(frames), len(ends), len(links), len(candidates))

	now = now.Add(10 * time.Minute) // LLDP holds for 2 minutes, CDP for 3
	if links, err = a.DB.Links(t.Context()); err != nil || len(links) != len(got) || slices.ContainsFunc(links, func(l topology.Link) bool { return !l.Stale }) {
		t.Errorf("10 minutes later: %d links, %v: want all of them, stale", len(links), err)
	}
	hearAll(t, tap(a, frames, ends, now))
	if links, err = a.DB.Links(t.Context()); err != nil || len(links) != len(got) || slices.ContainsFunc(links, func(l topology.Link) bool { return l.Stale }) {
		t.Errorf("heard again: %d links, %v: want all of them fresh", len(links), err)
	}
}

func TestCaptureIsEvidenceBesideWalks(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.104.0.1")
	b.work(b.handlers(true))
	b.discover()
	walked, err := b.a.DB.Links(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asked := requests(b.net)
	var ends []sim.End
	for _, l := range b.net.Links() {
		ends = append(ends, sim.End(l.A))
	}
	hearAll(t, tap(b.a, b.net.Frames(), ends, time.Now()))
	links, err := b.a.DB.Links(t.Context())
	if err != nil || len(links) != len(walked) {
		t.Fatalf("%d links, %v, want the %d that walks proved", len(links), err, len(walked))
	}
	heard := 0
	for _, l := range links {
		if l.Layer == "l2" && slices.Contains(l.Evidence, "capture") {
			heard++
		}
	}
	if heard != len(b.net.Links()) {
		t.Errorf("%d links with frames, want %d", heard, len(b.net.Links()))
	}
	if got := requests(b.net); got != asked {
		t.Errorf("%d datagrams were sent while listening", got-asked)
	}
	b.discover() // a later scan takes nothing away
	again, err := b.a.DB.Links(t.Context())
	if err != nil || len(again) != len(links) || !slices.ContainsFunc(again, func(l topology.Link) bool { return slices.Contains(l.Evidence, "capture") }) {
		t.Errorf("after another scan: %d links, %v", len(again), err)
	}
}

func requests(n *sim.Network) (sum int) {
	for _, d := range n.Devices() {
		sum += int(d.SNMPRequests())
	}
	return sum
}

// spoofed is an LLDP frame of an invented sender.
func spoofed(i int) []byte {
	b := []byte{0x01, 0x80, 0xc2, 0, 0, 0x0e, 2, 9, byte(i >> 16), byte(i >> 8), byte(i), 1, 0x88, 0xcc}
	tlv := func(typ int, v string) {
		b = binary.BigEndian.AppendUint16(b, uint16(typ<<9|len(v)))
		b = append(b, v...)
	}
	tlv(1, "\x04\x02\x09"+string([]byte{byte(i >> 16), byte(i >> 8), byte(i), 1}))
	tlv(2, "\x05p")
	tlv(3, "\x00\x78")
	tlv(5, "<script>alert(1)</script>"+strings.Repeat("n", 200))
	tlv(6, strings.Repeat("\x1b[2J", 100))
	tlv(0, "")
	return b
}

func TestAStormOfInventedSendersStaysBounded(t *testing.T) {
	t.Parallel()
	a, err := Open(t.Context(), DataOptions{Dir: filepath.Join(t.TempDir(), "data"), Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	l := newListener(a.Data, settings.Capture{Interfaces: []string{"no-such-if"}}, slog.New(slog.DiscardHandler), func(string, string) {})
	real := spoofed(1 << 20)
	l.watch = func(_ context.Context, _ string, _ bool, told func(error), each func(capture.Frame) error) error {
		told(nil)
		put := func(b []byte) {
			_ = each(capture.Frame{Time: time.Now(), Link: capture.Ethernet, Length: len(b), Data: b})
		}
		put(real)
		put(real)
		for i := range 10_000 {
			put(spoofed(i))
			if i%4000 == 3999 {
				l.keep(t.Context(), l.places[0]) // so that the store sees more than the memory holds
			}
		}
		return errors.New("over")
	}
	hearAll(t, l)
	seen, err := a.DB.Sightings(t.Context())
	if err != nil || len(seen) != capture.TableCap {
		t.Fatalf("%d senders are kept, %v, want %d", len(seen), err, capture.TableCap)
	}
	if !slices.ContainsFunc(seen, func(s discovery.Sighting) bool {
		return s.Frames == 2 && strings.HasPrefix(string(s.SourceMAC), "02:09:10:")
	}) {
		t.Error("the one that was heard twice gave way to those that were heard once")
	}
	candidates, err := a.DB.Candidates(t.Context())
	if err != nil || len(candidates) > 256 || len(candidates) == 0 {
		t.Errorf("%d candidates, %v", len(candidates), err)
	}
	if v := l.Listening()[0]; v.Forgotten == 0 || v.Frames != 10_002 {
		t.Errorf("the page is told %+v", v)
	}
}

func TestAnInterfaceThatIsNotThereIsToldAndHurtsNothingElse(t *testing.T) {
	t.Parallel()
	a, err := Open(t.Context(), DataOptions{Dir: filepath.Join(t.TempDir(), "data"), Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	told := make(chan string, 4)
	l := newListener(a.Data, settings.Capture{Interfaces: []string{"no-such-if"}}, slog.New(slog.DiscardHandler), func(_, id string) { told <- id })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.run(ctx) }()
	if got := <-told; got != "no-such-if" {
		t.Errorf("told of %q", got)
	}
	if v := l.Listening()[0]; v.Fault == "" || !strings.Contains(v.Fault, "no-such-if") || !v.Since.IsZero() {
		t.Errorf("the page is told %+v", v)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("stopped with %v", err)
	}
}

func TestACapturePointIsAPortThatTheDeviceLists(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.105.0.1")
	b.work(b.handlers(true))
	b.discover("ber-acc1")
	dev := b.device("ber-acc1")
	f, _, err := b.a.DB.Facts(t.Context(), dev.ID)
	if err != nil {
		t.Fatal(err)
	}
	port := f.Interfaces[0]
	for at, want := range map[string]string{"ber-acc1:" + port.Name: port.Name, dev.Address.String() + ":" + port.Descr: port.Name} {
		if got, err := b.a.CapturePoint(t.Context(), at, ""); err != nil || got.ID != dev.ID || got.Port != want {
			t.Errorf("%s: %+v, %v", at, got, err)
		}
	}
	for _, at := range []string{"ber-acc1", "ber-acc1:", ":x", "nobody:x", "ber-acc1:Gi9/9/99"} {
		if got, err := b.a.CapturePoint(t.Context(), at, ""); err == nil {
			t.Errorf("%s: %+v", at, got)
		}
	}
	if got, err := b.a.CapturePoint(t.Context(), "", "no-such-if"); err != nil || got != (topology.End{Port: "no-such-if"}) {
		t.Errorf("this host: %+v, %v", got, err)
	}
}
