package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/target"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/internal/notify"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/web"
)

// work starts what touches the network for the pages and the demo: each
// discovery and each backup is a job.
type work struct {
	a       *Appliance
	board   *jobs.Board
	scanner *discovery.Scanner
	publish func(topic, id string)
	log     *slog.Logger
	now     func() time.Time

	ports   ports
	sites   []target.Site
	learn   bool           // the first host key of a device is kept
	outbox  *notify.Outbox // nil: nobody is told
	testing sync.Mutex     // one credential test at a time

	mu   sync.Mutex
	live map[discovery.RunID]*live
}

// ports are where agents and command lines listen; zero is the usual one.
type ports struct{ snmp, ssh uint16 }

// sweepParams is what the row of a sweep job holds.
type sweepParams struct {
	Run     discovery.RunID      `json:"run"`
	Request web.DiscoveryRequest `json:"request"`
}

// readTargets reads the entries of a request.
func readTargets(req web.DiscoveryRequest) (target.Set, error) {
	args := slices.Clone(req.Targets)
	for _, e := range req.Excludes {
		args = append(args, "!"+e)
	}
	// Files are for the command line: a page must not read the server's.
	return target.Parser{}.Parse(args)
}

// targets reads the entries of a request and says which site each is in.
func (w *work) targets(ctx context.Context, req web.DiscoveryRequest) (target.Set, error) {
	set, err := readTargets(req)
	if err != nil {
		return set, err
	}
	sites, err := w.knownSites(ctx)
	if err != nil {
		return set, err
	}
	if req.Site != "" {
		all := target.Site{Name: req.Site}
		for i := range set.Len() {
			all.Prefixes = append(all.Prefixes, netip.PrefixFrom(set.At(i), set.At(i).BitLen()))
		}
		if set.Len() > cellsBest { // one entry an address would be slow to look through
			all.Prefixes = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
		}
		sites = []target.Site{all}
	}
	return set.WithSites(sites), nil
}

func (w *work) request(ctx context.Context, req web.DiscoveryRequest) (discovery.Request, error) {
	set, err := w.targets(ctx, req)
	if err != nil {
		return discovery.Request{}, err
	}
	creds, err := w.a.Credentials.All(ctx)
	if err != nil {
		return discovery.Request{}, err
	}
	creds = slices.DeleteFunc(creds, func(c netdev.Credential) bool { return c.SNMP == nil })
	known, err := w.a.DB.Devices(ctx)
	if err != nil {
		return discovery.Request{}, err
	}
	return discovery.Request{Targets: set, Credentials: creds, SNMPPort: w.ports.snmp, SSHPort: w.ports.ssh, Rate: req.Rate, Crawl: req.Crawl, Known: known}, nil
}

// Plan works out what a discovery would send.
func (w *work) Plan(ctx context.Context, req web.DiscoveryRequest) (web.Plan, error) {
	r, err := w.request(ctx, req)
	if err != nil {
		return web.Plan{}, err
	}
	p, err := w.scanner.Plan(r)
	if err != nil {
		return web.Plan{}, err
	}
	without, err := w.targets(ctx, web.DiscoveryRequest{Targets: req.Targets})
	if err != nil {
		return web.Plan{}, err
	}
	rate := r.Rate
	if rate <= 0 {
		rate = discovery.DefaultRate
	}
	out := web.Plan{Addresses: p.Addresses, Excluded: without.Len() - p.Addresses, Datagrams: p.Datagrams, Rate: rate, OutOfScope: p.NotAsked,
		Shortest: time.Duration(float64(p.Addresses) / float64(rate) * float64(time.Second))}
	for _, c := range p.Credentials {
		out.Credentials = append(out.Credentials, web.PlanSecret{Name: c.Name, Protocol: "snmp v" + string(c.Version), Addresses: c.Addresses})
	}
	return out, nil
}

// StartDiscovery queues a run and names it.
func (w *work) StartDiscovery(ctx context.Context, by string, req web.DiscoveryRequest) (discovery.RunID, error) {
	id, err := w.startDiscovery(ctx, jobs.Batch{What: string(schedule.Discovery), By: by}, jobs.High, req)
	return discovery.RunID(id), err
}

