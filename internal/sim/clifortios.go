package sim

import (
	"fmt"
	"strings"
)

// fortios is the command line of the edit family.
type fortios struct{}

func (fortios) greeting() string { return "" }

func (fortios) prompt(s *session) string { return s.d.Name() + " # " }

func (fortios) after(*session) string { return "\n" }

func (fortios) pager() (string, string) { return "--More-- ", "\r" + strings.Repeat(" ", 9) + "\r" }

func (fortios) writes() []string {
	return []string{"config", "execute", "set", "edit", "delete", "unset", "end", "next", "purge", "append", "rename", "abort", "diagnose"}
}

func (fortios) refuse(s *session, line string) {
	first, _, _ := strings.Cut(line, " ")
	s.write(fmt.Sprintf("Unknown action 0\n\ncommand parse error before '%s'\nCommand fail. Return code -1\n", first))
}

func (c fortios) run(s *session, line string) bool {
	d := s.d
	command, pipe, _ := strings.Cut(strings.Join(strings.Fields(line), " "), " | ")
	if pipe != "" && pipe != "grep ." {
		c.refuse(s, line)
		return true
	}
	switch {
	case command == "exit" || command == "quit":
		return false
	case d.fault(EnableRefused) && strings.HasPrefix(command, "show"):
		s.write("Permission denied.\n")
	case command == "show" || command == "show full-configuration":
		s.configText(d.printAnew)
	case command == "get system status":
		s.print(c.status(d))
	case command == "get system ha status":
		s.print("HA Health Status: OK\nModel: " + "FortiGate-" + d.Model() + "\nMode: Standalone\n")
	default:
		c.refuse(s, line)
	}
	return true
}

func (fortios) status(d *Device) string {
	return fmt.Sprintf(`Version: %s v%s,build1639,240313 (GA.M)
Virus-DB: 1.00000(2018-04-09 18:07)
Serial-Number: %s
BIOS version: 05000012
System Part-Number: P24589-03
Log hard disk: Not available
Hostname: %s
Operation Mode: NAT
Current virtual domain: root
Max number of virtual domains: 10
Virtual domains status: 1 in NAT mode, 0 in TP mode
Virtual domain configuration: disable
FIPS-CC mode: disable
Current HA mode: standalone
Branch point: 1639
Release Version Information: GA
System time: %s
`, "FortiGate-"+d.Model(), d.Version(), d.serial, d.Name(), d.net.opt.Now().UTC().Format("Mon Jan _2 15:04:05 2006"))
}
