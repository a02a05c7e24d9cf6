package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const saidMax = 1000 // characters of one device text on a page

// said makes a text of a device fit to be shown: control and bidirectional
// characters as escapes, at most 1,000 characters, then "…".
func said(s string) string {
	if len(s) > 4*saidMax {
		s = s[:4*saidMax]
	}
	s = visible(s)
	if utf8.RuneCountInString(s) <= saidMax {
		return s
	}
	return string([]rune(s)[:saidMax]) + "…"
}

// visible escapes what a reader would not see: control and bidirectional
// characters, invisible format characters and bytes that are no UTF-8.
func visible(s string) string {
	clean := true
	for _, r := range s {
		if hidden(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && s[i] >= utf8.RuneSelf && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case hidden(r) && r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case hidden(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func hidden(r rune) bool {
	return (unicode.IsControl(r) && r != '\t') || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r) ||
		r == utf8.RuneError || r == '\u2028' || r == '\u2029'
}

// num writes a count with thousands apart: 14,736.
func num(n int) string {
	s := strconv.Itoa(n)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		return "−" + s
	}
	return s
}

// plural joins a count and the right form: "1 device", "12 devices".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return num(n) + " " + many
}

// when is a point in time for people, and UTC for programs.
type when struct {
	T   time.Time
	Now time.Time
}

// ISO is the machine's form, always UTC.
func (w when) ISO() string { return w.T.UTC().Format(time.RFC3339) }

// Exact is the title: the whole time.
func (w when) Exact() string { return w.T.UTC().Format("2 Jan 2006 15:04:05 UTC") }

// Zero says that there is no time to tell.
func (w when) Zero() bool { return w.T.IsZero() }

// Short is "09:14" today, "14 Nov 16:40" in the same year, else with a year.
func (w when) Short() string {
	t, now := w.T.UTC(), w.Now.UTC()
	switch {
	case w.T.IsZero():
		return "–"
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		return t.Format("15:04")
	case t.Year() == now.Year():
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2 Jan 2006")
}

// Clock is the time of day with seconds, for logs.
func (w when) Clock() string { return w.T.UTC().Format("15:04:05") }

// Age is "4 min ago" up to a day, then the date.
func (w when) Age() string {
	if w.T.IsZero() {
		return "never"
	}
	d := w.Now.Sub(w.T)
	switch {
	case d < 0:
		return w.Short()
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return w.Short()
}

// span says a length of time in words.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}

// speed writes bits a second: 10G, 100M.
func speed(bps uint64) string {
	switch {
	case bps == 0:
		return "–"
	case bps >= 1e9:
		return strconv.FormatFloat(float64(bps)/1e9, 'f', -1, 64) + "G"
	case bps >= 1e6:
		return strconv.FormatFloat(float64(bps)/1e6, 'f', -1, 64) + "M"
	}
	return strconv.FormatFloat(float64(bps)/1e3, 'f', -1, 64) + "k"
}
