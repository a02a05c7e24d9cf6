package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
)

// schedulesView is every schedule in words, with its next times.
type schedulesView struct {
	page
	Sub     string
	CanEdit bool
	Rows    []scheduleView
	Empty   *empty
}

// scheduleView is one schedule as it is told.
type scheduleView struct {
	ID, Name, Href   string
	What, When, Zone string
	Devices          string
	Enabled          bool
	Fault            string // why it cannot run
	Next             []firingView
	Last             *pastView
	By               string
	Changed          when
}

// firingView is a planned time in the zone of its schedule.
type firingView struct {
	ISO, Exact string
	Text       string // by the clock of the zone
	Note       string // about a night of clock change or a blackout
	Tone       string
}

// pastView is a planned time that was dealt with.
type pastView struct {
	firingView
	Outcome, Icon, Detail string
	Href                  string // of what was started
}

func scheduleHref(id string) string { return "/schedules/" + segment(id) }

const nextShown = 5

func newScheduleView(s schedule.Schedule, now time.Time) scheduleView {
	v := scheduleView{ID: s.ID, Name: said(s.Name), Href: scheduleHref(s.ID), What: string(s.What), Zone: said(s.Zone), Enabled: s.Enabled, By: said(s.By),
		Changed: when{s.Changed, now}, Devices: choiceWords(s)}
	if s.ID == "" && s.Name == "" {
		s.Name = "new" // its times can be told before it has a name
	}
	p, err := schedule.Compile(s)
	if err != nil {
		v.Fault = sentence(err)
		return v
	}
	v.When = p.Words()
	for _, f := range p.Upcoming(now, nextShown) {
		v.Next = append(v.Next, newFiringView(f, p.Location(), now))
	}
	return v
}

func choiceWords(s schedule.Schedule) string {
	w := map[schedule.What]string{schedule.Backup: "every device", schedule.Discovery: "the addresses of the inventory", schedule.Verify: "everything that is kept"}[s.What]
	if s.Choice != "" {
		w = said(s.Choice)
	}
	if n := len(s.Exclude); n > 0 {
		w += ", without " + plural(n, "device", "devices")
	}
	return w
}

func newFiringView(f schedule.Firing, loc *time.Location, now time.Time) firingView {
	v := zoned(f.Planned, loc, now)
	switch {
	case f.Blackout != "":
		v.Note, v.Tone = "not run, blackout "+said(f.Blackout), "t-idle"
	case f.Night == "skipped":
		v.Note, v.Tone = "clocks go forward that night: the next time that exists", "t-info"
	case f.Night == "repeated":
		v.Note, v.Tone = "clocks go back that night: once, the first of two", "t-info"
	}
	return v
}

// zoned is an instant by the clock of a zone, which is named.
func zoned(t time.Time, loc *time.Location, now time.Time) firingView {
	in := t.In(loc)
	layout := "Mon 2 Jan 15:04 MST"
	if in.Year() != now.In(loc).Year() {
		layout = "Mon 2 Jan 2006 15:04 MST"
	}
	w := when{t, now}
	return firingView{ISO: w.ISO(), Exact: w.Exact(), Text: in.Format(layout)}
}

func newPastView(f jobs.Firing, loc *time.Location, now time.Time) pastView {
	v := pastView{firingView: zoned(f.Planned, loc, now), Outcome: string(f.Outcome), Detail: said(f.Detail)}
	v.Tone, v.Icon = "t-ok", "circle-check"
	switch f.Outcome {
	case jobs.Missed:
		v.Tone, v.Icon = "t-bad", "circle-x"
	case jobs.Late:
		v.Tone, v.Icon = "t-warn", "clock"
	case jobs.Blackout, jobs.Empty:
		v.Tone, v.Icon = "t-idle", "dash"
	}
	if f.Batch != "" {
		v.Href = batchHref(f.Batch)
	}
	return v
}

