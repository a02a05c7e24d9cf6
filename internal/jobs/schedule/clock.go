package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a static binary knows every zone, whatever the machine has
)

// Wall-clock times are kept as times in UTC with the digits of the clock.

// wallOf is what a clock in loc shows at t.
func wallOf(t time.Time, loc *time.Location) time.Time {
	t = t.In(loc)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// night says whether clocks were changed at a wall-clock time.
type night string

const (
	plain    night = ""
	skipped  night = "skipped"  // the time did not exist: clocks went forward over it
	repeated night = "repeated" // the time existed twice: clocks went back over it
)

// instantOf is when a clock in loc shows w: the first time where it does so
// twice, and the moment at which clocks went forward where it never does.
func instantOf(w time.Time, loc *time.Location) (time.Time, night) {
	t := time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), 0, loc)
	start, end := t.ZoneBounds()
	if is := wallOf(t, loc); !is.Equal(w) { // in a gap time.Date takes either side
		if is.After(w) {
			return start.In(loc), skipped
		}
		return end.In(loc), skipped
	}
	if !start.IsZero() {
		if first := sameWall(t, start.Add(-time.Second)); first.Before(start) && wallOf(first, loc).Equal(w) {
			return first, repeated
		}
	}
	if !end.IsZero() {
		if second := sameWall(t, end); !second.Before(end) && wallOf(second, loc).Equal(w) {
			return t, repeated
		}
	}
	return t, plain
}

// sameWall is when the clock would show what it shows at t, were it set as at
// other.
func sameWall(t, other time.Time) time.Time {
	_, now := t.Zone()
	_, then := other.Zone()
	return t.Add(time.Duration(now-then) * time.Second)
}

// clock is a time of day in minutes; -1 for none.
type clock int

func readClock(s string) (clock, error) {
	if s == "" {
		return -1, nil
	}
	h, m, ok := strings.Cut(s, ":")
	hour, err1 := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	if !ok || err1 != nil || err2 != nil || len(h) != 2 || len(m) != 2 || hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return -1, fmt.Errorf("%.20q is no time of day: write HH:MM, such as 06:00", s)
	}
	return clock(hour*60 + minute), nil
}

func clockOf(w time.Time) clock { return clock(w.Hour()*60 + w.Minute()) }

// on is the clock's time on the day of w.
func (c clock) on(w time.Time) time.Time {
	return time.Date(w.Year(), w.Month(), w.Day(), int(c)/60, int(c)%60, 0, 0, time.UTC)
}

// between says whether c is in [from, to), which may go over midnight.
func (c clock) between(from, to clock) bool {
	if from <= to {
		return from <= c && c < to
	}
	return c >= from || c < to
}
