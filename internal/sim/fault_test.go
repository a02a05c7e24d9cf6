package sim

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	"golang.org/x/crypto/ssh"
)

func TestFaultsBeforeLogin(t *testing.T) {
	n := started(t)
	d := n.Device("ber-core1")
	raw := func(limit time.Duration) net.Conn {
		c, err := net.DialTimeout("tcp", addrPort(d), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		_ = c.SetDeadline(time.Now().Add(limit))
		return c
	}
	tests := map[Fault]func(t *testing.T){
		ConnectRefused: func(t *testing.T) {
			if _, err := net.DialTimeout("tcp", addrPort(d), time.Second); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("err %v", err)
			}
		},
		Mute: func(t *testing.T) {
			c := raw(100 * time.Millisecond)
			_, _ = c.Write([]byte("SSH-2.0-x\r\n"))
			if k, err := c.Read(make([]byte, 10)); k != 0 || !isTimeout(err) {
				t.Errorf("%d bytes, %v", k, err)
			}
		},
		Garbage: func(t *testing.T) {
			if all, _ := io.ReadAll(raw(3 * time.Second)); len(all) < 1<<20-100 {
				t.Errorf("%d bytes", len(all))
			}
		},
		SlowHandshake: func(t *testing.T) {
			b, _ := bufio.NewReader(raw(700 * time.Millisecond)).ReadString('\n')
			if len(b) != 1 {
				t.Errorf("%d bytes", len(b))
			}
		},
		OtherHostKey: func(t *testing.T) {
			if _, err := dial(d, d.net.sshPassword()); err == nil || d.AuthAttempts() != 0 || len(d.PasswordsSeen()) != 0 {
				t.Errorf("%v, %d attempts", err, d.AuthAttempts())
			}
		},
		LegacyOnly: func(t *testing.T) {
			if _, err := dial(d, d.net.sshPassword()); err == nil || !strings.Contains(err.Error(), "no common algorithm") {
				t.Errorf("%v", err)
			}
			old := &ssh.ClientConfig{User: sshUser, Auth: []ssh.AuthMethod{ssh.Password(d.net.sshPassword())}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), HostKeyAlgorithms: []string{ssh.KeyAlgoRSA}}
			old.KeyExchanges, old.Ciphers, old.MACs = []string{ssh.InsecureKeyExchangeDH1SHA1}, []string{ssh.InsecureCipherAES128CBC}, []string{ssh.HMACSHA1}
			c, err := ssh.Dial("tcp", addrPort(d), old)
			if err != nil {
				t.Fatal(err)
			}
			_ = c.Close()
		},
		RejectPassword: func(t *testing.T) {
			if _, err := dial(d, d.net.sshPassword()); err == nil || len(d.PasswordsSeen()) != 1 {
				t.Errorf("%v, %q", err, d.PasswordsSeen())
			}
		},
		TooManyUsers: func(t *testing.T) {
			d.Inject(TooManyUsers, Params{N: 1})
			if all, _ := io.ReadAll(raw(3 * time.Second)); !strings.Contains(string(all), "Too many users") {
				t.Errorf("%q", all)
			}
		},
	}
	for f, check := range tests {
		t.Run(string(f), func(t *testing.T) {
			d.ResetCounters()
			d.Inject(f)
			check(t)
			if err := d.ClearFaults(); err != nil {
				t.Fatal(err)
			}
			c, err := dial(d, d.net.sshPassword())
			if err != nil {
				t.Fatalf("after the fault: %v", err)
			}
			_ = c.Close()
		})
	}
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

func TestFaultsOfAWholeTextLeaveTheTruthReadable(t *testing.T) {
	n := started(t)
	for _, name := range []string{"ber-core1", "ber-edge1", "ham-core1", "ber-fw1"} {
		d := n.Device(name)
		before := body(d.Running())
		for _, f := range []Fault{ForeignPrompt, PromptLike, HugeBanner, Moving} {
			d.Inject(f)
			if got, want := readRunning(t, d), string(d.Running()); got != want {
				t.Errorf("%s %s: %d bytes, want %d", name, f, len(got), len(want))
			}
			_ = d.ClearFaults()
			if f != Moving && body(d.Running()) != before {
				t.Errorf("%s: planted lines stayed", name)
			}
		}
	}
}

// body is text without the lines that hold a clock, a size or a cipher.
func body(text []byte) string {
	var b strings.Builder
	for l := range strings.Lines(string(text)) {
		if !strings.Contains(l, " ENC ") && !strings.HasPrefix(l, "Current configuration") && !strings.HasPrefix(l, "! ") && !strings.HasPrefix(l, "#") {
			b.WriteString(l)
		}
	}
	return b.String()
}

