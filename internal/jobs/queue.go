package jobs

import (
	"context"
	"errors"
	"fmt"
)

// ErrStuck is returned by a queue that does not take messages any more; Reset
// gives a new, empty one.
var ErrStuck = errors.New("the queue takes no messages")

// Message is what travels: which attempt of which job. It holds no address, no
// secret and no configuration; the worker reads the row.
type Message struct {
	Job      string   `json:"job"`
	Attempt  int      `json:"attempt"`
	Kind     Kind     `json:"kind"`
	Device   string   `json:"device,omitempty"`
	Site     string   `json:"site"`
	Priority Priority `json:"priority"`
	Again    string   `json:"again,omitempty"` // unlike before, where the attempt is sent anew
}

// id is what two messages that are one have in common.
func (m Message) id() string {
	id := fmt.Sprintf("%s.%d", m.Job, m.Attempt)
	if m.Again != "" {
		id += "." + m.Again
	}
	return id
}

func (j Job) message() Message {
	return Message{Job: j.ID, Attempt: j.Attempt, Kind: j.Kind, Device: string(j.Device), Site: j.Site, Priority: j.Priority}
}

// Delivery is one message in the hands of one worker.
type Delivery interface {
	Message() Message
	// Alive keeps the queue from giving the message to another worker.
	Alive() error
	// Ack takes the message out of the queue and waits for the answer.
	Ack(ctx context.Context) error
}

// Queue carries messages. It may lose, double and reorder them: the rows make
// good for it.
type Queue interface {
	// Publish sends m. The same attempt sent twice may be kept once, unless
	// Again differs.
	Publish(ctx context.Context, m Message) error
	// Site makes ready to take messages of a site, at most limit at a time.
	Site(ctx context.Context, site string, limit int) error
	// Next gives a message of a site that Site was called for, the most urgent
	// first; nil where there is none. fromBottom asks the least urgent first.
	Next(ctx context.Context, site string, fromBottom bool) (Delivery, error)
	// Present gives the ids of the jobs that have a message in the queue.
	Present(ctx context.Context) (map[string]bool, error)
	// Drop removes the messages of a job.
	Drop(ctx context.Context, job string) error
	// Clear removes every message, and what is known of their delivery.
	Clear(ctx context.Context) error
	// Reset leaves what is stored aside and starts empty.
	Reset(ctx context.Context) error
	// Exhausted gives ids of jobs whose message was delivered too often.
	Exhausted() <-chan string
	// Close ends the queue and waits for it.
	Close() error
}
