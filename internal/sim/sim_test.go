package sim

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	"golang.org/x/crypto/ssh"
)

// started is a running network that ends with the test.
func started(t *testing.T) *Network {
	t.Helper()
	n, err := New(Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// manager is an SNMP client for d, connected.
func manager(t *testing.T, d *Device) *gosnmp.GoSNMP {
	t.Helper()
	g := &gosnmp.GoSNMP{Target: d.Address().String(), Port: d.net.SNMPPort(), Timeout: time.Second, Retries: 0, MaxOids: 60, MaxRepetitions: 20}
	if d.Site() == "hamburg" {
		g.Version, g.Community = gosnmp.Version2c, d.net.community()
	} else {
		g.Version, g.SecurityModel, g.MsgFlags = gosnmp.Version3, gosnmp.UserSecurityModel, gosnmp.AuthPriv
		g.SecurityParameters = &gosnmp.UsmSecurityParameters{UserName: snmpUser, AuthenticationProtocol: gosnmp.SHA256,
			AuthenticationPassphrase: d.net.authPassword(), PrivacyProtocol: gosnmp.AES, PrivacyPassphrase: d.net.privPassword()}
	}
	if err := g.Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Conn.Close() })
	return g
}

func dial(d *Device, password string) (*ssh.Client, error) {
	conf := &ssh.ClientConfig{User: sshUser, Auth: []ssh.AuthMethod{ssh.Password(password)}, Timeout: 3 * time.Second, HostKeyCallback: ssh.FixedHostKey(d.HostKey())}
	return ssh.Dial("tcp", addrPort(d), conf)
}

// terminal is a shell whose output is read as it comes.
type terminal struct {
	in  io.Writer
	out chan []byte
	got strings.Builder
}

func open(t *testing.T, d *Device) (*terminal, *ssh.Session) {
	t.Helper()
	c, err := dial(d, d.net.sshPassword())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RequestPty("vt100", 0, 511, nil); err != nil {
		t.Fatal(err)
	}
	in, _ := s.StdinPipe()
	out, _ := s.StdoutPipe()
	if err := s.Shell(); err != nil {
		t.Fatal(err)
	}
	term := &terminal{in: in, out: make(chan []byte, 100)}
	go func() {
		defer close(term.out)
		for {
			b := make([]byte, 4096)
			n, err := out.Read(b)
			if n > 0 {
				select {
				case term.out <- b[:n]:
				case <-t.Context().Done():
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	return term, s
}

// until reads to a tail and gives what came since the last call.
func (c *terminal) until(t *testing.T, tail string) string {
	t.Helper()
	limit := time.After(5 * time.Second)
	for !strings.HasSuffix(c.got.String(), tail) {
		select {
		case b, ok := <-c.out:
			if !ok {
				t.Fatalf("ended before %q: %q", tail, end(c.got.String()))
			}
			c.got.Write(b)
		case <-limit:
			t.Fatalf("no %q: %q", tail, end(c.got.String()))
		}
	}
	s := c.got.String()
	c.got.Reset()
	return s
}

func end(s string) string { return s[max(0, len(s)-200):] }

func (c *terminal) say(s string) { _, _ = io.WriteString(c.in, s+"\n") }

func TestEveryAgentSaysItsName(t *testing.T) {
	n := started(t)
	for _, d := range n.Devices() {
		r, err := manager(t, d).Get([]string{"1.3.6.1.2.1.1.5.0"})
		if err != nil {
			t.Fatalf("%s: %v", d.Name(), err)
		}
		if got := string(r.Variables[0].Value.([]byte)); got != d.Name() {
			t.Errorf("sysName %q, want %q", got, d.Name())
		}
	}
}

func TestEveryRunningConfigurationIsPrintedAsTheTruthSays(t *testing.T) {
	n := started(t)
	for _, d := range n.Devices() {
		got := readRunning(t, d)
		if want := string(d.Running()); got != want {
			t.Errorf("%s: got %d bytes, want %d:\n%q\n%q", d.Name(), len(got), len(want), end(got), end(want))
		}
		if l := strings.Count(got, "\n"); l < 100 || l > 700 {
			t.Errorf("%s: %d lines", d.Name(), l)
		}
	}
}

// readRunning reads the running configuration through a shell.
func readRunning(t *testing.T, d *Device) string {
	t.Helper()
	c, _ := open(t, d)
	command, quiet, prompt := "show | grep .", "get system status", d.Name()+" # "
	switch d.Platform() {
	case "cisco_iosxe":
		command, quiet, prompt = "show running-config", "terminal length 0", d.Name()+"#"
		if d.Enable() {
			c.until(t, d.Name()+">")
			c.say("enable")
			c.until(t, "Password: ")
			c.say(d.net.enableSecret())
		}
	case "juniper_junos":
		command, quiet, prompt = "show configuration | no-more", "set cli screen-length 0", sshUser+"@"+d.Name()+"> "
	}
	c.until(t, prompt)
	c.say(quiet)
	c.until(t, prompt)
	c.say(command)
	var text strings.Builder
	for d.Platform() == "fortinet_fortios" {
		part := c.untilEither(t, prompt, "--More-- ")
		if strings.HasSuffix(part, prompt) {
			text.WriteString(part)
			break
		}
		text.WriteString(strings.TrimSuffix(part, "--More-- "))
		_, _ = io.WriteString(c.in, " ")
	}
	if text.Len() == 0 {
		text.WriteString(c.until(t, prompt))
	}
	out := strings.ReplaceAll(text.String(), "\r         \r", "")
	out = strings.ReplaceAll(out, "\r\n", "\n")
	_, out, _ = strings.Cut(out, "\n")
	out = strings.TrimSuffix(strings.TrimSuffix(out, prompt), "{master:0}\n")
	return strings.Trim(out, "\n") + "\n"
}

func (c *terminal) untilEither(t *testing.T, a, b string) string {
	t.Helper()
	limit := time.After(5 * time.Second)
	for {
		if s := c.got.String(); strings.HasSuffix(s, a) || strings.HasSuffix(s, b) {
			c.got.Reset()
			return s
		}
		select {
		case p, ok := <-c.out:
			if !ok {
				t.Fatalf("ended: %q", end(c.got.String()))
			}
			c.got.Write(p)
		case <-limit:
			t.Fatalf("neither %q nor %q: %q", a, b, end(c.got.String()))
		}
	}
}

func TestCloseEndsWithTheContextToo(t *testing.T) {
	n, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := n.Start(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
}
