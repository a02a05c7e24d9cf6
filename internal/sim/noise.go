package sim

import (
	"fmt"
	"strings"
)

// seasoned puts lines into the text that belong to somebody else.
func (s *session) seasoned(text string) string {
	put := func(line string, share float64) {
		n := lineAt(text, int(float64(len(text))*share))
		text = text[:n] + line + "\n" + text[n:]
	}
	if p, ok := s.d.strike(LogLines); ok {
		n := s.d.countReads()
		put(fmt.Sprintf("*Nov 20 11:%02d:%02d.123: %%SYS-5-CONFIG_I: Configured from console by vty0 (192.0.2.99)", n%60, n*7%60), p.share())
	}
	return text
}

func (d *Device) countReads() int { d.mu.Lock(); defer d.mu.Unlock(); return d.count.reads }

func (d *Device) fnv() int { b := d.net.digest("pick", d.plan.name); return int(b[0]) }

// endless writes until the other side has had enough.
func (s *session) endless(text string) {
	s.rows = 0
	block := strings.Repeat(strings.ReplaceAll(text, "\n", "\r\n"), 20)
	for s.ctx.Err() == nil {
		if _, err := s.out.WriteString(block); err != nil {
			return
		}
	}
}

// escaped overwrites, colours and moves as terminals allow; what a reader
// keeps must be text.
func escaped(text string) string {
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case i%7 == 1:
			b.WriteString("\x1b[0m\x1b[K" + line)
		case i%7 == 3 && line != "":
			b.WriteString("x\b" + line)
		case i%7 == 5 && line != "":
			b.WriteString("\x1b[1;32m" + line + "\x1b[0m")
		default:
			b.WriteString(line)
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

// mixed ends lines in every way there is.
func mixed(text string) string {
	var b strings.Builder
	for i, line := range strings.SplitAfter(text, "\n") {
		line, ok := strings.CutSuffix(line, "\n")
		b.WriteString(line)
		if ok {
			b.WriteString([]string{"\r\n", "\n", "\r\r\n"}[i%3])
		}
	}
	return b.String()
}
