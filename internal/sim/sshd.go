package sim

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

var errDenied = errors.New("denied")

func (d *Device) serveSSH(ctx context.Context, l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		if !d.hold(ctx, c) {
			d.drop(c)
			return
		}
		d.net.wg.Go(func() {
			defer d.drop(c)
			d.connection(ctx, c)
		})
	}
}

func wait(ctx context.Context, t time.Duration) {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (d *Device) connection(ctx context.Context, c net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	switch {
	case d.fault(Mute):
		_, _ = c.Read(make([]byte, 1024))
		buf := make([]byte, 1024)
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
		}
	case d.fault(Garbage):
		_, _ = c.Write([]byte(strings.Repeat("\x00\xffgarbage\n", 1<<20/10)))
		return
	case d.fault(TooManyUsers):
		_, _ = c.Write([]byte("Too many users. Sorry, try again later.\r\n"))
		return
	}
	conn := c
	if p, ok := d.params(SlowHandshake); ok {
		conn = &slowConn{Conn: c, ctx: ctx, each: p.pause(time.Second)}
	}
	conf, err := d.serverConfig()
	if err != nil {
		return
	}
	sc, chans, reqs, err := ssh.NewServerConn(conn, conf)
	if err != nil {
		return
	}
	done := make(chan struct{})
	go func() { ssh.DiscardRequests(reqs); close(done) }()
	var running []chan struct{}
	for nc := range chans {
		if nc.ChannelType() != "session" {
			_ = nc.Reject(ssh.UnknownChannelType, "only sessions here")
			continue
		}
		ch, chReqs, err := nc.Accept()
		if err != nil {
			continue
		}
		end := make(chan struct{})
		running = append(running, end)
		go func() {
			defer close(end)
			d.channel(ctx, c, ch, chReqs)
			_ = sc.Close()
		}()
	}
	cancel()
	<-done
	for _, end := range running {
		<-end
	}
}

// slowConn writes one byte at a time.
type slowConn struct {
	net.Conn
	ctx  context.Context // of the connection, to end the waiting
	each time.Duration
}

func (s *slowConn) Write(b []byte) (int, error) {
	for i := range b {
		if _, err := s.Conn.Write(b[i : i+1]); err != nil {
			return i, err
		}
		wait(s.ctx, s.each)
	}
	return len(b), nil
}

// HostKey is the device's SSH host key.
func (d *Device) HostKey() ssh.PublicKey {
	s, err := d.signer("hostkey")
	if err != nil {
		return nil
	}
	return s.PublicKey()
}

func (d *Device) signer(what string) (ssh.Signer, error) {
	seed := d.net.digest(what, d.name)
	return ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(seed[:]))
}

func (d *Device) serverConfig() (*ssh.ServerConfig, error) {
	pass := func(p string) error {
		d.note(func(c *counters) { c.passwords = append(c.passwords, p) })
		if p != d.net.sshPassword() || d.fault(RejectPassword) {
			return errDenied
		}
		return nil
	}
	conf := &ssh.ServerConfig{
		MaxAuthTries:  4,
		ServerVersion: d.sshVersion(),
		AuthLogCallback: func(_ ssh.ConnMetadata, method string, _ error) {
			if method != "none" {
				d.note(func(c *counters) { c.auth++ })
			}
		},
		PasswordCallback: func(m ssh.ConnMetadata, p []byte) (*ssh.Permissions, error) {
			if err := pass(string(p)); err != nil || m.User() != sshUser || d.fault(UnknownQuestion) {
				return nil, errDenied
			}
			return nil, nil
		},
		KeyboardInteractiveCallback: func(m ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			if d.fault(UnknownQuestion) {
				a, err := ask("", "", []string{"Enter the six digits of your token: "}, []bool{false})
				if err == nil && len(a) > 0 && a[0] != "" {
					d.note(func(c *counters) { c.passwords = append(c.passwords, a...) })
				}
				return nil, errDenied
			}
			a, err := ask("", "", []string{d.passwordPrompt()}, []bool{false})
			if err != nil || len(a) != 1 {
				return nil, errDenied
			}
			if err := pass(a[0]); err != nil || m.User() != sshUser {
				return nil, errDenied
			}
			return nil, nil
		},
		BannerCallback: func(ssh.ConnMetadata) string { return d.loginBanner() },
	}
	if d.fault(LegacyOnly) {
		return conf, d.makeLegacy(conf)
	}
	what := "hostkey"
	if d.fault(OtherHostKey) {
		what = "otherkey"
	}
	s, err := d.signer(what)
	if err != nil {
		return nil, err
	}
	conf.AddHostKey(s)
	return conf, nil
}

// makeLegacy offers only what a system of twenty years ago did.
func (d *Device) makeLegacy(conf *ssh.ServerConfig) error {
	conf.KeyExchanges = []string{ssh.InsecureKeyExchangeDH1SHA1}
	conf.Ciphers = []string{ssh.InsecureCipherAES128CBC, ssh.InsecureCipherTripleDESCBC}
	conf.MACs = []string{ssh.HMACSHA1}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		return err
	}
	old, err := ssh.NewSignerWithAlgorithms(s.(ssh.AlgorithmSigner), []string{ssh.KeyAlgoRSA})
	if err != nil {
		return err
	}
	conf.AddHostKey(old)
	return nil
}

func (d *Device) sshVersion() string {
	switch d.Platform() {
	case "cisco_iosxe":
		return "SSH-2.0-Cisco-1.25"
	case "juniper_junos":
		return "SSH-2.0-OpenSSH_7.5"
	}
	return "SSH-2.0-kq2xVb"
}

func (d *Device) passwordPrompt() string {
	if d.Platform() == "juniper_junos" {
		return "Password:"
	}
	return "Password: "
}

func (d *Device) loginBanner() string {
	if d.weak(NoBanner) || d.Platform() == "fortinet_fortios" {
		return ""
	}
	return "\r\nAuthorised staff only. What you do here is recorded.\r\n"
}

// windowRequest is what pty-req carries, RFC 4254 §6.2.
type windowRequest struct {
	Term                  string
	Columns, Rows, PW, PH uint32
	Modes                 string
}

func (d *Device) channel(ctx context.Context, tcp net.Conn, ch ssh.Channel, reqs <-chan *ssh.Request) {
	ctx, cancel := context.WithCancel(ctx)
	s := newSession(d, ctx, tcp, ch)
	var end chan struct{}
	run := func(f func()) {
		end = make(chan struct{})
		go func() {
			defer close(end)
			f()
			if !s.unsaid {
				_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{s.status}))
			}
			_ = ch.Close()
		}()
	}
	for r := range reqs {
		ok := true
		switch r.Type {
		case "pty-req":
			var w windowRequest
			ok = ssh.Unmarshal(r.Payload, &w) == nil
			s.pty, s.width, s.height = true, int(w.Columns), int(w.Rows)
		case "shell":
			if ok = end == nil; ok {
				_ = r.Reply(true, nil)
				run(s.shell)
				continue
			}
		case "exec":
			var cmd struct{ Command string }
			if ok = end == nil && ssh.Unmarshal(r.Payload, &cmd) == nil; ok {
				_ = r.Reply(true, nil)
				run(func() { s.exec(cmd.Command) })
				continue
			}
		case "env", "window-change":
		default:
			ok = false
		}
		if r.WantReply {
			_ = r.Reply(ok, nil)
		}
	}
	cancel()
	if end != nil {
		<-end
	}
	_ = ch.Close()
}
