package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
)

func newAdminSchedule() *cobra.Command {
	c := &cobra.Command{
		Use:   "schedule",
		Short: "List, make, change and delete what runs by the clock",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newScheduleList(), newScheduleSet(), newScheduleDelete())
	return c
}

// scheduleLine is a schedule as --json prints it.
type scheduleLine struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	What      string            `json:"what"`
	Choice    string            `json:"choice,omitempty"`
	Exclude   []netdev.DeviceID `json:"exclude,omitempty"`
	Cron      string            `json:"cron"`
	Zone      string            `json:"zone"`
	Opens     string            `json:"opens,omitempty"`
	Closes    string            `json:"closes,omitempty"`
	Blackouts []string          `json:"blackouts,omitempty"`
	Ramp      string            `json:"ramp,omitempty"`
	Enabled   bool              `json:"enabled"`
	Words     string            `json:"words,omitempty"`
	Next      []time.Time       `json:"next,omitempty"`
	Fault     string            `json:"fault,omitempty"`
}

func lineOfSchedule(s schedule.Schedule, now time.Time) scheduleLine {
	l := scheduleLine{ID: s.ID, Name: s.Name, What: string(s.What), Choice: s.Choice, Exclude: s.Exclude, Cron: s.Cron, Zone: s.Zone, Opens: s.Opens,
		Closes: s.Closes, Blackouts: s.Blackouts, Enabled: s.Enabled}
	if s.Ramp > 0 {
		l.Ramp = s.Ramp.String()
	}
	p, err := schedule.Compile(s)
	if err != nil {
		l.Fault = err.Error()
		return l
	}
	l.Words = p.Words()
	for _, f := range p.Upcoming(now, 5) {
		if s.Enabled && f.Blackout == "" {
			l.Next = append(l.Next, f.Planned)
		}
	}
	return l
}

func newScheduleList() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List schedules with their next times",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withAppliance(c, dir, func(a *app.Appliance) error {
				list, err := a.NewPlanner().Schedules(c.Context())
				if err != nil {
					return ownFault(err)
				}
				lines := []scheduleLine{}
				for _, s := range list {
					lines = append(lines, lineOfSchedule(s, time.Now()))
				}
				if asJSON {
					return printJSON(c, lines)
				}
				w := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
				fmt.Fprintln(w, "NAME\tSTATE\tWHAT\tDEVICES\tWHEN\tZONE\tNEXT")
				for _, l := range lines {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(l.Name), map[bool]string{true: "on", false: "off"}[l.Enabled], l.What,
						printable(orAll(l.Choice)), printable(l.Words+l.Fault), printable(l.Zone), nextWord(l))
				}
				return w.Flush()
			})
		},
	}
	addDataFlag(c, &dir)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func orAll(choice string) string {
	if choice == "" {
		return "all"
	}
	return choice
}

func nextWord(l scheduleLine) string {
	if len(l.Next) == 0 {
		return "-"
	}
	return l.Next[0].UTC().Format(time.RFC3339)
}

// scheduleWords are what a person says; only flags that were given count.
type scheduleWords struct {
	schedule.Schedule
	what            string
	never           []string
	enabled, rename string
}

func newScheduleSet() *cobra.Command {
	var dir string
	var w scheduleWords
	c := &cobra.Command{
		Use:   "set NAME",
		Short: "Make a schedule, or change what the flags name of one",
		Long: "Make a schedule of that name, or change what the flags name of the one that is there.\n" +
			"A running server takes it over within seconds.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withAppliance(c, dir, func(a *app.Appliance) error { return w.set(c, a, args[0]) })
		},
	}
	addDataFlag(c, &dir)
	fl := c.Flags()
	fl.StringVar(&w.what, "what", "backup", "`WORD`: backup, discovery or verify")
	fl.StringVar(&w.Choice, "where", "", "devices that `EXPR` chooses, such as 'site:berlin role:core'; ranges of a discovery; empty for every device")
	fl.StringSliceVar(&w.never, "exclude", nil, "`DEVICES` that are never touched, by name, address or id")
	fl.StringVar(&w.Cron, "cron", "0 2 * * *", "`FIELDS`: minute, hour, day of the month, month, day of the week")
	fl.StringVar(&w.Zone, "zone", "UTC", "time zone `NAME`, such as Europe/Berlin")
	fl.StringVar(&w.Opens, "opens", "", "`HH:MM` from which the window is open")
	fl.StringVar(&w.Closes, "closes", "", "`HH:MM` from which nothing new starts")
	fl.StringArrayVar(&w.Blackouts, "blackout", nil, "`SPAN` in which nothing starts, such as '2026-12-24 – 2027-01-02'; may be given more than once")
	fl.DurationVar(&w.Ramp, "ramp", 0, "spread the starts over `DURATION`")
	fl.StringVar(&w.enabled, "enabled", "true", "`true` or false")
	fl.StringVar(&w.rename, "rename", "", "give it another `NAME`")
	return c
}

