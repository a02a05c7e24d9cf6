package schedule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
)

// nightly is a schedule that is right; f changes it.
func nightly(f func(*schedule.Schedule)) schedule.Schedule {
	s := schedule.Schedule{ID: "s", Name: "nightly", What: schedule.Backup, Cron: "0 2 * * *", Zone: "UTC", Enabled: true}
	if f != nil {
		f(&s)
	}
	return s
}

func compile(t testing.TB, s schedule.Schedule) *schedule.Plan {
	t.Helper()
	p, err := schedule.Compile(s)
	if err != nil {
		t.Fatalf("%+v: %v", s, err)
	}
	return p
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheHourThatClocksSkipOrRepeatHasOneFiring(t *testing.T) {
	tests := map[string]struct {
		cron, zone, after string
		want              []string // instants, each with "skipped" or "repeated" behind it where clocks change
	}{
		"berlin-skips-0230":      {"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:00:00Z skipped", "2026-03-30T00:30:00Z"}},
		"berlin-skips-0200":      {"0 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:00:00Z skipped", "2026-03-30T00:00:00Z"}},
		"berlin-0300-that-night": {"0 3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"}},
		"berlin-repeats-0230":    {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", []string{"2026-10-25T00:30:00Z repeated", "2026-10-26T01:30:00Z"}},
		"berlin-0300-after-it":   {"0 3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", []string{"2026-10-25T02:00:00Z", "2026-10-26T02:00:00Z"}},
		"new-york-skips-0230":    {"30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-08T07:00:00Z skipped", "2026-03-09T06:30:00Z"}},
		"new-york-repeats-0130":  {"30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", []string{"2026-11-01T05:30:00Z repeated", "2026-11-02T06:30:00Z"}},
		"sydney-skips-0230":      {"30 2 * * *", "Australia/Sydney", "2026-10-03T12:00:00Z", []string{"2026-10-03T16:00:00Z skipped", "2026-10-04T15:30:00Z"}},
		"sydney-repeats-0230":    {"30 2 * * *", "Australia/Sydney", "2026-04-04T12:00:00Z", []string{"2026-04-04T15:30:00Z repeated", "2026-04-05T16:30:00Z"}},
		"half-an-hour-lord-howe": {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", []string{"2026-10-03T15:30:00Z skipped", "2026-10-04T15:15:00Z"}},
		"cairo-skips-midnight":   {"0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00Z", []string{"2026-04-23T22:00:00Z skipped", "2026-04-24T21:00:00Z"}},
		"quarters-fold-into-one": {"*/15 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", []string{"2026-03-29T01:00:00Z skipped", "2026-03-30T00:00:00Z"}},
		"each-hour-over-the-gap": {"0 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", []string{"2026-03-29T01:00:00Z skipped", "2026-03-29T02:00:00Z"}},
		"each-hour-over-twice":   {"0 * * * *", "Europe/Berlin", "2026-10-24T23:30:00Z", []string{"2026-10-25T00:00:00Z repeated", "2026-10-25T02:00:00Z"}},
		"asked-in-the-second":    {"30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", []string{"2026-10-26T01:30:00Z"}},
		"utc-has-no-such-night":  {"30 2 * * *", "UTC", "2026-03-28T12:00:00Z", []string{"2026-03-29T02:30:00Z", "2026-03-30T02:30:00Z"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := compile(t, nightly(func(s *schedule.Schedule) { s.Cron, s.Zone = tc.cron, tc.zone }))
			for i, f := range p.Upcoming(at(t, tc.after), len(tc.want)) {
				if got := strings.TrimSpace(f.Planned.Format(time.RFC3339) + " " + f.Night); got != tc.want[i] {
					t.Errorf("firing %d is %s, want %s", i, got, tc.want[i])
				}
			}
		})
	}
}

