package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/health"
)

// statusAnswer is what the page Health shows, with what was measured.
type statusAnswer struct {
	Level health.Level  `json:"level"` // the worst line
	Lines []health.Line `json:"lines"`
	health.Status
}

func newAdminStatus() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Tell how the appliance fares",
		Long:  "The lines of the page Health. Exit code 1 when one of them is out of order.",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := app.Open(c.Context(), app.DataOptions{Dir: dir, Log: stderrLog(slog.LevelWarn)})
			if err != nil {
				return openFault(dir, err)
			}
			defer a.Close()
			// An outage is known to whoever tried to write.
			if err := a.CanWrite(c.Context()); err != nil {
				return ownFault(err)
			}
			f, err := a.Health(c.Context())
			if err != nil {
				return ownFault(err)
			}
			f.Version = version()
			out := statusAnswer{Lines: health.Judge(f), Status: f}
			out.Level = health.Worst(out.Lines)
			if asJSON {
				err = printJSON(c, out)
			} else {
				for _, l := range out.Lines {
					fmt.Fprintf(c.OutOrStdout(), "%-8s %s: %s %s\n", l.Level, printable(l.Title), printable(l.Text), printable(l.Do))
				}
			}
			if err == nil && out.Level == health.Bad {
				return answerNo(nil)
			}
			return err
		},
	}
	addDataFlag(c, &dir)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
