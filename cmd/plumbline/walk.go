package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/spf13/cobra"
)

func newWalk() *cobra.Command {
	var f scanFlags
	c := &cobra.Command{
		Use:   "walk ADDRESS",
		Short: "Record what a device shows by SNMP, secrets left out",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			req, err := f.request(args)
			if err != nil {
				return usage(err)
			}
			if n := req.Targets.Len(); n != 1 {
				return usage(fmt.Errorf("%s: %d addresses; one device is recorded at a time", args[0], n))
			}
			s, err := newScanner()
			if err != nil {
				return ownFault(err)
			}
			lines, left, err := s.Record(c.Context(), req, c.OutOrStdout())
			if _, ok := errors.AsType[*netdev.OpError](err); ok {
				return answerNo(err)
			}
			if err != nil {
				return ownFault(err)
			}
			fmt.Fprintf(os.Stderr, "%d variables recorded, %d left out because they are or may hold secrets\n", lines, left)
			return nil
		},
	}
	f.register(c)
	return c
}
