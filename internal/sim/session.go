package sim

import (
	"bufio"
	"context"
	"io"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// session is one shell or one command of a connection.
type session struct {
	d   *Device
	ctx context.Context // of the connection, for faults that wait
	tcp net.Conn
	ch  ssh.Channel
	in  *bufio.Reader
	out *bufio.Writer

	pty           bool
	width, height int
	rows          int // of the pager: 0 is off
	shown         int // lines since the last pager stop
	privileged    bool
	lastCR        bool
	typed         int  // lines of the operator
	quit          bool // the pager was told to stop
	unsaid        bool // no exit status is sent
	status        uint32
	cli           cli
}

// cli is what a platform's command line does.
type cli interface {
	greeting() string
	prompt(s *session) string
	after(s *session) string // between the output of a command and the prompt
	run(s *session, line string) (more bool)
	pager() (mark, residue string)
	writes() []string // first words that change the device
	refuse(s *session, line string)
}

// maxNotes bounds what is remembered of a demonstration that runs for weeks.
const maxNotes = 10_000

func newSession(d *Device, ctx context.Context, tcp net.Conn, ch ssh.Channel) *session {
	s := &session{d: d, ctx: ctx, tcp: tcp, ch: ch, in: bufio.NewReader(ch), out: bufio.NewWriterSize(ch, 16384), privileged: !d.plan.enable}
	switch d.Platform() {
	case "cisco_iosxe":
		s.cli = ios{}
	case "juniper_junos":
		s.cli = junos{}
	case "fortinet_fortios":
		s.cli = fortios{}
	default:
		s.cli = shell{dialects()[d.Platform()]}
	}
	return s
}

func (s *session) shell() {
	s.rows = 24
	if s.height > 0 {
		s.rows = s.height
	}
	if !s.welcome() {
		return
	}
	for {
		s.write(s.prompt())
		line, err := s.readLine(true)
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		s.typed++
		s.log(line)
		s.shown, s.quit = 0, false
		if line == "" {
			continue
		}
		if !s.cli.run(s, line) {
			s.flush()
			return
		}
		s.write(s.cli.after(s))
	}
}

func (s *session) exec(command string) {
	s.log(command)
	s.cli.run(s, strings.TrimSpace(command))
	s.flush()
}

func (s *session) log(line string) {
	s.d.note(func(c *counters) {
		if len(c.commands) >= maxNotes {
			c.commands = slices.Clone(c.commands[maxNotes/2:])
		}
		c.commands = append(c.commands, line)
		if banned(line, s.cli.writes()) {
			c.writes = append(c.writes, line)
		}
	})
}

// prompt is the platform's, bent by the faults that bend prompts.
func (s *session) prompt() string {
	p := s.cli.prompt(s)
	if s.d.fault(PromptChanges) && s.typed > 1 {
		at := strings.LastIndexAny(p, ">#")
		p = p[:at] + "(HA)" + p[at:]
	}
	return p
}

func (s *session) write(text string) {
	if s.pty {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	s.raw(text)
}

// raw is for bytes that are as the terminal gets them.
func (s *session) raw(text string) {
	_, _ = s.out.WriteString(text) // bufio remembers the error; flush meets it
	if s.in.Buffered() == 0 {
		s.flush()
	}
}

func (s *session) flush() { _ = s.out.Flush() }

// readLine reads what the operator types, giving every key back as it comes.
func (s *session) readLine(echo bool) (string, error) {
	s.flush()
	var line []byte
	col := 0
	for {
		c, err := s.in.ReadByte()
		if err != nil {
			return "", err
		}
		if c == '\n' && s.lastCR {
			s.lastCR = false
			continue
		}
		s.lastCR = c == '\r'
		switch {
		case c == '\r' || c == '\n':
			s.raw("\r\n")
			s.flush()
			return string(line), nil
		case c == 0x7f || c == 0x08:
			if len(line) > 0 {
				line = line[:len(line)-1]
				if echo && !s.d.fault(NoEcho) {
					s.raw("\b \b")
				}
			}
		case c == 0x03 || c == 0x15:
			line = line[:0]
		case c >= 0x20 || c == '\t':
			if line = append(line, c); len(line) > 4096 {
				return "", io.ErrShortBuffer
			}
			if echo && !s.d.fault(NoEcho) {
				s.raw(string([]byte{c}))
				if col++; s.d.fault(WrappedEcho) && col%10 == 0 {
					s.raw(s.d.margin())
				}
			}
		}
		if s.in.Buffered() == 0 {
			s.flush()
		}
	}
}

// key reads one key without giving it back.
func (s *session) key() (byte, error) {
	s.flush()
	c, err := s.in.ReadByte()
	s.lastCR = c == '\r'
	return c, err
}

// print writes text and stops at the pager where the session has one.
func (s *session) print(text string) {
	for text != "" && !s.quit {
		line, rest, ok := strings.Cut(text, "\n")
		if ok {
			line += "\n"
		}
		if s.pty && s.rows > 0 && s.shown >= s.rows-1 && !s.stop() {
			return
		}
		s.write(line)
		if ok {
			s.shown++
		}
		text = rest
	}
}

// stop shows the pager's mark and waits for a key; false ends the output.
func (s *session) stop() bool {
	mark, residue := s.cli.pager()
	for {
		s.raw(mark)
		k, err := s.key()
		if err != nil {
			s.quit = true
			return false
		}
		s.raw(residue)
		switch k {
		case ' ', 'f':
			s.shown = 0
			return true
		case '\r', '\n':
			s.shown--
			return true
		case 'q', 'Q', 0x03:
			s.quit = true
			return false
		}
	}
}
