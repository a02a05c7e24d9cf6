package cli

// maxEcho bounds what is held back while it may still be the echo.
const maxEcho = 64 << 10

// echo takes the echo of one command out of a stream. It matches characters:
// blanks, line ends, control sequences and what a backspace takes back do not
// count, so that it does not matter where and how a device wraps. The prompt
// may be printed again in front of it. Where the characters differ there was
// no echo, and everything is given back.
type echo struct {
	want   []byte // the command without blanks
	prompt []byte // the prompt's last line

	held    []byte // everything so far
	over    bool   // decided
	found   bool   // there was an echo
	pos     int    // characters of want that came
	dead    bool   // the characters differ
	extra   bool   // one character too many, which a backspace may take back
	matched bool   // the last character was one of want
	at      int    // characters of the prompt that came on this line
	other   bool   // this line does not begin with the prompt
	escape  byte
}

// filter gives the bytes that are not echo.
func (e *echo) filter(p []byte) []byte {
	for i, b := range p {
		e.held = append(e.held, b)
		e.take(b)
		switch {
		case e.found && (b == '\n' || e.pos < 0):
			e.over = true
			if b != '\n' { // the text goes on where the echo ended
				return p[i:]
			}
			return p[i+1:]
		case e.dead && (e.other || e.at == 0) && !e.found, len(e.held) > maxEcho:
			e.over, e.found = true, false
			return append(e.held, p[i+1:]...)
		}
	}
	return nil
}

// giveUp ends the matching: what was held was no echo.
func (e *echo) giveUp() []byte {
	e.over, e.found = true, false
	return e.held
}

func (e *echo) take(b byte) {
	if e.escape != 0 || b == 0x1b {
		e.sequence(b)
		return
	}
	switch b {
	case 0, 0x07:
	case '\r', '\n':
		e.at, e.other, e.matched = 0, false, false
		if e.extra {
			e.extra, e.dead = false, true
		}
	case '\b':
		if e.matched && e.pos > 0 && !e.found {
			e.pos--
		}
		e.extra, e.matched = false, false
	default:
		e.promptChar(b)
		if b == ' ' || b == '\t' {
			e.matched = false
			return
		}
		e.char(b)
	}
}

// promptChar follows the prompt on its line; behind it the echo begins anew.
func (e *echo) promptChar(b byte) {
	if e.other || e.at >= len(e.prompt) {
		return
	}
	if e.prompt[e.at] != b {
		e.other = true
		return
	}
	if e.at++; e.at == len(e.prompt) && !e.found {
		e.pos, e.dead, e.extra, e.matched = 0, false, false, false
		if b != ' ' {
			e.pos = -1 // this very byte is the prompt's, not the command's
		}
	}
}

func (e *echo) char(b byte) {
	switch {
	case e.pos == -1 && !e.found:
		e.pos = 0
	case e.found: // something else than the line end follows
		e.pos = -1
	case e.dead:
	case e.extra:
		e.dead = true
	case b == e.want[e.pos]:
		e.matched = true
		if e.pos++; e.pos == len(e.want) {
			e.found = true
		}
	default:
		e.extra, e.matched = true, false
	}
}

// sequence passes over an escape sequence (ECMA-48 §5.4).
func (e *echo) sequence(b byte) {
	switch {
	case b == 0x1b:
		e.escape = 0x1b
	case e.escape == 0x1b && b == '[':
		e.escape = '['
	case e.escape == 0x1b && (b == '(' || b == ')'):
		e.escape = '('
	case e.escape == '[' && (b < 0x40 || b > 0x7e):
	default:
		e.escape = 0
	}
}
