package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/target"
	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/settings"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/spf13/cobra"
)

// scanFlags are what discover and walk ask of the network.
type scanFlags struct {
	credentials string
	snmpPort    uint16
	sshPort     uint16
	rate        int
	timeout     time.Duration
	retries     int
	concurrency int
	deadline    time.Duration
}

func (f *scanFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.credentials, "credentials", "", "read credentials from `FILE`")
	fl.Uint16Var(&f.snmpPort, "snmp-port", 161, "UDP port of the agents")
	fl.IntVar(&f.rate, "rate", discovery.DefaultRate, "datagrams a second, 0 as fast as it goes")
	fl.DurationVar(&f.timeout, "timeout", time.Second, "how long to wait for an answer, a try")
	fl.IntVar(&f.retries, "retries", discovery.DefaultRetries, "tries beyond the first")
	fl.DurationVar(&f.deadline, "deadline", 0, "end the whole after this time; 0 is never")
}

// request makes the request of flags and targets.
func (f *scanFlags) request(args []string) (discovery.Request, error) {
	switch {
	case f.rate < 0:
		return discovery.Request{}, fmt.Errorf("--rate %d: cannot be negative", f.rate)
	case f.retries < 0 || f.retries > 20:
		return discovery.Request{}, fmt.Errorf("--retries %d: 0 to 20", f.retries)
	case f.timeout <= 0:
		return discovery.Request{}, fmt.Errorf("--timeout %s: must be above 0", f.timeout)
	case f.deadline < 0:
		return discovery.Request{}, fmt.Errorf("--deadline %s: cannot be negative", f.deadline)
	case f.concurrency < 0:
		return discovery.Request{}, fmt.Errorf("--concurrency %d: cannot be negative", f.concurrency)
	}
	set, err := target.Parse(args)
	if err != nil {
		return discovery.Request{}, err
	}
	if set.Len() == 0 {
		return discovery.Request{}, errors.New("no target is left: all are excluded")
	}
	req := discovery.Request{
		Targets: set, SNMPPort: f.snmpPort, SSHPort: f.sshPort, Rate: f.rate, Timeout: f.timeout,
		Retries: f.retries, Concurrency: f.concurrency, Deadline: f.deadline,
	}
	// In a request 0 is the default; on the command line it is said.
	if f.rate == 0 {
		req.Rate = -1
	}
	if f.retries == 0 {
		req.Retries = -1
	}
	if f.credentials != "" {
		if req.Credentials, err = settings.ReadCredentials(f.credentials); err != nil {
			return req, err
		}
	}
	return req, nil
}

func newScanner() (*discovery.Scanner, error) {
	set, err := platform.Builtin()
	if err != nil {
		return nil, err
	}
	return discovery.New(set, discovery.Options{})
}

func newDiscover() *cobra.Command {
	var f scanFlags
	var crawl, sweepOnly, dryRun, save, asJSON bool
	var within []string
	var dataDir string
	c := &cobra.Command{
		Use:   "discover TARGET…",
		Short: "Find devices and links by SNMP",
		Long: "TARGET is an address, a prefix, a range such as 10.0.0.1-10.0.0.50, or @FILE with one of\n" +
			"these a line; -TARGET excludes. A credential is sent only inside its scope.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			req, err := f.request(args)
			if err != nil {
				return usage(err)
			}
			req.SweepOnly, req.Crawl = sweepOnly, crawl
			for _, w := range within {
				p, err := netip.ParsePrefix(w)
				if err != nil {
					return usage(fmt.Errorf("--within %q: not a prefix", w))
				}
				req.Within = append(req.Within, p.Masked())
			}
			s, err := newScanner()
			if err != nil {
				return ownFault(err)
			}
			if dryRun {
				return printPlan(c, s, req, asJSON)
			}
			var data *app.Data
			if save { // opened first: a store that cannot be opened costs no scan
				if data, err = openForSaving(c.Context(), dataDir); err != nil {
					return err
				}
				defer data.Close()
				if req.Known, err = data.DB.Devices(c.Context()); err != nil {
					return ownFault(err)
				}
			}
			return runDiscover(c, s, req, args, data, asJSON)
		},
	}
	f.register(c)
	fl := c.Flags()
	fl.Uint16Var(&f.sshPort, "ssh-port", 22, "TCP port of the devices' command line, noted with them")
	fl.IntVar(&f.concurrency, "concurrency", discovery.DefaultConcurrency, "devices walked at once")
	fl.BoolVar(&crawl, "crawl", false, "also ask the neighbours that devices name, inside TARGET and --within")
	fl.StringSliceVar(&within, "within", nil, "with --crawl: `PREFIX` in which neighbours may be asked too")
	fl.BoolVar(&sweepOnly, "sweep-only", false, "find out who answers, walk nothing")
	fl.BoolVar(&dryRun, "dry-run", false, "print addresses and credentials, send nothing")
	fl.BoolVar(&save, "save", false, "keep what is found in the store")
	addDataFlag(c, &dataDir)
	fl.BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

// keepScan enters what a scan found into the store.
func keepScan(ctx context.Context, d *app.Data, targets []string, begin time.Time, rep discovery.Report) error {
	// What was found is kept also when the scan was interrupted.
	ctx = context.WithoutCancel(ctx)
	run := discovery.Run{ID: discovery.RunID(d.DB.NewID()), Targets: targets, By: "command line", Started: begin}
	_, err := rep.Keep(ctx, d.DB, run, time.Now())
	return err
}

// openForSaving opens the store of dir, or makes one.
func openForSaving(ctx context.Context, dir string) (*app.Data, error) {
	d, err := app.OpenData(ctx, app.DataOptions{Dir: dir, Create: true})
	if err == nil {
		return d, nil
	}
	if _, badKey := errors.AsType[*vault.KeyError](err); badKey || errors.Is(err, db.ErrNewerSchema) {
		return nil, usage(err)
	}
	return nil, ownFault(err)
}

func runDiscover(c *cobra.Command, s *discovery.Scanner, req discovery.Request, targets []string, data *app.Data, asJSON bool) error {
	begin := time.Now()
	var progress func(discovery.Event)
	if !asJSON {
		progress = func(e discovery.Event) {
			if e.Error != nil {
				fmt.Fprintf(os.Stderr, "%s: %s: %s\n", e.Error.Address, e.Error.Reason, printable(e.Error.Detail))
			}
		}
	}
	rep, err := s.Scan(c.Context(), req, progress)
	if err != nil {
		return ownFault(err)
	}
	if data != nil {
		if err := keepScan(c.Context(), data, targets, begin, rep); err != nil {
			return ownFault(err)
		}
	}
	if asJSON {
		err = printJSON(c, discoverDocument(rep, req))
	} else {
		err = printReport(c.OutOrStdout(), rep)
	}
	switch {
	case err != nil:
		return ownFault(err)
	case rep.Incomplete == netdev.Timeout:
		return answerNo(fmt.Errorf("the deadline of %s ended the scan: %d addresses were still to be asked or answer", req.Deadline, unfinished(rep)))
	case rep.Incomplete != "":
		return answerNo(errors.New("the scan was cancelled before its end"))
	case len(rep.Errors) > 0:
		return answerNo(nil)
	}
	return nil
}

func unfinished(rep discovery.Report) int {
	n := rep.Counters
	return n.Total - n.Answered - n.Silent - n.Refused
}
