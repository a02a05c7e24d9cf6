package app

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/netdev"
)

// sink is written to by a server and read by a test.
type sink struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *sink) Write(p []byte) (int, error) { s.mu.Lock(); defer s.mu.Unlock(); return s.b.Write(p) }
func (s *sink) String() string              { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

func TestServeIsReadySaysHowToBeginAndStopsCleanly(t *testing.T) {
	t.Parallel()
	set := settings.Default()
	set.Listen = "127.0.0.1:0"
	dir := filepath.Join(t.TempDir(), "data")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out sink
	done := make(chan error, 1)
	go func() {
		done <- Serve(ctx, ServeOptions{Dir: dir, Settings: set, Out: &out, Log: slog.New(slog.DiscardHandler)})
	}()
	for limit := time.Now().Add(20 * time.Second); strings.Count(out.String(), "\n") < 2; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("after 20 s it said %q", out.String())
		}
	}
	first, second, _ := strings.Cut(out.String(), "\n")
	base, ok := strings.CutPrefix(first, "ready ")
	if !ok || !strings.Contains(second, base+"/setup?token=") {
		t.Errorf("said %q, want ready and the set-up link", out.String())
	}
	res, err := http.Get(base + "/healthz")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("healthz: %v, %v", res, err)
	}
	if err == nil {
		_ = res.Body.Close()
	}
	set.Listen = "127.0.0.1:0"
	if err := Serve(t.Context(), ServeOptions{Dir: dir, Settings: set, Out: &out, Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a second server opened the directory of the first")
	}
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("stopped with %v", err)
		}
	case <-time.After(25 * time.Second):
		t.Error("still there 25 s after it was told to stop")
	}
}

func TestADemoAndRealDataNeverShareADirectory(t *testing.T) {
	t.Parallel()
	fresh, real, demo := t.TempDir(), t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(real, "plumbline.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checkDemo(demo, true); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		dir     string
		demo    bool
		refused bool
	}{
		"real-in-a-fresh-one":    {fresh, false, false},
		"real-where-it-was":      {real, false, false},
		"demo-where-it-was":      {demo, true, false},
		"demo-in-a-new-one":      {filepath.Join(fresh, "new"), true, false},
		"demo-beside-real-data":  {real, true, true},
		"real-in-a-demos":        {demo, false, true},
		"real-in-one-not-there":  {filepath.Join(fresh, "no"), false, false},
		"demo-again-in-a-demo's": {demo, true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := checkDemo(tt.dir, tt.demo); (err != nil) != tt.refused {
				t.Errorf("demo %v: %v, want refused %v", tt.demo, err, tt.refused)
			}
		})
	}
	set := settings.Default()
	set.Listen = "127.0.0.1:0"
	before, err := os.ReadDir(real)
	if err != nil {
		t.Fatal(err)
	}
	if err := Serve(t.Context(), ServeOptions{Dir: real, Settings: set, Demo: true, Out: &sink{}, Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a demo was served over real data")
	}
	if after, err := os.ReadDir(real); err != nil || len(after) != len(before) {
		t.Errorf("the refused demo left %v, %v", after, err)
	}
}

func TestPasswordsNeverCrossANetworkInClearText(t *testing.T) {
	t.Parallel()
	for listen, ok := range map[string]bool{"127.0.0.1:8080": true, "[::1]:8080": true, "localhost:1": true, "127.9.9.9:1": true,
		":8080": false, "0.0.0.0:8080": false, "192.0.2.1:80": false, "[::]:1": false, "example.net:1": false, "8080": false} {
		if err := loopbackOnly(listen); (err == nil) != ok {
			t.Errorf("%s: %v, want accepted %v", listen, err, ok)
		}
	}
}

func TestCredentialsOfAFileStayInsideTheirScope(t *testing.T) {
	t.Parallel()
	login := &netdev.SSHLogin{User: "u"}
	wide := netdev.Credential{Name: "wide", SSH: login, Scope: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	narrow := netdev.Credential{Name: "narrow", SSH: login, Scope: []netip.Prefix{netip.MustParsePrefix("192.0.2.7/32")}}
	bound := netdev.Credential{Name: "bound", SSH: login, Scope: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Sites: []string{"berlin"}}
	walkOnly := netdev.Credential{Name: "walk", SNMP: &netdev.SNMPLogin{}, Scope: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	file := FileCredentials{wide, bound, walkOnly, narrow}
	tests := map[string]struct {
		addr, site string
		want       []string
		reason     netdev.Reason
	}{
		"longest-scope-first": {"192.0.2.7", "", []string{"narrow", "wide"}, ""},
		"of-its-site":         {"192.0.2.8", "berlin", []string{"wide", "bound"}, ""},
		"outside-of-all":      {"198.51.100.1", "", nil, netdev.OutOfScope},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := file.For(t.Context(), netdev.Device{Site: tt.site}, netip.MustParseAddr(tt.addr))
			var names []string
			for _, c := range got {
				names = append(names, c.Name)
			}
			if strings.Join(names, " ") != strings.Join(tt.want, " ") {
				t.Errorf("got %v, want %v", names, tt.want)
			}
			if r := netdev.ReasonOf(err); err != nil && r != tt.reason || err == nil && tt.reason != "" {
				t.Errorf("reason %q (%v), want %q", r, err, tt.reason)
			}
		})
	}
	if _, err := (FileCredentials{walkOnly}).For(t.Context(), netdev.Device{}, netip.MustParseAddr("192.0.2.1")); netdev.ReasonOf(err) != netdev.NoCredential {
		t.Errorf("a file without a login: %v", err)
	}
}
