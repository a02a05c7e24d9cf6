package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"sync"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/event"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/notify"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/web"
)

// stopWithin is how long a stop may take; supervisors kill after 30 s.
const stopWithin = 20 * time.Second

// ErrRefused is returned by Serve for what was asked in a way that cannot be
// done: another directory or address is needed.
var ErrRefused = errors.New("not started")

// ServeOptions say which appliance to run.
type ServeOptions struct {
	Dir      string
	Settings settings.Settings
	Demo     bool
	Truth    string    // with Demo: a file that gets what is really there
	Out      io.Writer // gets the lines "ready …" and "set-up …"
	Version  string
	Log      *slog.Logger
}

// server is a running appliance. Fields are in the order they are made.
type server struct {
	opt    ServeOptions
	log    *slog.Logger
	lock   *db.Lock
	a      *Appliance
	hub    *event.Hub
	audit  *audit.Log
	trail  *auditLog
	auth   *auth.Service
	drift  *Drift
	sim    *sim.Network
	board  *jobs.Board
	queue  *jobs.NATS
	notify *notify.Service
	work   *work
	run    *jobs.Runner
	plan   *jobs.Planner
	ears   *listener
	web    *web.Server
	http   *http.Server
	ln     net.Listener
}

// Serve runs the appliance until ctx ends, and then stops it cleanly.
func Serve(ctx context.Context, opt ServeOptions) (err error) {
	s := &server{opt: opt, log: opt.Log}
	defer func() { err = errors.Join(err, s.close()) }()
	for _, step := range []func(context.Context) error{s.openStore, s.openWork, s.openWeb} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return s.serve(ctx)
}

func (s *server) openStore(ctx context.Context) (err error) {
	if err := checkDemo(s.opt.Dir, s.opt.Demo); err != nil {
		return err
	}
	if s.a, err = Open(ctx, DataOptions{Dir: s.opt.Dir, Create: true, MasterKey: s.opt.Settings.MasterKeyFile, Log: s.log}); err != nil {
		return err
	}
	if s.lock, err = db.LockDir(s.opt.Dir); err != nil {
		return err
	}
	s.hub = event.NewHub(event.Options{})
	s.audit = audit.New(s.a.DB, s.a.Vault.AuditKey(), audit.Options{Log: s.log, Anchored: s.a.anchored})
	s.trail = &auditLog{Log: s.audit, a: s.a, log: s.log, life: ctx}
	s.drift = s.a.Drift(s.audit, s.hub.Publish)
	s.auth = auth.New(s.a.DB, auth.Options{Log: s.log, Idle: s.opt.Settings.Login.Idle, Age: s.opt.Settings.Login.Age, Record: s.recordLogin})
	return nil
}

// noAccount is the actor of a login under a name that no account has; the name
// itself may be a password.
const noAccount = "(no such account)"

// recordLogin writes the audit record of a login in the login's transaction.
func (s *server) recordLogin(ctx context.Context, e auth.Event) error {
	return s.audit.Append(ctx, audit.Record{ActorKind: audit.User, Actor: cmp.Or(e.User, noAccount), Address: e.Address, Verb: audit.Verb(e.Verb), Outcome: e.Detail})
}

func (s *server) openWork(ctx context.Context) (err error) {
	if s.opt.Demo {
		if s.sim, err = startDemo(ctx, s.log); err != nil {
			return err
		}
	}
	set := s.opt.Settings
	s.board = jobs.NewBoard(s.a.DB, jobs.Options{Log: s.log, Changed: func(j jobs.Job) { s.hub.Publish("job", j.Batch) }})
	if s.queue, err = jobs.OpenNATS(ctx, jobs.NATSOptions{Dir: filepath.Join(s.opt.Dir, "queue"), Key: s.a.Vault.QueueKey(), Log: s.log}); err != nil {
		return err
	}
	scanner, err := discovery.New(s.a.Platforms, discovery.Options{Log: s.log})
	if err != nil {
		return err
	}
	s.notify = notify.New(s.a.DB, s.a.Vault, batches{s.a, s.board}, notify.Options{Log: s.log, Hold: func() bool { return s.a.Outage() != nil }})
	s.work = &work{a: s.a, board: s.board, scanner: scanner, publish: s.hub.Publish, log: s.log, now: time.Now, live: map[discovery.RunID]*live{},
		ports: ports{snmp: set.Ports.SNMP, ssh: set.Ports.SSH}, learn: set.HostKeys == settings.FirstUse, outbox: s.notify.Outbox}
	if s.sim != nil {
		s.work.ports = ports{snmp: s.sim.SNMPPort(), ssh: s.sim.SSHPort()}
		s.work.sites = demoSites(s.sim)
	}
	backup, err := s.a.Backup(BackupOptions{Learn: s.work.learn})
	if err != nil {
		return err
	}
	s.run = jobs.NewRunner(s.board, s.queue, map[jobs.Kind]jobs.Handler{jobs.Sweep: s.work.sweep, jobs.Pull: s.work.pull(backup), jobs.Verify: s.work.verify, jobs.Check: s.work.check(backup)},
		jobs.RunnerOptions{Workers: set.Jobs.Workers, PerSite: set.Jobs.PerSite, MaxTime: set.Jobs.MaxTime, Log: s.log,
			Hold: func() bool { return s.a.Outage() != nil }})
	s.plan = s.work.planner()
	return s.a.DB.SetFirstZone(ctx, set.Zone)
}

