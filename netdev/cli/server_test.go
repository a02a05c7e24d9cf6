package cli

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/crypto/ssh"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// device is a small command line over SSH: it echoes, prompts, and prints what
// answer gives for a line.
type device struct {
	prompt  string
	welcome string
	ask     []string // questions of keyboard-interactive; nil: password
	open    bool     // lets everybody in; the shell asks
	answer  func(line string) string
	chunk   int // largest piece; 0 all at once
	seed    uint64

	mu    sync.Mutex
	typed []string // lines, those of in-shell questions too
	asked int
	pass  []string
	addr  netip.AddrPort
}

func (d *device) start(t *testing.T) {
	t.Helper()
	signer, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize))))
	if err != nil {
		t.Fatal(err)
	}
	cfg := &ssh.ServerConfig{NoClientAuth: d.open}
	note := func(p string) (*ssh.Permissions, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.pass = append(d.pass, p)
		if p != "right" {
			return nil, io.EOF
		}
		return nil, nil
	}
	switch {
	case d.ask != nil:
		cfg.KeyboardInteractiveCallback = func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", d.ask, make([]bool, len(d.ask)))
			if err != nil {
				return nil, err
			}
			d.mu.Lock()
			d.asked++
			d.mu.Unlock()
			return note(answers[len(answers)-1])
		}
		cfg.PasswordCallback = func(_ ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) { return note(string(p)) }
	case !d.open:
		cfg.PasswordCallback = func(_ ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) { return note(string(p)) }
	}
	cfg.AddHostKey(signer)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.addr, _ = addrPortOf(l.Addr())
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { d.serve(c, cfg) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
}

func (d *device) serve(c net.Conn, cfg *ssh.ServerConfig) {
	conn, chans, reqs, err := ssh.NewServerConn(c, cfg)
	if err != nil {
		_ = c.Close()
		return
	}
	defer func() { _ = conn.Close() }()
	var wg sync.WaitGroup
	wg.Go(func() { ssh.DiscardRequests(reqs) })
	for nc := range chans {
		ch, rs, err := nc.Accept()
		if err != nil {
			break
		}
		wg.Go(func() {
			for r := range rs {
				_ = r.Reply(r.Type == "pty-req" || r.Type == "shell", nil)
				if r.Type == "shell" {
					wg.Go(func() { d.shell(ch); _ = ch.Close() })
				}
			}
		})
	}
	_ = conn.Close()
	wg.Wait()
}

func (d *device) write(w io.Writer, s string, rnd *rand.Rand) {
	s = strings.ReplaceAll(s, "\n", "\r\n")
	for len(s) > 0 {
		n := len(s)
		if d.chunk > 0 {
			n = min(n, 1+rnd.IntN(d.chunk))
		}
		if _, err := io.WriteString(w, s[:n]); err != nil {
			return
		}
		s = s[n:]
		if d.chunk > 0 && rnd.IntN(30) == 0 {
			time.Sleep(time.Duration(rnd.IntN(30)) * time.Millisecond)
		}
	}
}

func (d *device) shell(ch ssh.Channel) {
	rnd := rand.New(rand.NewPCG(d.seed, 1))
	in := bufio.NewReader(ch)
	d.write(ch, d.welcome, rnd)
	if !strings.HasSuffix(d.welcome, ": ") {
		d.write(ch, d.prompt, rnd)
	}
	for {
		var line []byte
		for {
			b, err := in.ReadByte()
			if err != nil {
				return
			}
			if b == '\n' || b == '\r' {
				break
			}
			line = append(line, b)
			d.write(ch, string(b), rnd)
		}
		d.write(ch, "\n", rnd)
		if len(line) > 0 {
			d.mu.Lock()
			d.typed = append(d.typed, string(line))
			d.mu.Unlock()
			out := d.answer(string(line))
			if out == "" && string(line) == "exit" {
				return
			}
			d.write(ch, out, rnd)
			if strings.HasSuffix(out, ": ") {
				continue
			}
		}
		d.write(ch, d.prompt, rnd)
	}
}

func (d *device) lines() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.typed...)
}

const testPlatform = `id: test_box
title: A box
vendor: test
prompt:
  match: '[\w.-]+[>#] ?$'
  states: {exec: '> ?$', enable: '# ?$'}
login:
  expired: ['(?i)password has expired']
privilege:
  want: enable
  steps:
    - {from: exec, to: enable, send: enable, password: '(?i)password: ?$', refused: ['^% Bad']}
session: {close: [exit]}
pager: {match: '--More--$'}
read: {running: [show all]}
`

func boxPlatform(t testing.TB) *platform.Platform {
	t.Helper()
	set, err := platform.Load(mapFS(t, "test_box.yaml", testPlatform))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.Get("test_box")
	return p
}

// connect opens a session as netops.
func (d *device) connect(t *testing.T, login netdev.SSHLogin) (*Session, error) {
	t.Helper()
	c, _, err := Connect(context.Background(), &net.Dialer{}, &FirstUse{}, Target{Host: Host{Address: d.addr}, Platform: boxPlatform(t),
		Credential: netdev.Credential{Name: "c", Scope: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, SSH: &login},
		Limits:     Limits{Login: 5 * time.Second, Idle: 4 * time.Second}})
	if err != nil {
		return nil, err
	}
	s, err := Open(context.Background(), c)
	t.Cleanup(func() { s.Close(context.Background()) })
	return s, err
}

func rightLogin() netdev.SSHLogin {
	return netdev.SSHLogin{User: "netops", Password: netdev.NewSecret("right"), Enable: netdev.NewSecret("open-sesame")}
}
