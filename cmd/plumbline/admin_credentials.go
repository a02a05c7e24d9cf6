package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/spf13/cobra"
)

func newAdminCredentials() *cobra.Command {
	c := &cobra.Command{
		Use:   "credentials",
		Short: "Give the appliance its credentials, list and delete them",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newCredentialsImport(), newCredentialsList(), newCredentialsDelete())
	return c
}

func newCredentialsImport() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Keep the credentials of a file, sealed; those of the same name are replaced",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			creds, err := settings.ReadCredentials(args[0])
			if err != nil {
				return usage(err)
			}
			return withAppliance(c, dir, func(a *app.Appliance) error {
				for _, cred := range creds {
					record := audit.Record{Verb: audit.CredentialChange, Object: cred.Name, After: "scope " + fmt.Sprint(cred.Scope)}
					err := recorded(c.Context(), a.Data, record, func(ctx context.Context) error {
						return a.Credentials.Save(ctx, cred, consoleUser())
					})
					if err != nil {
						return ownFault(err)
					}
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "%d credentials kept; the file is not needed any more\n", len(creds))
				return err
			})
		},
	}
	addDataFlag(c, &dir)
	return c
}

func newCredentialsList() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "list",
		Short: "List credentials without their secrets",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withAppliance(c, dir, func(a *app.Appliance) error {
				list, err := a.Credentials.List(c.Context())
				if err != nil {
					return ownFault(err)
				}
				w := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
				fmt.Fprintln(w, "NAME\tSNMP\tSSH USER\tSCOPE\tSTATE")
				for _, l := range list {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", printable(l.Name), l.SNMPVersion, printable(l.SSHUser), scopeWords(l), stateWord(l))
				}
				return w.Flush()
			})
		},
	}
	addDataFlag(c, &dir)
	return c
}

func scopeWords(l vault.Listed) string {
	var words []string
	for _, p := range l.Scope {
		words = append(words, p.String())
	}
	return strings.Join(words, " ")
}

func stateWord(l vault.Listed) string {
	if l.Paused.IsZero() {
		return "in use"
	}
	return "paused since " + l.Paused.UTC().Format("2006-01-02 15:04") + "; import it again to resume"
}

func newCredentialsDelete() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "delete NAME",
		Short: "Forget a credential",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withAppliance(c, dir, func(a *app.Appliance) error {
				err := recorded(c.Context(), a.Data, audit.Record{Verb: audit.CredentialDelete, Object: args[0]}, func(ctx context.Context) error {
					return a.Credentials.Delete(ctx, args[0])
				})
				if err != nil {
					return answerNo(err)
				}
				return nil
			})
		},
	}
	addDataFlag(c, &dir)
	return c
}
