package discovery

import (
	"context"
	"time"

	"github.com/plumbline-net/plumbline/discovery/capture"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// Sightings keeps what captures heard. internal/db implements it.
type Sightings interface {
	// SaveSightings enters who was heard at one place: near is a port of a
	// device of the inventory, or without an ID an interface of the
	// appliance's own host; via is the interface that listened, or the file.
	// It finds out which devices they are, makes strangers that announce
	// themselves candidates, and sends nothing. Above capture.TableCap senders
	// a place the oldest give way: shed counts them.
	SaveSightings(ctx context.Context, near topology.End, via string, seen []capture.Seen) (shed int, err error)
	// Sightings lists who was heard, the latest first, as it stands now.
	Sightings(ctx context.Context) ([]Sighting, error)
}

// Sighting is a sender whose frames were heard on one wire, joined with the
// inventory. All but Near, Via, the times and the verdict are its own words.
type Sighting struct {
	topology.Heard
	ID        int64
	Protocol  string
	SourceMAC netdev.MAC
	VLAN      int
	Frames    int
	Announces bool // it says who it is: Says is what a neighbour table would hold
	Facts     capture.Facts
	Verdict   topology.Verdict // "" for one that announces nothing
	Candidate string           // the id of the candidate that it is
}

// Expired says whether the sender asked not to be believed any more. One that
// said no time is believed for a while that covers every protocol's interval.
func (s Sighting) Expired(now time.Time) bool {
	const quiet = 15 * time.Minute
	if !s.Announces && s.Hold == 0 {
		return now.After(s.Time.Add(quiet))
	}
	return s.Heard.Expired(now)
}
