package app

import (
	"context"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
	"github.com/plumbline-net/plumbline/web"
)

// bench is an appliance without pages, and a simulated network it can reach.
type bench struct {
	t   *testing.T
	dir string
	net *sim.Network
	a   *Appliance
	w   *work
}

// lab starts a simulated network at base.
func lab(t *testing.T, base string) *sim.Network {
	t.Helper()
	n, err := sim.New(sim.Options{Base: netip.MustParseAddr(base), Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	return n
}

// onDir opens dir as a server does, in front of n.
func onDir(t *testing.T, dir string, n *sim.Network) *bench {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	a, err := Open(t.Context(), DataOptions{Dir: dir, Create: true, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	scanner, err := discovery.New(a.Platforms, discovery.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	w := &work{a: a, board: jobs.NewBoard(a.DB, jobs.Options{Log: log}), scanner: scanner, publish: func(string, string) {}, log: log, now: time.Now,
		live: map[discovery.RunID]*live{}, ports: ports{snmp: n.SNMPPort(), ssh: n.SSHPort()}, sites: demoSites(n)}
	return &bench{t, dir, n, a, w}
}

// newBench is a new appliance that knows the network's credentials.
func newBench(t *testing.T, base string) *bench {
	t.Helper()
	b := onDir(t, filepath.Join(t.TempDir(), "data"), lab(t, base))
	for _, c := range b.net.Credentials() {
		if err := b.a.Credentials.Save(t.Context(), c, "test"); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// handlers are those of the server; learn says whether new host keys are kept.
func (b *bench) handlers(learn bool) map[jobs.Kind]jobs.Handler {
	b.t.Helper()
	backup, err := b.a.Backup(BackupOptions{Learn: learn, Limits: cli.Limits{Connect: 5 * time.Second, Login: 5 * time.Second, Idle: 5 * time.Second, Total: time.Minute}})
	if err != nil {
		b.t.Fatal(err)
	}
	return map[jobs.Kind]jobs.Handler{jobs.Sweep: b.w.sweep, jobs.Pull: b.w.pull(backup)}
}

// work runs the jobs until the test, or stop, ends it.
func (b *bench) work(h map[jobs.Kind]jobs.Handler) (stop func()) {
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan error, 1)
	r := jobs.NewRunner(b.w.board, jobs.NewMemory(time.Now, 30*time.Second), h, jobs.RunnerOptions{Log: b.w.log})
	go func() { done <- r.Run(ctx) }()
	ended := false
	stop = func() {
		if ended {
			return
		}
		ended = true
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("runner: %v", err)
		}
	}
	b.t.Cleanup(stop)
	return stop
}

func (b *bench) until(what string, ok func() bool) {
	b.t.Helper()
	for limit := time.Now().Add(40 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			b.t.Fatalf("waited 40 s: %s", what)
		}
	}
}

func (b *bench) run(id discovery.RunID) discovery.Run {
	b.t.Helper()
	r, err := b.a.DB.Run(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *bench) devices() []netdev.Device {
	b.t.Helper()
	list, err := b.a.DB.Devices(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

func (b *bench) jobs() []jobs.Job {
	b.t.Helper()
	list, err := b.w.board.Jobs(b.t.Context(), jobs.Filter{Limit: 1000})
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

// discover finds the devices of both sites, or of the named ones alone.
func (b *bench) discover(names ...string) {
	b.t.Helper()
	var targets []string
	for _, name := range names {
		targets = append(targets, b.net.Device(name).Address().String())
	}
	for _, p := range b.net.Prefixes() {
		if len(names) == 0 {
			targets = append(targets, p.String())
		}
	}
	id, err := b.w.StartDiscovery(b.t.Context(), "test", web.DiscoveryRequest{Targets: targets})
	if err != nil {
		b.t.Fatal(err)
	}
	b.until("the discovery ends", func() bool { return b.run(id).State != discovery.RunRunning })
	if r := b.run(id); r.State != discovery.RunDone {
		b.t.Fatalf("the discovery ended %s: %s", r.State, r.Error)
	}
}

// device is the one of that name in the inventory.
func (b *bench) device(name string) netdev.Device {
	b.t.Helper()
	d, err := b.a.DB.FindDevice(b.t.Context(), name)
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

// rowOf is what became of one device of a batch: State is changed or unchanged
// where its backup is done.
type rowOf struct {
	State  string
	Reason netdev.Reason
	Detail string
}

// backup backs devices up as a batch, and gives its rows by name.
func (b *bench) backup(names ...string) (jobs.Batch, map[string]rowOf) {
	b.t.Helper()
	var ids []netdev.DeviceID
	for _, n := range names {
		ids = append(ids, b.device(n).ID)
	}
	id, err := b.w.BackupDevices(b.t.Context(), "test", ids)
	if err != nil {
		b.t.Fatal(err)
	}
	b.until("the batch ends", func() bool { return b.batch(id).Finished() })
	list, err := b.w.board.Jobs(b.t.Context(), jobs.Filter{Batch: id, Limit: 1000})
	if err != nil {
		b.t.Fatal(err)
	}
	rows := map[string]rowOf{}
	for _, j := range list {
		d, err := b.a.DB.Device(b.t.Context(), j.Device)
		if err != nil {
			b.t.Fatal(err)
		}
		rows[d.Name] = rowOf{string(j.State), j.Reason, j.Detail}
		if j.State == jobs.Done {
			rows[d.Name] = rowOf{State: j.Detail}
		}
	}
	return b.batch(id), rows
}

func (b *bench) batch(id string) jobs.Batch {
	b.t.Helper()
	batch, err := b.w.board.Batch(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return batch
}

func (b *bench) history(name string) []configstore.Revision {
	b.t.Helper()
	h, err := b.a.Store.History(b.t.Context(), b.device(name).ID, configstore.Running)
	if err != nil {
		b.t.Fatal(err)
	}
	return h
}

// photograph copies the files of a data directory as a power cut would leave
// them.
func (b *bench) photograph() string {
	b.t.Helper()
	to := filepath.Join(b.t.TempDir(), "data")
	if err := os.MkdirAll(to, 0o700); err != nil {
		b.t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(b.dir, "*"))
	if err != nil || len(files) == 0 {
		b.t.Fatal(files, err)
	}
	for _, f := range files {
		if filepath.Ext(f) == ".db-shm" {
			continue
		}
		in, err := os.Open(f)
		if err != nil {
			b.t.Fatal(err)
		}
		out, err := os.OpenFile(filepath.Join(to, filepath.Base(f)), os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = io.Copy(out, in)
		}
		if err != nil {
			b.t.Fatal(err)
		}
		_, _ = in.Close(), out.Close()
	}
	return to
}
