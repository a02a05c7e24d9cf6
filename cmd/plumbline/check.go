package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/scrub"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/spf13/cobra"
)

type checkResult struct {
	File string `json:"file"`
	compliance.Result
}

func newCheck() *cobra.Command {
	var platformID, waiverFile, format string
	var packs []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "check --platform P [--pack NAME|FILE]… [--waivers FILE] FILE…",
		Short: "Judge configurations by rules",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			form, err := checkForm(format, asJSON)
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
			rules, err := loadRules(packs, mask)
			if err != nil {
				return usage(err)
			}
			waivers, err := readWaivers(waiverFile)
			if err != nil {
				return usage(err)
			}
			reader := configstore.NewReader(func(netdev.PlatformID) (*platform.Platform, bool) { return p, true }, mask)
			var results []checkResult
			var sum compliance.Summary
			for _, file := range files {
				raw, err := readInput(c, file)
				if err != nil {
					return err
				}
				got := configstore.Verdicts(rules, reader.Read(p.ID, raw), netdev.Device{Vendor: p.Vendor})
				base := filepath.Base(file)
				compliance.Waive(got, waivers, time.Now(), file, base, strings.TrimSuffix(base, filepath.Ext(base)))
				for _, r := range got {
					results = append(results, checkResult{File: file, Result: r})
					sum.Add(r.Verdict)
				}
			}
			if err := form(c, rules, results, sum); err != nil {
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
	c.Flags().StringVar(&waiverFile, "waivers", "", "`FILE` of waivers: what they name may fail until they end")
	c.Flags().StringVar(&format, "format", "", "`FORM` of the answer: table, json, sarif or junit (default table)")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

func readWaivers(file string) ([]compliance.Waiver, error) {
	if file == "" {
		return nil, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--waivers: %w", err)
	}
	w, err := compliance.LoadWaivers(filepath.Base(file), b)
	if err != nil {
		return nil, fmt.Errorf("--waivers: %w", err)
	}
	return w, nil
}

// loadRules reads the packs by name or file; none means all of the binary's. A
// pack from a file has to prove itself by its examples.
func loadRules(names []string, mask scrub.Masker) ([]compliance.Rule, error) {
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
		if err := provePack(p, mask); err != nil {
			return nil, fmt.Errorf("--pack: %w", err)
		}
		packs = append(packs, p)
	}
	return compliance.Rules(packs), nil
}

func provePack(p compliance.Pack, mask scrub.Masker) error {
	set, err := platform.Builtin()
	if err != nil {
		return err
	}
	return p.Prove(configstore.Examples(set, configstore.NewReader(set.Get, mask)))
}
