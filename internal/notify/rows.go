package notify

import (
	"context"
	"time"
)

// State is where a message is.
type State string

// The states of a message.
const (
	Waiting State = "waiting"
	Sent    State = "sent"
	GivenUp State = "given up"
)

// Notice is a message in the outbox.
type Notice struct {
	ID      string
	Kind    Kind
	Batch   string
	Body    []byte // a Message as JSON, the same at every try
	Created time.Time
	State   State
	Tries   int
	Due     time.Time // of the next try
	Last    string    // what became of the last one, in words
	Ended   time.Time
}

// Kept is an event that waits to be told, or was: a key is told once.
type Kept struct {
	ID string
	Event
	At   time.Time
	Told bool
}

// Pending is a batch of events that are not told yet.
type Pending struct {
	Batch  string
	Oldest time.Time
}

// Row is the webhook as it is stored: address and secret are sealed, because
// the path of an address often is a secret too.
type Row struct {
	URL, Secret []byte // sealed; nil for none
	View
}

// View is what pages may show of the webhook.
type View struct {
	Host      string // scheme and host; "" where none is set
	Signed    bool   // a secret is stored
	Events    []Kind
	Plain     bool // clear text was confirmed
	Disabled  time.Time
	Why       string // it was disabled
	Changed   time.Time
	ChangedBy string
}

// Rows keeps the outbox; internal/db implements it. Every method works in the
// transaction of its context.
type Rows interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	AfterCommit(ctx context.Context, f func())
	NewID() string

	Webhook(ctx context.Context) (Row, error) // the zero Row where none is set
	SaveWebhook(ctx context.Context, r Row) error

	// KeepEvent keeps an event; one whose key is there is left out.
	KeepEvent(ctx context.Context, k Kept) error
	PendingBatches(ctx context.Context) ([]Pending, error)
	// PendingEvents lists the events of a batch that are not told, in their order.
	PendingEvents(ctx context.Context, batch string) ([]Event, error)
	// EventsTold marks those of a batch; they stay for their keys.
	EventsTold(ctx context.Context, batch string) error

	SaveNotice(ctx context.Context, n Notice) error // insert or update by id
	// DueNotices lists those that wait and whose time has come, the oldest first.
	DueNotices(ctx context.Context, now time.Time, limit int) ([]Notice, error)
	Notices(ctx context.Context, limit int) ([]Notice, error) // newest first
	// PruneNotices removes messages that ended, and events that were told,
	// before a time, and of those that wait the oldest above most.
	PruneNotices(ctx context.Context, before time.Time, most int) error
}
