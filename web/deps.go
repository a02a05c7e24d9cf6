package web

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// Inventory is what pages read of the devices that discovery found.
type Inventory interface {
	Devices(ctx context.Context) ([]netdev.Device, error)
	Device(ctx context.Context, id netdev.DeviceID) (netdev.Device, error)
	FindDevice(ctx context.Context, ref string) (netdev.Device, error)
	Facts(ctx context.Context, id netdev.DeviceID) (netdev.Facts, netdev.Identity, error)
	Links(ctx context.Context) ([]topology.Link, error)
	Unresolved(ctx context.Context) ([]topology.Unresolved, error)
	Candidates(ctx context.Context) ([]discovery.Candidate, error)
	Candidate(ctx context.Context, id string) (discovery.Candidate, error)
	DecideCandidate(ctx context.Context, id string, state discovery.CandidateState, by string, run discovery.RunID) error
	Hosts(ctx context.Context) ([]discovery.Place, error)
	FindHost(ctx context.Context, ref string) ([]discovery.Place, error)
	FindPorts(ctx context.Context, text string, limit int) ([]discovery.Port, int, error)
	Run(ctx context.Context, id discovery.RunID) (discovery.Run, error)
	Runs(ctx context.Context, limit int) ([]discovery.Run, error)
}

// ErrBusy is returned by a Runner where every device asked for is in hand.
var ErrBusy = errors.New("every device is being backed up already")

// ErrManaged is returned by a Runner where wireless controllers keep the
// configuration of every device asked for.
var ErrManaged = errors.New("their configuration is kept by their controller")

// Runner starts what touches the network. Nothing else in this package does.
type Runner interface {
	// Plan works out what a discovery would send, without a packet.
	Plan(ctx context.Context, req DiscoveryRequest) (Plan, error)
	StartDiscovery(ctx context.Context, by string, req DiscoveryRequest) (discovery.RunID, error)
	// LiveRun gives the state of a run in this process, address by address;
	// false when it is over or ran elsewhere.
	LiveRun(id discovery.RunID) (Live, bool)
	// BackupDevices queues one backup a device and names the batch. Devices that
	// are in hand are left out; ErrBusy says that nothing is left.
	BackupDevices(ctx context.Context, by string, ids []netdev.DeviceID) (batch string, err error)
}

// DiscoveryRequest is what a person asks for: targets and excludes in the
// words of the command line, one an entry. An error about them names the entry.
type DiscoveryRequest struct {
	Targets  []string
	Excludes []string
	Rate     int // datagrams a second; 0: the default
	Crawl    bool
	Site     string
}

// Plan is a dry run: nothing was sent.
type Plan struct {
	Addresses   int           `json:"addresses"`    // that will be asked
	Excluded    int           `json:"excluded"`     // left out by excludes
	Datagrams   int           `json:"datagrams"`    // first packets, when nothing answers
	Rate        int           `json:"rate"`         // datagrams a second
	Shortest    time.Duration `json:"shortest_ns"`  // at that rate
	Credentials []PlanSecret  `json:"credentials"`  // which secret may go where
	OutOfScope  int           `json:"out_of_scope"` // addresses for which no credential may be used
}

// PlanSecret names a credential and how many addresses are inside its scope.
// It never holds a value.
type PlanSecret struct {
	Name      string `json:"name"`
	Protocol  string `json:"protocol"` // snmp v2c, snmp v3, ssh
	Addresses int    `json:"addresses"`
}

// Live is a run as it stands: one cell an address (or a /24 above 1,024
// addresses), and the tail of its log.
type Live struct {
	Run   discovery.Run
	Cells []Cell
	Log   []LogLine // oldest first, at most 500
}

// Cell is one address or one /24 of a live run.
type Cell struct {
	Address string // or prefix
	State   string // waiting work silent refused known new
	Name    string // of the device, once known
}

// LogLine is one thing that happened in a run.
type LogLine struct {
	Time    time.Time
	Address string
	Text    string
	Tone    string // "", ok, bad
}

// Deps is what the pages are made of. Inventory, Store, Auth, Audit, Events,
// Runner, Jobs, Drift and Capture are required.
type Deps struct {
	Inventory Inventory
	Store     Store
	Auth      Auth
	Audit     Audit
	Events    Events
	Runner    Runner
	Jobs      Jobs
	Drift     Drift
	Capture   Capture

	Logins   Logins   // nil: no pause of a login is told
	Settings Settings // nil: there are no pages of settings
	Texts    Texts    // nil: configurations are not searched
	Health   Health   // nil: only that the server answers is known
	AuditLog AuditLog // nil: the log is written and not shown

	Compliance Compliance // nil: no matrix, no rules, no waivers

	Platforms *platform.Set // for the sections of a diff; nil: none are told

	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger     // nil: nothing is logged
	Secure  bool             // served with TLS: cookies get Secure and __Host-, and HSTS is sent
	Hosts   []string         // host names that are answered beside those of the loopback
	Demo    bool             // says so on every page
	Version string
	Zone    string // of new schedules; "": UTC
}
