package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/spf13/cobra"
)

// identified is one line of `identify --json`.
type identified struct {
	File string `json:"file"`
	netdev.Identity
	netdev.Facts
}

func newIdentify() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "identify WALK.snmprec…",
		Short: "Say what recorded devices are, and why",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			set, err := platform.Builtin()
			if err != nil {
				return ownFault(err)
			}
			table := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
			if !asJSON {
				fmt.Fprintln(table, "FILE\tNAME\tVENDOR\tPLATFORM\tKIND\tMODEL\tVERSION\tSERIAL\tINTERFACES\tNEIGHBORS")
			}
			var unread []error
			for _, file := range files {
				f, id, err := discovery.Recorded(c.Context(), file, set)
				if err != nil {
					unread = append(unread, fmt.Errorf("identify: %w", err))
					continue
				}
				if asJSON {
					if err := printJSONLine(c, identified{File: file, Identity: id, Facts: f}); err != nil {
						return ownFault(err)
					}
					continue
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\n", printable(file), printable(id.Name), id.Vendor, id.Platform, id.Kind,
					printable(id.Model), printable(id.Version), printable(id.Serial), len(f.Interfaces), len(f.Neighbors))
			}
			if err := table.Flush(); err != nil {
				return ownFault(err)
			}
			if len(unread) > 0 {
				return usage(errors.Join(unread...))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}
