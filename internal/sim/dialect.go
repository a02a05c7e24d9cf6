package sim

import (
	"fmt"
	"strings"

	"github.com/plumbline-net/plumbline/netdev"
)

// dialect is what a command line of the plain sort says: one prompt, a command
// for the running and one for the saved text, and a pager.
type dialect struct {
	ssh       string // identification string
	greeting  string
	prompt    func(name string, privileged bool) string
	running   []string
	startup   string
	head      func(d *Device, size int) string // above the running text
	savedHead func(d *Device) string
	quiet     []string // commands that switch the pager off
	silent    []string // commands that are answered with nothing
	version   string   // command that shows the version
	close     []string
	mark      string // of the pager
	residue   string
	refusal   string // %s is what was typed
	writes    []string
}

// dialects are the command lines of the plain sort. A device's configuration
// ends with the last line of its template.
func dialects() map[netdev.PlatformID]dialect {
	hash := func(name string, privileged bool) string {
		return name + map[bool]string{true: "#", false: ">"}[privileged]
	}
	hashBlank := func(name string, privileged bool) string { return hash(name, privileged) + " " }
	iosWrites := ios{}.writes()
	more := func(mark string) string {
		n := len(mark)
		return "\r" + strings.Repeat(" ", n) + "\r"
	}
	return map[netdev.PlatformID]dialect{
		"cisco_nxos": {ssh: "SSH-2.0-OpenSSH_8.3 PKIX[12.4.1]", prompt: hashBlank, running: []string{"show running-config"}, startup: "show startup-config",
			greeting: "\nCisco Nexus Operating System (NX-OS) Software\nTAC support: http://www.cisco.com/tac\n",
			head:     nxosHead, savedHead: nxosSavedHead, quiet: []string{"terminal length 0"}, silent: []string{"terminal width 511"}, version: "show version",
			close: []string{"exit"}, mark: "--More--", residue: more("--More--"), refusal: "                 ^\n%% Invalid command at '^' marker.\n", writes: iosWrites},
		"arista_eos": {ssh: "SSH-2.0-OpenSSH_8.7", prompt: hash, running: []string{"show running-config"}, startup: "show startup-config",
			greeting: "Last login: Fri Feb 27 08:11:02 2026 from 198.51.100.210\n",
			head:     eosHead, savedHead: eosSavedHead, quiet: []string{"terminal length 0"}, silent: []string{"terminal width 32767"}, version: "show version",
			close: []string{"exit", "logout"}, mark: " --More-- ", residue: "\r\x1b[K", refusal: "%% Invalid input\n", writes: iosWrites},
		"aruba_aoscx": {ssh: "SSH-2.0-OpenSSH_8.2", prompt: hashBlank, running: []string{"show running-config"}, startup: "show startup-config",
			greeting: "Last login: 2026-02-27 08:14:40 from 198.51.100.210\nUser \"netops\" has logged in 3 times in the past 30 days\n",
			head:     func(*Device, int) string { return "Current configuration:\n" }, savedHead: func(*Device) string { return "Startup configuration:\n" },
			quiet: []string{"no page"}, version: "show version", close: []string{"exit"},
			mark: "-- MORE --, next page: Space, next line: Enter, quit: q", residue: "\r\x1b[K", refusal: "Invalid input: %s\n", writes: aoscxWrites()},
		"hp_comware": {ssh: "SSH-2.0-Comware-7.1.070", running: []string{"display current-configuration"}, startup: "display saved-configuration",
			prompt:   func(name string, _ bool) string { return "<" + name + ">" },
			greeting: "\n******************************************************************************\n* Without the owner's prior written consent, no decompiling or reverse-       *\n* engineering shall be allowed.                                               *\n******************************************************************************\n\n",
			head:     func(*Device, int) string { return "" }, savedHead: func(*Device) string { return "" },
			quiet: []string{"screen-length disable"}, silent: []string{"undo terminal monitor"}, version: "display version", close: []string{"quit"},
			mark: "---- More ----", residue: "\x1b[16D" + strings.Repeat(" ", 16) + "\x1b[16D", refusal: " ^\n %% Unrecognized command found at '^' position.\n",
			writes: []string{"system-view", "save", "reset", "reboot", "delete", "undo", "format", "copy", "startup"}},
		"huawei_vrp": {ssh: "SSH-2.0--", running: []string{"display current-configuration"}, startup: "display saved-configuration",
			prompt:   func(name string, _ bool) string { return "<" + name + ">" },
			greeting: "\nWarning: The initial password poses security risks.\nThe password needs to be changed. Change now? [Y/N]: n\nInfo: The max number of VTY users is 10, and the number\n      of current VTY users on line is 1.\n      The current login time is 2026-02-27 08:17:55+01:00.\n",
			head:     vrpHead, savedHead: func(d *Device) string { return vrpHead(d, 0) },
			quiet: []string{"screen-length 0 temporary"}, silent: []string{"undo terminal monitor"}, version: "display version", close: []string{"quit"},
			mark: "  ---- More ----", residue: "\x1b[16D" + strings.Repeat(" ", 16) + "\x1b[16D", refusal: "        ^\nError: Unrecognized command found at '^' position.\n",
			writes: []string{"system-view", "save", "reset", "reboot", "delete", "undo", "format", "copy", "startup"}},
		"mikrotik_routeros": {ssh: "SSH-2.0-ROSSSH", running: []string{"/export show-sensitive", "/export"}, prompt: func(name string, _ bool) string { return "[" + sshUser + "@" + name + "] > " },
			greeting: "\n  MikroTik RouterOS 7.14.3 (c) 1999-2024       https://www.mikrotik.com/\n\nPress F1 for help\n\n",
			head:     routerOSHead, version: "/system resource print", close: []string{"/quit", "quit"},
			mark: "-- [Q quit|D dump|down]", residue: "\r\x1b[K", refusal: "bad command name %s (line 1 column 1)\n",
			writes: []string{"/system reset-configuration", "/system reboot", "/import", "/file", "set", "add", "remove"}},
		"frr": {ssh: "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2", prompt: hashBlank, running: []string{"show running-config"},
			greeting: "\nHello, this is FRRouting (version 9.1).\nCopyright 1996-2005 Kunihiro Ishiguro, et al.\n\n",
			head:     func(*Device, int) string { return "Building configuration...\n\nCurrent configuration:\n" },
			quiet:    []string{"terminal length 0"}, version: "show version", close: []string{"exit", "quit"},
			mark: "--More--", residue: more("--More--"), refusal: "%% Unknown command: %s\n", writes: iosWrites},
	}
}