// Ten years of days in many zones, at times that clock changes meet: each
// local day has its one firing, and never two.
func TestADailyScheduleFiresOnceEachLocalDayForTenYears(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Santiago",
		"America/Havana", "America/Sao_Paulo", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "Asia/Jerusalem", "Asia/Kolkata", "Asia/Gaza", "Australia/Sydney",
		"Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Antarctica/Troll"}
	from, to := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2034, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, zone := range zones {
		for _, cron := range []string{"0 0 * * *", "30 1 * * *", "15 2 * * *", "30 23 * * *"} {
			p := compile(t, nightly(func(s *schedule.Schedule) { s.Cron, s.Zone, s.Closes = cron, zone, "06:00" }))
			days := map[string]int{}
			nights, last := 0, time.Time{}
			for after := from; ; {
				f, ok := p.Next(after)
				if !ok || !f.Planned.Before(to) {
					break
				}
				if !f.Planned.After(after) || !f.Until.After(f.Planned) {
					t.Fatalf("%s %q: after %s comes %+v", zone, cron, after, f)
				}
				if !last.IsZero() && (f.Planned.Sub(last) < 21*time.Hour || f.Planned.Sub(last) > 27*time.Hour) {
					t.Fatalf("%s %q: %s and %s follow each other", zone, cron, last, f.Planned)
				}
				if f.Night != "" {
					nights++
				}
				days[f.Planned.In(p.Location()).Format(time.DateOnly)]++
				after, last = f.Planned, f.Planned
			}
			first := from.In(p.Location()).AddDate(0, 0, 2)
			for d := first; d.Before(to.AddDate(0, 0, -2)); d = d.AddDate(0, 0, 1) {
				if n := days[d.Format(time.DateOnly)]; n != 1 {
					t.Errorf("%s %q: %d firings on %s, want 1", zone, cron, n, d.Format(time.DateOnly))
				}
			}
			if zone == "Europe/Berlin" && cron == "15 2 * * *" && nights != 20 {
				t.Errorf("%d nights of clock change in ten years of Berlin, want 20", nights)
			}
		}
	}
}

