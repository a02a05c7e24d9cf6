package configstore

import (
	"context"
	"time"

	"github.com/plumbline-net/plumbline/configstore/blob"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/netdev"
)

// Rows is what the store needs from a database; internal/db implements it.
// Every method uses the transaction of its context where there is one.
type Rows interface {
	blob.Rows
	// InTx runs f in one transaction: all of it is on disk when InTx returns
	// nil, nothing of it otherwise. Inside a transaction it joins that one.
	InTx(ctx context.Context, f func(ctx context.Context) error) error
	// NewID makes an id; ids made later sort later.
	NewID() string

	// Fence gives the device's counter, or ErrNoDevice. BumpFence raises it by
	// one first.
	Fence(ctx context.Context, dev netdev.DeviceID) (int64, error)
	BumpFence(ctx context.Context, dev netdev.DeviceID) (int64, error)

	RevisionRows
	AttemptRows
	JudgementRows
	ApprovalRows
}

// RevisionRow is a revision with its sealed SHA-256: the plain one of a text
// with secrets is not kept.
type RevisionRow struct {
	Revision
	Sum []byte
}

// Head is the newest revision of a source. Link is the hash of its row, which
// the next revision chains on.
type Head struct {
	Device      netdev.DeviceID
	Source      Source
	Revision    RevisionID
	Seq         int
	Link        string
	ConfirmedAt time.Time
}

// RevisionRows keeps revisions and heads. What gives one row gives
// ErrNoRevision where there is none.
type RevisionRows interface {
	AddRevision(ctx context.Context, r RevisionRow) error
	// SaveRevision updates what may change of a revision: last seen, and what
	// describes the text of the device.
	SaveRevision(ctx context.Context, r RevisionRow) error
	// SetChangeKey keeps what the change that a revision made is known by.
	SetChangeKey(ctx context.Context, id RevisionID, key string) error
	// DropRevision removes a revision and its blobs, or gives ErrPinned.
	DropRevision(ctx context.Context, id RevisionID) error
	Revision(ctx context.Context, id RevisionID) (RevisionRow, error)
	// Revisions lists newest first.
	Revisions(ctx context.Context, dev netdev.DeviceID, src Source) ([]RevisionRow, error)
	// RevisionAt gives the newest that was first seen at t or before.
	RevisionAt(ctx context.Context, dev netdev.DeviceID, src Source, t time.Time) (RevisionRow, error)
	// RecentRevisions lists what was first seen at since or later, newest first.
	RecentRevisions(ctx context.Context, since time.Time, limit int) ([]RevisionRow, error)

	Head(ctx context.Context, dev netdev.DeviceID, src Source) (Head, error)
	// Heads lists them all, by device and source; of one device when dev is set.
	Heads(ctx context.Context, dev netdev.DeviceID) ([]Head, error)
	// HeadRevisions gives the revision of every head, by id.
	HeadRevisions(ctx context.Context) (map[RevisionID]RevisionRow, error)
	// SaveHead inserts or updates a head. It never goes back to a smaller Seq:
	// that is an error.
	SaveHead(ctx context.Context, h Head) error
	Stats(ctx context.Context) (Stats, error)
	// Orphans tells of rows that belong to nothing and of a file that is
	// damaged below the rows, one line each.
	Orphans(ctx context.Context) ([]string, error)
}

// Quarantined is a text that was not stored, sealed.
type Quarantined struct {
	Attempt string
	Device  netdev.DeviceID
	Rule    string
	Size    int
	At      time.Time
	Expires time.Time
	Body    []byte
}

// AttemptRows keeps attempts and quarantine.
type AttemptRows interface {
	AddAttempt(ctx context.Context, a Attempt) error
	// FoldAttempts makes one row of the unchanged attempts of a device that
	// confirmed the same revision and ended before a time.
	FoldAttempts(ctx context.Context, dev netdev.DeviceID, before time.Time) error
	// Attempt gives one attempt, and whether there is one.
	Attempt(ctx context.Context, id string) (Attempt, bool, error)
	// Attempts lists the newest first; of every device when dev is "".
	Attempts(ctx context.Context, dev netdev.DeviceID, limit int) ([]Attempt, error)
	// LastAttempts gives the newest attempt of every device.
	LastAttempts(ctx context.Context) (map[netdev.DeviceID]Attempt, error)

	AddQuarantined(ctx context.Context, q Quarantined) error
	// PruneQuarantine removes what expired at now and, of a device, all but the
	// newest keep.
	PruneQuarantine(ctx context.Context, dev netdev.DeviceID, keep int, now time.Time) error
	// QuarantinedBody gives one with its body, and whether there is one.
	QuarantinedBody(ctx context.Context, attempt string) (Quarantined, bool, error)
	// Quarantined lists the newest first, without bodies.
	Quarantined(ctx context.Context, dev netdev.DeviceID) ([]Quarantined, error)
}

// JudgementRows keeps verdicts and findings.
type JudgementRows interface {
	Verdicts(ctx context.Context, f ResultFilter) ([]RuleResult, error)
	SaveVerdicts(ctx context.Context, rs []RuleResult) error
	DropVerdicts(ctx context.Context, dev netdev.DeviceID, rules []string) error
	Findings(ctx context.Context, f FindingFilter) ([]drift.Finding, error)
	SaveFindings(ctx context.Context, fs []drift.Finding) error
	// AddEdges adds to the history of findings; Edges lists it, newest first.
	AddEdges(ctx context.Context, edges []drift.Edge) error
	Edges(ctx context.Context, f EdgeFilter, limit int) ([]drift.Edge, error)
	CountVerdicts(ctx context.Context) (map[compliance.Verdict]int, error)
	// TallyVerdicts counts verdicts by a fact of the device, or by device and
	// rule, and by pack.
	TallyVerdicts(ctx context.Context, by TallyBy, only TallyFilter) ([]Tally, error)

	// JudgedBy gives the rules (by fingerprint) that the kept verdicts of every
	// device came from.
	JudgedBy(ctx context.Context) (map[netdev.DeviceID]string, error)
	SaveJudgedBy(ctx context.Context, dev netdev.DeviceID, rules string) error

	Waivers(ctx context.Context) ([]compliance.Waiver, error) // newest first
	SaveWaiver(ctx context.Context, w compliance.Waiver) error
	CountFindings(ctx context.Context) (map[drift.Kind]int, error) // open and acknowledged
}

// ApprovalRows keeps what was approved. Nothing of it is changed or removed.
type ApprovalRows interface {
	AddApproval(ctx context.Context, a Approval) error
	// Approvals lists those of a device, newest first.
	Approvals(ctx context.Context, dev netdev.DeviceID) ([]Approval, error)
	// Baselines gives the newest approval of each device and source; of one
	// device when dev is set.
	Baselines(ctx context.Context, dev netdev.DeviceID) ([]Approval, error)
}
