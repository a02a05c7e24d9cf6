package notify

import (
	"context"
	"fmt"
	"time"
)

const (
	look     = 30 * time.Second // how often batches and due messages are looked for
	atOnce   = 20               // messages a round
	keepFor  = 90 * 24 * time.Hour
	keepMost = 1000 // messages that wait
)

// delays are the pauses after each failed try; after the last one the message
// is given up.
func delays() []time.Duration {
	return []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour}
}

// MaxTries is how often a message is tried.
func MaxTries() int { return len(delays()) + 1 }

// Run delivers until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		if err := s.round(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "notices were not delivered", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.kick:
		case <-tick.C:
		}
	}
}

// round does once what Run does again and again.
func (s *Service) round(ctx context.Context) error {
	if s.hold() {
		return nil
	}
	if err := s.digest(ctx, s.jobs); err != nil {
		return err
	}
	due, err := s.rows.DueNotices(ctx, s.now(), atOnce)
	if err != nil {
		return err
	}
	for _, n := range due {
		row, err := s.rows.Webhook(ctx)
		if err != nil {
			return err
		}
		if row.Host != "" && !row.Disabled.IsZero() {
			return nil // they wait for a person
		}
		if err := s.try(ctx, row, n); err != nil {
			return err
		}
	}
	return nil
}

// try makes one try of one message and keeps what came of it. A stop between
// the two sends it again, under the same id.
func (s *Service) try(ctx context.Context, row Row, n Notice) error {
	out := outcome{permanent: true, words: "the webhook was removed"}
	if row.Host != "" {
		var err error
		if out, err = s.deliver(ctx, row, n.ID, n.Body); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err() // the stop, not the receiver, ended it
		}
	}
	now := s.now().UTC()
	n.Tries++
	n.Last = out.words
	wait := delays()
	switch {
	case out.ok:
		n.State, n.Ended = Sent, now
	case row.Host == "" || n.Tries > len(wait):
		n.State, n.Ended = GivenUp, now
	case out.permanent:
		n.Due = now // at once when the webhook is open again
	default:
		n.Due = now.Add(wait[n.Tries-1])
	}
	s.log.InfoContext(ctx, "notice", "id", n.ID, "kind", n.Kind, "try", n.Tries, "state", n.State, "said", out.words)
	return s.rows.InTx(ctx, func(ctx context.Context) error {
		if err := s.rows.SaveNotice(ctx, n); err != nil {
			return err
		}
		if out.ok || !out.permanent || row.Host == "" {
			return nil
		}
		// Read again: a person may have changed it meanwhile.
		was, err := s.rows.Webhook(ctx)
		if err != nil || !was.Changed.Equal(row.Changed) {
			return err
		}
		was.Disabled, was.Why = now, fmt.Sprintf("%s, which trying again does not change", out.words)
		s.log.WarnContext(ctx, "webhook disabled", "why", was.Why)
		return s.rows.SaveWebhook(ctx, was)
	})
}
