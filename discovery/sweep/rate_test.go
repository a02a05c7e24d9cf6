package sweep_test

import (
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/discovery/sweep"
	"github.com/plumbline-net/plumbline/discovery/target"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// sink receives at every loopback address and notes when.
func sink(t testing.TB) (port uint16, times func() []time.Time) {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{})
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadBuffer(8 << 20)
	var mu sync.Mutex
	var at []time.Time
	var wg sync.WaitGroup
	wg.Go(func() {
		b := make([]byte, 2048)
		for {
			if _, _, err := c.ReadFromUDPAddrPort(b); err != nil {
				return
			}
			mu.Lock()
			at = append(at, time.Now())
			mu.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = c.Close()
		wg.Wait()
	})
	return c.LocalAddr().(*net.UDPAddr).AddrPort().Port(), func() []time.Time {
		mu.Lock()
		defer mu.Unlock()
		return at
	}
}

func TestTheRateIsKeptOnTheWire(t *testing.T) {
	port, times := sink(t)
	const rate = 2000
	set := targets(t, "127.84.0.0-127.84.7.255")
	outcomes(t, set, []netdev.Credential{community("lab", "x", "127.0.0.0/8")},
		sweep.Options{Port: port, Timeout: 10 * time.Millisecond, Tries: 1, Pace: snmp.NewPace(rate, nil)})
	at := times()
	if len(at) != set.Len() {
		t.Fatalf("%d datagrams arrived, want %d", len(at), set.Len())
	}
	lo, worst := 0, 0
	for hi := range at {
		for at[hi].Sub(at[lo]) >= 100*time.Millisecond {
			lo++
		}
		worst = max(worst, hi-lo+1)
	}
	// The receiver's own clock adds what the scheduler delays it by: some
	// arrivals of one window are noted in the next.
	if worst > rate/10*125/100 {
		t.Errorf("%d datagrams noted in 100 ms at a rate of %d a second", worst, rate)
	}
	if d := at[len(at)-1].Sub(at[0]); d > 1500*time.Millisecond {
		t.Errorf("2,048 datagrams took %s at %d a second", d, rate)
	}
}

func BenchmarkSilentTarget(b *testing.B) {
	port, _ := sink(b)
	set, err := target.Parser{}.Parse([]string{"127.85.0.0/16"})
	if err != nil {
		b.Fatal(err)
	}
	order := target.NewOrder(set.Len(), [2]uint64{1, 2})
	creds := []netdev.Credential{community("lab", "x", "127.0.0.0/8")}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		n := 0
		err := sweep.Run(b.Context(), &set, creds, sweep.Options{Port: port, Timeout: time.Millisecond, Tries: 1, Order: order.At}, func(sweep.Result) { n++ })
		if err != nil || n != set.Len() {
			b.Fatal(n, err)
		}
	}
	runtime.ReadMemStats(&after)
	per := float64(b.N * set.Len())
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/per, "allocs/target")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/per, "ns/target")
}
