package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
)

// recorded does one thing from the command line beside its audit record, in
// one transaction.
func recorded(ctx context.Context, d *app.Data, r audit.Record, f func(ctx context.Context) error) error {
	r.ActorKind, r.Actor = audit.Console, consoleUser()
	log := audit.New(d.DB, d.Vault.AuditKey(), audit.Options{})
	return d.DB.InTx(ctx, func(ctx context.Context) error {
		if err := f(ctx); err != nil {
			return err
		}
		return log.Append(ctx, r)
	})
}

func consoleUser() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "unknown"
}

func newAdminToken() *cobra.Command {
	var dir, name, role string
	var life time.Duration
	c := &cobra.Command{
		Use:   "token --user NAME --role ROLE --for DURATION",
		Short: "Make an API token and print it, alone",
		Long: "Make an API token and print it, alone. It is shown once. An account that does not exist\n" +
			"is made; it can only have tokens. ROLE is one of " + roleWords() + ".",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if name == "" || role == "" {
				return usage(errors.New("--user and --role are needed"))
			}
			if !auth.Role(role).Known() {
				return usage(fmt.Errorf("--role %q is not one of %s", role, roleWords()))
			}
			return withData(c, dir, func(d *app.Data) error {
				s := auth.New(d.DB, auth.Options{})
				var secret string
				err := recorded(c.Context(), d, audit.Record{Verb: audit.TokenCreate, Object: name, After: role + " for " + life.String()},
					func(ctx context.Context) (err error) {
						if _, err = s.Machine(ctx, name, auth.Role(role)); err == nil {
							secret, _, err = s.NewToken(ctx, name, "command line", auth.Role(role), life)
						}
						return err
					})
				if err != nil {
					return usage(err)
				}
				fmt.Fprintln(c.OutOrStdout(), secret)
				return nil
			})
		},
	}
	addDataFlag(c, &dir)
	c.Flags().StringVar(&name, "user", "", "`NAME` of the account")
	c.Flags().StringVar(&role, "role", "", "`ROLE` of the token, at most the account's")
	c.Flags().DurationVar(&life, "for", time.Hour, "how long it is valid, at most a year")
	return c
}

func roleWords() string {
	var out []string
	for _, r := range auth.Roles() {
		out = append(out, string(r))
	}
	return strings.Join(out, ", ")
}

func newAdminSetupLink() *cobra.Command {
	var dir, url string
	c := &cobra.Command{
		Use:   "setup-link",
		Short: "Print a new one-time link for the set-up",
		Long:  "Print a new one-time link for the set-up, valid for 30 minutes. The one before ends.",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withData(c, dir, func(d *app.Data) error {
				s := auth.New(d.DB, auth.Options{})
				var token string
				err := recorded(c.Context(), d, audit.Record{Verb: audit.SetupLinkMade}, func(ctx context.Context) (err error) {
					token, err = s.NewSetupLink(ctx)
					return err
				})
				if errors.Is(err, auth.ErrSetupDone) {
					return answerNo(err)
				}
				if err != nil {
					return ownFault(err)
				}
				fmt.Fprintln(c.OutOrStdout(), auth.SetupURL(url, token))
				return nil
			})
		},
	}
	addDataFlag(c, &dir)
	c.Flags().StringVar(&url, "url", "http://127.0.0.1:8080", "`URL` at which serve answers")
	return c
}

// listedUser is an account as `admin users --json` shows it.
type listedUser struct {
	Name     string     `json:"name"`
	Role     auth.Role  `json:"role"`
	Login    bool       `json:"login"` // has a password
	Disabled bool       `json:"disabled"`
	Created  time.Time  `json:"created"`
	Tokens   int        `json:"tokens"`
	Seen     *time.Time `json:"seen,omitempty"` // last request of a session that is open
}

func newAdminUsers() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "users",
		Short: "List the accounts",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return withData(c, dir, func(d *app.Data) error {
				list, err := listUsers(c.Context(), d)
				if err != nil {
					return ownFault(err)
				}
				if asJSON {
					return printJSON(c, list)
				}
				for _, u := range list {
					state := "open"
					switch {
					case u.Disabled:
						state = "disabled"
					case !u.Login:
						state = "tokens only"
					}
					fmt.Fprintf(c.OutOrStdout(), "%-20s %-10s %-12s %d tokens\n", printable(u.Name), u.Role, state, u.Tokens)
				}
				return nil
			})
		},
	}
	addDataFlag(c, &dir)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func listUsers(ctx context.Context, d *app.Data) ([]listedUser, error) {
	users, err := d.DB.Users(ctx)
	if err != nil {
		return nil, err
	}
	list := []listedUser{}
	for _, u := range users {
		tokens, err := d.DB.TokensOf(ctx, u.ID)
		if err != nil {
			return nil, err
		}
		sessions, err := d.DB.SessionsOf(ctx, u.ID)
		if err != nil {
			return nil, err
		}
		l := listedUser{Name: u.Name, Role: u.Role, Login: u.Password != "", Disabled: !u.Disabled.IsZero(), Created: u.Created, Tokens: len(tokens)}
		for _, s := range sessions {
			if l.Seen == nil || s.Seen.After(*l.Seen) {
				l.Seen = &s.Seen
			}
		}
		list = append(list, l)
	}
	return list, nil
}
