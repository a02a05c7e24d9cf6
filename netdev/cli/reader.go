package cli

import (
	"bytes"
	"context"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Answer is what one command printed.
type Answer struct {
	Command   string
	Text      []byte // line ends \n, no blank lines at both ends, one final \n; nil when nothing came
	LookAlike bool   // a prompt stood in it and more followed
	Pages     int    // keys sent to the pager
	Exec      bool   // by an exec channel
	NoStatus  bool   // an exec channel that told no exit status
	Took      time.Duration
}

// maxSentinels bounds the empty lines sent for one answer.
const maxSentinels = 64

// Run sends a command and reads its answer up to the prompt, which has to come
// back once more, alone, for an empty line. On an error the answer holds what
// came so far and the session is lost.
func (s *Session) Run(ctx context.Context, command string) (Answer, error) {
	if s.lost != nil {
		return Answer{Command: command}, s.lost
	}
	begun := time.Now()
	var a Answer
	var err error
	if s.link == nil {
		a, err = s.exec(ctx, command)
	} else {
		r := &reading{s: s, command: command, want: compact([]byte(command))}
		err = r.read(ctx)
		a = r.answer()
	}
	a.Command, a.Took = command, time.Since(begun)
	if err != nil {
		s.lost = err
	}
	return a, err
}

// reading is the state of one command: sent, echo, body, tail, sentinel, done.
type reading struct {
	s       *Session
	command string
	want    []byte // the command without blanks

	echoed bool   // the echo is over; body is where the text begins
	from   int    // lines before it were looked at for the echo
	seen   []byte // echo so far, without blanks
	begin  int    // where the first line of a possible echo begins
	body   int

	sent   int // sentinels
	mark   int // where the prompt stood when the last one was sent
	pages  int
	alike  bool
	old    *prompt // the learned prompt, while another one is tried
	finish int
	done   bool
}

func (r *reading) read(ctx context.Context) error {
	s := r.s
	s.scr.keepTail()
	if err := s.write(ctx, r.command, r.command+s.newline); err != nil {
		return err
	}
	for {
		what, err := s.pump(ctx, r.command, r.look)
		if err != nil {
			return r.why(err)
		}
		switch what {
		case atPager:
			err = r.page(ctx)
		case atPrompt:
			err = r.prompt(ctx)
		case atOther:
			// The prompt may have changed: the tail has to prove itself.
			old := s.prompt
			r.old = &old
			s.prompt = newPrompt(steady(s.scr.tail(), s.p.Prompt.Varies), s.p.Prompt.Varies)
			r.alike = true
			err = r.sentinel(ctx)
		}
		if err != nil || r.done {
			return err
		}
	}
}

// look says what the tail asks for. It costs the same whatever has come.
func (r *reading) look() (act, time.Duration) {
	s := r.s
	r.echo()
	if s.scr.start == 0 { // nothing but what stood there before the command
		return nothing, 0
	}
	tail := s.scr.tail()
	switch {
	case len(tail) == 0:
		return nothing, 0
	case s.prompt.isLast(tail):
		if r.sent > 0 {
			if s.scr.start <= r.mark {
				return nothing, 0
			}
			if region := s.scr.since(r.mark); !s.prompt.only(region, 2) && len(s.prompt.run(region)) < 2 {
				return atPrompt, quietDoubt
			}
		}
		if !r.echoed && r.sent == 0 {
			return atPrompt, quietDoubt
		}
		return atPrompt, s.quiet
	case s.p.Pager.Match.Re() != nil && s.p.Pager.Match.Match(tail[max(0, len(tail)-256):]):
		return atPager, quietPager
	case s.promptLike():
		return atOther, quietOther
	}
	return nothing, 0
}

// page answers the pager and takes its text out of the line.
func (r *reading) page(ctx context.Context) error {
	s := r.s
	if r.pages++; r.pages > s.lim.Pages {
		return fail(netdev.OutputLimit, r.command, "more than %d pages", s.lim.Pages)
	}
	tail := s.scr.tail()
	base := max(0, len(tail)-256)
	at := base + s.p.Pager.Match.Re().FindIndex(tail[base:])[0]
	k := key(s.p.Pager.Send, s.p.Pager.Match, tail, s.newline)
	s.scr.cutPager(at)
	return s.write(ctx, r.command, k)
}

// prompt is called when the tail has been the prompt for a while.
func (r *reading) prompt(ctx context.Context) error {
	s := r.s
	if r.sent == 0 {
		return r.sentinel(ctx)
	}
	region := s.scr.since(r.mark)
	if s.prompt.only(region, 2) {
		r.finish = r.end()
		r.done = true
		return nil
	}
	r.alike = true
	if r.old != nil { // it was not a prompt after all
		s.prompt, r.old = *r.old, nil
	}
	return r.sentinel(ctx)
}

// sentinel sends an empty line: exactly one more prompt must come.
func (r *reading) sentinel(ctx context.Context) error {
	s := r.s
	if r.sent++; r.sent > maxSentinels {
		return fail(netdev.Truncated, r.command, "the prompt does not come back alone")
	}
	buf := s.scr.buf
	start, ok := s.prompt.ends(buf[:s.scr.start+len(s.scr.tail())])
	if !ok {
		start = s.scr.start
	}
	r.mark = start
	return s.write(ctx, r.command, s.newline)
}

// end finds where the text ends: before the prompts that our own empty lines
// brought and the one before them.
func (r *reading) end() int {
	buf := r.s.scr.buf[:r.s.scr.start+len(r.s.scr.tail())]
	starts := r.s.prompt.run(buf[r.body:])
	return r.body + starts[min(len(starts), 1+r.sent)-1]
}

// echo finds where the echo of the command ends. It looks at whole lines, so
// that it does not matter how the bytes were cut.
func (r *reading) echo() {
	s := r.s
	for !r.echoed {
		n := bytes.IndexByte(s.scr.buf[r.from:s.scr.start], '\n')
		if n < 0 {
			return
		}
		line := s.scr.buf[r.from : r.from+n]
		skip := 0
		if len(r.seen) == 0 && bytes.HasPrefix(line, s.prompt.last) {
			skip = len(s.prompt.last)
		} else if at := bytes.LastIndex(line, s.prompt.last); len(r.seen) == 0 && at > 0 {
			skip = at + len(s.prompt.last)
		}
		got := compact(line[skip:])
		if len(got) == 0 && len(r.seen) == 0 { // an earlier empty line is still being answered
			r.from += n + 1
			continue
		}
		if len(r.seen) == 0 {
			r.begin = r.from + skip
		}
		r.seen = append(r.seen, got...)
		switch {
		case bytes.Equal(r.seen, r.want):
			r.echoed, r.body = true, r.from+n+1
		case bytes.HasPrefix(r.want, r.seen):
			r.from += n + 1
		default: // no echo
			r.echoed, r.body = true, r.begin
		}
	}
}

// compact takes the blanks out.
func compact(b []byte) []byte {
	return bytes.Join(bytes.Fields(b), nil)
}

// why refines the reason when the text did not come to its end.
func (r *reading) why(err error) error {
	return err
}

func (r *reading) answer() Answer {
	a := Answer{LookAlike: r.alike, Pages: r.pages}
	buf := r.s.scr.buf
	if r.done {
		a.Text = trimBlank(buf[r.body:r.finish])
	} else if r.echoed {
		a.Text = trimBlank(buf[r.body:])
	}
	return a
}
