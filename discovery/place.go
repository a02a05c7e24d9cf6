package discovery

import (
	"errors"
	"net/netip"
	"time"

	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// Place is a time in which a MAC that is no device's own was behind a port.
// Until is zero while it is there. It ends when a complete walk shows the MAC
// elsewhere, or when three complete walks of the device do not show it.
type Place struct {
	MAC        netdev.MAC
	Address    netip.Addr // newest by ARP or neighbour discovery; may be invalid
	Device     netdev.DeviceID
	Name       string // of the device, now
	Port       string
	VLAN       int
	Confidence float64 // DISCOVERY §8
	Because    string
	Since      time.Time
	Until      time.Time
	LastSeen   time.Time
	Missed     int // complete walks of the device since, without it
}

// Port is a port found by its words.
type Port struct {
	Device netdev.DeviceID
	Name   string // of the device
	Port   string
	Alias  string
	MAC    netdev.MAC
}

// ErrNoCandidate is returned for a candidate that is not there (any more).
var ErrNoCandidate = errors.New("no such candidate")

// CandidateState is what a person decided about a candidate.
type CandidateState string

// The states of a candidate.
const (
	CandidateOpen     CandidateState = "open"
	CandidateAccepted CandidateState = "accepted" // its address was asked
	CandidateIgnored  CandidateState = "ignored"
)

// Candidate is a neighbour that no device matches. All of it but ID, State and
// the times is the word of an unauthenticated protocol. It is never asked
// anything until a person accepts it.
type Candidate struct {
	ID        string
	Name      string
	ChassisID string
	What      string // system description or platform
	Addresses []netip.Addr
	State     CandidateState
	By        string // who decided
	Decided   time.Time
	Run       RunID // that asked it
	FirstSeen time.Time
	LastSeen  time.Time
	Told      []Told
}

// Told is one device's word about a candidate, or the candidate's own in a frame.
type Told struct {
	topology.Unresolved
	Since    time.Time
	Sighting int64 // the id of the sighting whose frames told it; 0: a walk did
}
