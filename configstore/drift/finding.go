package drift

import (
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Kind says what the reference is.
type Kind string

// The kinds of drift built so far.
const (
	Previous Kind = "previous" // the revision before
	Startup  Kind = "startup"  // what the device would start with
)

// State of a finding.
type State string

// The states of a finding.
const (
	Open         State = "open"
	Acknowledged State = "acknowledged"
	Resolved     State = "resolved"
)

// Change is one difference: from the reference to the text.
type Change struct {
	Op      string   `json:"op"` // add remove change move secret
	Path    []string `json:"path"`
	Old     string   `json:"old,omitempty"`
	New     string   `json:"new,omitempty"`
	OldLine int      `json:"old_line,omitempty"`
	NewLine int      `json:"new_line,omitempty"`
}

// Finding is one difference on one device, open since Since.
type Finding struct {
	Device    netdev.DeviceID
	Source    string
	Kind      Kind
	Key       string // stable over re-reads: kind, path, op
	Change    Change
	State     State
	Since     time.Time
	Seen      time.Time
	Ended     time.Time
	Reference string // revision id of the reference
	Revision  string // revision id of the text
	Returns   int
}