func TestOwnPromptInsideIsFollowedByAPause(t *testing.T) {
	n := started(t)
	for name, prompt := range map[string]string{"ber-core1": "ber-core1#", "ham-acc1": "netops@ham-acc1> ", "ber-fw1": "ber-fw1 # "} {
		d := n.Device(name)
		d.Inject(OwnPrompt, Params{Share: 0.02, Pause: 100 * time.Millisecond})
		if !strings.Contains(string(d.Running()), "\n"+prompt+"\n") {
			t.Errorf("%s: the truth lacks its prompt", name)
		}
		c, _ := open(t, d)
		c.until(t, prompt)
		command := map[string]string{"cisco": "show running-config", "juniper": "show configuration | no-more", "fortinet": "show | grep ."}[d.Vendor()]
		began := time.Now()
		c.say(command)
		c.until(t, prompt)
		<-c.out
		if took := time.Since(began); took < 90*time.Millisecond {
			t.Errorf("%s: went on after %v", name, took)
		}
	}
}

// attempt runs the configuration command in a shell until what came, and did
// not go on for a moment, is what enough wants; at most five seconds.
func attempt(t *testing.T, d *Device, enough func(got string, closed bool) bool) (string, bool) {
	t.Helper()
	c, s := open(t, d)
	c.until(t, "#")
	c.say("terminal length 0")
	c.until(t, "ber-core1#")
	c.say("show running-config")
	for began := time.Now(); time.Since(began) < 5*time.Second; {
		select {
		case b, ok := <-c.out:
			if !ok {
				_ = s.Close()
				return c.got.String(), true
			}
			c.got.Write(b)
			if c.got.Len() > 1<<20 {
				return c.got.String(), false // more than any whole text
			}
		case <-time.After(60 * time.Millisecond):
			if enough(c.got.String(), false) {
				return c.got.String(), false
			}
		}
	}
	return c.got.String(), false
}

func TestFaultsInTheMiddleOfAText(t *testing.T) {
	n := started(t)
	d := n.Device("ber-core1")
	whole := len(strings.ReplaceAll(string(d.Running()), "\n", "\r\n"))
	tests := map[Fault]struct {
		with  Params
		check func(got string, closed bool) bool
	}{
		Hang:          {Params{Share: 0.5}, func(got string, closed bool) bool { return !closed && near(len(got), whole/2) }},
		Reset:         {Params{Share: 0.9}, func(_ string, closed bool) bool { return closed }},
		Fin:           {Params{Share: 0.25}, func(got string, closed bool) bool { return closed && len(got) < whole/2 }},
		CloseNoStatus: {Params{Share: 0.5}, func(got string, closed bool) bool { return closed && near(len(got), whole/2) }},
		CutThenPrompt: {Params{Share: 0.5}, func(got string, closed bool) bool {
			return !closed && near(len(got), whole/2) && strings.HasSuffix(got, "\r\nber-core1#")
		}},
		EmptyText: {Params{}, func(got string, closed bool) bool { return !closed && got == "show running-config\r\nber-core1#" }},
		ErrorText: {Params{N: 3}, func(got string, closed bool) bool { return strings.Contains(got, "Command authorization failed.") }},
		Busy:      {Params{}, func(got string, closed bool) bool { return !closed && len(got) < 200 }},
		LogLines:  {Params{}, func(got string, closed bool) bool { return strings.Contains(got, "%SYS-5-CONFIG_I") }},
		Escapes: {Params{}, func(got string, closed bool) bool {
			return strings.Contains(got, "\x1b[0m") && strings.Contains(got, "x\b")
		}},
		MixedLineEnds: {Params{}, func(got string, closed bool) bool {
			return strings.Contains(got, "\r\r\n") && strings.HasSuffix(got, "ber-core1#")
		}},
		NoEcho:      {Params{}, func(got string, closed bool) bool { return !strings.Contains(got, "show running-config") }},
		WrappedEcho: {Params{}, func(got string, closed bool) bool { return strings.HasPrefix(got, "show runni \rng-config\r\n") }},
		PagerStays:  {Params{}, func(got string, closed bool) bool { return strings.HasSuffix(got, "--More-- ") }},
		Endless:     {Params{}, func(got string, closed bool) bool { return len(got) > 2*whole }},
		Drip:        {Params{Pause: 200 * time.Millisecond}, func(got string, closed bool) bool { return !closed && len(got) < 40 }},
		PromptChanges: {Params{}, func(got string, closed bool) bool {
			return strings.HasSuffix(got, "\r\nend\r\n\r\nber-core1(HA)#")
		}},
	}
	for f, tt := range tests {
		t.Run(string(f), func(t *testing.T) {
			defer func() { _ = d.ClearFaults() }()
			d.Inject(f, tt.with)
			if got, closed := attempt(t, d, tt.check); !tt.check(got, closed) {
				t.Errorf("%d bytes of %d, closed %v: %q", len(got), whole, closed, end(got))
			}
		})
	}
}

func near(a, b int) bool { return a > b-200 && a < b+200 }