func TestAWindowAndABlackoutSayUntilWhenThingsStart(t *testing.T) {
	tests := map[string]struct {
		change             func(*schedule.Schedule)
		after, want, until string
		blackout           string
	}{
		"no-window":         {nil, "2026-05-01T12:00:00Z", "2026-05-02T02:00:00Z", "", ""},
		"closes":            {func(s *schedule.Schedule) { s.Closes = "06:00" }, "2026-05-01T12:00:00Z", "2026-05-02T02:00:00Z", "2026-05-02T06:00:00Z", ""},
		"over-midnight":     {func(s *schedule.Schedule) { s.Cron, s.Closes = "0 22 * * *", "05:00" }, "2026-05-01T12:00:00Z", "2026-05-01T22:00:00Z", "2026-05-02T05:00:00Z", ""},
		"hours-in-a-window": {func(s *schedule.Schedule) { s.Cron, s.Opens, s.Closes = "0 * * * *", "22:00", "02:00" }, "2026-05-01T12:00:00Z", "2026-05-01T22:00:00Z", "2026-05-02T02:00:00Z", ""},
		"closes-by-berlin":  {func(s *schedule.Schedule) { s.Closes, s.Zone = "06:00", "Europe/Berlin" }, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T04:00:00Z", ""},
		"all-in-the-gap":    {func(s *schedule.Schedule) { s.Closes, s.Zone = "02:45", "Europe/Berlin" }, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:45:00Z", ""},
		"freeze-ends-it": {func(s *schedule.Schedule) {
			s.Closes, s.Blackouts = "06:00", []string{"2026-05-02 04:00 – 2026-05-03 04:00"}
		}, "2026-05-01T12:00:00Z", "2026-05-02T02:00:00Z", "2026-05-02T04:00:00Z", ""},
		"in-a-freeze":       {func(s *schedule.Schedule) { s.Blackouts = []string{"2026-05-02 - 2026-05-03 # holidays"} }, "2026-05-01T12:00:00Z", "2026-05-02T02:00:00Z", "", "2026-05-02 - 2026-05-03 # holidays"},
		"after-a-freeze":    {func(s *schedule.Schedule) { s.Blackouts = []string{"2026-05-02 to 2026-05-03"} }, "2026-05-03T12:00:00Z", "2026-05-04T02:00:00Z", "", ""},
		"in-a-weekend":      {func(s *schedule.Schedule) { s.Blackouts = []string{"fri 18:00 – mon 06:00"} }, "2026-05-03T12:00:00Z", "2026-05-04T02:00:00Z", "2026-05-08T18:00:00Z", "fri 18:00 – mon 06:00"},
		"until-the-weekend": {func(s *schedule.Schedule) { s.Blackouts = []string{"fri 18:00 – mon 06:00"} }, "2026-05-04T12:00:00Z", "2026-05-05T02:00:00Z", "2026-05-08T18:00:00Z", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f, ok := compile(t, nightly(tc.change)).Next(at(t, tc.after))
			until := ""
			if !f.Until.IsZero() {
				until = f.Until.Format(time.RFC3339)
			}
			if got := f.Planned.Format(time.RFC3339); !ok || got != tc.want || until != tc.until || f.Blackout != tc.blackout {
				t.Errorf("%s until %q in %q, want %s until %q in %q", got, until, f.Blackout, tc.want, tc.until, tc.blackout)
			}
		})
	}
}

func TestTimesThatWereMissedAreRunOnceOrTold(t *testing.T) {
	window := func(s *schedule.Schedule) { s.Closes = "06:00" }
	tests := map[string]struct {
		change     func(*schedule.Schedule)
		after, now string
		fire       string
		late       time.Duration
		missed     int
		blackout   int
	}{
		"in-time":            {window, "2026-05-02T01:59:58Z", "2026-05-02T02:00:03Z", "2026-05-02T02:00:00Z", 3 * time.Second, 0, 0},
		"nothing-due":        {window, "2026-05-02T02:00:00Z", "2026-05-02T23:00:00Z", "", 0, 0, 0},
		"down-window-open":   {window, "2026-05-01T12:00:00Z", "2026-05-02T05:59:59Z", "2026-05-02T02:00:00Z", 3*time.Hour + 59*time.Minute + 59*time.Second, 0, 0},
		"down-window-closed": {window, "2026-05-01T12:00:00Z", "2026-05-02T06:00:00Z", "", 0, 1, 0},
		"down-for-days":      {window, "2026-05-01T12:00:00Z", "2026-05-05T03:00:00Z", "2026-05-05T02:00:00Z", time.Hour, 3, 0},
		"down-no-window":     {nil, "2026-05-01T12:00:00Z", "2026-05-05T23:00:00Z", "2026-05-05T02:00:00Z", 21 * time.Hour, 3, 0},
		"in-a-blackout":      {func(s *schedule.Schedule) { s.Blackouts = []string{"2026-05-02 – 2026-05-03"} }, "2026-05-01T12:00:00Z", "2026-05-02T02:00:01Z", "", 0, 0, 1},
		"older-than-a-blackout": {func(s *schedule.Schedule) { s.Closes, s.Blackouts = "06:00", []string{"2026-05-03 – 2026-05-03"} },
			"2026-05-01T12:00:00Z", "2026-05-03T02:00:01Z", "", 0, 1, 1},
		"a-minute-schedule-down-for-years": {func(s *schedule.Schedule) { s.Cron = "* * * * *" }, "2020-05-01T12:00:00Z", "2026-05-02T02:00:30Z", "2026-05-02T02:00:00Z", 30 * time.Second, 365*24*60 - 1, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			d := compile(t, nightly(tc.change)).Decide(at(t, tc.after), at(t, tc.now))
			fire := ""
			if d.Fire != nil {
				fire = d.Fire.Planned.Format(time.RFC3339)
			}
			if fire != tc.fire || d.Late != tc.late || d.MissedN != tc.missed || len(d.Missed) != min(tc.missed, 100) || len(d.Blackout) != tc.blackout {
				t.Errorf("fire %q, late %s, %d missed, %d in a blackout; want %q, %s, %d, %d", fire, d.Late, d.MissedN, len(d.Blackout), tc.fire, tc.late, tc.missed, tc.blackout)
			}
		})
	}
}

