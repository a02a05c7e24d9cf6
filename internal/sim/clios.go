package sim

import (
	"fmt"
	"strings"
)

// ios is the command line of the indent family with an enable secret.
type ios struct{}

func (ios) greeting() string { return "\n" }

func (ios) prompt(s *session) string {
	if s.privileged {
		return s.d.Name() + "#"
	}
	return s.d.Name() + ">"
}

func (ios) after(*session) string { return "" }

func (ios) pager() (string, string) {
	return " --More-- ", strings.Repeat("\b", 9) + strings.Repeat(" ", 8) + strings.Repeat("\b", 9)
}

func (ios) writes() []string {
	return []string{"configure", "conf", "config", "copy", "write", "wr", "reload", "erase", "delete", "clear", "debug", "undebug", "no", "set", "format", "license", "install", "request"}
}

func (ios) refuse(s *session, line string) {
	s.write(strings.Repeat(" ", len(ios{}.prompt(s))) + "^\n% Invalid input detected at '^' marker.\n\n")
}

func (c ios) run(s *session, line string) bool {
	d := s.d
	words := strings.Fields(line)
	joined := strings.Join(words, " ")
	switch {
	case joined == "exit" || joined == "logout" || joined == "quit":
		return false
	case joined == "enable":
		c.enable(s)
	case joined == "disable":
		s.privileged = false
	case len(words) == 3 && words[0] == "terminal" && words[1] == "length":
		if !d.fault(PagerStays) {
			_, _ = fmt.Sscan(words[2], &s.rows)
		}
	case len(words) == 3 && words[0] == "terminal" && words[1] == "width":
		_, _ = fmt.Sscan(words[2], &s.width)
	case joined == "show version":
		s.print(c.version(d))
	case joined == "show inventory":
		s.print(fmt.Sprintf("NAME: \"Chassis\", DESCR: \"%s\"\nPID: %-18s, VID: V02  , SN: %s\n\n", d.Model(), d.Model(), d.serial))
	case joined == "show running-config" && s.privileged:
		s.configText(func() []byte { return append(d.Running(), '\n') })
	case joined == "show startup-config" && s.privileged:
		s.configText(func() []byte { text, _ := d.Startup(); return append(text, '\n') })
	case joined == "show privilege":
		s.print(fmt.Sprintf("Current privilege level is %d\n", map[bool]int{true: 15, false: 1}[s.privileged]))
	case banned(joined, c.writes()) && s.privileged:
		s.write("Command authorization failed.\n\n")
	default:
		c.refuse(s, line)
	}
	return true
}

func (ios) enable(s *session) {
	if s.privileged || !s.pty {
		return
	}
	for range 3 {
		s.write("Password: ")
		p, err := s.readLine(false)
		if err != nil {
			return
		}
		if p == "" {
			continue
		}
		s.d.sawPassword(p)
		if s.d.fault(EnableRefused) {
			s.write("% Access denied\n\n")
			return
		}
		if p == s.d.net.enableSecret() {
			s.privileged = true
			return
		}
	}
	s.write("% Bad secrets\n\n")
}

func (ios) version(d *Device) string {
	first, _, _ := strings.Cut(d.sysDescr(), "\r\n")
	up := d.net.opt.Now().Sub(d.booted)
	return fmt.Sprintf(`Cisco IOS XE Software, Version %s
%s
Technical Support: http://www.cisco.com/techsupport

ROM: IOS-XE ROMMON

%s uptime is %d days, %d hours, %d minutes
System returned to ROM by Reload Command
System image file is "bootflash:packages.conf"

cisco %s (1RU) processor with 1419044K/6147K bytes of memory.
Processor board ID %s
%d Ethernet interfaces
Configuration register is 0x102

`, d.Version(), first, d.Name(), int(up.Hours())/24, int(up.Hours())%24, int(up.Minutes())%60, d.Model(), d.serial, len(d.ports))
}
