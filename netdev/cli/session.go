package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

const (
	quietPrompt = 100 * time.Millisecond // rest after which a tail counts as a prompt
	quietSlow   = 300 * time.Millisecond // the same where a round trip takes longer than slowTrip
	quietPager  = 50 * time.Millisecond
	quietDoubt  = time.Second     // before an empty line is sent once more
	quietOther  = 2 * time.Second // before a prompt that is not the learned one is looked into
	slowTrip    = time.Second
	closeWait   = 2 * time.Second
)

// Session is a shell on a device whose exact prompt is known. It is used by
// one goroutine. After an error it is in no known state and answers nothing
// any more.
type Session struct {
	conn    *Conn
	link    *link   // nil: every command has a channel of its own
	links   []*link // channels of commands, to be waited for
	p       *platform.Platform
	lim     Limits
	scr     screen
	newline string
	prompt  prompt
	state   string
	quiet   time.Duration
	lost    error
	taken   int // bytes received in this shell
}

type ptyRequest struct {
	Term                         string
	Columns, Rows, Width, Height uint32
	Modes                        string
}

// Open starts a session on an authenticated connection: shell, login dialogue,
// prompt, privilege, session.open. Where the platform runs commands over exec
// channels no shell is opened.
func Open(ctx context.Context, c *Conn) (*Session, error) {
	s := &Session{conn: c, p: c.target.Platform, lim: c.limits, quiet: quietPrompt, newline: c.target.Platform.Session.Newline}
	if s.newline == "" {
		s.newline = "\n"
	}
	if s.p.Session.Exec {
		return s, nil
	}
	return s, s.shell(ctx)
}

func (s *Session) shell(ctx context.Context) error {
	s.scr = screen{}
	link, err := openLink(s.conn, s.startShell)
	if err != nil {
		return s.why(ctx, "session", err)
	}
	s.link = link
	for _, step := range []func(context.Context) error{s.dialogue, s.learn, s.privilege, s.setUp} {
		if err := step(ctx); err != nil {
			s.lost = err
			return err
		}
	}
	return nil
}

func (s *Session) startShell(ch ssh.Channel) error {
	o := s.p.Session
	pty := ptyRequest{Term: o.Term, Columns: uint32(max(o.Width, 0)), Rows: uint32(max(o.Height, 0)), Modes: "\x00"}
	if pty.Term == "" {
		pty.Term = "vt100"
	}
	if pty.Columns == 0 {
		pty.Columns = 511
	}
	if ok, err := ch.SendRequest("pty-req", true, ssh.Marshal(&pty)); err != nil || !ok {
		return fail(netdev.UnexpectedShell, "session", "the device gives no terminal")
	}
	if ok, err := ch.SendRequest("shell", true, nil); err != nil || !ok {
		return fail(netdev.UnexpectedShell, "session", "the device gives no shell")
	}
	return nil
}

// setUp sends session.open, each through the reader.
func (s *Session) setUp(ctx context.Context) error {
	for _, o := range s.p.Session.Open {
		a, err := s.Run(ctx, o.Text)
		if err != nil {
			return err
		}
		if e, bad := FindError(s.p, a.Text); bad && !optional(s.p, o.Text) {
			return fail(e.Reason, o.Text, "%q", clip(e.Line, 200))
		}
	}
	return nil
}

// State names the privilege the prompt shows, by prompt.states.
func (s *Session) State() string { return s.state }

// Prompt gives the prompt that was learned.
func (s *Session) Prompt() string { return string(s.prompt.text) }

// Close leaves the session and ends the connection.
func (s *Session) Close(ctx context.Context) {
	if s.link != nil {
		if s.lost == nil {
			s.leave(ctx)
		}
		s.link.close()
	}
	s.conn.Close()
	for _, l := range append(s.links, s.link) {
		if l != nil {
			l.wait()
		}
	}
}

func (s *Session) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, closeWait)
	defer cancel()
	for _, c := range s.p.Session.Close {
		if s.link.write(c.Text+s.newline) != nil {
			return
		}
	}
	for len(s.p.Session.Close) > 0 {
		b, err := s.link.next(ctx, quietDoubt)
		if err != nil {
			return
		}
		s.link.done(b)
	}
}

// act is what a tail asks for.
type act int

const (
	nothing act = iota
	atPager
	atPrompt
	atOther // like a prompt, but not the learned one
	atLogin
)

// pump reads until look says that the tail asks for something and no byte came
// for the time look gives with it. look is called after every chunk.
func (s *Session) pump(ctx context.Context, op string, look func() (act, time.Duration)) (act, error) {
	for {
		what, quiet := look()
		wait := s.idle()
		if what != nothing {
			wait = min(quiet, wait)
		}
		b, err := s.link.next(ctx, wait)
		switch {
		case err == nil:
			s.taken += len(b)
			s.scr.feed(b)
			s.link.done(b)
			if err := s.caps(op); err != nil {
				return nothing, err
			}
		case errors.Is(err, errQuiet) && what != nothing:
			return what, nil
		default:
			return nothing, s.why(ctx, op, err)
		}
	}
}

func (s *Session) idle() time.Duration {
	return max(s.lim.Idle, min(s.p.Session.Idle.D(), 120*time.Second))
}

func (s *Session) caps(op string) error {
	if len(s.scr.buf) > s.lim.Text {
		return fail(netdev.OutputLimit, op, "more than %d bytes", s.lim.Text)
	}
	if max(s.scr.longest, len(s.scr.buf)-s.scr.start) > s.lim.Line {
		return fail(netdev.OutputLimit, op, "a line of more than %d bytes", s.lim.Line)
	}
	return nil
}

// why turns an error of the channel into a reason.
func (s *Session) why(ctx context.Context, op string, err error) error {
	told, ok := errors.AsType[*netdev.OpError](err)
	switch {
	case ctx.Err() != nil:
		return stopped(ctx, op)
	case ok:
		return told
	case errors.Is(err, errQuiet):
		return fail(netdev.Timeout, op, "idle: no byte for %s", s.idle())
	case errors.Is(err, io.EOF):
		return fail(netdev.Closed, op, "the device ended the session")
	default:
		return fail(netdev.Closed, op, "%v", rootCause(err))
	}
}

func (s *Session) write(ctx context.Context, op, text string) error {
	if err := s.link.write(text); err != nil {
		return s.why(ctx, op, io.EOF)
	}
	return nil
}

// trimBlank takes the blank lines off both ends and leaves one line end.
func trimBlank(b []byte) []byte {
	for {
		n := bytes.IndexByte(b, '\n')
		if n < 0 || len(bytes.TrimSpace(b[:n])) > 0 {
			break
		}
		b = b[n+1:]
	}
	for {
		t := bytes.TrimRight(b, "\n")
		n := bytes.LastIndexByte(t, '\n') + 1
		if len(bytes.TrimSpace(t[n:])) > 0 {
			return append(bytes.Clone(t), '\n')
		}
		if n == 0 {
			return nil
		}
		b = t[:n]
	}
}
