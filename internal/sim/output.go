package sim

import (
	"strings"
	"time"
)

// ending is what happens when a step of the output is done.
type ending int

const (
	goOn ending = iota
	hangNow
	resetNow
	finNow
	closeNow
)

// step is a piece of output, a pause after it, and what then happens.
type step struct {
	text  string
	raw   bool // terminal bytes: no line end is touched, no pager counts it
	pause time.Duration
	end   ending
}

// wordings of refusals, as real systems print them.
func wordings() []string {
	return []string{
		"% Invalid input detected at '^' marker.", "% Incomplete command.", "% Ambiguous command:  \"show conf\"",
		"Command authorization failed.", "% Authorization failed.", "% This command is not authorized",
		"error: permission denied: configuration", "unknown command.", "syntax error, expecting <command>.",
		"Command fail. Return code -61", "command parse error before 'show'", "Unknown action 0",
		"error: could not open configuration database", "% Bad IP address or host name",
	}
}

// configText prints a configuration: every fault of texts strikes here.
func (s *session) configText(print func() []byte) {
	if _, ok := s.d.strike(Moving); ok {
		s.d.ChangeConfig(s.d.net.rand("moving", s.d.countReads()))
	}
	text := string(print())
	s.d.remember(text)
	s.d.note(func(c *counters) { c.reads++ })
	for _, st := range s.script(text) {
		if st.raw {
			s.raw(st.text)
		} else {
			s.print(st.text)
		}
		s.flush()
		if st.pause > 0 {
			wait(s.ctx, st.pause)
		}
		switch st.end {
		case hangNow:
			<-s.ctx.Done()
			return
		case resetNow:
			if l, ok := s.tcp.(interface{ SetLinger(int) error }); ok {
				_ = l.SetLinger(0)
			}
			_ = s.tcp.Close()
			return
		case finNow:
			_ = s.tcp.Close()
			return
		case closeNow:
			s.unsaid = true
			_ = s.ch.Close()
			return
		}
	}
	s.flush()
}

func (s *session) script(text string) []step {
	d := s.d
	text = s.seasoned(text)
	at := func(f Fault) (int, Params, bool) {
		p, ok := d.strike(f)
		return int(float64(len(text)) * p.share()), p, ok
	}
	if p, ok := d.strike(ErrorText); ok {
		w := p.Text
		if w == "" {
			w = wordings()[p.N%len(wordings())]
		}
		return []step{{text: w + "\n"}}
	}
	if _, ok := d.strike(Busy); ok {
		return []step{{text: []string{"% Configuration buffer full, can't add command: end\n", "Unable to get configuration. Resource deadlock avoided\n"}[d.fnv()%2]}}
	}
	if _, ok := d.strike(EmptyText); ok {
		return nil
	}
	for f, e := range map[Fault]ending{Hang: hangNow, Reset: resetNow, Fin: finNow, CloseNoStatus: closeNow} {
		if n, _, ok := at(f); ok {
			return []step{{text: text[:n], end: e}}
		}
	}
	if n, p, ok := at(CutThenPrompt); ok {
		if i := strings.LastIndexByte(text[:n], '\n'); i >= 0 && p.N == 0 {
			n = i + 1 // N other than 0 cuts inside a line
		}
		return []step{{text: text[:n]}}
	}
	if p, ok := d.params(OwnPrompt); ok {
		if i := strings.Index(text, s.cli.prompt(s)+"\n"); i >= 0 {
			i += len(s.cli.prompt(s))
			return []step{{text: text[:i], pause: p.pause(400 * time.Millisecond)}, {text: text[i:]}}
		}
	}
	if p, ok := d.strike(Drip); ok {
		var out []step
		for i := range len(text) {
			out = append(out, step{text: text[i : i+1], pause: p.pause(5 * time.Second)})
		}
		return out
	}
	if d.fault(Endless) {
		s.endless(text)
		return nil
	}
	if d.fault(PagerEndless) {
		s.rows = 24
		for !s.quit && s.ctx.Err() == nil {
			s.print(text)
		}
		return nil
	}
	if d.fault(Escapes) && s.pty {
		return []step{{text: escaped(text), raw: true}}
	}
	if d.fault(MixedLineEnds) && s.pty {
		return []step{{text: mixed(text), raw: true}}
	}
	return []step{{text: text}}
}

// lineAt is the start of the line that holds position n.
func lineAt(text string, n int) int { return strings.LastIndexByte(text[:min(n, len(text))], '\n') + 1 }
