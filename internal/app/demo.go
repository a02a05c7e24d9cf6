package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/target"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/web"
)

// demoBy is who did what the demo does by itself.
const demoBy = "demo"

// Ports that the demo takes when they are free, so that its devices are found
// again at the next start.
const (
	demoSNMP = 16100
	demoSSH  = 22100
)

// demoMark is a file in the data directory of a demo. It keeps a simulated
// network and a real one from ever sharing a directory.
const demoMark = "demo"

// checkDemo refuses to run a demo over real data, and real work over a demo's.
func checkDemo(dir string, demo bool) error {
	_, err := os.Stat(filepath.Join(dir, demoMark))
	marked := err == nil
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	switch {
	case demo && !marked && len(entries) > 0:
		return fmt.Errorf("%w: %s holds the data of an appliance, a demo would mix simulated devices into it; name another directory with --data", ErrRefused, dir)
	case !demo && marked:
		return fmt.Errorf("%w: %s holds the data of a demo; name another directory with --data", ErrRefused, dir)
	case demo && !marked:
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, demoMark), []byte("the data here are of a simulated network\n"), 0o600)
	}
	return nil
}

// demo is a simulated network beside the appliance.
type demo struct {
	net   *sim.Network
	work  *work
	drift *Drift
	log   *slog.Logger
	truth string // a file that gets what is really there, when the first days are over
}

func startDemo(ctx context.Context, log *slog.Logger) (*sim.Network, error) {
	for _, ports := range [][2]uint16{{demoSNMP, demoSSH}, {0, 0}} {
		n, err := sim.New(sim.Options{Plan: "campus", SNMPPort: ports[0], SSHPort: ports[1], Seed: 1, Log: log})
		if err != nil {
			return nil, err
		}
		if err = n.Start(ctx); err == nil {
			return n, nil
		}
		log.InfoContext(ctx, "the demo's usual ports are taken", "error", err)
		if ports[0] == 0 {
			return nil, errors.Join(err, n.Close())
		}
		if err := n.Close(); err != nil {
			return nil, err
		}
	}
	panic("app: no way to start the demo was tried")
}

// prepare gives the appliance what a person would type in on the first day:
// credentials and sites.
func (d *demo) prepare(ctx context.Context) error {
	for _, c := range d.net.Credentials() {
		if err := d.work.a.Credentials.Save(ctx, c, demoBy); err != nil {
			return err
		}
	}
	return nil
}

func demoSites(n *sim.Network) []target.Site {
	var sites []target.Site
	for _, name := range slices.Sorted(maps.Keys(n.Sites())) {
		sites = append(sites, target.Site{Name: name, Prefixes: append(n.Prefixes()[:0:0], n.Sites()[name])})
	}
	return sites
}

// run plays the first days of an appliance: it discovers, backs up, lets
// people change and forget to save things, and backs up again. Then the
// network goes on living until ctx ends.
func (d *demo) run(ctx context.Context) error {
	var targets []string
	for _, p := range d.net.Prefixes() {
		targets = append(targets, p.String())
	}
	run, err := d.work.StartDiscovery(ctx, demoBy, web.DiscoveryRequest{Targets: targets})
	if err != nil {
		return err
	}
	if err := d.wait(ctx, func() (bool, error) {
		r, err := d.work.a.DB.Run(ctx, run)
		return r.State != discovery.RunRunning, err
	}); err != nil {
		return err
	}
	if err := d.backup(ctx); err != nil {
		return err
	}
	if err := d.approve(ctx); err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 2))
	d.log.InfoContext(ctx, "the same simulated change on several devices", "devices", d.net.RollOut())
	for i, dev := range d.net.Devices() {
		if i%4 == 0 {
			what := dev.ChangeConfig(r)
			dev.Save()
			d.log.InfoContext(ctx, "simulated configuration changed", "device", dev.Name(), "what", what)
		}
	}
	name := d.net.PrepareDrift()
	d.log.InfoContext(ctx, "simulated configuration changed and not saved", "device", name)
	if err := d.backup(ctx); err != nil {
		return err
	}
	if d.truth != "" {
		if err := writeTruth(d.truth, d.net, name); err != nil {
			return err
		}
	}
	return d.live(ctx, name, r)
}