// startDiscovery queues a run as a batch of one job; both have one id.
func (w *work) startDiscovery(ctx context.Context, g jobs.Batch, priority jobs.Priority, req web.DiscoveryRequest) (string, error) {
	set, err := w.targets(ctx, req)
	if err != nil {
		return "", err
	}
	g.ID = w.a.DB.NewID()
	run := discovery.Run{ID: discovery.RunID(g.ID), State: discovery.RunRunning, Targets: req.Targets, By: g.By,
		Started: w.now().UTC(), Total: set.Len()}
	for _, e := range req.Excludes {
		run.Targets = append(run.Targets, "-"+e)
	}
	if g.Title == "" {
		g.Title = strings.Join(run.Targets[:min(len(run.Targets), 5)], " ")
	}
	params, err := json.Marshal(sweepParams{Run: run.ID, Request: req})
	if err != nil {
		return "", err
	}
	err = w.a.DB.InTx(ctx, func(ctx context.Context) error {
		if err := w.a.DB.SaveRun(ctx, run); err != nil {
			return err
		}
		_, _, _, err := w.board.EnqueueAll(ctx, g, []jobs.Job{{Kind: jobs.Sweep, Class: jobs.Local, Priority: priority, By: g.By, Params: params}})
		return err
	})
	if err != nil {
		return "", err
	}
	w.a.DB.AfterCommit(ctx, func() { w.publish("run", g.ID) })
	return g.ID, nil
}

// readSweep reads what the row of a sweep job holds.
func readSweep(params []byte) (sweepParams, error) {
	var p sweepParams
	if err := json.Unmarshal(params, &p); err != nil {
		return p, fmt.Errorf("parameters of a sweep: %w", err)
	}
	return p, nil
}

// LiveRun gives a run that is under way in this process.
func (w *work) LiveRun(id discovery.RunID) (web.Live, bool) {
	w.mu.Lock()
	l, ok := w.live[id]
	w.mu.Unlock()
	if !ok {
		return web.Live{}, false
	}
	return l.view(), true
}

// sweep is the handler of discovery jobs.
func (w *work) sweep(ctx context.Context, l jobs.Lease) jobs.Outcome {
	p, err := readSweep(l.Params)
	if err != nil {
		return jobs.OutcomeOf(err)
	}
	run, err := w.a.DB.Run(ctx, p.Run)
	if err != nil {
		return jobs.OutcomeOf(err)
	}
	req, err := w.request(ctx, p.Request)
	if err != nil {
		return jobs.OutcomeOf(errors.Join(err, w.endRun(ctx, run, discovery.RunFailed, err.Error())))
	}
	// A run that is taken up again after a crash starts from the beginning.
	run = discovery.Run{ID: run.ID, State: discovery.RunRunning, Targets: run.Targets, By: run.By, Started: run.Started, Total: req.Targets.Len()}
	lv := newLive(run, &req.Targets)
	w.mu.Lock()
	w.live[run.ID] = lv
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.live, run.ID)
		w.mu.Unlock()
		w.publish("run", string(run.ID))
	}()
	rep, err := w.scan(ctx, req, lv)
	if err != nil {
		return jobs.OutcomeOf(errors.Join(err, w.endRun(context.WithoutCancel(ctx), lv.now(), discovery.RunFailed, err.Error())))
	}
	return w.keep(context.WithoutCancel(ctx), l, lv, rep)
}

// scan runs the scanner and saves the counts every second, so that a page of
// another process, or after a crash, shows how far it came.
func (w *work) scan(ctx context.Context, req discovery.Request, lv *live) (discovery.Report, error) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last := time.Time{}
	return w.scanner.Scan(ctx, req, func(e discovery.Event) {
		lv.event(e)
		select {
		case <-tick.C:
			if err := w.a.DB.SaveRun(context.WithoutCancel(ctx), lv.now()); err != nil {
				w.log.WarnContext(ctx, "counts of a discovery were not saved", "error", err)
			}
		default:
		}
		if e.Time.Sub(last) > 250*time.Millisecond {
			last = e.Time
			w.publish("run", string(lv.run.ID))
		}
	})
}

// keep stores what a scan found, the run and the end of its job together.
func (w *work) keep(ctx context.Context, l jobs.Lease, lv *live, rep discovery.Report) jobs.Outcome {
	run := lv.now()
	err := w.a.DB.InTx(ctx, func(ctx context.Context) (err error) {
		if run, err = rep.Keep(ctx, w.a.DB, run, w.now().UTC()); err != nil {
			return err
		}
		return w.board.Finish(ctx, l, endOf(rep))
	})
	if err != nil {
		w.log.ErrorContext(ctx, "discovery was not stored", "run", run.ID, "error", err)
		return jobs.OutcomeOf(errors.Join(err, w.endRun(ctx, lv.now(), discovery.RunFailed, "what was found could not be stored: "+err.Error())))
	}
	w.publish("device", "")
	return endOf(rep)
}

// endOf says how a scan's job ended.
func endOf(rep discovery.Report) jobs.Outcome {
	if rep.Incomplete != "" {
		return jobs.Outcome{State: jobs.Cancelled, Reason: rep.Incomplete}
	}
	return jobs.Outcome{State: jobs.Done}
}

func (w *work) endRun(ctx context.Context, run discovery.Run, state discovery.RunState, why string) error {
	run.State, run.Ended, run.Error = state, w.now().UTC(), why
	return w.a.DB.SaveRun(ctx, run)
}
