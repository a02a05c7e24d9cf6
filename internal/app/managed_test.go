package app

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/web"
)

// campusBench is newBench in front of the campus.
func campusBench(t *testing.T, base string) *bench {
	t.Helper()
	n, err := sim.New(sim.Options{Base: netip.MustParseAddr(base), Seed: 5, Plan: "campus"})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	b := onDir(t, t.TempDir()+"/data", n)
	for _, c := range n.Credentials() {
		if err := b.a.Credentials.Save(t.Context(), c, "test"); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func TestEachAccessPointOfTheCampusIsOneDeviceWithItsUplink(t *testing.T) {
	t.Parallel()
	b := campusBench(t, "127.71.0.1")
	b.work(b.handlers(true))
	b.discover()
	hangs := func() (map[netdev.DeviceID]string, int) {
		links, err := b.a.DB.Links(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		at, n := map[netdev.DeviceID]string{}, 0
		for _, l := range links {
			at[l.A.ID] += l.B.Device + " " + l.B.Port
			at[l.B.ID] += l.A.Device + " " + l.A.Port
			n += strings.Count(l.A.Device+" "+l.B.Device, "-ap")
		}
		return at, n
	}
	uplink, before := hangs()
	var got, want []string
	for _, d := range b.devices() {
		if d.ByController() {
			got = append(got, fmt.Sprint(d.Name, d.Managed.MAC, d.Model, d.Serial, d.Address, d.Kind, d.Site, " by ", d.Managed.Name, " at ", uplink[d.ID]))
		}
	}
	for _, a := range b.net.AccessPoints() {
		want = append(want, fmt.Sprint(a.Name, a.MAC, a.Model, a.Serial, a.Address, netdev.AccessPoint, a.Site, " by ", a.Controller, " at ", a.At.Device+" "+a.At.Port))
	}
	slices.Sort(got)
	slices.Sort(want)
	if len(want) < 10 || !slices.Equal(got, want) {
		t.Errorf("access points\n %q, want\n %q", got, want)
	}
	if n := len(b.devices()); n != len(b.net.Devices())+len(want) {
		t.Errorf("%d devices, want %d and %d access points", n, len(b.net.Devices()), len(want))
	}
	candidates, err := b.a.DB.Candidates(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range candidates {
		if slices.ContainsFunc(b.net.AccessPoints(), func(a sim.AccessPoint) bool { return c.Name == a.Name }) {
			t.Errorf("%s is offered as a candidate to ask", c.Name)
		}
	}
	// A discovery of switches alone keeps them and their links, and makes none twice.
	b.discover("ber-acc1", "ber-acc3")
	if _, after := hangs(); before != len(want) || after != before || len(b.devices()) != len(b.net.Devices())+len(want) {
		t.Errorf("%d links to access points, after two switches alone %d; %d devices; want %d links and no device more", before, after, len(b.devices()), len(want))
	}
}

func TestNoAccessPointOfAControllerIsEverBackedUp(t *testing.T) {
	t.Parallel()
	b := campusBench(t, "127.72.0.1")
	b.work(b.handlers(true))
	b.discover("ber-wlc1")
	aps := b.net.AccessPoints()
	ap := b.device(aps[0].Name)
	if _, err := b.w.BackupDevices(t.Context(), "test", []netdev.DeviceID{ap.ID}); !errors.Is(err, web.ErrManaged) {
		t.Errorf("%v, want ErrManaged", err)
	}
	batch, rows := b.backup("ber-wlc1", aps[0].Name)
	if batch.Total != 1 || rows["ber-wlc1"].State != "changed" {
		t.Errorf("%+v, want the controller alone", batch)
	}
	if creds, err := (sshCredentials{b.a.Credentials}).For(t.Context(), ap, ap.Address); len(creds) > 0 || netdev.ReasonOf(err) != netdev.NoCredential {
		t.Errorf("%d credentials, %v; want none for what a controller manages", len(creds), err)
	}
	attempts, err := b.a.Store.Attempts(t.Context(), ap.ID, 10)
	if err != nil || len(attempts) > 0 {
		t.Errorf("%d attempts, %v, want none", len(attempts), err)
	}
}

func TestAnAccessPointOfAControllerIsNoDeviceThatWasNeverRead(t *testing.T) {
	now := time.Date(2026, 3, 14, 2, 0, 0, 0, time.UTC)
	devices := []netdev.Device{{ID: "sw"}, {ID: "ap", Managed: netdev.Managed{Controller: "wlc"}}}
	failed := &configstore.Attempt{Ended: now, Outcome: configstore.Failed, Reason: netdev.Timeout}
	texts, night := countTexts(now, devices, map[netdev.DeviceID]configstore.DeviceState{"sw": {Freshness: configstore.Fresh}, "ap": {LastAttempt: failed}})
	if texts.Devices != 1 || texts.Fresh != 1 || texts.Never != 0 || night.Failed != 0 {
		t.Errorf("counted as %+v, %+v", texts, night)
	}
}
