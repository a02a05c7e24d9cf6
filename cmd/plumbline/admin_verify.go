package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/db"
)

func newAdminVerify() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify",
		Short: "Read everything that is kept, and tell what is damaged",
		Long:  "Opens every seal, checks every hash and chain, one line a fault. Exit code 1 when there is one.",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withData(c, dir, func(d *app.Data) error {
				now := time.Now().UTC()
				faults, s, err := d.VerifyStore(c.Context(), now)
				if err != nil && db.OutageOf(err) == nil { // that it was checked need not be noted
					return ownFault(err)
				}
				chain, err := d.VerifyAudit(c.Context(), audit.New(d.DB, d.Vault.AuditKey(), audit.Options{}), now, nil)
				if err != nil && db.OutageOf(err) == nil {
					return ownFault(err)
				}
				if !chain.OK() {
					faults = append(faults, "audit: "+chain.Fault)
				}
				if asJSON {
					err = printJSON(c, map[string]any{"revisions": s.Revisions, "audit_records": chain.Records, "faults": append([]string{}, faults...)})
				} else {
					for _, f := range faults {
						fmt.Fprintln(c.OutOrStdout(), printable(f))
					}
					fmt.Fprintf(c.OutOrStdout(), "%d revisions, %d faults\n", s.Revisions, len(faults))
				}
				if err == nil && len(faults) > 0 {
					return &exitError{code: 1}
				}
				return err
			})
		},
	}
	addDataFlag(c, &dir)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
