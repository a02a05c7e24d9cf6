package sim

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestStartupFollowsOnlyAfterASave(t *testing.T) {
	n := started(t)
	for _, d := range n.Devices() {
		_, has := d.Startup()
		if has != d.HasStartup() || has != (d.Platform() == "cisco_iosxe") {
			t.Errorf("%s: startup %v", d.Name(), has)
		}
		if !has {
			continue
		}
		before, _ := d.Startup()
		if !d.Edit(Change{Find: "lldp run", Replace: "lldp run\nlldp timer 20"}) || !d.Drifts() {
			t.Errorf("%s: no drift after an edit", d.Name())
		}
		if after, _ := d.Startup(); !bytes.Equal(before, after) {
			t.Errorf("%s: the saved text moved without a save", d.Name())
		}
		d.Save()
		if after, _ := d.Startup(); d.Drifts() || !bytes.Contains(after, []byte("\nlldp timer 20\n")) {
			t.Errorf("%s: the save was lost", d.Name())
		}
	}
}

func TestEnableAsksForItsOwnSecret(t *testing.T) {
	d := started(t).Device("ber-acc1")
	c, _ := open(t, d)
	c.until(t, "ber-acc1>")
	c.say("show running-config")
	c.until(t, "% Invalid input detected at '^' marker.\r\n\r\nber-acc1>")
	c.say("enable")
	for range 3 {
		c.until(t, "Password: ")
		c.say(d.net.sshPassword())
	}
	if got := c.until(t, "ber-acc1>"); !strings.Contains(got, "% Bad secrets") || strings.Contains(got, d.net.sshPassword()) {
		t.Errorf("%q", got)
	}
	c.say("enable")
	c.until(t, "Password: ")
	c.say(d.net.enableSecret())
	c.until(t, "ber-acc1#")
}

func TestPagerLeavesTheResidueOfThePlatform(t *testing.T) {
	n := started(t)
	tests := map[string]struct{ device, command, prompt, mark, residue string }{
		"iosxe":   {"ber-core1", "show running-config", "ber-core1#", " --More-- ", "\b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\b"},
		"junos":   {"ber-rt1", "show configuration", "netops@ber-rt1> ", "---(more)---", "\r" + strings.Repeat(" ", 40) + "\r"},
		"fortios": {"ber-fw1", "show | grep .", "ber-fw1 # ", "--More-- ", "\r         \r"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := n.Device(tt.device)
			c, _ := open(t, d)
			c.until(t, tt.prompt)
			c.say(tt.command)
			first := c.until(t, tt.mark)
			if lines := strings.Count(first, "\r\n"); lines != 24 {
				t.Errorf("%d lines on the first screen", lines)
			}
			_, _ = io.WriteString(c.in, " ")
			if second := c.until(t, tt.mark); !strings.HasPrefix(second, tt.residue) {
				t.Errorf("residue %q", second[:30])
			}
			_, _ = io.WriteString(c.in, "q")
			c.until(t, tt.prompt)
		})
	}
}

func TestExecGivesTheTextAndAnExitStatus(t *testing.T) {
	n := started(t)
	for name, command := range map[string]string{"ber-rt1": "show configuration | no-more", "ham-fw1": "show | grep .", "ber-core1": "show running-config"} {
		d := n.Device(name)
		c, err := dial(d, d.net.sshPassword())
		if err != nil {
			t.Fatal(err)
		}
		s, err := c.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.Output(command)
		_ = c.Close()
		if got, want := strings.Trim(string(out), "\n")+"\n", string(d.Running()); err != nil || got != want {
			t.Errorf("%s: %v, %d bytes of %d", name, err, len(got), len(want))
		}
	}
}

func TestSecretsOfAFirewallAreEncipheredAnewAtEveryPrint(t *testing.T) {
	d := started(t).Device("ham-fw1")
	one := readRunning(t, d)
	two := readRunning(t, d)
	if !d.Printed([]byte(one)) || !d.Printed([]byte(two)) || d.Printed([]byte(two[1:])) {
		t.Error("what was printed is not remembered")
	}
	a, b := strings.Split(one, "\n"), strings.Split(two, "\n")
	if len(a) != len(b) {
		t.Fatalf("%d and %d lines", len(a), len(b))
	}
	differ := 0
	for i := range a {
		if a[i] != b[i] {
			differ++
			if !strings.Contains(a[i], " ENC ") {
				t.Errorf("%q became %q", a[i], b[i])
			}
		}
	}
	if want := strings.Count(one, " ENC "); differ != want || want < 5 {
		t.Errorf("%d lines differ, %d secrets", differ, want)
	}
}