func aoscxWrites() []string {
	return []string{"configure", "copy", "write", "boot", "erase", "clear", "checkpoint", "vsf", "diagnostics"}
}

const ctime = "Mon Jan _2 15:04:05 2006"

func nxosHead(d *Device, _ int) string {
	return fmt.Sprintf("!Command: show running-config\n!Running configuration last done at: %s\n!Time: %s\n\n",
		d.changed.at.Format(ctime), d.printed.Format(ctime))
}

func nxosSavedHead(d *Device) string {
	return fmt.Sprintf("!Command: show startup-config\n!Time: %s\n!Startup config saved at: %s\n\n", d.printed.Format(ctime), d.written.at.Format(ctime))
}

func (d *Device) eosImage() string {
	return fmt.Sprintf("! device: %s (%s, EOS-%s)\n!\n", d.Name(), d.model.name, d.model.version)
}

func eosHead(d *Device, _ int) string { return "! Command: show running-config\n" + d.eosImage() }

func eosSavedHead(d *Device) string {
	return fmt.Sprintf("! Command: show startup-config\n! Startup-config last modified at %s by %s\n%s", d.written.at.Format(ctime), d.written.by, d.eosImage())
}

func vrpHead(*Device, int) string { return "!Software Version V200R022C00SPC500\n" }

func routerOSHead(d *Device, _ int) string {
	id := d.net.rand("software id", d.plan.name)
	const abc = "ABCDEFGHIJKLMNPQRSTUVWXYZ0123456789"
	return fmt.Sprintf("# %s by RouterOS %s\n# software id = %s-%s\n#\n# model = %s\n# serial number = %s\n", d.printed.Format("2006-01-02 15:04:05"),
		d.model.version, pick(id, abc, 4), pick(id, abc, 4), d.model.name, d.serial)
}

// indent is how deep a description stands in an interface's section.
func (d *Device) indent() string {
	return map[netdev.PlatformID]string{"cisco_nxos": "  ", "arista_eos": "   ", "aruba_aoscx": "    "}[d.Platform()] + map[bool]string{true: " "}[d.Platform() == "hp_comware" || d.Platform() == "huawei_vrp" || d.Platform() == "frr"]
}
