package main

import (
	"fmt"
	"path/filepath"

	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/spf13/cobra"
)

func newServe() *cobra.Command {
	var dir, listen, database, settingsFile, truth string
	var demo bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the appliance",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if demo && !c.Flags().Changed("data") {
				dir = filepath.Join(filepath.Dir(dir), "plumbline-demo")
			}
			set, err := settings.ReadDir(dir, settingsFile)
			if err != nil {
				return usage(err)
			}
			if c.Flags().Changed("listen") {
				set = set.Flag("listen", "--listen")
				set.Listen = listen
			}
			if database != "" {
				set.Database = database
			}
			if set.Database != "" {
				return usage(fmt.Errorf("--database: this build keeps its data in the data directory only"))
			}
			if truth != "" && !demo {
				return usage(fmt.Errorf("--truth goes with --demo"))
			}
			err = app.Serve(c.Context(), app.ServeOptions{Dir: dir, Settings: set, Demo: demo, Truth: truth, Out: c.OutOrStdout(),
				Version: version(), Log: stderrLog(set.Log.SlogLevel())})
			if err != nil {
				return openFault(dir, err)
			}
			return nil
		},
	}
	addDataFlag(c, &dir)
	fl := c.Flags()
	fl.StringVar(&listen, "listen", "127.0.0.1:8080", "`ADDRESS:PORT` to answer at")
	fl.StringVar(&database, "database", "", "`URL` of a database server")
	fl.StringVar(&settingsFile, "settings", "", "settings `FILE` instead of DIR/settings.yaml")
	fl.BoolVar(&demo, "demo", false, "start a simulated network beside the appliance and fill it with life")
	fl.StringVar(&truth, "truth", "", "with --demo: write what is really there to `FILE`, for tests")
	return c
}