func TestASchedulesFaultNamesItsField(t *testing.T) {
	tests := map[string]struct {
		change func(*schedule.Schedule)
		field  string
	}{
		"no-name":          {func(s *schedule.Schedule) { s.Name = " " }, "name"},
		"no-such-what":     {func(s *schedule.Schedule) { s.What = "walk" }, "what"},
		"four-fields":      {func(s *schedule.Schedule) { s.Cron = "0 2 * *" }, "cron"},
		"minute-61":        {func(s *schedule.Schedule) { s.Cron = "61 2 * * *" }, "cron"},
		"zone-in-the-cron": {func(s *schedule.Schedule) { s.Cron = "TZ=UTC" }, "cron"},
		"words":            {func(s *schedule.Schedule) { s.Cron = "@every 1s" }, "cron"},
		"never-comes":      {func(s *schedule.Schedule) { s.Cron = "0 2 31 2 *" }, "cron"},
		"no-zone":          {func(s *schedule.Schedule) { s.Zone = "" }, "zone"},
		"local":            {func(s *schedule.Schedule) { s.Zone = "Local" }, "zone"},
		"unknown-zone":     {func(s *schedule.Schedule) { s.Zone = "Mars/Olympus" }, "zone"},
		"zone-as-path":     {func(s *schedule.Schedule) { s.Zone = "../etc/passwd" }, "zone"},
		"opens-alone":      {func(s *schedule.Schedule) { s.Opens = "01:00" }, "closes"},
		"no-time-of-day":   {func(s *schedule.Schedule) { s.Closes = "24:00" }, "closes"},
		"empty-window":     {func(s *schedule.Schedule) { s.Opens, s.Closes = "02:00", "02:00" }, "closes"},
		"outside-window":   {func(s *schedule.Schedule) { s.Opens, s.Closes = "03:00", "04:00" }, "opens"},
		"blackout-word":    {func(s *schedule.Schedule) { s.Blackouts = []string{"christmas"} }, "blackouts"},
		"blackout-back":    {func(s *schedule.Schedule) { s.Blackouts = []string{"2026-05-03 – 2026-05-01"} }, "blackouts"},
		"blackout-mixed":   {func(s *schedule.Schedule) { s.Blackouts = []string{"2026-05-03 – fri"} }, "blackouts"},
		"blackout-week":    {func(s *schedule.Schedule) { s.Blackouts = []string{"mon – sun"} }, "blackouts"},
		"ramp":             {func(s *schedule.Schedule) { s.Ramp = 13 * time.Hour }, "ramp"},
		"verify-devices":   {func(s *schedule.Schedule) { s.What, s.Choice = schedule.Verify, "site:x" }, "choice"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := schedule.Compile(nightly(tc.change))
			if e, ok := errors.AsType[*schedule.FieldError](err); !ok || e.Field != tc.field || e.Text == "" {
				t.Errorf("%v, want a fault of %s", err, tc.field)
			}
		})
	}
}

func TestSchedulesAreToldInWords(t *testing.T) {
	tests := map[string]struct{ cron, want string }{
		"daily":      {"0 2 * * *", "every day at 02:00"},
		"weekdays":   {"30 1 * * 1-5", "Monday to Friday at 01:30"},
		"sunday":     {"0 4 * * sun", "every Sunday at 04:00"},
		"quarters":   {"*/15 * * * *", "every 15 minutes"},
		"hourly":     {"5 * * * *", "every hour at minute 05"},
		"monthly":    {"0 3 1 * *", "on day 1 of each month at 03:00"},
		"odd":        {"0 2,14 * * *", "at the times of 0 2,14 * * *"},
		"odd-step":   {"*/7 * * * *", "at the times of */7 * * * *"},
		"each-of-60": {"* * * * *", "every minute"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := compile(t, nightly(func(s *schedule.Schedule) { s.Cron = tc.cron })).Words(); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
	p := compile(t, nightly(func(s *schedule.Schedule) { s.Closes, s.Ramp = "06:00", 30*time.Minute }))
	if got, want := p.Words(), "every day at 02:00, until 06:00, spread over 30 minutes"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Whatever a person types, compiling ends with a plan that goes forward or with
// the name of a field.
func FuzzWhateverIsTypedIsAPlanOrAFault(f *testing.F) {
	f.Add("0 2 * * *", "Europe/Berlin", "", "06:00", "2026-12-24 – 2027-01-02")
	f.Add("*/15 0-6 * * mon-fri", "America/New_York", "22:00", "05:00", "fri 18:00 - mon 06:00 # x")
	f.Add("TZ=UTC", "Local", "x", "99:99", "–")
	f.Fuzz(func(t *testing.T, cron, zone, opens, closes, blackout string) {
		p, err := schedule.Compile(nightly(func(s *schedule.Schedule) {
			s.Cron, s.Zone, s.Opens, s.Closes, s.Blackouts = cron, zone, opens, closes, []string{blackout}
		}))
		if err != nil {
			if _, ok := errors.AsType[*schedule.FieldError](err); !ok {
				t.Fatalf("%v names no field", err)
			}
			return
		}
		last := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		for _, f := range p.Upcoming(last, 50) {
			if !f.Planned.After(last) || !f.Until.IsZero() && !f.Until.After(f.Planned) {
				t.Fatalf("after %s comes %s", last, fmt.Sprint(f))
			}
			last = f.Planned
		}
	})
}
