package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
)

// addDataFlag gives a command --data.
func addDataFlag(c *cobra.Command, dir *string) {
	c.Flags().StringVar(dir, "data", defaultDataDir(), "data `DIR`ectory of the appliance")
}

// withData opens an existing data directory, runs f and closes it. A directory
// that is not there is wrong usage: reading makes none.
func withData(c *cobra.Command, dir string, f func(*app.Data) error) error {
	d, err := app.OpenData(c.Context(), app.DataOptions{Dir: dir})
	_, badKey := errors.AsType[*vault.KeyError](err)
	switch {
	case errors.Is(err, db.ErrNoDatabase):
		return usage(fmt.Errorf("%s: no data of plumbline there; name its directory with --data", dir))
	case badKey, errors.Is(err, db.ErrNewerSchema):
		return usage(err)
	case err != nil:
		return ownFault(err)
	}
	defer d.Close()
	return f(d)
}

// findDevice takes an id, a name or an address.
func findDevice(c *cobra.Command, d *app.Data, ref string) (netdev.Device, error) {
	dev, err := d.DB.FindDevice(c.Context(), ref)
	switch {
	case errors.Is(err, discovery.ErrNoDevice), errors.Is(err, discovery.ErrAmbiguous):
		return dev, usage(err)
	case err != nil:
		return dev, ownFault(err)
	}
	return dev, nil
}

// storeFault gives an error of the store its exit code: what is not kept is a
// "no", what is damaged is a fault.
func storeFault(err error) error {
	if errors.Is(err, configstore.ErrNoRevision) {
		return answerNo(err)
	}
	return ownFault(err)
}
