package cli

import (
	"bytes"
	"strconv"
)

// void marks a cell that was erased. Devices' NULs are dropped on the way in,
// so it cannot come from outside.
const void = 0

// maxColumn bounds where a cursor may be sent.
const maxColumn = 4096

// screen resolves what a terminal would: carriage returns, backspaces, escape
// sequences and NULs. It knows one line, the unfinished one; everything before
// it is text and is not touched again. All other bytes pass as they are.
type screen struct {
	buf     []byte // finished lines and the unfinished one
	start   int    // where the unfinished line begins
	col     int    // cursor, in bytes from start
	state   byte   // 0 text, or the introducer of an escape sequence
	params  []byte
	wipe    wipe
	pager   int // where on its line the pager began
	longest int // longest line seen
}

// wipe says how far a device is with wiping the pager off its line.
type wipe byte

const (
	wiped   wipe = iota // nothing to wipe
	fresh               // the key was just sent
	moved               // the cursor went back
	blanked             // blanks were written over it
)

// feed takes bytes as they came. How they are cut into pieces makes no
// difference.
func (s *screen) feed(p []byte) {
	for i := 0; i < len(p); {
		if s.state == 0 && s.wipe == wiped && s.col == len(s.buf)-s.start {
			if n := plain(p[i:]); n > 0 {
				s.buf = append(s.buf, p[i:i+n]...)
				s.col += n
				i += n
				continue
			}
		}
		s.one(p[i])
		i++
	}
}

// plain counts the bytes at the front that need no resolving.
func plain(p []byte) int {
	for i, b := range p {
		if b < 0x20 && b != '\t' || b == 0x7f {
			return i
		}
	}
	return len(p)
}

func (s *screen) one(b byte) {
	if s.state != 0 {
		s.escape(b)
		return
	}
	switch b {
	case 0, 0x07, 0x7f, 0x0e, 0x0f:
	case 0x1b:
		s.state = 0x1b
	case '\r':
		s.move(0)
	case '\b':
		s.move(s.col - 1)
	case '\n':
		s.newline()
	default:
		s.put(b)
	}
}

// move sets the cursor's column.
func (s *screen) move(to int) {
	switch {
	case s.wipe == fresh:
		s.wipe = moved
	case s.wipe == blanked && to < s.col:
		s.wipe = wiped
	}
	s.col = min(max(0, to), maxColumn)
}

func (s *screen) put(b byte) {
	if s.wipe != wiped && s.putWiping(b) {
		return
	}
	for len(s.buf)-s.start < s.col {
		s.buf = append(s.buf, ' ')
	}
	if at := s.start + s.col; at == len(s.buf) {
		s.buf = append(s.buf, b)
	} else {
		s.buf[at] = b
	}
	s.col++
}

// putWiping handles a byte that comes after a pager's key. It is true where
// the byte was a blank that wipes.
func (s *screen) putWiping(b byte) bool {
	line := s.buf[s.start:]
	switch {
	case s.wipe == fresh: // nothing is wiped: the text goes on where the pager stood
		s.buf = s.buf[:s.start+min(s.pager, len(line))]
		s.col = len(s.buf) - s.start
	case b == ' ' && (s.col >= len(line) || line[s.col] == void):
		s.wipe = blanked
		s.col++
		return true
	}
	s.wipe = wiped
	return false
}

func (s *screen) newline() {
	bare := s.wipe == fresh || s.wipe == moved
	s.wipe = wiped
	s.tidy()
	if bare && s.pager == 0 && len(s.buf) == s.start {
		s.col = 0 // the line was the pager's alone
		return
	}
	s.longest = max(s.longest, len(s.buf)-s.start)
	s.buf = append(s.buf, '\n')
	s.start, s.col = len(s.buf), 0
}

