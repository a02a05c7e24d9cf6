package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
)

// scheduleForm is what a person typed, as it was typed.
type scheduleForm struct {
	Name, What, Choice, Exclude, Cron, Zone, Opens, Closes, Blackouts, Ramp string
	Enabled                                                                 bool
}

func formOf(s schedule.Schedule, exclude []string) scheduleForm {
	f := scheduleForm{Name: s.Name, What: string(s.What), Choice: s.Choice, Exclude: strings.Join(exclude, "\n"), Cron: s.Cron, Zone: s.Zone, Opens: s.Opens, Closes: s.Closes,
		Blackouts: strings.Join(s.Blackouts, "\n"), Enabled: s.Enabled}
	if s.Ramp > 0 {
		f.Ramp = s.Ramp.String()
		for _, zero := range []string{"m0s", "h0m"} {
			if strings.HasSuffix(f.Ramp, zero) {
				f.Ramp = f.Ramp[:len(f.Ramp)-2]
			}
		}
	}
	return f
}

func readScheduleForm(c echo.Context) scheduleForm {
	one := func(name string) string { return strings.TrimSpace(c.FormValue(name)) }
	return scheduleForm{Name: one("name"), What: one("what"), Choice: one("choice"), Exclude: c.FormValue("exclude"), Cron: strings.Join(strings.Fields(one("cron")), " "),
		Zone: one("zone"), Opens: one("opens"), Closes: one("closes"), Blackouts: c.FormValue("blackouts"), Ramp: one("ramp"), Enabled: c.FormValue("enabled") != ""}
}

// fit is the form as a page may show it.
func (f scheduleForm) fit() scheduleForm {
	for _, p := range []*string{&f.Name, &f.What, &f.Choice, &f.Cron, &f.Zone, &f.Opens, &f.Closes, &f.Ramp} {
		*p = visible(*p)
	}
	f.Exclude, f.Blackouts = shown(f.Exclude), shown(f.Blackouts)
	return f
}

// schedule reads the form over what was kept. Faults are by field.
func (s *Server) readSchedule(ctx context.Context, f scheduleForm, was schedule.Schedule) (schedule.Schedule, error) {
	was.Name, was.What, was.Choice, was.Cron, was.Zone, was.Opens, was.Closes, was.Enabled = f.Name, schedule.What(f.What), f.Choice, f.Cron, f.Zone, f.Opens, f.Closes, f.Enabled
	was.Blackouts = filledLines(f.Blackouts)
	was.Ramp = 0
	if f.Ramp != "" {
		d, err := time.ParseDuration(f.Ramp)
		if err != nil {
			return was, &schedule.FieldError{Field: "ramp", Text: "write a time such as 30m or 1h"}
		}
		was.Ramp = d
	}
	var err error
	was.Exclude, err = s.excluded(ctx, filledLines(f.Exclude))
	return was, err
}

func filledLines(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// excluded finds the devices that lines name by name, address or id.
func (s *Server) excluded(ctx context.Context, refs []string) ([]netdev.DeviceID, error) {
	var out []netdev.DeviceID
	for _, ref := range refs {
		d, err := s.Inventory.FindDevice(ctx, ref)
		switch {
		case errors.Is(err, discovery.ErrNoDevice):
			return nil, &schedule.FieldError{Field: "exclude", Text: "no device of the inventory is called " + said(ref) + ": write one name or address a line"}
		case errors.Is(err, discovery.ErrAmbiguous):
			return nil, &schedule.FieldError{Field: "exclude", Text: "more than one device is called " + said(ref) + ": write its address"}
		case err != nil:
			return nil, err
		}
		out = append(out, d.ID)
	}
	return out, nil
}

// saveSchedule answers POST /schedules and POST /schedules/{id}.
func (s *Server) saveSchedule(c echo.Context) error {
	ctx := c.Request().Context()
	var was schedule.Schedule
	if id := c.Param("id"); id != "" {
		var err error
		if was, err = s.Jobs.Schedule(ctx, id); err != nil {
			return err
		}
	}
	f := readScheduleForm(c)
	sc, err := s.readSchedule(ctx, f, was)
	if err == nil {
		sc, err = s.Jobs.SaveSchedule(ctx, sc, viewerOf(c).User)
	}
	if fault, ok := errors.AsType[*schedule.FieldError](err); ok {
		return s.showSchedule(c, http.StatusUnprocessableEntity, was, f, map[string]string{fault.Field: capital(said(fault.Text)) + "."})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, scheduleHref(sc.ID))
}

// switchSchedule answers POST /schedules/{id}/enable and …/disable.
func (s *Server) switchSchedule(on bool) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		sc, err := s.Jobs.Schedule(ctx, c.Param("id"))
		if err != nil {
			return err
		}
		sc.Enabled = on
		if _, err := s.Jobs.SaveSchedule(ctx, sc, viewerOf(c).User); err != nil {
			if fault, ok := errors.AsType[*schedule.FieldError](err); ok {
				return echo.NewHTTPError(http.StatusUnprocessableEntity, "The schedule cannot be kept as it is: "+said(fault.Error()))
			}
			return err
		}
		return c.Redirect(http.StatusSeeOther, scheduleHref(sc.ID))
	}
}

// deleteSchedule answers POST /schedules/{id}/delete.
func (s *Server) deleteSchedule(c echo.Context) error {
	if err := s.Jobs.DeleteSchedule(c.Request().Context(), c.Param("id")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/schedules")
}

// runSchedule answers POST /schedules/{id}/run.
func (s *Server) runSchedule(c echo.Context) error {
	batch, err := s.runNow(c.Request().Context(), c.Param("id"), viewerOf(c).User)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, batchHref(batch))
}

func (s *Server) runNow(ctx context.Context, id, by string) (string, error) {
	batch, err := s.Jobs.RunNow(ctx, id, by)
	if err == nil && batch == "" {
		err = echo.NewHTTPError(http.StatusConflict, "No device is meant by this schedule now.")
	}
	return batch, err
}