func (s *server) openWeb(ctx context.Context) (err error) {
	set := s.opt.Settings
	s.ears = newListener(s.a.Data, set.Capture, s.log, s.hub.Publish)
	s.web, err = web.New(web.Deps{Inventory: s.a.DB, Store: s.a.Store, Auth: s.auth, Audit: s.audit, Events: s.hub, Runner: s.work,
		Compliance: rulebook{s.a.Store, s.a}, Jobs: nights{s.board, s.plan, s.work}, Drift: s.drift, Capture: s.ears, Logins: s.a.Credentials, Zone: set.Zone,
		Settings: &admin{Service: s.auth, work: s.work, hook: s.notify, set: set},
		Texts:    s.a, Health: s.a, AuditLog: s.trail, Platforms: s.a.Platforms, Log: s.log, Hosts: set.Hosts, Demo: s.opt.Demo, Version: s.opt.Version})
	if err != nil {
		return err
	}
	if err := loopbackOnly(set.Listen); err != nil {
		return err
	}
	if s.ln, err = (&net.ListenConfig{}).Listen(ctx, "tcp", set.Listen); err != nil {
		return fmt.Errorf("%w: listen: %w", ErrRefused, err)
	}
	s.http = s.web.HTTP()
	return nil
}

// loopbackOnly refuses to speak plain HTTP to a network.
func loopbackOnly(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("%w: --listen %s: %w", ErrRefused, listen, err)
	}
	if a, err := netip.ParseAddr(host); host == "localhost" || err == nil && a.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%w: --listen %s: passwords would cross the network in clear text; listen on 127.0.0.1 behind a proxy that speaks TLS", ErrRefused, listen)
}

// serve runs everything until ctx ends or one part fails.
func (s *server) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	part := func(name string, run func(context.Context) error) {
		wg.Go(func() {
			if err := run(ctx); err != nil && ctx.Err() == nil {
				cancel(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	part("web", func(ctx context.Context) error {
		stop := context.AfterFunc(ctx, func() {
			end, done := context.WithTimeout(context.WithoutCancel(ctx), stopWithin/2)
			defer done()
			if err := s.http.Shutdown(end); err != nil {
				_ = s.http.Close() // streams of events do not end by themselves
			}
		})
		defer stop()
		s.http.BaseContext = func(net.Listener) context.Context { return ctx }
		if err := s.http.Serve(s.ln); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	part("jobs", s.run.Run)
	part("schedules", s.plan.Run)
	part("discoveries", s.work.settle)
	part("notices", s.notify.Run)
	part("lookout", s.work.lookout)
	part("capture", s.ears.run)
	part("waivers", func(ctx context.Context) error { return s.work.endWaivers(ctx, 5*time.Minute) })
	part("rules", func(ctx context.Context) error { return s.work.judgeAgain(ctx, time.Minute) })
	part("audit", func(ctx context.Context) error { return s.audit.AnchorEvery(ctx, time.Hour) })
	part("watch", (&watch{a: s.a, audit: s.audit, log: s.log, every: pulseEvery}).run)
	if err := s.announce(ctx); err != nil {
		cancel(err)
	}
	if s.sim != nil {
		d := &demo{net: s.sim, work: s.work, drift: s.drift, log: s.log, truth: s.opt.Truth}
		part("demo", func(ctx context.Context) error {
			if err := d.prepare(ctx); err != nil {
				return err
			}
			return d.run(ctx)
		})
	}
	wg.Wait()
	s.trail.wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// announce says where the appliance answers and, as long as nobody can log in,
// how the first administrator is made.
func (s *server) announce(ctx context.Context) error {
	base := "http://" + s.ln.Addr().String()
	fmt.Fprintln(s.opt.Out, "ready", base)
	has, err := s.auth.HasAdmin(ctx)
	if err != nil || has {
		return err
	}
	token, err := s.auth.NewSetupLink(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.opt.Out, "set up the first administrator within 30 minutes: %s/setup?token=%s\n", base, token)
	return err
}

// close closes what was opened, the newest first.
func (s *server) close() error {
	var errs []error
	if s.ln != nil {
		if err := s.ln.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if s.queue != nil {
		errs = append(errs, s.queue.Close())
	}
	if s.sim != nil {
		errs = append(errs, s.sim.Close())
	}
	if s.a != nil {
		errs = append(errs, s.a.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Release())
	}
	return errors.Join(errs...)
}
