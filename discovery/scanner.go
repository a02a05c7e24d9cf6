package discovery

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/plumbline-net/plumbline/discovery/sweep"
	"github.com/plumbline-net/plumbline/discovery/target"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// Options of a Scanner. The zero value works.
type Options struct {
	Log  *slog.Logger
	Now  func() time.Time
	Rand io.Reader // of orders and request-ids
}

// Scanner joins the stages of discovery: sweep, walk, identify, topology. One
// Scanner may run several scans at once; it keeps nothing between them.
type Scanner struct {
	platforms *platform.Set
	opt       Options
}

// New makes a Scanner that knows the platforms of set.
func New(set *platform.Set, opt Options) (*Scanner, error) {
	if set == nil {
		return nil, errors.New("discovery: no platforms")
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Rand == nil {
		opt.Rand = rand.Reader
	}
	return &Scanner{platforms: set, opt: opt}, nil
}

// Defaults of a Request.
const (
	DefaultRate        = 5000
	DefaultConcurrency = 256
	DefaultRetries     = 2
)

// Request is one scan. Zero fields are the defaults.
type Request struct {
	Targets     target.Set
	Credentials []netdev.Credential
	SNMPPort    uint16 // 161
	SSHPort     uint16 // 22; only noted with what is found
	// Rate is datagrams a second, of sweep and walks together; 0 is
	// DefaultRate, below 0 as fast as it goes.
	Rate        int
	Timeout     time.Duration // a try; 1 s
	Retries     int           // tries beyond the first; 0 is DefaultRetries, below 0 none
	Concurrency int           // walks at once
	Deadline    time.Duration // of the whole scan; 0 is none
	SweepOnly   bool
	// Crawl also asks the neighbours that devices name, inside Targets and
	// Within and never what was excluded.
	Crawl  bool
	Within []netip.Prefix
	// Known are devices of the inventory; those that a controller manages are
	// found again in the tables of switches when that controller is not asked.
	Known []netdev.Device
}

func (r Request) filled() Request {
	if r.SNMPPort == 0 {
		r.SNMPPort = 161
	}
	if r.SSHPort == 0 {
		r.SSHPort = 22
	}
	switch {
	case r.Rate == 0:
		r.Rate = DefaultRate
	case r.Rate < 0:
		r.Rate = 0
	}
	switch {
	case r.Retries == 0:
		r.Retries = DefaultRetries
	case r.Retries < 0:
		r.Retries = 0
	}
	if r.Timeout <= 0 {
		r.Timeout = time.Second
	}
	if r.Concurrency <= 0 {
		r.Concurrency = DefaultConcurrency
	}
	return r
}

// Alias is an agent that answered for the address asked from another one.
type Alias struct {
	Asked netip.Addr `json:"asked"`
	From  netip.Addr `json:"from"`
}

// Report is what a scan found, everything ordered by address. Answers holds
// each address that answered, Found each device once, under its lowest address
// and with the others as aliases. The graph names devices by that address.
type Report struct {
	Found      []Found
	Answers    []Found
	Graph      topology.Graph
	Counters   Counters
	Errors     []RunError
	Aliases    []Alias
	Duration   time.Duration
	Incomplete netdev.Reason // why the scan stopped before its end, else ""
}

// Scan finds what is at the targets. progress may be nil; it is called by one
// goroutine at a time and must not block. A scan whose context ends, or whose
// deadline passes, returns what it has with Report.Incomplete set; the error
// is one of our own.
func (s *Scanner) Scan(ctx context.Context, req Request, progress func(Event)) (Report, error) {
	req = req.filled()
	begin := s.opt.Now()
	if req.Deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, req.Deadline)
		defer cancel()
	}
	count := &snmp.Counters{}
	sc := &scan{
		s: s, req: req, count: count, engines: &snmp.Engines{}, pace: snmp.NewPace(req.Rate, nil),
		track: &tracker{now: s.opt.Now, progress: progress, traffic: func(n *Counters) {
			n.Sent, n.Received, n.Varbinds = count.Sent.Load(), count.Received.Load(), count.Varbinds.Load()
		}},
		asked: map[netip.Addr]bool{},
	}
	set := req.Targets
	for {
		if err := sc.pass(ctx, &set); err != nil {
			return Report{}, err
		}
		next, ok := sc.candidates(&req.Targets)
		if !req.Crawl || !ok || ctx.Err() != nil {
			break
		}
		set = next
	}
	rep := sc.report(ctx)
	rep.Duration = s.opt.Now().Sub(begin)
	s.opt.Log.InfoContext(ctx, "scan ended", "addresses", rep.Counters.Total, "answered", rep.Counters.Answered,
		"devices", len(rep.Found), "links", len(rep.Graph.Links), "errors", len(rep.Errors), "seconds", rep.Duration.Seconds())
	return rep, nil
}

func (sc *scan) report(ctx context.Context) Report {
	slices.SortFunc(sc.found, func(a, b Found) int { return a.Facts.Address.Compare(b.Facts.Address) })
	found := devices(sc.found)
	rep := Report{Found: found, Answers: sc.found, Counters: sc.track.counters(), Errors: sc.track.errors, Aliases: sc.aliases}
	if err := context.Cause(ctx); err != nil {
		rep.Incomplete = netdev.Cancelled
		if errors.Is(err, context.DeadlineExceeded) {
			rep.Incomplete = netdev.Timeout
		}
	}
	var obs []topology.Observation
	for _, f := range found {
		obs = append(obs, topology.Observation{ID: netdev.DeviceID(f.Facts.Address.String()), Name: f.Identity.Name, Kind: f.Identity.Kind, Facts: f.Facts})
	}
	rep.Graph = topology.Build(append(obs, accessPoints(found, sc.req.Known)...))
	slices.SortStableFunc(rep.Errors, func(a, b RunError) int {
		x, _ := netip.ParseAddr(a.Address)
		y, _ := netip.ParseAddr(b.Address)
		return x.Compare(y)
	})
	slices.SortFunc(rep.Aliases, func(a, b Alias) int {
		return cmp.Or(a.Asked.Compare(b.Asked), a.From.Compare(b.From))
	})
	return rep
}

// key draws a key for orders and request-ids.
func (s *Scanner) key() (k [2]uint64, err error) {
	var b [16]byte
	if _, err = io.ReadFull(s.opt.Rand, b[:]); err != nil {
		return k, err
	}
	return [2]uint64{binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])}, nil
}

// Plan counts what a scan may send, without sending anything.
func (s *Scanner) Plan(req Request) (sweep.Plan, error) {
	req = req.filled()
	return sweep.PlanOf(&req.Targets, req.Credentials, req.Targets.Site, req.Retries+1)
}
