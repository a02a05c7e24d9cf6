package cli

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// dialogue goes through what stands between the shell and the first prompt:
// banners, keys, a second login, menus.
func (s *Session) dialogue(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.lim.Login, errLogin)
	defer cancel()
	d := &dialogue{s: s, keys: make([]bool, len(s.p.Login.Keys))}
	for {
		_, err := s.pump(ctx, "login", d.look)
		if err == nil {
			err = d.tooMuch()
		}
		if err != nil {
			return d.why(ctx, err)
		}
		done, err := d.answer(ctx)
		if err != nil || done {
			return err
		}
	}
}

type dialogue struct {
	s    *Session
	keys []bool
	user bool
	pass bool
	any  bool // the common key was sent
	from int  // what came before was answered
}

// look says whether the tail is something to answer.
func (d *dialogue) look() (act, time.Duration) {
	s := d.s
	if d.tooMuch() != nil {
		return atLogin, 0
	}
	tail := s.scr.tail()
	if len(bytes.TrimSpace(tail)) == 0 || len(tail) > maxColumn {
		// A key may be asked for in a line that is finished.
		if d.key(d.lastLine()) >= 0 {
			return atLogin, quietDoubt
		}
		return nothing, 0
	}
	switch {
	case d.key(tail) >= 0, passwordRe(s.p).Match(tail), userRe(s.p).Match(tail), newPassword.Match(tail), s.promptLike():
		return atLogin, quietPrompt
	case askMatches(s.p.Login.Menu, string(tail)), anyMenu.Match(tail), askMatches(s.p.Login.Expired, string(tail)):
		return atLogin, quietSlow
	}
	return nothing, 0
}

func (d *dialogue) tooMuch() error {
	if d.s.taken > d.s.lim.Dialogue {
		return fail(netdev.OutputLimit, "login", "more than %d bytes before the first prompt", d.s.lim.Dialogue)
	}
	return nil
}

func (d *dialogue) key(line []byte) int {
	if len(line) == 0 {
		return -1
	}
	for i := range d.s.p.Login.Keys {
		if !d.keys[i] && d.s.p.Login.Keys[i].Match.Match(line) {
			return i
		}
	}
	if !d.any && anyKey.Match(line) {
		return len(d.keys)
	}
	return -1
}

func (d *dialogue) lastLine() []byte {
	t := bytes.TrimRight(d.s.scr.since(d.from), " \n")
	return t[bytes.LastIndexByte(t, '\n')+1:]
}

// answer answers the tail; done is true when it is a prompt.
func (d *dialogue) answer(ctx context.Context) (done bool, err error) {
	s := d.s
	tail := bytes.Clone(s.scr.tail())
	if i := d.key(tail); i >= 0 {
		return false, d.press(ctx, i, tail)
	}
	if i := d.key(d.lastLine()); i >= 0 && len(bytes.TrimSpace(tail)) == 0 {
		return false, d.press(ctx, i, d.lastLine())
	}
	asks := passwordRe(s.p).Match(tail) || userRe(s.p).Match(tail) || newPassword.Match(tail)
	switch {
	case newPassword.Match(tail), d.expired() && (asks || !s.promptLike()):
		return false, fail(netdev.PasswordExpired, "login", "the device wants another password")
	case asks:
		return false, d.credential(ctx, tail)
	case s.promptLike():
		return true, nil
	default:
		return false, fail(netdev.UnexpectedShell, "login", "a menu: %q", clip(string(tail), 80))
	}
}

func (d *dialogue) press(ctx context.Context, i int, line []byte) error {
	if i == len(d.keys) {
		d.any = true
		d.from = len(d.s.scr.buf)
		return d.s.write(ctx, "login", d.s.newline)
	}
	d.keys[i] = true
	row := &d.s.p.Login.Keys[i]
	k := key(row.Send, row.Match, line, d.s.newline)
	d.from = len(d.s.scr.buf)
	return d.s.write(ctx, "login", k)
}

// credential answers an in-shell login, each question once.
func (d *dialogue) credential(ctx context.Context, tail []byte) error {
	s := d.s
	if errLine, ok := d.refused(); ok {
		return fail(errLine.Reason, "login", "%q", clip(errLine.Line, 120))
	}
	if passwordRe(s.p).Match(tail) {
		if d.pass || !s.conn.login.ssh.Password.IsSet() {
			return fail(netdev.AuthFailed, "login", "password refused in the shell for user %q", s.conn.login.ssh.User)
		}
		d.pass = true
		d.from = len(s.scr.buf)
		password, err := s.conn.login.inShell()
		if err != nil {
			return err
		}
		return s.write(ctx, "login", password+s.newline)
	}
	if d.user {
		return fail(netdev.AuthFailed, "login", "refused in the shell for user %q", s.conn.login.ssh.User)
	}
	d.user = true
	d.from = len(s.scr.buf)
	return s.write(ctx, "login", s.conn.login.ssh.User+s.p.Login.Suffix+s.newline)
}

func (d *dialogue) refused() (ErrorLine, bool) {
	for line := range bytes.Lines(d.s.scr.since(d.from)) {
		if e, ok := errorIn(d.s.p, strings.TrimRight(string(line), "\n")); ok && e.Reason == netdev.SessionLimit {
			return e, true
		}
	}
	return ErrorLine{}, false
}

// expired looks for the platform's words in every line so far.
func (d *dialogue) expired() bool {
	for line := range bytes.Lines(d.s.scr.buf) {
		if askMatches(d.s.p.Login.Expired, strings.TrimRight(string(line), "\n")) {
			return true
		}
	}
	return false
}

// why refines the reason of a dialogue that led nowhere.
func (d *dialogue) why(ctx context.Context, err error) error {
	s := d.s
	switch reason := netdev.ReasonOf(err); {
	case context.Cause(ctx) == errLogin && d.expired():
		return fail(netdev.PasswordExpired, "login", "the device wants another password")
	case context.Cause(ctx) == errLogin || reason == netdev.Timeout && !strings.HasPrefix(detailOf(err), "total"):
		return s.noPrompt(fail(netdev.Timeout, "login", "login: no prompt within %s", s.lim.Login))
	case reason == netdev.Closed:
		if e, ok := d.refused(); ok {
			return fail(e.Reason, "login", "%q", clip(e.Line, 120))
		}
		if d.pass {
			return fail(netdev.AuthFailed, "login", "the device hung up after the password")
		}
		if d.expired() {
			return fail(netdev.PasswordExpired, "login", "the device wants another password")
		}
	}
	return err
}