// schedulesPage answers GET /schedules.
func (s *Server) schedulesPage(c echo.Context) error {
	ctx, now := c.Request().Context(), s.Now()
	list, err := s.Jobs.Schedules(ctx)
	if err != nil {
		return err
	}
	v := &schedulesView{page: page{Title: "Schedules", Area: "/schedules", Live: "job"}, CanEdit: viewerOf(c).Can(auth.ScheduleEdit)}
	on := 0
	for _, sc := range list {
		row := newScheduleView(sc, now)
		if sc.Enabled {
			on++
		}
		past, err := s.Jobs.Firings(ctx, sc.ID, 1)
		if err != nil {
			return err
		}
		if len(past) > 0 {
			p := newPastView(past[0], zoneOf(sc), now)
			row.Last = &p
		}
		v.Rows = append(v.Rows, row)
	}
	v.Sub = plural(len(list), "schedule", "schedules") + ", " + num(on) + " on"
	if len(list) == 0 {
		v.Empty = &empty{Icon: "schedules", Title: "Nothing is planned", Text: "Without a schedule, backups are made when somebody asks for one."}
	}
	return s.render(c, http.StatusOK, "schedules", v)
}

func zoneOf(s schedule.Schedule) *time.Location {
	if loc, err := time.LoadLocation(s.Zone); err == nil {
		return loc
	}
	return time.UTC
}

// schedulePage answers GET /schedules/{id}; "new" is the form of one that is
// not there yet.
func (s *Server) schedulePage(c echo.Context) error {
	ctx := c.Request().Context()
	if c.Param("id") == "new" {
		sc := schedule.Schedule{What: schedule.Backup, Cron: "0 2 * * *", Zone: s.zone(), Closes: "06:00", Enabled: true}
		return s.showSchedule(c, http.StatusOK, sc, formOf(sc, nil), nil)
	}
	sc, err := s.Jobs.Schedule(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	names, err := s.namesOf(ctx, sc)
	if err != nil {
		return err
	}
	return s.showSchedule(c, http.StatusOK, sc, formOf(sc, names), nil)
}

func (s *Server) zone() string {
	if s.Zone == "" {
		return "UTC"
	}
	return s.Zone
}

// namesOf gives the names of the devices that a schedule never touches.
func (s *Server) namesOf(ctx context.Context, sc schedule.Schedule) ([]string, error) {
	if len(sc.Exclude) == 0 {
		return nil, nil
	}
	devices, err := s.Inventory.Devices(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, d := range devices {
		if slices.Contains(sc.Exclude, d.ID) {
			name := d.Name
			if name == "" || strings.ContainsAny(name, "\r\n") {
				name = d.Address.String()
			}
			out = append(out, name)
		}
	}
	return out, nil
}

// schedulePageView is one schedule with its form.
type schedulePageView struct {
	page
	scheduleView
	New     bool
	CanEdit bool
	CanRun  bool
	Form    scheduleForm
	Errors  map[string]string
	Past    []pastView
}

const pastShown = 30

// showSchedule shows a schedule beside its form, which holds what was typed.
func (s *Server) showSchedule(c echo.Context, status int, sc schedule.Schedule, f scheduleForm, errs map[string]string) error {
	ctx, now, viewer := c.Request().Context(), s.Now(), viewerOf(c)
	v := &schedulePageView{scheduleView: newScheduleView(sc, now), New: sc.ID == "", CanEdit: viewer.Can(auth.ScheduleEdit), CanRun: viewer.Can(auth.JobRun), Form: f.fit(), Errors: errs}
	v.page = page{Title: v.Name, Area: "/schedules"}
	if v.New {
		v.Title = "New schedule"
	} else {
		past, err := s.Jobs.Firings(ctx, sc.ID, pastShown)
		if err != nil {
			return err
		}
		for _, f := range past {
			v.Past = append(v.Past, newPastView(f, zoneOf(sc), now))
		}
	}
	return s.render(c, status, "schedule", v)
}
