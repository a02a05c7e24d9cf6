package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/netdev"
)

// shown chooses a revision.
type shown struct{ source, at, revision string }

func newShow() *cobra.Command {
	var dir string
	var which shown
	var masked bool
	c := &cobra.Command{
		Use:   "show DEVICE",
		Short: "Print a kept configuration, byte for byte",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withData(c, dir, func(d *app.Data) error {
				dev, err := findDevice(c, d, args[0])
				if err != nil {
					return err
				}
				r, err := which.find(c, d.Store, dev)
				if err != nil {
					return err
				}
				read := d.Store.Raw
				if masked {
					read = d.Store.Text
				}
				text, err := read(c.Context(), r.ID)
				if err != nil {
					return storeFault(err)
				}
				if _, err := c.OutOrStdout().Write(text); err != nil {
					return ownFault(err)
				}
				return nil
			})
		},
	}
	addDataFlag(c, &dir)
	c.Flags().StringVar(&which.source, "source", string(configstore.Running), "running, startup or command:NAME")
	c.Flags().StringVar(&which.at, "at", "", "the text that was the truth at `TIME` (RFC 3339)")
	c.Flags().StringVar(&which.revision, "revision", "", "the text of revision `ID`")
	c.Flags().BoolVar(&masked, "masked", false, "without noise, secrets replaced by fingerprints")
	c.MarkFlagsMutuallyExclusive("at", "revision")
	return c
}

func (w shown) find(c *cobra.Command, s *configstore.Store, dev netdev.Device) (configstore.Revision, error) {
	var r configstore.Revision
	var err error
	switch {
	case w.revision != "":
		r, err = s.Revision(c.Context(), configstore.RevisionID(w.revision))
		if err == nil && (r.Device != dev.ID || c.Flags().Changed("source") && r.Source != configstore.Source(w.source)) {
			err = fmt.Errorf("%w: %s is not one of %s of %s", configstore.ErrNoRevision, r.ID, w.source, dev.Name)
		}
	case w.at != "":
		at, perr := time.Parse(time.RFC3339, w.at)
		if perr != nil {
			return r, usage(fmt.Errorf("--at %q is not a time such as 2026-03-01T12:00:00Z", w.at))
		}
		r, err = s.At(c.Context(), dev.ID, configstore.Source(w.source), at)
	default:
		r, err = s.Head(c.Context(), dev.ID, configstore.Source(w.source))
	}
	if err != nil {
		return r, storeFault(err)
	}
	return r, nil
}
