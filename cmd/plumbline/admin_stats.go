package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/internal/app"
)

func newAdminStats() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "stats",
		Short: "Count what is kept",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withData(c, dir, func(d *app.Data) error {
				s, err := d.Store.Stats(c.Context())
				if err != nil {
					return ownFault(err)
				}
				if asJSON {
					return printJSON(c, s)
				}
				fmt.Fprintf(c.OutOrStdout(), "devices    %d\nrevisions  %d (%d whole, %d deltas)\nraw bytes  %d\nstored     %d\n",
					s.Devices, s.Revisions, s.Whole, s.Deltas, s.RawBytes, s.StoredBytes)
				return nil
			})
		},
	}
	addDataFlag(c, &dir)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
