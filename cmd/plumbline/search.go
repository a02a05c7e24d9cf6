package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/search"
	"github.com/plumbline-net/plumbline/internal/app"
)

// searchLine is one line that was found; one of a text that is an answer as a
// whole has no line.
type searchLine struct {
	Device   string    `json:"device"`
	Revision string    `json:"revision"`
	Time     time.Time `json:"time"` // when the text was first seen
	Line     int       `json:"line,omitempty"`
	Text     string    `json:"text,omitempty"`
	Path     []string  `json:"path,omitempty"`
}

func newSearch() *cobra.Command {
	var dir, at, source string
	var asJSON bool
	c := &cobra.Command{
		Use:   "search QUERY",
		Short: "Find lines in the kept configurations, secrets masked",
		Long: `Find lines in the newest kept configuration of each device.

  ntp server 10.0.0.1                     whole words, in any case; * stands for a part of a word
  "ip http server"                        exactly so, anywhere in a line
  /^snmp-server community .* RW/          a pattern (RE2) for one line; also re:PATTERN
  in:"interface *" has:"mtu 1500"         sections that have a line; lacks: for those that have none
  missing:"logging host 10.9.9.9"         devices where it is absent
  site:berlin not:role:core platform:cisco_*   of these devices only
  changed:7d by:ann at:2026-10-01         of such texts only
  secret:same-as(core1:88)                lines with the same secret as that line

Lines are those of the masked text, as show --masked prints it. A secret's value finds nothing.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			q, err := search.Parse(args[0])
			if err != nil {
				return usage(pointed(args[0], err))
			}
			if at != "" {
				if q.At, err = time.Parse(time.RFC3339, at); err != nil {
					return usage(fmt.Errorf("--at %q is not a time such as 2026-03-01T12:00:00Z", at))
				}
			}
			return withAppliance(c, dir, func(a *app.Appliance) error {
				return runSearch(c, a, configstore.SearchRequest{Query: q, Source: configstore.Source(source)}, asJSON)
			})
		},
	}
	addDataFlag(c, &dir)
	c.Flags().StringVar(&at, "at", "", "the texts that were the truth at `TIME` (RFC 3339)")
	c.Flags().StringVar(&source, "source", string(configstore.Running), "running, startup or command:NAME")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return c
}

// pointed puts the query and a mark below the wrong character.
func pointed(q string, err error) error {
	e, ok := errors.AsType[*search.Error](err)
	if !ok {
		return err
	}
	return fmt.Errorf("%w\n  %s\n  %s^", err, printable(q), strings.Repeat(" ", len([]rune(printable(q[:min(e.At, len(q))])))))
}

func runSearch(c *cobra.Command, a *app.Appliance, req configstore.SearchRequest, asJSON bool) error {
	sum, err := a.Search(c.Context(), req, func(h configstore.SearchHit) error { return printHit(c, h, asJSON) })
	switch {
	case errors.Is(err, configstore.ErrNoLine), errors.Is(err, configstore.ErrNoSuchChoice):
		return usage(err)
	case err != nil:
		return ownFault(err)
	}
	unknown, damaged := 0, 0
	for _, s := range sum.Skipped {
		if len(req.Query.Missing) > 0 || s.Why == configstore.SkipDamaged {
			fmt.Fprintf(c.ErrOrStderr(), "unknown: %s: %s\n", printable(s.Device.Name), s.Why)
			unknown++
		}
		if s.Why == configstore.SkipDamaged {
			damaged++
		}
	}
	if !asJSON {
		fmt.Fprintf(c.ErrOrStderr(), "%d lines on %d devices, of %d texts\n", sum.Lines, sum.Devices, sum.Texts)
	}
	if damaged > 0 {
		return ownFault(fmt.Errorf("%d texts are damaged and were not looked at: plumbline admin verify tells more", damaged))
	}
	return nil
}

func printHit(c *cobra.Command, h configstore.SearchHit, asJSON bool) error {
	l := searchLine{Device: h.Device.Name, Revision: string(h.Revision.ID), Time: h.Revision.FirstSeen.UTC()}
	lines := h.Lines
	if len(lines) == 0 {
		lines = make([]configstore.SearchLine, 1)
	}
	for _, x := range lines {
		l.Line, l.Text, l.Path = x.Line, x.Text, x.Path
		var err error
		switch {
		case asJSON:
			err = printJSONLine(c, l)
		case l.Line == 0:
			_, err = fmt.Fprintln(c.OutOrStdout(), printable(l.Device))
		default:
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s:%d: %s\n", printable(l.Device), l.Line, printable(l.Text))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