// approve takes the first text of each device for right, as the system: what
// the demo changes later is drift from it. A device of which something was
// approved in an earlier life is left alone.
func (d *demo) approve(ctx context.Context) error {
	states, err := d.work.a.Store.States(ctx)
	if err != nil {
		return err
	}
	baselines, err := d.drift.Baselines(ctx, "")
	if err != nil {
		return err
	}
	var members []configstore.Member
	for id, st := range states {
		if _, ok := baselines[id]; !ok && st.Running != nil {
			members = append(members, configstore.Member{Device: id, Revision: st.Running.Revision.ID})
		}
	}
	if len(members) == 0 {
		return nil
	}
	done, err := d.drift.ApproveHeads(ctx, audit.Record{ActorKind: audit.System, Actor: demoBy}, members, "first backup of the demo")
	d.log.InfoContext(ctx, "first configurations approved", "devices", len(done.Devices))
	return err
}

// live changes something every few minutes, always saved but on the one
// device that somebody forgot, and backs it up.
func (d *demo) live(ctx context.Context, unsaved string, r *rand.Rand) error {
	tick := time.NewTicker(5 * time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		devs := d.net.Devices()
		dev := devs[r.IntN(len(devs))]
		what := dev.ChangeConfig(r)
		if dev.Name() != unsaved {
			dev.Save()
		}
		d.log.InfoContext(ctx, "simulated configuration changed", "device", dev.Name(), "what", what)
		if err := d.backup(ctx); err != nil && ctx.Err() == nil {
			d.log.WarnContext(ctx, "demo backup", "error", err)
		}
	}
}

// backup backs every device up and waits for the end.
func (d *demo) backup(ctx context.Context) error {
	devs, err := d.work.a.DB.Devices(ctx)
	if err != nil {
		return err
	}
	var ids []netdev.DeviceID
	for _, dev := range devs {
		ids = append(ids, dev.ID)
	}
	var batch string
	// After a crash, or when somebody presses the button, the devices have jobs
	// already: those end first.
	if err := d.wait(ctx, func() (bool, error) {
		var err error
		batch, err = d.work.BackupDevices(ctx, demoBy, ids)
		if errors.Is(err, web.ErrBusy) {
			return false, nil
		}
		return err == nil, err
	}); err != nil {
		return err
	}
	return d.wait(ctx, func() (bool, error) {
		b, err := d.work.board.Batch(ctx, batch)
		return err == nil && b.Finished(), err
	})
}

// wait looks every now and then whether something is done.
func (d *demo) wait(ctx context.Context, done func() (bool, error)) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

type truthEnd struct {
	Device string `json:"device"`
	Port   string `json:"port"`
}

// writeTruth writes what is really there, for tests that compare.
func writeTruth(path string, n *sim.Network, unsaved string) error {
	type device struct {
		Name       string            `json:"name"`
		Address    string            `json:"address"`
		Platform   netdev.PlatformID `json:"platform"`
		Kind       netdev.Kind       `json:"kind"`
		Site       string            `json:"site"`
		Model      string            `json:"model"`
		Serial     string            `json:"serial"`
		Interfaces int               `json:"interfaces"`
		HasStartup bool              `json:"has_startup"`
	}
	type accessPoint struct {
		Name       string     `json:"name"`
		MAC        netdev.MAC `json:"mac"`
		Address    string     `json:"address"`
		Model      string     `json:"model"`
		Serial     string     `json:"serial"`
		Site       string     `json:"site"`
		Controller string     `json:"controller"`
		At         truthEnd   `json:"at"`
	}
	type link struct {
		A truthEnd `json:"a"`
		B truthEnd `json:"b"`
	}
	out := struct {
		Devices      []device      `json:"devices"`
		AccessPoints []accessPoint `json:"access_points,omitempty"`
		Links        []link        `json:"links"`
		Unsaved      []string      `json:"unsaved"`
	}{Unsaved: []string{unsaved}}
	for _, d := range n.Devices() {
		out.Devices = append(out.Devices, device{Name: d.Name(), Address: d.Address().String(), Platform: d.Platform(), Kind: d.Kind(),
			Site: d.Site(), Model: d.Model(), Serial: d.Serial(), Interfaces: d.Interfaces(), HasStartup: d.HasStartup()})
	}
	for _, a := range n.AccessPoints() {
		out.AccessPoints = append(out.AccessPoints, accessPoint{Name: a.Name, MAC: a.MAC, Address: a.Address.String(), Model: a.Model, Serial: a.Serial,
			Site: a.Site, Controller: a.Controller, At: truthEnd{a.At.Device, a.At.Port}})
	}
	for _, l := range n.Links() {
		out.Links = append(out.Links, link{A: truthEnd{l.A.Device, l.A.Port}, B: truthEnd{l.B.Device, l.B.Port}})
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	// Whoever waits for the file finds it whole.
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
