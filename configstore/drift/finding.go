package drift

import (
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Kind says what the reference is.
type Kind string

// The kinds of drift built so far.
const (
	Previous Kind = "previous" // the revision before: open until the next one
	Startup  Kind = "startup"  // what the device would start with
	Baseline Kind = "baseline" // the revision that was approved
)

// Kinds lists them all.
func Kinds() []Kind { return []Kind{Previous, Startup, Baseline} }

// Change is one difference: from the reference to the text.
type Change struct {
	Op      string   `json:"op"` // add remove change move secret more
	Path    []string `json:"path"`
	Old     string   `json:"old,omitempty"`
	New     string   `json:"new,omitempty"`
	OldLine int      `json:"old_line,omitempty"`
	NewLine int      `json:"new_line,omitempty"`
}

// ID names a finding for ever: one difference of one device, however often it
// is seen.
type ID struct {
	Device netdev.DeviceID
	Source string
	Kind   Kind
	Key    string // stable over re-reads: kind, path, op
}

// Finding is one difference on one device, open since Since.
type Finding struct {
	ID
	Change    Change
	State     State
	Since     time.Time // when it opened, for the last time
	Seen      time.Time
	Ended     time.Time // of a resolved one
	Reference string    // revision id of the reference
	Revision  string    // revision id of the text
	Returns   int       // how often it opened again after it was resolved

	// What somebody said of an acknowledged one.
	By    string
	Note  string
	Until time.Time // zero: until it is gone

	// AsOf is set for a stale device: the state is that of this time, and
	// nothing moves it until the device is read again. It is never kept.
	AsOf time.Time
}

// Live says whether the difference is there, as far as is known.
func (f Finding) Live() bool { return f.State == Open || f.State == Acknowledged }
