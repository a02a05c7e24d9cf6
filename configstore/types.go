package configstore

import (
	"errors"
	"time"

	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/netdev"
)

// ErrNoRevision is returned where no revision is kept.
var ErrNoRevision = errors.New("no such revision")

// ErrSuperseded is returned for a write under a fence that is no longer held.
var ErrSuperseded = errors.New("superseded: another job has the device now")

// Source is one text of a device: running, startup, or command:NAME.
type Source string

// The sources every platform may have.
const (
	Running Source = "running"
	Startup Source = "startup"
)

// RevisionID names a revision (a ULID).
type RevisionID string

// Outcome is how an attempt ended.
type Outcome string

// The outcomes of an attempt.
const (
	Changed        Outcome = "changed"
	UnchangedText  Outcome = "unchanged"
	PartialText    Outcome = "partial"
	Failed         Outcome = "failed"
	SkippedOutcome Outcome = "skipped"
)

// Revision is one text of one source of one device, with the time range in
// which it was the truth: seen from FirstSeen to LastSeen.
type Revision struct {
	ID           RevisionID
	Device       netdev.DeviceID
	Source       Source
	Seq          int
	FirstSeen    time.Time
	LastSeen     time.Time
	TextHash     string // SHA-256 of the masked normalised text, keyed
	SHA256       string // of the bytes that `show` prints
	Bytes        int
	Lines        int
	UnknownLines int
	Added        int // lines, against the revision before
	Removed      int
	BookVersion  string
	Flags        []string
	ChangedBy    string // as the text itself says
	ChangedAt    string
	PrevHash     string
	ChangeKey    string // the same for revisions that changed the same things; "" where that is not known
}

// Attempt is one try to read one source of one device.
type Attempt struct {
	ID         string
	Device     netdev.DeviceID
	Source     Source
	Job        string
	Try        int
	Started    time.Time
	Ended      time.Time
	Outcome    Outcome
	Reason     netdev.Reason
	Detail     string
	Bytes      int
	Revision   RevisionID
	Credential string // its name
	HostKey    string // SHA256:… fingerprint
	Flags      []string
	// Checks is how many attempts this row tells of: unchanged ones that are
	// older than FoldAfter become one, from Started of the first to Ended of the
	// last.
	Checks int
}

// Capture is one text that was proved complete, on its way into the store.
type Capture struct {
	Device       netdev.DeviceID
	Source       Source
	Raw          []byte // as the device sent it, canonical line ends
	Text         []byte // masked, without noise
	SecretsMoved bool   // only unverifiable secrets differ: newest raw takes the place of the old
	UnknownLines int
	BookVersion  string
	Flags        []string
	ChangedBy    string
	ChangedAt    string
	Attempt      Attempt
}

// Fence ties a write to the job that may make it. The zero Fence belongs to a
// command line that works without the queue.
type Fence struct {
	Job     string
	Attempt int
	Counter int64
}

// Stored says what Put did.
type Stored struct {
	Revision Revision
	Previous *Revision // the head before, when there was one
	Outcome  Outcome
	// Changed is what differs from Previous in meaning: nil where there is none,
	// or where that was not asked.
	Changed []drift.Finding
}

// Stats counts the store.
type Stats struct {
	Devices     int   `json:"devices"`
	Revisions   int   `json:"revisions"`
	RawBytes    int64 `json:"raw_bytes"`
	StoredBytes int64 `json:"stored_bytes"`
	Whole       int   `json:"whole"`
	Deltas      int   `json:"deltas"`
}
