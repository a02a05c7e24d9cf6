package app

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/web"
)

func TestADiscoveryIsAJobThatEndsWithARunAndItsDevices(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.61.0.1")
	site := b.net.Prefixes()[0]
	id, err := b.w.StartDiscovery(t.Context(), "anna", web.DiscoveryRequest{Targets: []string{site.String()}, Excludes: []string{b.net.Device("ber-fw1").Address().String()}})
	if err != nil {
		t.Fatal(err)
	}
	r := b.run(id)
	if r.State != discovery.RunRunning || r.By != "anna" || r.Total != 255 || len(b.devices()) != 0 {
		t.Fatalf("before any worker: %+v, %d devices", r, len(b.devices()))
	}
	if j := b.jobs(); len(j) != 1 || j[0].Kind != jobs.Sweep || j[0].State == jobs.Done {
		t.Fatalf("jobs %+v, want the one sweep", j)
	}
	b.work(b.handlers(true))
	b.until("the run ends", func() bool { return b.run(id).State != discovery.RunRunning })
	want := map[string]*sim.Device{}
	for _, d := range b.net.Devices() {
		if d.Site() == "berlin" && d.Name() != "ber-fw1" {
			want[d.Name()] = d
		}
	}
	r = b.run(id)
	if r.State != discovery.RunDone || r.Answered != len(want) || r.Identified != len(want) || r.New != len(want) || r.Ended.IsZero() {
		t.Errorf("the run: %+v, want %d devices", r, len(want))
	}
	got := b.devices()
	if len(got) != len(want) {
		t.Errorf("%d devices are kept, want %d", len(got), len(want))
	}
	for _, d := range got {
		w := want[d.Name]
		if w == nil || d.Address != w.Address() || d.Platform != w.Platform() || d.Kind != w.Kind() || d.Serial != w.Serial() || d.Site != "berlin" || d.SSHPort != b.net.SSHPort() {
			t.Errorf("%+v is not the device that is there", d)
		}
	}
	b.until("the job is done", func() bool { return b.jobs()[0].State == jobs.Done })
	if _, ok := b.w.LiveRun(id); ok {
		t.Error("a run that is over is still shown live")
	}
	if n := b.net.Device("ber-fw1").SNMPRequests(); n != 0 {
		t.Errorf("the excluded device got %d datagrams", n)
	}
}

func TestADiscoveryThatACrashCutIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.62.0.1")
	started := make(chan struct{})
	b.work(map[jobs.Kind]jobs.Handler{jobs.Sweep: func(ctx context.Context, _ jobs.Lease) jobs.Outcome {
		close(started)
		<-ctx.Done() // as far as this process ever gets
		return jobs.Outcome{State: jobs.Cancelled}
	}})
	id, err := b.w.StartDiscovery(t.Context(), "anna", web.DiscoveryRequest{Targets: []string{b.net.Prefixes()[1].String()}})
	if err != nil {
		t.Fatal(err)
	}
	<-started
	c := onDir(t, b.photograph(), b.net)
	if j := c.jobs(); len(j) != 1 || j[0].State != jobs.Running {
		t.Fatalf("the crash left %+v, want one job that runs", j)
	}
	c.work(c.handlers(true))
	c.until("the run ends", func() bool { return c.run(id).State != discovery.RunRunning })
	r := c.run(id)
	if r.State != discovery.RunDone || r.By != "anna" || r.Answered != 5 || r.Total != 256 || len(c.devices()) != 5 {
		t.Errorf("taken up again: %+v, %d devices; want the 5 of the site", r, len(c.devices()))
	}
	c.until("the job is done", func() bool { return c.jobs()[0].State == jobs.Done })
	if j := c.jobs(); len(j) != 1 || j[0].Fence != 2 {
		t.Errorf("jobs %+v, want one under its second fence", j)
	}
}

func TestABatchSaysWhatBecameOfEachDevice(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.63.0.1")
	b.work(b.handlers(true))
	names := []string{"ber-rt1", "ber-edge1", "ham-acc1"}
	b.discover(names...)
	b.net.Device("ber-edge1").Inject(sim.RejectPassword)
	batch, rows := b.backup(names...)
	if batch.Total != 3 || batch.By != "test" || rows["ber-rt1"].State != "changed" || rows["ham-acc1"].State != "changed" {
		t.Errorf("the first batch: %+v", batch)
	}
	if r := rows["ber-edge1"]; r.State != "failed" || r.Reason != netdev.AuthFailed || r.Detail == "" {
		t.Errorf("ber-edge1: %+v, want auth-failed and why", r)
	}
	if n := len(b.history("ber-edge1")); n != 0 {
		t.Errorf("ber-edge1: %d revisions of nothing", n)
	}
	if err := b.net.Device("ber-edge1").ClearFaults(); err != nil {
		t.Fatal(err)
	}
	if !b.net.Device("ber-rt1").Edit(firstDescription(t, b.net.Device("ber-rt1"))) {
		t.Fatal("nothing was changed")
	}
	if _, rows = b.backup("ber-rt1", "ham-acc1"); rows["ber-rt1"].State != "changed" || rows["ham-acc1"].State != "unchanged" {
		t.Errorf("the second batch: %+v", rows)
	}
	if n := len(b.history("ber-rt1")); n != 2 {
		t.Errorf("ber-rt1 has %d revisions, want 2", n)
	}
	h := b.history("ham-acc1")
	raw, err := b.a.Store.Raw(t.Context(), h[0].ID)
	if err != nil || !b.net.Device("ham-acc1").Printed(raw) || len(h) != 1 {
		t.Errorf("ham-acc1: %d revisions, %v; the text is not what the device printed", len(h), err)
	}
}