// tidy takes erased cells off the end of the line and makes the others blank.
func (s *screen) tidy() {
	line := s.buf[s.start:]
	n := len(line)
	for n > 0 && line[n-1] == void {
		n--
	}
	for i := range line[:n] {
		if line[i] == void {
			line[i] = ' '
		}
	}
	s.buf = s.buf[:s.start+n]
}

// escape takes one byte of an escape sequence (ECMA-48 §5.4).
func (s *screen) escape(b byte) {
	switch s.state {
	case 0x1b:
		s.params = s.params[:0]
		switch b {
		case '[', ']', 'P', '^', '_', 'X':
			s.state = b
		case '(', ')', '*', '+', '#', ' ', '%':
			s.state = '('
		case 'E':
			s.state = 0
			s.newline()
		default:
			s.state = 0
		}
	case '(':
		s.state = 0
	case '[':
		switch {
		case b >= 0x40 && b <= 0x7e:
			s.state = 0
			s.csi(b)
		case b == 0x1b:
			s.state = 0x1b
		case b < 0x20: // a control inside a sequence is carried out
			s.state = 0
			s.one(b)
			s.state = '['
		case len(s.params) < 64:
			s.params = append(s.params, b)
		default: // no terminal sends this; the rest is text again
			s.state = 0
		}
	default: // strings up to BEL or ESC \
		switch {
		case b == 0x07:
			s.state = 0
		case b == 0x1b:
			s.state = 0x1b
		case len(s.params) < 4096:
			s.params = append(s.params, b)
		default:
			s.state = 0
		}
	}
}

func (s *screen) csi(final byte) {
	switch final {
	case 'D':
		s.move(s.col - s.number(0, 1))
	case 'C':
		s.move(s.col + s.number(0, 1))
	case 'G':
		s.move(s.number(0, 1) - 1)
	case 'H', 'f':
		s.move(s.number(1, 1) - 1)
	case 'P':
		line := s.buf[s.start:]
		if s.col < len(line) {
			n := min(len(line)-s.col, s.number(0, 1))
			s.buf = append(s.buf[:s.start+s.col], line[s.col+n:]...)
		}
	case 'K', 'J':
		s.wipe = wiped
		s.eraseLine(s.number(0, 0))
	}
}

// eraseLine takes the line away behind the cursor (0), before it (1) or whole.
func (s *screen) eraseLine(how int) {
	line := s.buf[s.start:]
	switch how {
	case 0:
		s.buf = s.buf[:s.start+min(s.col, len(line))]
	case 1:
		for i := range min(s.col+1, len(line)) {
			line[i] = void
		}
	default:
		s.buf = s.buf[:s.start]
	}
}

// number gives the i-th parameter of a sequence, at least least where it is
// given, else the default.
func (s *screen) number(i, def int) int {
	fields := bytes.Split(s.params, []byte{';'})
	if i >= len(fields) {
		return def
	}
	n, err := strconv.Atoi(string(fields[i]))
	if err != nil || n < 0 {
		return def
	}
	return max(n, min(def, 1))
}

// tail gives the unfinished line; it is valid until the next feed.
func (s *screen) tail() []byte {
	line := s.buf[s.start:]
	for len(line) > 0 && line[len(line)-1] == void {
		line = line[:len(line)-1]
	}
	return line
}

// cutPager takes the tail from column at on away, as if it had never been
// printed. The device will wipe, in its own manner, what it thinks is there.
func (s *screen) cutPager(at int) {
	line := s.buf[s.start:]
	for i := at; i < len(line); i++ {
		line[i] = void
	}
	s.wipe, s.pager = fresh, at
}

// keepTail forgets everything but the unfinished line.
func (s *screen) keepTail() {
	n := copy(s.buf, s.buf[s.start:])
	s.buf = s.buf[:n]
	s.start, s.longest = 0, 0
}

// since gives everything from offset on.
func (s *screen) since(offset int) []byte {
	return s.buf[min(offset, len(s.buf)) : s.start+len(s.tail())]
}
