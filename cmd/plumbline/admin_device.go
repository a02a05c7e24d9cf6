package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

func newAdminDevice() *cobra.Command {
	c := &cobra.Command{
		Use:   "device",
		Short: "Say what discovery cannot know of devices",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newAdminDeviceSet())
	return c
}

// deviceWords are what a person says; only flags that were given count.
type deviceWords struct {
	platform, kind, site, role string
	tags                       []string
	sshPort                    uint16
}

func newAdminDeviceSet() *cobra.Command {
	var dir string
	var w deviceWords
	c := &cobra.Command{
		Use:   "set DEVICE…",
		Short: "Set platform, kind, site, role, tags or SSH port of devices",
		Long: "Set what is said of devices, each named by id, name or address. A platform or a kind that is\n" +
			"set here goes before what discovery finds; an empty one gives the choice back to it.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := w.check(c); err != nil {
				return usage(err)
			}
			return withData(c, dir, func(d *app.Data) error { return w.setAll(c, d, args) })
		},
	}
	addDataFlag(c, &dir)
	fl := c.Flags()
	fl.StringVar(&w.platform, "platform", "", "what the device is: a platform `ID`")
	fl.StringVar(&w.kind, "kind", "", "what it does: a `WORD` such as router or switch")
	fl.StringVar(&w.site, "site", "", "`NAME` of the site where it stands")
	fl.StringVar(&w.role, "role", "", "`NAME` of its role")
	fl.StringSliceVar(&w.tags, "tag", nil, "its `TAGS`, instead of those it has")
	fl.Uint16Var(&w.sshPort, "ssh-port", 0, "TCP port of its command line")
	return c
}

func (w deviceWords) check(c *cobra.Command) error {
	any := false
	for _, f := range []string{"platform", "kind", "site", "role", "tag", "ssh-port"} {
		any = any || c.Flags().Changed(f)
	}
	if !any {
		return errors.New("nothing to set: give --platform, --kind, --site, --role, --tag or --ssh-port")
	}
	if w.platform != "" {
		if _, ok, err := platform.BuiltinOne(netdev.PlatformID(w.platform)); err != nil || !ok {
			return fmt.Errorf("--platform %s: no such platform", w.platform)
		}
	}
	if w.kind != "" && !netdev.Kind(w.kind).Valid() {
		return fmt.Errorf("--kind %s: no such kind", w.kind)
	}
	return nil
}

// setAll changes all devices or none and says what they are now.
func (w deviceWords) setAll(c *cobra.Command, d *app.Data, refs []string) error {
	var devices []netdev.Device
	for _, ref := range refs {
		dev, err := findDevice(c, d, ref)
		if err != nil {
			return err
		}
		devices = append(devices, dev)
	}
	err := d.DB.InTx(c.Context(), func(ctx context.Context) error {
		for _, before := range devices {
			dev := w.changed(c, before)
			r := audit.Record{Verb: audit.DeviceChange, Object: string(dev.ID), Site: dev.Site, Before: deviceLine(before), After: deviceLine(dev)}
			if err := recorded(ctx, d, r, func(ctx context.Context) error { return d.DB.UpdateDevice(ctx, dev) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return ownFault(err)
	}
	for _, dev := range devices {
		now, err := d.DB.Device(c.Context(), dev.ID)
		if err != nil {
			return ownFault(err)
		}
		fmt.Fprintf(c.OutOrStdout(), "%s %s\n", printable(now.Name), printable(deviceLine(now)))
	}
	return nil
}

// changed is the device with what the flags say.
func (w deviceWords) changed(c *cobra.Command, dev netdev.Device) netdev.Device {
	for flag, take := range map[string]func(){
		"platform": func() { dev.Platform = netdev.PlatformID(w.platform) },
		"kind":     func() { dev.Kind = netdev.Kind(w.kind) },
		"site":     func() { dev.Site = w.site },
		"role":     func() { dev.Role = w.role },
		"tag":      func() { dev.Tags = w.tags },
		"ssh-port": func() { dev.SSHPort = w.sshPort },
	} {
		if c.Flags().Changed(flag) {
			take()
		}
	}
	return dev
}

// deviceLine is what may be set of a device, in one line.
func deviceLine(d netdev.Device) string {
	var out []string
	for _, w := range [][2]string{{"platform", string(d.Platform)}, {"kind", string(d.Kind)}, {"site", d.Site}, {"role", d.Role},
		{"tags", strings.Join(d.Tags, ",")}} {
		if w[1] != "" {
			out = append(out, w[0]+"="+w[1])
		}
	}
	if d.SSHPort != 0 {
		out = append(out, fmt.Sprintf("ssh-port=%d", d.SSHPort))
	}
	return strings.Join(out, " ")
}
