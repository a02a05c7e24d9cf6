package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/plumbline-net/plumbline/configstore/scrub"
	"github.com/plumbline-net/plumbline/configstore/tree"
	"github.com/spf13/cobra"
)

func newParse() *cobra.Command {
	var id, keyFile string
	var asJSON, render bool
	c := &cobra.Command{
		Use:   "parse --platform P FILE",
		Short: "Show the tree of a configuration, and how much of it was understood",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if asJSON && render {
				return usage(errors.New("--json and --render exclude each other"))
			}
			p, err := offlinePlatform(id)
			if err != nil {
				return err
			}
			raw, err := readInput(c, args[0])
			if err != nil {
				return err
			}
			if render {
				_, err = c.OutOrStdout().Write(tree.Parse(raw, p.Config).Render())
				return err
			}
			mask, err := offlineMasker(c, keyFile)
			if err != nil {
				return err
			}
			masked := scrub.New(p.Config).MaskLines(raw, mask)
			t := tree.Parse(masked.Text, p.Config)
			relocate(t.Root, masked.Lines)
			if asJSON {
				return printJSON(c, parsed{Platform: id, Lines: t.Lines, UnknownLines: t.UnknownLines, OpenBlocks: t.OpenBlocks, Family: t.Family, Notes: t.Notes, Tree: t.Root})
			}
			outline(c, t.Root, 0)
			fmt.Fprintf(c.ErrOrStderr(), "%d lines, %d unknown, family %s\n", t.Lines, t.UnknownLines, t.Family)
			return nil
		},
	}
	c.Flags().StringVar(&id, "platform", "", "platform `P` of the file")
	c.Flags().StringVar(&keyFile, "key", "", "`FILE` with the key of the fingerprints")
	c.Flags().BoolVar(&asJSON, "json", false, "print the tree as JSON")
	c.Flags().BoolVar(&render, "render", false, "print the text that the tree renders to")
	return c
}

type parsed struct {
	Platform     string     `json:"platform"`
	Lines        int        `json:"lines"`
	UnknownLines int        `json:"unknown_lines"`
	OpenBlocks   int        `json:"open_blocks,omitempty"`
	Family       string     `json:"family"`
	Notes        []string   `json:"notes,omitempty"`
	Tree         *tree.Node `json:"tree"`
}

// relocate makes the lines of nodes those of the raw text.
func relocate(n *tree.Node, lines []int) {
	n.From, n.To = rawLine(lines, n.From), rawLine(lines, n.To)
	for _, c := range n.Children {
		relocate(c, lines)
	}
}

// rawLine translates a line of a scrubbed text; 0 stays 0.
func rawLine(lines []int, line int) int {
	if line < 1 || line > len(lines) {
		return line
	}
	return lines[line-1]
}

func outline(c *cobra.Command, n *tree.Node, depth int) {
	for _, k := range n.Children {
		fmt.Fprintf(c.OutOrStdout(), "%6d %s%s\n", k.From, strings.Repeat("  ", depth), printable(k.Text))
		outline(c, k, depth+1)
	}
}
