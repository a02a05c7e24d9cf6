package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

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
	if err != nil {
		return openFault(dir, err)
	}
	defer d.Close()
	return f(d)
}

// withAppliance is withData with all that works on the data.
func withAppliance(c *cobra.Command, dir string, f func(*app.Appliance) error) error {
	a, err := app.Open(c.Context(), app.DataOptions{Dir: dir, Log: stderrLog(slog.LevelWarn)})
	if err != nil {
		return openFault(dir, err)
	}
	defer a.Close()
	return f(a)
}

// openFault gives an error of opening its exit code: what a person can put
// right is wrong usage.
func openFault(dir string, err error) error {
	_, badKey := errors.AsType[*vault.KeyError](err)
	switch {
	case errors.Is(err, db.ErrNoDatabase):
		return usage(fmt.Errorf("%s: no data of plumbline there; name its directory with --data", dir))
	case badKey, errors.Is(err, db.ErrNewerSchema), errors.Is(err, db.ErrLocked), errors.Is(err, app.ErrRefused):
		return usage(err)
	}
	return ownFault(err)
}

// stderrLog logs to stderr, one JSON object a line.
func stderrLog(level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
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
