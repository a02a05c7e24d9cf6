package discovery

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// ErrNoDevice is returned for a device that is not in the inventory.
var ErrNoDevice = errors.New("no such device")

// ErrDeviceExists is returned for a device whose id or address is taken.
var ErrDeviceExists = errors.New("device exists already")

// ErrAmbiguous is returned for a name that several devices have.
var ErrAmbiguous = errors.New("several devices have that name")

// ErrNoRun is returned for a run that is not recorded.
var ErrNoRun = errors.New("no such discovery run")

// Inventory keeps what discovery found. internal/db implements it.
type Inventory interface {
	Sightings
	// Devices lists every device, ordered by name.
	Devices(ctx context.Context) ([]netdev.Device, error)
	Device(ctx context.Context, id netdev.DeviceID) (netdev.Device, error)
	// FindDevice takes an id, a name (folded case; the short form too) or an address.
	FindDevice(ctx context.Context, ref string) (netdev.Device, error)
	// AddDevice makes a device that a person or a command line named. An empty
	// ID is filled; an address that a device has already is ErrDeviceExists.
	AddDevice(ctx context.Context, d netdev.Device) (netdev.Device, error)
	// UpdateDevice writes what a person may change: name, site, role, tags,
	// ports, platform, kind. A platform or kind other than the one shown goes
	// before what later scans find; an empty one gives the choice back to them.
	UpdateDevice(ctx context.Context, d netdev.Device) error
	// SaveScan stores all that one run found, in one transaction: devices are
	// matched with those that are there (identity first, address last), links
	// replace those of the devices that answered completely. In g a device is
	// named by its DeviceID or, as long as it has none, by the text of the
	// address it answered at. It returns the devices as stored, in the order
	// given (one device found at two addresses twice), and how many are new.
	SaveScan(ctx context.Context, run RunID, found []Found, g topology.Graph) ([]netdev.Device, int, error)
	// Facts gives the newest facts of a device and the identity decided from them.
	Facts(ctx context.Context, id netdev.DeviceID) (netdev.Facts, netdev.Identity, error)
	// Addresses lists which addresses a device has and had, the present first.
	Addresses(ctx context.Context, id netdev.DeviceID) ([]AddressSpan, error)
	Links(ctx context.Context) ([]topology.Link, error)
	// Unresolved lists neighbours that are not in the inventory.
	Unresolved(ctx context.Context) ([]topology.Unresolved, error)
	// Hosts lists where each end system is now, by MAC.
	Hosts(ctx context.Context) ([]Place, error)
	// FindHost gives the places of a MAC or of an address, those of now first,
	// then the newest; none is no error. An address is looked up by the MACs
	// that had it last.
	FindHost(ctx context.Context, ref string) ([]Place, error)
	// FindPorts lists ports whose description holds a text in any case, or
	// whose own MAC it is; at most limit, and how many there are.
	FindPorts(ctx context.Context, text string, limit int) ([]Port, int, error)
	// Candidates lists neighbours that no device matches, the newest first.
	Candidates(ctx context.Context) ([]Candidate, error)
	Candidate(ctx context.Context, id string) (Candidate, error)
	// DecideCandidate notes what a person decided; run names the discovery of
	// an accepted one. It sends nothing.
	DecideCandidate(ctx context.Context, id string, state CandidateState, by string, run RunID) error

	SaveRun(ctx context.Context, r Run) error // insert or update by id
	Run(ctx context.Context, id RunID) (Run, error)
	Runs(ctx context.Context, limit int) ([]Run, error) // newest first
}

// AddressSpan is a time in which an address was a device's. Until is zero while
// it is; MovedTo names the device that answers there since.
type AddressSpan struct {
	Address netip.Addr
	Since   time.Time
	Until   time.Time
	MovedTo netdev.DeviceID
}

// Found is one device that answered.
type Found struct {
	Facts      netdev.Facts
	Identity   netdev.Identity
	Aliases    []netip.Addr // other addresses at which the same device answered
	Credential string       // its name
	SNMPPort   uint16
	SSHPort    uint16
	Site       string
}

// RunID names one run of discovery (a ULID).
type RunID string

// RunState is where a run is.
type RunState string

// The states of a run.
const (
	RunRunning   RunState = "running"
	RunDone      RunState = "done"
	RunFailed    RunState = "failed"
	RunCancelled RunState = "cancelled"
)

// Run is one discovery: counts that add up (Asked = Answered + Silent +
// Refused + Pending), and what went wrong by address.
type Run struct {
	ID         RunID      `json:"id"`
	State      RunState   `json:"state"`
	Targets    []string   `json:"targets"`
	By         string     `json:"by"` // user, "schedule", "demo" …
	Started    time.Time  `json:"started"`
	Ended      time.Time  `json:"ended,omitzero"`
	Total      int        `json:"total"` // addresses in the targets
	Asked      int        `json:"asked"`
	Answered   int        `json:"answered"`
	Silent     int        `json:"silent"`
	Refused    int        `json:"refused"`
	Walked     int        `json:"walked"`
	Identified int        `json:"identified"`
	New        int        `json:"new"`
	Links      int        `json:"links"`
	Errors     []RunError `json:"errors,omitempty"`
	Error      string     `json:"error,omitempty"` // of the run as a whole
}

// RunError is one address that did not give all.
type RunError struct {
	Address string        `json:"address"`
	Reason  netdev.Reason `json:"reason"`
	Detail  string        `json:"detail,omitempty"`
}
