package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

func newPlatform() *cobra.Command {
	c := &cobra.Command{
		Use:   "platform",
		Short: "Look at platform files, ours and the operator's",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newPlatformList(), newPlatformShow())
	return c
}

// listedPlatform is a platform as `platform list --json` shows it.
type listedPlatform struct {
	ID     netdev.PlatformID `json:"id"`
	Title  string            `json:"title"`
	Vendor string            `json:"vendor,omitempty"`
	Family string            `json:"family,omitempty"` // of the configuration's syntax; absent: identified, not read
	Proven bool              `json:"proven"`           // recorded fixtures stand for it
	Own    bool              `json:"own,omitempty"`    // from DIR/platforms
}

func newPlatformList() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the platforms",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := listPlatforms(dir)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c, list)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tVENDOR\tFAMILY\tPROVEN\tTITLE")
			for _, p := range list {
				proven := "unproven"
				if p.Proven {
					proven = "proven"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.ID, printable(p.Vendor), printable(p.Family), proven, printable(p.Title))
			}
			return w.Flush()
		},
	}
	addDataFlag(c, &dir)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func listPlatforms(dir string) ([]listedPlatform, error) {
	set, err := app.Platforms(dir)
	if err != nil {
		return nil, usage(err)
	}
	proven, err := platform.Proven()
	if err != nil {
		return nil, ownFault(err)
	}
	list := []listedPlatform{}
	for _, id := range set.IDs() {
		p, _ := set.Get(id)
		own := ownFile(dir, id)
		list = append(list, listedPlatform{ID: id, Title: p.Title, Vendor: p.Vendor, Family: p.Config.Syntax.Family, Proven: proven[id] && !own, Own: own})
	}
	return list, nil
}

// ownFile says whether the operator brought the file of a platform.
func ownFile(dir string, id netdev.PlatformID) bool {
	_, err := os.Stat(filepath.Join(dir, "platforms", string(id)+".yaml"))
	return err == nil
}

func newPlatformShow() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Print a platform file as it is loaded, and all that is typed on such a device",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id := netdev.PlatformID(args[0])
			set, err := app.Platforms(dir)
			if err != nil {
				return usage(err)
			}
			p, ok := set.Get(id)
			if !ok {
				return usage(fmt.Errorf("%s: no such platform; see plumbline platform list", args[0]))
			}
			var more []fs.FS
			if own := filepath.Join(dir, "platforms"); dirThere(own) {
				more = append(more, os.DirFS(own))
			}
			file, err := platform.File(id, more...)
			if err != nil {
				return ownFault(err)
			}
			// Comments, so that the whole is a platform file again.
			out := c.OutOrStdout()
			fmt.Fprintf(out, "# %s\n# Typed on a device, beside user name and passwords:\n", printable(p.Title))
			for _, s := range p.Sent() {
				line := fmt.Sprintf("#   %-22s %s", s.Key, s.Text)
				if s.Why != "" {
					line += "   (" + s.Why + ")"
				}
				fmt.Fprintln(out, printable(line))
			}
			if len(p.Sent()) == 0 {
				fmt.Fprintln(out, "#   nothing: this platform is identified, its configuration is not read")
			}
			_, err = out.Write(file)
			return err
		},
	}
	addDataFlag(c, &dir)
	return c
}

func dirThere(path string) bool {
	fi, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist) && err == nil && fi.IsDir()
}
