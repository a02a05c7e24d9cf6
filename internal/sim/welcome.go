package sim

import (
	"strings"
	"time"
)

// welcome says what comes between login and the first prompt; false ends the
// session.
func (s *session) welcome() bool {
	d := s.d
	host := d.Name()
	if d.fault(PasswordExpired) {
		s.write("Your password has expired.\nYou must change your password now.\nNew password: ")
		line, err := s.readLine(false)
		if err == nil && line != "" {
			d.sawPassword(line)
		}
		return false
	}
	if d.fault(TooManyUsers) {
		s.write("% Too many vty sessions\n")
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
		if !s.anyKey() {
			return false
		}
	}
	s.write(s.cli.greeting())
	return true
}

// anyKey waits for the key that the platform's greeting asks for.
func (s *session) anyKey() bool {
	ask, want := "\nPress any key to continue", ""
	switch s.d.Vendor() {
	case "cisco":
		ask, want = "\n"+s.d.Name()+" con0 is now available\n\n\nPress RETURN to get started.", "\r\n"
	case "fortinet":
		ask, want = "Authorised staff only.\n(Press 'a' to accept):", "a"
	}
	s.write(ask)
	for {
		k, err := s.key()
		if err != nil {
			return false
		}
		if want == "" || strings.IndexByte(want, k) >= 0 {
			s.raw("\r\n")
			return true
		}
	}
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

// margin is how a wrapped echo goes to the next line: a blank and a carriage
// return, as line editors do, or a hard line end.
func (d *Device) margin() string {
	if p, _ := d.params(WrappedEcho); p.N == 1 {
		return "\r\n"
	}
	return " \r"
}