func TestKeyboardInteractiveOpensTheSameDoor(t *testing.T) {
	d := started(t).Device("ham-acc1")
	var asked []string
	conf := &ssh.ClientConfig{User: sshUser, HostKeyCallback: ssh.FixedHostKey(d.HostKey()), Auth: []ssh.AuthMethod{
		ssh.KeyboardInteractive(func(_, _ string, questions []string, _ []bool) ([]string, error) {
			asked = append(asked, questions...)
			return []string{d.net.sshPassword()}, nil
		})}}
	c, err := ssh.Dial("tcp", addrPort(d), conf)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if !slices.Equal(asked, []string{"Password:"}) || d.AuthAttempts() != 1 {
		t.Errorf("asked %q in %d attempts", asked, d.AuthAttempts())
	}
}

func TestLinesThatWouldChangeADeviceAreCounted(t *testing.T) {
	n := started(t)
	tests := map[string]struct {
		device, prompt string
		say            []string
		writes         int
	}{
		"iosxe":   {"ber-core2", "ber-core2#", []string{"show version", "terminal length 0", "configure terminal", "write memory", "show inventory"}, 2},
		"junos":   {"ham-core1", "netops@ham-core1> ", []string{"show version", "set cli screen-length 0", "configure", "request system reboot"}, 2},
		"fortios": {"ber-fw1", "ber-fw1 # ", []string{"get system status", "config system console", "get system ha status", "execute reboot"}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := n.Device(tt.device)
			before := string(d.Running())
			c, _ := open(t, d)
			for _, l := range tt.say {
				c.until(t, tt.prompt)
				c.say(l)
			}
			c.until(t, tt.prompt)
			if len(d.Writes()) != tt.writes || !slices.Equal(d.Commands(), tt.say) {
				t.Errorf("writes %q of %q", d.Writes(), d.Commands())
			}
			if string(d.Running()) != before {
				t.Error("the device was changed")
			}
		})
	}
}

func TestPromptComesBackOnAnEmptyLine(t *testing.T) {
	n := started(t)
	for name, prompt := range map[string]string{"ber-core1": "ber-core1#", "ber-rt1": "netops@ber-rt1> ", "ham-core1": "{master:0}\r\nnetops@ham-core1> ", "ber-fw1": "ber-fw1 # "} {
		c, _ := open(t, n.Device(name))
		c.until(t, prompt)
		c.say("")
		if got := c.until(t, prompt); got != "\r\n"+prompt {
			t.Errorf("%q", got)
		}
	}
}

func TestNothingListensBeyondLoopback(t *testing.T) {
	if _, err := New(Options{Base: mustAddr("192.0.2.1")}); !errors.Is(err, errLoopback) {
		t.Errorf("err %v", err)
	}
	n := started(t)
	for _, d := range n.Devices() {
		for _, a := range []net.Addr{d.open.udp.LocalAddr(), d.open.tcp.Addr()} {
			host, _, _ := net.SplitHostPort(a.String())
			if !mustAddr(host).IsLoopback() {
				t.Errorf("%s listens on %v", d.Name(), a)
			}
		}
	}
}

func TestSessionsAreCountedWhileTheyLast(t *testing.T) {
	d := started(t).Device("ber-core1")
	c, err := dial(d, d.net.sshPassword())
	if err != nil {
		t.Fatal(err)
	}
	if d.Sessions() != 1 {
		t.Errorf("%d sessions", d.Sessions())
	}
	_ = c.Close()
	for range 100 {
		if d.Sessions() == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d sessions after the end", d.Sessions())
}

func FuzzShellSurvivesAnyKeys(f *testing.F) {
	n, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("enable\rshow running-config\r q"), true)
	f.Add([]byte("set cli screen-length 0\nshow configuration | no-more\n"), false)
	f.Add([]byte("terminal length -1\nshow | grep .\n\x7f\x03"), true)
	f.Fuzz(func(t *testing.T, keys []byte, pty bool) {
		for _, name := range []string{"ber-edge1", "ham-core1", "ham-fw1"} {
			d := n.Device(name)
			s := newSession(d, t.Context(), nil, nil)
			s.in, s.out, s.pty = bufio.NewReader(bytes.NewReader(keys)), bufio.NewWriter(io.Discard), pty
			before := d.Drifts()
			s.shell()
			if d.Drifts() != before {
				t.Error("typing changed the device")
			}
		}
	})
}
