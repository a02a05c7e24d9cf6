package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/audit"
)

func newAdminApprove() *cobra.Command {
	var dir, rev, by, comment string
	c := &cobra.Command{
		Use:   "approve DEVICE",
		Short: "Approve a running configuration of a device",
		Long: "Make a revision of a device's running configuration its baseline: what differs from it later is drift.\n" +
			"Without --revision it is the newest one. The approval is kept for ever, and so is the revision.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if by == "" {
				return usage(errors.New("say who approves it: --by NAME"))
			}
			return withAppliance(c, dir, func(a *app.Appliance) error {
				dev, err := findDevice(c, a.Data, args[0])
				if err != nil {
					return err
				}
				id := configstore.RevisionID(rev)
				if id == "" {
					head, err := a.Store.Head(c.Context(), dev.ID, configstore.Running)
					if errors.Is(err, configstore.ErrNoRevision) {
						return usage(fmt.Errorf("%s: no running configuration is kept", args[0]))
					}
					if err != nil {
						return ownFault(err)
					}
					id = head.ID
				}
				log := audit.New(a.DB, a.Vault.AuditKey(), audit.Options{})
				record := audit.Record{ActorKind: audit.Console, Actor: by, Address: "console of " + consoleUser()}
				err = a.Drift(log, nil).Approve(c.Context(), record, dev, id, comment)
				switch {
				case errors.Is(err, configstore.ErrNoRevision), errors.Is(err, configstore.ErrNotApprovable):
					return usage(err)
				case err != nil:
					return ownFault(err)
				}
				fmt.Fprintf(c.OutOrStdout(), "%s %s approved by %s\n", printable(dev.Name), id, printable(by))
				return nil
			})
		},
	}
	addDataFlag(c, &dir)
	c.Flags().StringVar(&rev, "revision", "", "`ID` of the revision, instead of the newest")
	c.Flags().StringVar(&by, "by", "", "`NAME` of who approves it")
	c.Flags().StringVar(&comment, "comment", "", "why it is right")
	return c
}
