package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/spf13/cobra"
)

func newTopology() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "topology DIR",
		Short: "Say what joins the devices of a directory of recordings",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			set, err := platform.Builtin()
			if err != nil {
				return ownFault(err)
			}
			obs, unread := discovery.RecordedNetwork(c.Context(), args[0], set)
			if len(obs) == 0 {
				if len(unread) == 0 {
					unread = []error{fmt.Errorf("topology: %s: no recording (*.snmprec) in it", args[0])}
				}
				return usage(errors.Join(unread...))
			}
			g := topology.Build(obs)
			if asJSON {
				err = printJSON(c, g)
			} else {
				err = printGraph(c, g)
			}
			if err != nil {
				return ownFault(err)
			}
			if len(unread) > 0 {
				return usage(errors.Join(unread...))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document")
	return cmd
}

func printGraph(c *cobra.Command, g topology.Graph) error {
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "LAYER\tDEVICE\tPORT\tDEVICE\tPORT\tCONFIDENCE\tBECAUSE")
	for _, l := range g.Links {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%.2f\t%s\n", l.Layer, printable(l.A.Device), printable(l.A.Port), printable(l.B.Device), printable(l.B.Port),
			l.Confidence, printable(l.Because))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.OutOrStdout(), "%d devices, %d links, %d hosts, %d neighbours not resolved\n",
		len(g.Devices), len(g.Links), len(g.Hosts), len(g.Unresolved))
	return err
}
