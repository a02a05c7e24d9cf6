package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/target"
	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
	"github.com/spf13/cobra"
)

type backupFlags struct {
	dir, credentials, where string
	all, accept, asJSON     bool
	concurrency             int
	limits                  cli.Limits
}

func newBackup() *cobra.Command {
	var f backupFlags
	c := &cobra.Command{
		Use:   "backup --all|TARGET…|--where EXPR",
		Short: "Pull, prove and keep the configurations of devices",
		RunE:  func(c *cobra.Command, args []string) error { return runBackup(c, f, args) },
	}
	addDataFlag(c, &f.dir)
	fl := c.Flags()
	fl.BoolVar(&f.all, "all", false, "every device of the inventory")
	fl.StringVar(&f.where, "where", "", "devices that `EXPR` chooses, such as 'site:berlin role:core'")
	fl.StringVar(&f.credentials, "credentials", "", "read credentials from `FILE` instead of the appliance")
	fl.IntVar(&f.concurrency, "concurrency", 64, "devices at once")
	fl.BoolVar(&f.accept, "accept-new-host-key", true, "keep the first host key of a device; a changed one is always refused")
	fl.DurationVar(&f.limits.Connect, "timeout", 10*time.Second, "to connect, and again to log in")
	fl.DurationVar(&f.limits.Idle, "idle-timeout", 30*time.Second, "longest time without a byte")
	fl.DurationVar(&f.limits.Total, "deadline", 10*time.Minute, "the whole of one device")
	fl.BoolVar(&f.asJSON, "json", false, "print one JSON document")
	return c
}

type backupOutcome struct {
	Address  string        `json:"address"`
	Name     string        `json:"name,omitempty"`
	Outcome  string        `json:"outcome"`
	Reason   netdev.Reason `json:"reason,omitempty"`
	Detail   string        `json:"detail,omitempty"`
	Revision string        `json:"revision,omitempty"`
	SHA256   string        `json:"sha256,omitempty"`
	Bytes    int           `json:"bytes,omitempty"`
	Seconds  float64       `json:"seconds"`
}

type backupSummary struct {
	Devices   int             `json:"devices"`
	Stored    int             `json:"stored"`
	Unchanged int             `json:"unchanged"`
	Failed    int             `json:"failed"`
	Seconds   float64         `json:"seconds"`
	Bytes     int64           `json:"bytes"`
	Outcomes  []backupOutcome `json:"outcomes"`
}

func runBackup(c *cobra.Command, f backupFlags, args []string) error {
	chosen := 0
	for _, is := range []bool{f.all, f.where != "", len(args) > 0} {
		if is {
			chosen++
		}
	}
	if chosen != 1 {
		return usage(errors.New("name devices in exactly one way: --all, TARGET… or --where"))
	}
	return withAppliance(c, f.dir, func(a *app.Appliance) error {
		devs, err := chooseDevices(c, a, f, args)
		if err != nil {
			return err
		}
		f.limits.Login = f.limits.Connect
		opt := app.BackupOptions{Learn: f.accept, Limits: f.limits}
		if f.credentials != "" {
			creds, err := settings.ReadCredentials(f.credentials)
			if err != nil {
				return usage(err)
			}
			opt.Credentials = app.FileCredentials(creds)
		}
		b, err := a.Backup(opt)
		if err != nil {
			return ownFault(err)
		}
		started := time.Now()
		reports, err := a.BackupAll(c.Context(), devs, f.concurrency, b)
		if err != nil {
			return ownFault(err)
		}
		sum := summarise(reports, time.Since(started))
		if err := printBackup(c, sum, f.asJSON); err != nil {
			return ownFault(err)
		}
		if sum.Failed > 0 {
			return answerNo(nil)
		}
		return nil
	})
}

// chooseDevices gives the devices of the inventory that the arguments mean.
func chooseDevices(c *cobra.Command, a *app.Appliance, f backupFlags, args []string) ([]netdev.Device, error) {
	all, err := a.DB.Devices(c.Context())
	if err != nil {
		return nil, ownFault(err)
	}
	holds := func(netdev.Device) bool { return true }
	switch {
	case f.where != "":
		if holds, err = discovery.Where(f.where); err != nil {
			return nil, usage(fmt.Errorf("--where: %w", err))
		}
	case len(args) > 0:
		set, err := target.Parse(args)
		if err != nil {
			return nil, usage(err)
		}
		holds = func(d netdev.Device) bool { return set.Contains(d.Address) }
	}
	var devs []netdev.Device
	for _, d := range all {
		if holds(d) && !d.ByController() { // a controller's configuration holds that of its access points
			devs = append(devs, d)
		}
	}
	if len(devs) == 0 {
		return nil, usage(fmt.Errorf("no device of the inventory is meant; find them first with: plumbline discover TARGET… --save --data %s", f.dir))
	}
	return devs, nil
}

func summarise(reports []configstore.Report, took time.Duration) backupSummary {
	sum := backupSummary{Devices: len(reports), Seconds: took.Seconds(), Outcomes: []backupOutcome{}}
	for _, r := range reports {
		o := backupOutcome{Address: r.Device.Address.String(), Name: r.Device.Name, Seconds: r.Took.Seconds()}
		switch r.Outcome {
		case configstore.Changed:
			o.Outcome = "stored"
			sum.Stored++
		case configstore.UnchangedText:
			o.Outcome = "unchanged"
			sum.Unchanged++
		default:
			o.Outcome, o.Reason, o.Detail = "failed", r.Reason, r.Detail
			sum.Failed++
		}
		if o.Outcome != "failed" {
			o.Revision, o.SHA256, o.Bytes = string(r.Revision.ID), r.SHA256, r.Bytes
			sum.Bytes += int64(r.Bytes)
		}
		sum.Outcomes = append(sum.Outcomes, o)
	}
	return sum
}

func printBackup(c *cobra.Command, sum backupSummary, asJSON bool) error {
	if asJSON {
		return printJSON(c, sum)
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "ADDRESS\tNAME\tOUTCOME\tREASON\tBYTES\tSECONDS\tDETAIL")
	for _, o := range sum.Outcomes {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%.2f\t%s\n", o.Address, printable(o.Name), o.Outcome, o.Reason, o.Bytes, o.Seconds, printable(o.Detail))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.OutOrStdout(), "%d devices: %d stored, %d unchanged, %d failed in %.1f s\n", sum.Devices, sum.Stored, sum.Unchanged, sum.Failed, sum.Seconds)
	return err
}