func firstDescription(t *testing.T, d *sim.Device) sim.Change {
	t.Helper()
	for _, l := range strings.Split(string(d.Running()), "\n") {
		if len(l) > 20 && strings.Contains(l, "description \"") {
			return sim.Change{Find: l, Replace: "        description \"was moved\";"}
		}
	}
	t.Fatalf("%s has no description", d.Name())
	return sim.Change{}
}

func TestADeviceInHandIsNotQueuedTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.64.0.1")
	hold := make(chan struct{})
	h := b.handlers(true)
	h[jobs.Pull] = func(ctx context.Context, _ jobs.Lease) jobs.Outcome {
		select {
		case <-hold:
		case <-ctx.Done():
		}
		return jobs.Outcome{State: jobs.Done, Detail: string(configstore.UnchangedText)}
	}
	b.work(h)
	b.discover("ber-rt1", "ham-acc1")
	one, two := b.device("ber-rt1").ID, b.device("ham-acc1").ID
	first, err := b.w.BackupDevices(t.Context(), "test", []netdev.DeviceID{one})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.w.BackupDevices(t.Context(), "test", []netdev.DeviceID{one}); !errors.Is(err, web.ErrBusy) {
		t.Errorf("the same device again: %v, want ErrBusy", err)
	}
	second, err := b.w.BackupDevices(t.Context(), "test", []netdev.DeviceID{one, two})
	if err != nil {
		t.Fatal(err)
	}
	list, err := b.w.board.Jobs(t.Context(), jobs.Filter{Batch: second})
	if bt := b.batch(second); err != nil || bt.Total != 1 || len(list) != 1 || list[0].Device != two || bt.Over() != 0 {
		t.Errorf("the second batch holds %+v, %v; want the free device alone", list, err)
	}
	close(hold)
	for _, id := range []string{first, second} {
		b.until("the batch ends", func() bool {
			n, err := b.w.board.CountDetail(t.Context(), id, string(configstore.UnchangedText))
			return err == nil && n == 1 && b.batch(id).Finished()
		})
	}
}

func TestAChangedHostKeyEndsABackupBeforeAnyPassword(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.65.0.1")
	b.work(b.handlers(true))
	b.discover("ber-edge1")
	if _, rows := b.backup("ber-edge1"); rows["ber-edge1"].State != "changed" {
		t.Fatalf("the first backup: %+v", rows)
	}
	was := b.history("ber-edge1")
	d := b.net.Device("ber-edge1")
	if len(d.PasswordsSeen()) == 0 {
		t.Fatal("a backup that worked sent no password: the count counts nothing")
	}
	d.ResetCounters()
	d.Inject(sim.OtherHostKey)
	_, rows := b.backup("ber-edge1")
	if r := rows["ber-edge1"]; r.State != "failed" || r.Reason != netdev.HostKeyChanged {
		t.Errorf("with another key: %+v, want host-key-changed", r)
	}
	if p, n := d.PasswordsSeen(), d.AuthAttempts(); len(p) != 0 || n != 0 || d.Connections() == 0 {
		t.Errorf("%d passwords and %d attempts to log in over %d connections, want none", len(p), n, d.Connections())
	}
	if now := b.history("ber-edge1"); len(now) != 1 || now[0].ID != was[0].ID || now[0].SHA256 != was[0].SHA256 || !now[0].LastSeen.Equal(was[0].LastSeen) {
		t.Errorf("the last good text was touched: %+v, was %+v", now, was)
	}
}

func TestAKeyNobodyKnowsIsRefusedUnlessItMayBeLearned(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.66.0.1")
	b.work(b.handlers(false))
	b.discover("ber-rt1")
	_, rows := b.backup("ber-rt1")
	if r := rows["ber-rt1"]; r.State != "failed" || r.Reason != netdev.HostKeyUnknown {
		t.Errorf("a new key under the strict policy: %+v", r)
	}
	if p := b.net.Device("ber-rt1").PasswordsSeen(); len(p) != 0 {
		t.Errorf("%d passwords were sent", len(p))
	}
}
