package lab

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// dial connects from inside the node. The thread that entered the node's
// network is not used for anything else: it ends with the goroutine.
func (n *node) dial(ctx context.Context, network, address string) (net.Conn, error) {
	type result struct {
		conn net.Conn
		err  error
	}
	done := make(chan result)
	go func() {
		runtime.LockOSThread()
		space, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", n.pid))
		if err == nil {
			err = unix.Setns(int(space.Fd()), unix.CLONE_NEWNET)
			space.Close()
		}
		var r result
		if r.err = err; err == nil {
			r.conn, r.err = (&net.Dialer{}).DialContext(ctx, network, address)
		}
		done <- r
	}()
	r := <-done
	return r.conn, r.err
}

// pages gives what an appliance answers, within any step of the test.
type pages func(t *testing.T, path string) string

// appliance starts an appliance at the desk.
func (s *site) appliance(t *testing.T, data, port string) pages {
	t.Helper()
	base := "http://127.0.0.1:" + port
	s.nodes["desk"].daemon(binary(t), "serve", "--data", data, "--listen", "127.0.0.1:"+port)
	eventually(t, "the appliance is ready", 30*time.Second, func() (bool, string) {
		log := s.logOf("desk", "plumbline")
		return strings.Contains(log, "ready "+base), log
	})
	token := strings.TrimSpace(s.does(t, "admin", "token", "--data", data, "--user", "lab", "--role", "auditor", "--for", "10m"))
	return func(t *testing.T, path string) string { return s.page(t, base+path, token) }
}

// page gives what a page answers at the desk.
func (s *site) page(t *testing.T, url, token string) string {
	t.Helper()
	desk := s.nodes["desk"]
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: desk.dial}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v\n%s", url, res.Status, err, body)
	}
	return string(body)
}

// shown sees that the page of changes tells of the change by hand and of no
// other.
func (s *site) shown(t *testing.T) {
	text := s.kept(t, "/changes.json")
	t.Log(text)
	if strings.Count(text, `"name":"r2"`)+strings.Count(text, `"name": "r2"`) != 1 || strings.Contains(text, `"r1"`) || strings.Contains(text, `"r3"`) {
		t.Errorf("want one change, of r2")
	}
}
