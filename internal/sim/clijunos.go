package sim

import (
	"fmt"
	"strings"
)

// junos is the command line of the brace family.
type junos struct{}

func (junos) greeting() string { return "--- JUNOS Kernel 64-bit  JNPR-11.0-20211130\n" }

// member says whether the prompt has the line of a member of a stack above it.
func (d *Device) member() bool { return strings.HasPrefix(d.model.name, "EX") }

func (junos) prompt(s *session) string {
	p := sshUser + "@" + s.d.Name() + "> "
	if s.d.member() {
		p = "{master:0}\n" + p
	}
	return p
}

func (junos) after(*session) string { return "\n" }

func (junos) pager() (string, string) {
	return "---(more)---", "\r" + strings.Repeat(" ", 40) + "\r"
}

func (junos) writes() []string {
	return []string{"configure", "edit", "request", "clear", "restart", "file", "set", "delete", "rollback", "commit", "load", "start"}
}

func (junos) refuse(s *session, line string) {
	s.write(strings.Repeat(" ", len(sshUser)+len(s.d.Name())+3) + "^\nunknown command.\n")
}

func (c junos) run(s *session, line string) bool {
	d := s.d
	words := strings.Fields(line)
	joined := strings.Join(words, " ")
	command, pipe, _ := strings.Cut(joined, " | ")
	if pipe == "no-more" && !d.fault(PagerStays) {
		defer func(n int) { s.rows = n }(s.rows)
		s.rows = 0
	}
	switch {
	case joined == "exit" || joined == "quit":
		return false
	case len(words) == 4 && words[0] == "set" && words[1] == "cli":
		d.forgetWrite(line)
		c.set(s, words[2], words[3])
	case d.fault(EnableRefused) && strings.HasPrefix(command, "show configuration"):
		s.write("error: permission denied: configuration\n")
	case command == "show configuration":
		s.configText(d.Running)
	case command == "show version":
		s.print(fmt.Sprintf("Hostname: %s\nModel: %s\nJunos: %s\nJUNOS OS Kernel 64-bit  [20211130]\nJUNOS Software Suite [%s]\n", d.Name(), strings.ToLower(d.Model()), d.Version(), d.Version()))
	case command == "show chassis hardware":
		s.print(fmt.Sprintf("Hardware inventory:\nItem             Version  Part number  Serial number     Description\nChassis                                %-17s %s\n", d.serial, d.Model()))
	default:
		c.refuse(s, line)
	}
	return true
}

func (junos) set(s *session, what, value string) {
	n := 0
	_, err := fmt.Sscan(value, &n)
	switch {
	case what == "screen-length" && err == nil:
		if !s.d.fault(PagerStays) {
			s.rows = n
		}
		s.write(fmt.Sprintf("Screen length set to %d\n", n))
	case what == "screen-width" && err == nil:
		s.width = n
		s.write(fmt.Sprintf("Screen width set to %d\n", n))
	case what == "complete-on-space":
		s.write("Disabling complete-on-space\n")
	case what == "timestamp" || what == "idle-timeout" || what == "terminal":
	default:
		junos{}.refuse(s, what)
	}
}

// forgetWrite takes back a note: `set cli` is a matter of the session alone.
func (d *Device) forgetWrite(line string) {
	d.note(func(c *counters) {
		if n := len(c.writes); n > 0 && c.writes[n-1] == line {
			c.writes = c.writes[:n-1]
		}
	})
}
