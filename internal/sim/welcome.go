package sim

import (
	"strings"
	"time"
)

// welcome says what comes between login and the first prompt; false ends the
// session.
func (s *session) welcome() bool {
	d := s.d
	host := d.name
	if d.fault(PasswordExpired) {
		s.write("Your password has expired.\nYou must change your password now.\nNew password: ")
		line, err := s.readLine(false)
		if err == nil && line != "" {
			d.note(func(c *counters) { c.passwords = append(c.passwords, line) })
		}
		return false
	}
	if d.fault(Menu) {
		s.menu()
		return false
	}
	if d.fault(HugeBanner) {
		s.write(strings.Repeat("* Notice: this system belongs to somebody; read all of it before you go on *\n", 2600))
	}
	if d.fault(PromptBanner) {
		s.write("\n" + host + "#\n" + host + ">\nrouter#\nswitch>\n$ \nadmin@" + host + "> \n")
		s.flush()
		wait(s.ctx, 50*time.Millisecond)
	}
	if d.fault(AnyKey) {
		s.write("\nPress any key to continue")
		if _, err := s.key(); err != nil {
			return false
		}
		s.raw("\r\n")
	}
	s.write(s.cli.greeting())
	return true
}

func (s *session) menu() {
	for {
		s.write("\n 1) Status\n 2) Reset to factory settings\n 3) Shell\n 0) Log out\n\nEnter an option: ")
		line, err := s.readLine(true)
		if err != nil || line == "0" {
			return
		}
		s.log("menu " + line)
	}
}