func TestFaultsThatMeetTheReaderBeforeThePrompt(t *testing.T) {
	n := started(t)
	tests := map[Fault]struct{ device, tail string }{
		PasswordExpired: {"ber-core1", "New password: "},
		Menu:            {"ber-core1", "Enter an option: "},
		AnyKey:          {"ham-acc1", "Press any key to continue"},
		TooManyUsers:    {"ber-core1", "% Too many vty sessions\r\n"},
		PromptBanner:    {"ber-core1", "router#\r\nswitch>\r\n$ \r\nadmin@ber-core1> \r\n\r\nber-core1#"},
		HugeBanner:      {"ber-core1", "\r\nber-core1#"},
		EnableRefused:   {"ber-core1", "ber-core1#"},
	}
	for f, tt := range tests {
		t.Run(string(f), func(t *testing.T) {
			d := n.Device(tt.device)
			defer func() { _ = d.ClearFaults() }()
			d.Inject(f)
			c, _ := open(t, d)
			c.until(t, tt.tail)
		})
	}
}

func TestFaultsOfAnAgent(t *testing.T) {
	n := started(t)
	d := n.Device("ham-core1")
	deaf := func(t *testing.T, g *gosnmp.GoSNMP) {
		g.Timeout = 120 * time.Millisecond
		if _, err := g.Get([]string{"1.3.6.1.2.1.1.5.0"}); err == nil {
			t.Error("an answer came")
		}
	}
	get := func(g *gosnmp.GoSNMP) error {
		_, err := g.Get([]string{"1.3.6.1.2.1.1.5.0"})
		return err
	}
	tests := map[Fault]struct {
		with  Params
		check func(t *testing.T, g *gosnmp.GoSNMP)
	}{
		SNMPSilent:         {Params{}, deaf},
		SNMPWrongCommunity: {Params{}, deaf},
		SNMPWrongID:        {Params{}, deaf},
		SNMPOtherSource:    {Params{}, deaf},
		SNMPSlow: {Params{Pause: 200 * time.Millisecond}, func(t *testing.T, g *gosnmp.GoSNMP) {
			deaf(t, g)
			g.Timeout = time.Second
			if err := get(g); err != nil {
				t.Error(err)
			}
		}},
		SNMPBadPacket: {Params{}, deaf},
		SNMPDuplicate: {Params{}, func(t *testing.T, g *gosnmp.GoSNMP) {
			for range 3 {
				if err := get(g); err != nil {
					t.Error(err)
				}
			}
		}},
		SNMPDrop: {Params{Share: 0.5}, func(t *testing.T, g *gosnmp.GoSNMP) {
			g.Timeout = 200 * time.Millisecond
			lost := 0
			for range 6 {
				if get(g) != nil {
					lost++
				}
			}
			if lost == 6 {
				t.Error("everything was lost")
			}
		}},
		SNMPTooBig: {Params{N: 10}, func(t *testing.T, g *gosnmp.GoSNMP) {
			for reps, want := range map[uint32]gosnmp.SNMPError{10: gosnmp.NoError, 11: gosnmp.TooBig} {
				r, err := g.GetBulk([]string{"1.3.6.1.2.1.2.2"}, 0, reps)
				if err != nil || r.Error != want {
					t.Errorf("%d repetitions: %v %v", reps, r, err)
				}
			}
		}},
		SNMPLoop: {Params{}, func(t *testing.T, g *gosnmp.GoSNMP) {
			last := d.port("irb.140").index
			r, err := g.GetNext([]string{"1.3.6.1.2.1.2.2.1.2." + itoa(last)})
			if err != nil || r.Variables[0].Name != ".1.3.6.1.2.1.2.2.1.2.6" {
				t.Errorf("%v %v", r, err)
			}
		}},
		SNMPTruncated: {Params{Share: 0.3}, func(t *testing.T, g *gosnmp.GoSNMP) {
			g.Timeout = 200 * time.Millisecond
			if _, err := g.BulkWalkAll("1.3.6.1"); err == nil {
				t.Error("the walk came to its end")
			}
		}},
	}
	for f, tt := range tests {
		t.Run(string(f), func(t *testing.T) {
			d.Inject(f, tt.with)
			g := manager(t, d)
			g.Timeout = time.Second
			tt.check(t, g)
			_ = d.ClearFaults()
		})
	}
}

func TestNewEngineIsAnotherIdentity(t *testing.T) {
	d := started(t).Device("ber-core1")
	g := manager(t, d)
	first := walk(t, g, "1.3.6.1.6.3.10.2.1.1.1")
	d.Inject(SNMPNewEngine)
	second := walk(t, manager(t, d), "1.3.6.1.6.3.10.2.1.1.1")
	if text(first["0"]) == text(second["0"]) || text(second["0"]) == "" {
		t.Errorf("engine %x then %x", text(first["0"]), text(second["0"]))
	}
}
