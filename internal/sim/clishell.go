package sim

import (
	"fmt"
	"slices"
	"strings"
)

// shell is a command line that a dialect describes.
type shell struct{ dialect }

func (c shell) greeting() string { return c.dialect.greeting }

func (c shell) prompt(s *session) string { return c.dialect.prompt(s.d.Name(), s.privileged) }

func (shell) after(*session) string { return "" }

func (c shell) pager() (string, string) { return c.mark, c.residue }

func (c shell) writes() []string { return c.dialect.writes }

func (c shell) refuse(s *session, line string) {
	first, _, _ := strings.Cut(line, " ")
	if strings.Contains(c.refusal, "%s") {
		s.write(fmt.Sprintf(c.refusal, first))
		return
	}
	s.write(strings.ReplaceAll(c.refusal, "%%", "%"))
}

func (c shell) run(s *session, line string) bool {
	d := s.d
	joined := strings.Join(strings.Fields(line), " ")
	switch {
	case slices.Contains(c.close, joined):
		return false
	case joined == "enable" && c.dialect.prompt("", false) != c.dialect.prompt("", true):
		ios{}.enable(s)
	case slices.Contains(c.quiet, joined):
		if !d.fault(PagerStays) {
			s.rows = 0
		}
	case slices.Contains(c.silent, joined):
		d.forgetWrite(line)
	case !s.privileged && c.dialect.prompt("", false) != c.dialect.prompt("", true):
		c.refuse(s, line)
	case d.fault(EnableRefused) && slices.Contains(c.running, joined):
		s.write("% Permission denied\n")
	case slices.Contains(c.running, joined):
		s.configText(d.printAnew)
	case c.startup != "" && joined == c.startup:
		s.configText(func() []byte { d.printAnew(); text, _ := d.Startup(); return text })
	case joined == c.version:
		s.print(d.about())
	case joined == "display device manuinfo" && d.Platform() == "hp_comware":
		s.print(fmt.Sprintf("Slot 1 CPU 0:\nDEVICE_NAME          : %s\nDEVICE_SERIAL_NUMBER : %s\n", d.Model(), d.serial))
	case joined == "show inventory":
		s.print(fmt.Sprintf("NAME: \"Chassis\", DESCR: \"%s\"\nPID: %s, VID: V02, SN: %s\n", d.Model(), d.Model(), d.serial))
	default:
		c.refuse(s, line)
	}
	return true
}

// about is what the platform says of its version.
func (d *Device) about() string {
	switch d.Platform() {
	case "cisco_nxos":
		return fmt.Sprintf("Cisco Nexus Operating System (NX-OS) Software\n\nSoftware\n  BIOS: version 07.69\n  NXOS: version %s\n\nHardware\n  cisco Nexus9000 %s Chassis\n  Processor Board ID %s\n\n  Device name: %s\n", d.Version(), d.Model(), d.serial, d.Name())
	case "arista_eos":
		return fmt.Sprintf("Arista %s\nHardware version: 11.01\nSerial number: %s\n\nSoftware image version: %s\nArchitecture: x86_64\n", d.Model(), d.serial, d.Version())
	case "aruba_aoscx":
		return fmt.Sprintf("-----------------------------------------------------------------------------\nArubaOS-CX\n-----------------------------------------------------------------------------\nVersion      : %s\nActive Image : primary\n", d.Version())
	case "hp_comware", "huawei_vrp":
		return strings.ReplaceAll(d.sysDescr(), "\r", "") + "\n"
	case "mikrotik_routeros":
		return fmt.Sprintf("                   uptime: 5w2d\n                  version: %s (stable)\n               board-name: %s\n                 platform: MikroTik\n", d.Version(), d.Model())
	}
	return fmt.Sprintf("FRRouting %s (%s) on Linux(6.1.0-18-amd64).\nCopyright 1996-2005 Kunihiro Ishiguro, et al.\n", d.Version(), d.Name())
}
