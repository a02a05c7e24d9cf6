package main

import (
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/spf13/cobra"
)

type checkResult struct {
	File string `json:"file"`
	compliance.Result
}

func newCheck() *cobra.Command {
	var platformID string
	var packs []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "check --platform P [--pack NAME|FILE]… FILE…",
		Short: "Judge configurations by rules",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			rules, err := loadRules(packs)
			if err != nil {
				return usage(err)
			}
			p, err := offlinePlatform(platformID)
			if err != nil {
				return err
			}
			mask, err := offlineMasker(c, "")
			if err != nil {
				return err
			}
			reader := configstore.NewReader(func(netdev.PlatformID) (*platform.Platform, bool) { return p, true }, mask)
			var results []checkResult
			var sum compliance.Summary
			for _, file := range files {
				raw, err := readInput(c, file)
				if err != nil {
					return err
				}
				reading := reader.Read(p.ID, raw)
				for _, r := range configstore.Verdicts(rules, reading, netdev.Device{Vendor: p.Vendor}) {
					results = append(results, checkResult{File: file, Result: r})
					sum.Add(r.Verdict)
				}
			}
			if err := printCheck(c, asJSON, results, sum); err != nil {
				return ownFault(err)
			}
			if sum.Fail > 0 {
				return answerNo(nil)
			}
			return nil
		},
	}
	c.Flags().StringVar(&platformID, "platform", "", "platform of the files (required)")
	c.Flags().StringArrayVar(&packs, "pack", nil, "`NAME` of a built-in pack, or a pack file; every built-in pack without it")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

// loadRules reads the packs by name or file; none means all of the binary's.
func loadRules(names []string) ([]compliance.Rule, error) {
	builtin, err := compliance.Builtin()
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return compliance.Rules(builtin), nil
	}
	var packs []compliance.Pack
names:
	for _, name := range names {
		for _, p := range builtin {
			if p.ID == name {
				packs = append(packs, p)
				continue names
			}
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("--pack: %q is no built-in pack and cannot be read: %w", name, err)
		}
		p, err := compliance.Load(filepath.Base(name), b)
		if err != nil {
			return nil, fmt.Errorf("--pack: %w", err)
		}
		packs = append(packs, p)
	}
	return compliance.Rules(packs), nil
}

func printCheck(c *cobra.Command, asJSON bool, results []checkResult, sum compliance.Summary) error {
	if asJSON {
		if results == nil {
			results = []checkResult{}
		}
		return printJSON(c, struct {
			Results []checkResult      `json:"results"`
			Summary compliance.Summary `json:"summary"`
		}{results, sum})
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "VERDICT\tSEVERITY\tRULE\tFILE\tLINE\tWHY")
	for _, r := range results {
		line := ""
		if r.Verdict == compliance.Fail && len(r.Evidence) > 0 {
			line = fmt.Sprint(r.Evidence[0].Line)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Verdict, r.Severity, r.Rule, printable(r.File), line, printable(r.Reason))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "%d pass, %d fail, %d unknown, %d not applicable\n", sum.Pass, sum.Fail, sum.Unknown, sum.NotApplicable)
	return nil
}
