package cli

import (
	"bytes"
	"context"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// prompt is what a device prints when it waits for a command: its exact text,
// which may have several lines, without the parts that vary.
type prompt struct {
	text   []byte
	last   []byte // its last line
	lines  int
	varies []platform.Regex
}

func newPrompt(text []byte, varies []platform.Regex) prompt {
	p := prompt{text: bytes.Clone(text), lines: bytes.Count(text, []byte{'\n'}) + 1, varies: varies}
	p.last = p.text[bytes.LastIndexByte(p.text, '\n')+1:]
	return p
}

// same compares a text with the prompt.
func (p *prompt) same(text []byte) bool {
	if len(p.varies) == 0 {
		return bytes.Equal(text, p.text)
	}
	return len(text) < 4*maxColumn && bytes.Equal(steady(text, p.varies), p.text)
}

// isLast says whether a line could be the prompt's last one; it is cheap.
func (p *prompt) isLast(line []byte) bool {
	if len(p.varies) == 0 {
		return bytes.Equal(line, p.last)
	}
	return len(line) < maxColumn && bytes.Equal(steady(line, p.varies), p.last)
}

// steady cuts out what varies.
func steady(text []byte, varies []platform.Regex) []byte {
	for i := range varies {
		text = varies[i].Re().ReplaceAll(text, nil)
	}
	return text
}

// ends finds the prompt at the end of b and says where it starts.
func (p *prompt) ends(b []byte) (int, bool) {
	start := len(b)
	for i := range p.lines {
		if i > 0 {
			if start == 0 {
				return 0, false
			}
			start--
		}
		start = bytes.LastIndexByte(b[:start], '\n') + 1
	}
	return start, p.same(b[start:])
}

// run finds how often the prompt stands at the end of b, with nothing but
// blank lines between; starts holds where, the last one first.
func (p *prompt) run(b []byte) (starts []int) {
	for {
		start, ok := p.ends(b)
		if !ok {
			return starts
		}
		starts = append(starts, start)
		b = b[:start]
		for len(b) > 0 {
			t := b[:len(b)-1] // takes the line end off
			n := bytes.LastIndexByte(t, '\n') + 1
			if len(bytes.TrimSpace(t[n:])) > 0 {
				b = t
				break
			}
			b = t[:n]
		}
		if len(b) == 0 {
			return starts
		}
	}
}

// only says whether b is nothing but prompts, at least n.
func (p *prompt) only(b []byte, n int) bool {
	starts := p.run(b)
	return len(starts) >= n && len(bytes.TrimSpace(b[:starts[len(starts)-1]])) == 0
}

// promptLike says whether the tail looks like a prompt of the platform.
func (s *Session) promptLike() bool {
	re := s.p.Prompt.Match.Re()
	if re == nil {
		return false
	}
	b := s.scr.buf[:s.scr.start+len(s.scr.tail())]
	start := s.scr.start
	if len(b)-start > maxColumn || len(b) == start {
		return false
	}
	for i := 1; ; i++ {
		loc := re.FindIndex(b[start:])
		if loc != nil && loc[0] == 0 {
			return true
		}
		if i >= s.p.Prompt.Lines || start == 0 {
			return false
		}
		start = bytes.LastIndexByte(b[:start-1], '\n') + 1
	}
}

// learn finds the exact prompt: an empty line must bring back the same text as
// before. Banner text that looks like a prompt does not come back.
func (s *Session) learn(ctx context.Context) error {
	const rounds = 6
	before := steady(s.scr.tail(), s.p.Prompt.Varies)
	for range rounds {
		s.scr.keepTail()
		sent := time.Now()
		if err := s.write(ctx, "prompt", s.newline); err != nil {
			return err
		}
		_, err := s.pump(ctx, "prompt", func() (act, time.Duration) {
			if s.scr.start > 0 && s.promptLike() {
				return atPrompt, s.quiet
			}
			return nothing, 0
		})
		if err != nil {
			return s.noPrompt(err)
		}
		if trip := time.Since(sent) - s.quiet; trip > slowTrip {
			s.quiet = quietSlow
		}
		first := bytes.IndexByte(s.scr.buf, '\n') + 1
		block := steady(once(bytes.TrimLeft(s.scr.buf[first:], "\n")), s.p.Prompt.Varies)
		if bytes.Equal(block, before) || bytes.HasSuffix(block, before) && bytes.HasSuffix(block, append([]byte{'\n'}, before...)) && promptLines(block) <= 3 {
			s.prompt = newPrompt(block, s.p.Prompt.Varies)
			return s.findState()
		}
		before = bytes.Clone(block)
	}
	return fail(netdev.NoPrompt, "prompt", "an empty line does not bring the same text back; last seen %q", clip(string(s.scr.tail()), 80))
}

func promptLines(b []byte) int { return bytes.Count(b, []byte{'\n'}) + 1 }

// once reduces the same line several times over to one.
func once(block []byte) []byte {
	last := block[bytes.LastIndexByte(block, '\n')+1:]
	for line := range bytes.Lines(block) {
		if t := bytes.TrimRight(line, "\n"); len(bytes.TrimSpace(t)) > 0 && !bytes.Equal(t, last) {
			return block
		}
	}
	return last
}

// findState names the state of the learned prompt.
func (s *Session) findState() error {
	s.state = ""
	for i := range s.p.Prompt.States {
		if st := &s.p.Prompt.States[i]; st.Match.Match(s.prompt.last) {
			s.state = st.Name
			return nil
		}
	}
	return nil
}

// noPrompt names a session in which no prompt was found.
func (s *Session) noPrompt(err error) error {
	if netdev.ReasonOf(err) != netdev.Timeout || s.conn.login.spentInShell {
		return err
	}
	return fail(netdev.NoPrompt, "prompt", "the last line is %q", clip(string(s.scr.tail()), 80))
}
