package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/app"
)

type historyAnswer struct {
	Device    string         `json:"device"`
	ID        string         `json:"id"`
	Source    string         `json:"source"`
	Revisions []historyEntry `json:"revisions"` // newest first
	Seconds   float64        `json:"seconds"`
}

type historyEntry struct {
	ID       string    `json:"id"`
	Time     time.Time `json:"time"` // first seen
	LastSeen time.Time `json:"last_seen"`
	SHA256   string    `json:"sha256,omitempty"` // of what show prints
	Bytes    int       `json:"bytes"`
	Lines    int       `json:"lines"`
	Added    int       `json:"added"`
	Removed  int       `json:"removed"`
	Flags    []string  `json:"flags,omitempty"`
}

func newHistory() *cobra.Command {
	var dir, source string
	var asJSON bool
	c := &cobra.Command{
		Use:   "history DEVICE",
		Short: "List the kept revisions of a device's configuration",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withData(c, dir, func(d *app.Data) error {
				dev, err := findDevice(c, d, args[0])
				if err != nil {
					return err
				}
				begun := time.Now()
				revs, err := d.Store.History(c.Context(), dev.ID, configstore.Source(source))
				if err != nil {
					return ownFault(err)
				}
				out := historyAnswer{Device: dev.Name, ID: string(dev.ID), Source: source, Revisions: []historyEntry{}}
				for _, r := range revs {
					out.Revisions = append(out.Revisions, historyEntry{ID: string(r.ID), Time: r.FirstSeen, LastSeen: r.LastSeen,
						SHA256: r.SHA256, Bytes: r.Bytes, Lines: r.Lines, Added: r.Added, Removed: r.Removed, Flags: r.Flags})
				}
				out.Seconds = time.Since(begun).Seconds()
				if asJSON {
					return printJSON(c, out)
				}
				return printHistory(c, out)
			})
		},
	}
	addDataFlag(c, &dir)
	c.Flags().StringVar(&source, "source", string(configstore.Running), "running, startup or command:NAME")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func printHistory(c *cobra.Command, out historyAnswer) error {
	if len(out.Revisions) == 0 {
		fmt.Fprintf(c.OutOrStdout(), "%s: no %s configuration is kept\n", printable(out.Device), printable(out.Source))
		return nil
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "REVISION\tFIRST SEEN\tLAST SEEN\tLINES\tCHANGE\tBYTES")
	for _, r := range out.Revisions {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t+%d -%d\t%d\n", r.ID, r.Time.Format(time.RFC3339), r.LastSeen.Format(time.RFC3339),
			r.Lines, r.Added, r.Removed, r.Bytes)
	}
	return w.Flush()
}