// set lays what was said over what is there.
func (w scheduleWords) set(c *cobra.Command, a *app.Appliance, name string) error {
	s, there, err := scheduleNamed(c, a, name)
	if err != nil {
		return err
	}
	given := func(flag string) bool { return !there || c.Flags().Changed(flag) }
	if w.enabled != "true" && w.enabled != "false" {
		return usage(fmt.Errorf("--enabled %.20q: true or false", w.enabled))
	}
	for flag, to := range map[string]func(){
		"what": func() { s.What = schedule.What(w.what) }, "where": func() { s.Choice = w.Choice }, "zone": func() { s.Zone = w.Zone },
		"cron":  func() { s.Cron = strings.Join(strings.Fields(w.Cron), " ") },
		"opens": func() { s.Opens = w.Opens }, "closes": func() { s.Closes = w.Closes }, "blackout": func() { s.Blackouts = w.Blackouts },
		"ramp": func() { s.Ramp = w.Ramp }, "enabled": func() { s.Enabled = w.enabled == "true" },
	} {
		if given(flag) {
			to()
		}
	}
	if s.Name = name; w.rename != "" {
		s.Name = w.rename
	}
	if c.Flags().Changed("exclude") {
		s.Exclude = nil
		for _, ref := range w.never {
			d, err := findDevice(c, a.Data, ref)
			if err != nil {
				return err
			}
			s.Exclude = append(s.Exclude, d.ID)
		}
	}
	err = a.CheckSchedule(c.Context(), s)
	if err == nil {
		err = recorded(c.Context(), a.Data, audit.Record{Verb: audit.ScheduleChange, Object: s.Name, After: s.Cron + " " + s.Zone}, func(ctx context.Context) error {
			_, err := a.NewPlanner().SaveSchedule(ctx, s, consoleUser())
			return err
		})
	}
	if fault, ok := errors.AsType[*schedule.FieldError](err); ok {
		flag := map[string]string{"choice": "where", "blackouts": "blackout", "name": "rename"}[fault.Field]
		if flag == "" {
			flag = fault.Field
		}
		return usage(fmt.Errorf("--%s: %s", flag, fault.Text))
	}
	if err != nil {
		return ownFault(err)
	}
	return nil
}

func scheduleNamed(c *cobra.Command, a *app.Appliance, name string) (schedule.Schedule, bool, error) {
	list, err := a.NewPlanner().Schedules(c.Context())
	if err != nil {
		return schedule.Schedule{}, false, ownFault(err)
	}
	for _, s := range list {
		if s.Name == name || s.ID == name {
			return s, true, nil
		}
	}
	return schedule.Schedule{}, false, nil
}

func newScheduleDelete() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a schedule; what it has started stays",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withAppliance(c, dir, func(a *app.Appliance) error {
				s, there, err := scheduleNamed(c, a, args[0])
				if err != nil {
					return err
				}
				if !there {
					return answerNo(fmt.Errorf("%w: %.80q", schedule.ErrNone, args[0]))
				}
				err = recorded(c.Context(), a.Data, audit.Record{Verb: audit.ScheduleDelete, Object: s.Name}, func(ctx context.Context) error {
					return a.NewPlanner().DeleteSchedule(ctx, s.ID)
				})
				if err != nil {
					return ownFault(err)
				}
				return nil
			})
		},
	}
	addDataFlag(c, &dir)
	return c
}
