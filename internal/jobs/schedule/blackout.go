package schedule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// blackout is a span of wall-clock time in which nothing starts: once, or each
// week.
type blackout struct {
	text     string
	from, to time.Time // of the one span; of weekly ones the span of some week
	weekly   bool
}

var dash = regexp.MustCompile(`\s+(?:-|–|to|until)\s+`)

const week = 7 * 24 * time.Hour

// ReadBlackout reads one blackout: "2026-12-24 – 2027-01-02" (whole days, both
// included), "2026-12-24 18:00 – 2027-01-02 06:00", or each week
// "fri 18:00 – mon 06:00". What stands behind "#" is a remark.
func ReadBlackout(line string) error {
	_, err := readBlackout(line)
	return err
}

func readBlackout(line string) (blackout, error) {
	b := blackout{text: strings.TrimSpace(line)}
	body, _, _ := strings.Cut(line, "#")
	ends := dash.Split(strings.TrimSpace(body), -1)
	if len(ends) != 2 {
		return b, fmt.Errorf("%.60q: write two ends with a dash between, such as 2026-12-24 – 2027-01-02 or fri 18:00 – mon 06:00", b.text)
	}
	from, fw, fd, err := blackoutEnd(ends[0])
	if err != nil {
		return b, err
	}
	to, tw, td, err := blackoutEnd(ends[1])
	switch {
	case err != nil:
		return b, err
	case fw != tw:
		return b, fmt.Errorf("%.60q: one end is a date and the other a day of the week", b.text)
	case fd != td:
		return b, fmt.Errorf("%.60q: give both ends a time of day, or neither", b.text)
	}
	if td { // whole days: the last one is in it
		to = to.AddDate(0, 0, 1)
	}
	if fw {
		for !to.After(from) {
			to = to.Add(week)
		}
		if to.Sub(from) >= week {
			return b, fmt.Errorf("%.60q: that is the whole week", b.text)
		}
	}
	if !to.After(from) {
		return b, fmt.Errorf("%.60q: it ends before it begins", b.text)
	}
	b.from, b.to, b.weekly = from, to, fw
	return b, nil
}

// blackoutEnd reads one end: a date or a day of the week, and perhaps a time.
// Days of the week are those of the week of Monday 2024-01-01.
func blackoutEnd(s string) (t time.Time, weekly, wholeDay bool, err error) {
	day, hour, timed := strings.Cut(strings.TrimSpace(s), " ")
	if t, err = time.Parse(time.DateOnly, day); err != nil {
		i := slices.Index([]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, strings.ToLower(day))
		if i < 0 {
			return t, false, false, fmt.Errorf("%.40q is neither a date such as 2026-12-24 nor one of mon tue wed thu fri sat sun", day)
		}
		t, weekly = time.Date(2024, 1, 1+i, 0, 0, 0, 0, time.UTC), true
	}
	if !timed {
		return t, weekly, true, nil
	}
	c, err := readClock(strings.TrimSpace(hour))
	if err != nil || c < 0 {
		return t, weekly, false, fmt.Errorf("%.40q is no time of day: write HH:MM", hour)
	}
	return c.on(t), weekly, false, nil
}

// holds says whether a wall-clock time is in it.
func (b blackout) holds(w time.Time) bool {
	from := b.lastStart(w)
	return !from.IsZero() && w.Before(from.Add(b.to.Sub(b.from)))
}

// lastStart is when it last began, at w or before; zero if it never did.
func (b blackout) lastStart(w time.Time) time.Time {
	if !b.weekly {
		if b.from.After(w) {
			return time.Time{}
		}
		return b.from
	}
	weeks := w.Sub(b.from) / week
	if w.Before(b.from) && (w.Sub(b.from))%week != 0 {
		weeks--
	}
	return b.from.Add(weeks * week)
}

// nextStart is when it begins after w; zero if it never does again.
func (b blackout) nextStart(w time.Time) time.Time {
	switch {
	case b.weekly:
		return b.lastStart(w).Add(week)
	case b.from.After(w):
		return b.from
	}
	return time.Time{}
}
