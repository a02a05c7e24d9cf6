package main

import (
	"fmt"
	"strings"

	"github.com/plumbline-net/plumbline/configstore/diff"
	"github.com/plumbline-net/plumbline/configstore/scrub"
	"github.com/plumbline-net/plumbline/configstore/tree"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/spf13/cobra"
)

func newDiff() *cobra.Command {
	var id, keyFile string
	var asJSON, unified bool
	c := &cobra.Command{
		Use:   "diff --platform P OLD NEW",
		Short: "Compare two configurations, by meaning or with --unified by text",
		Long:  "Compare two configurations: by meaning, or with --unified by text. Noise is left out and secrets are masked in both. Exit code 1 says that they differ.",
		Args:  cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := offlinePlatform(id)
			if err != nil {
				return err
			}
			mask, err := offlineMasker(c, keyFile)
			if err != nil {
				return err
			}
			var sides [2]side
			for i, name := range args {
				raw, err := readInput(c, name)
				if err != nil {
					return err
				}
				sides[i] = newSide(name, raw, p, mask)
			}
			if unified {
				return diffText(c, sides, asJSON)
			}
			return diffMeaning(c, sides, asJSON)
		},
	}
	c.Flags().StringVar(&id, "platform", "", "platform `P` of the files")
	c.Flags().StringVar(&keyFile, "key", "", "`FILE` with the key of the fingerprints")
	c.Flags().BoolVar(&asJSON, "json", false, "print the changes as JSON")
	c.Flags().BoolVar(&unified, "unified", false, "compare the texts, not the meaning")
	return c
}

// side is one of the two texts, cleaned and parsed.
type side struct {
	name  string
	clean scrub.Result
	tree  *tree.Tree
}

func newSide(name string, raw []byte, p *platform.Platform, mask scrub.Masker) side {
	r := scrub.New(p.Config).Clean(raw, mask)
	return side{name: name, clean: r, tree: tree.Parse(r.Text, p.Config)}
}

func diffText(c *cobra.Command, s [2]side, asJSON bool) error {
	d := diff.Text(s[0].clean.Text, s[1].clean.Text, diff.Options{OldSection: s[0].tree.SectionAt, NewSection: s[1].tree.SectionAt})
	if asJSON {
		if err := printJSON(c, d); err != nil {
			return err
		}
	} else if _, err := c.OutOrStdout().Write(diff.Unified(d, s[0].name, s[1].name)); err != nil {
		return err
	}
	return different(d.Equal)
}

func diffMeaning(c *cobra.Command, s [2]side, asJSON bool) error {
	d := diff.Meaning(s[0].tree, s[1].tree)
	for i := range d.Changes {
		ch := &d.Changes[i]
		ch.OldLine, ch.NewLine = rawLine(s[0].clean.Lines, ch.OldLine), rawLine(s[1].clean.Lines, ch.NewLine)
	}
	if asJSON {
		if err := printJSON(c, d); err != nil {
			return err
		}
		return different(d.Equal)
	}
	if len(d.Changes) > 0 {
		fmt.Fprintf(c.OutOrStdout(), "%s → %s\n", printable(s[0].name), printable(s[1].name))
	}
	for _, ch := range d.Changes {
		fmt.Fprintf(c.OutOrStdout(), "%-8s %s\n", ch.Op, printable(strings.Join(ch.Path, " / ")))
		if ch.Old != "" {
			fmt.Fprintf(c.OutOrStdout(), "       - %5d  %s\n", ch.OldLine, printable(ch.Old))
		}
		if ch.New != "" {
			fmt.Fprintf(c.OutOrStdout(), "       + %5d  %s\n", ch.NewLine, printable(ch.New))
		}
		if ch.Note != "" {
			fmt.Fprintf(c.OutOrStdout(), "         %s\n", printable(ch.Note))
		}
	}
	return different(d.Equal)
}

func different(equal bool) error {
	if equal {
		return nil
	}
	return answerNo(nil)
}
