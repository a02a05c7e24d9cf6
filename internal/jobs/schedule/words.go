package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Words says when a schedule fires, as people say it: "every day at 02:00".
// What has no short form is told as the expression.
func (p *Plan) Words() string {
	s := cronWords(strings.Fields(p.Cron))
	switch {
	case p.opens >= 0:
		s += fmt.Sprintf(", between %s and %s", p.Opens, p.Closes)
	case p.closes >= 0:
		s += ", until " + p.Closes
	}
	if p.Ramp > 0 {
		s += ", spread over " + rampWords(p.Ramp)
	}
	return s
}

func rampWords(d time.Duration) string {
	if d%time.Hour == 0 {
		return plural(int(d/time.Hour), "hour")
	}
	return plural(int(d.Round(time.Minute)/time.Minute), "minute")
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func cronWords(f []string) string {
	raw := "at the times of " + strings.Join(f, " ")
	minute, fixedMinute := number(f[0])
	hour, fixedHour := number(f[1])
	anyDate := f[2] == "*" && f[3] == "*"
	step, stepped := strings.CutPrefix(f[0], "*/")
	switch {
	case f[1] == "*" && anyDate && f[4] == "*" && f[0] == "*":
		return "every minute"
	case stepped && f[1] == "*" && anyDate && f[4] == "*":
		if n, ok := number(step); ok && n > 0 && 60%n == 0 {
			return "every " + plural(n, "minute")
		}
	case fixedMinute && f[1] == "*" && anyDate && f[4] == "*":
		return fmt.Sprintf("every hour at minute %02d", minute)
	case fixedMinute && fixedHour:
		at := fmt.Sprintf(" at %02d:%02d", hour, minute)
		switch {
		case anyDate && f[4] == "*":
			return "every day" + at
		case anyDate:
			if days, ok := dayWords(f[4]); ok {
				return days + at
			}
		case f[3] == "*" && f[4] == "*":
			if day, ok := number(f[2]); ok {
				return fmt.Sprintf("on day %d of each month", day) + at
			}
		}
	}
	return raw
}

func number(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// dayWords says days of the week.
func dayWords(s string) (string, bool) {
	switch strings.ToLower(s) {
	case "1-5", "mon-fri":
		return "Monday to Friday", true
	case "0,6", "6,0", "sat,sun", "sun,sat":
		return "Saturdays and Sundays", true
	}
	if n, ok := number(s); ok && n >= 0 && n <= 6 {
		return "every " + time.Weekday(n).String(), true
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(s, d.String()[:3]) {
			return "every " + d.String(), true
		}
	}
	return "", false
}
