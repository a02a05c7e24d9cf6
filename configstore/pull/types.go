package pull

import (
	"net/netip"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/cli"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// The sources a platform may have; an extra command's is "command:" and its
// id.
const (
	Running = "running"
	Startup = "startup"
)

// Flags a good text may carry.
const (
	FlagSecondRead = "second-read"          // two reads in fresh sessions were equal
	FlagSize       = "size-mismatch"        // the size the device declares is another
	FlagDrop       = "large-drop-confirmed" // much smaller than the last good text, twice
	FlagMoving     = "moving"               // it changed between reads; two later ones were equal
)

// Request is one device to read. Address is where names led, once.
type Request struct {
	Host        string // as a person wrote it: host keys are filed under it
	Address     netip.AddrPort
	Platform    *platform.Platform
	Credentials []netdev.Credential // best first
	Sources     []string            // Running, Startup; empty: Running
	Last        map[string]LastGood // by source, or source and "/" and part where there is one
	Extras      bool                // also the platform's extra commands
	Limits      cli.Limits
	// Trying is asked before a credential is shown to the device, once a
	// credential; an error keeps it from being shown. nil allows.
	Trying func(credential string) error
}

// LastGood is what is known of the last good text of a source.
type LastGood struct {
	Bytes  int
	Census []string // its top-level sections, as Census gave them
	SHA256 string   // of its bytes, in hex
}

// Result is what one pull brought.
type Result struct {
	Texts      []Text
	HostKey    string   // SHA256:… of the key the device proved; "" when it proved none
	Credential string   // name of the one that opened the device
	Refused    []string // names of those that the device did not take
	Duration   map[string]time.Duration
	Transcript []Step
}

// Step is one thing that was done; it holds no secret and no text of the
// device.
type Step struct {
	Connection int // 1 is the first
	Did        string
	Bytes      int // of the answer
	Took       time.Duration
	Reason     netdev.Reason // "" when it went well
}

// Text is one text of the device. It is good when Err is nil.
type Text struct {
	Source     string
	Part       string // "" where the source has one part
	Raw        []byte // line ends \n, one final \n; nil unless good
	Flags      []string
	Absent     bool            // the device says that it has none: a good, empty answer
	Err        *netdev.OpError // why it is not good
	Rule       string          // the rule that failed
	Quarantine []byte          // what came, when a rule failed
}
