package cli

import (
	"context"
	"errors"
	"io"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/plumbline-net/plumbline/netdev"
)

type execRequest struct{ Command string }

var errNoExec = errors.New("the device runs no commands over exec channels")

// exec runs one command over a channel of its own. A device that refuses gets
// a shell instead.
func (s *Session) exec(ctx context.Context, command string) (Answer, error) {
	a := Answer{Exec: true}
	l, err := openLink(s.conn, func(ch ssh.Channel) error {
		if ok, err := ch.SendRequest("exec", true, ssh.Marshal(&execRequest{command})); err != nil || !ok {
			return errNoExec
		}
		return nil
	})
	if errors.Is(err, errNoExec) && ctx.Err() == nil {
		if err := s.shell(ctx); err != nil {
			return a, err
		}
		return s.Run(ctx, command)
	}
	if err != nil {
		return a, s.why(ctx, command, err)
	}
	s.links = append(s.links, l)
	defer l.close()
	s.scr = screen{buf: s.scr.buf[:0]}
	for {
		b, err := l.next(ctx, s.idle())
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			s.scr.feed(b)
			l.done(b)
			err = s.caps(command)
		}
		if err != nil {
			a.Text = trimBlank(s.scr.buf)
			return a, s.why(ctx, command, err)
		}
	}
	a.Text = trimBlank(s.scr.buf)
	return s.ended(ctx, l, a, command)
}

// ended judges how an exec channel ended.
func (s *Session) ended(ctx context.Context, l *link, a Answer, command string) (Answer, error) {
	select { // the exit status may come after the end of the text
	case <-l.closed:
	case <-time.After(closeWait):
	case <-ctx.Done():
		return a, stopped(ctx, command)
	}
	status, told, _, stderr := l.ended()
	switch {
	case told && status == 0:
		return a, nil
	case told:
		if e, ok := FindError(s.p, append([]byte(stderr+"\n"), a.Text...)); ok {
			return a, fail(e.Reason, command, "exit status %d: %q", status, clip(e.Line, 200))
		}
		return a, fail(netdev.CommandError, command, "exit status %d", status)
	}
	// No status: the network may be gone, which the library does not tell.
	if _, _, err := s.conn.client.SendRequest("keepalive@openssh.com", true, nil); err != nil {
		return a, fail(netdev.Closed, command, "the connection ended without an exit status")
	}
	a.NoStatus = true
	return a, nil
}
