package configstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/plumbline-net/plumbline/configstore/blob"
	"github.com/plumbline-net/plumbline/netdev"
)

// What is kept of texts that were not stored: enough to see why.
const (
	quarantineFor  = 7 * 24 * time.Hour
	quarantineKeep = 3 // a device
)

// Fail keeps an attempt that did not end with a text. Heads stay as they are.
// The bytes that came, if any, are sealed apart from everything that is shown,
// with the rule that they broke. A fence that is no longer held returns
// ErrSuperseded, and the attempt is kept as a note.
func (s *Store) Fail(ctx context.Context, a Attempt, quarantine []byte, rule string, f Fence) error {
	s.complete(&a, f)
	if a.Outcome != PartialText && a.Outcome != SkippedOutcome {
		a.Outcome = Failed
	}
	if a.Reason == "" {
		a.Reason = netdev.Internal
	}
	a.Revision = ""
	var late bool
	err := s.rows.InTx(ctx, func(ctx context.Context) error {
		if _, there, err := s.rows.Attempt(ctx, a.ID); err != nil || there {
			return err
		}
		ok, err := s.holds(ctx, a.Device, f)
		if err != nil {
			return err
		}
		if !ok {
			late = true
			return s.rows.AddAttempt(ctx, note(a))
		}
		if err := s.rows.AddAttempt(ctx, a); err != nil {
			return err
		}
		if len(quarantine) == 0 || len(quarantine) > MaxBytes {
			return nil
		}
		return s.quarantine(ctx, a, quarantine, rule)
	})
	if err != nil {
		return fmt.Errorf("keep the outcome of %s of %s: %w", a.Source, a.Device, err)
	}
	if late {
		return ErrSuperseded
	}
	return nil
}

func (s *Store) quarantine(ctx context.Context, a Attempt, text []byte, rule string) error {
	body, err := blob.SealText(s.keys, string(a.Device), quarantineAAD(a.ID, len(text)), text)
	if err != nil {
		return err
	}
	now := s.now().UTC()
	err = s.rows.AddQuarantined(ctx, Quarantined{Attempt: a.ID, Device: a.Device, Rule: rule, Size: len(text), At: now, Expires: now.Add(quarantineFor), Body: body})
	if err != nil {
		return err
	}
	return s.rows.PruneQuarantine(ctx, a.Device, quarantineKeep, now)
}

func quarantineAAD(attempt string, size int) []byte {
	return blob.AAD("quarantine", attempt, strconv.Itoa(size))
}

// Quarantined lists what was not stored of a device, newest first, without the
// texts.
func (s *Store) Quarantined(ctx context.Context, dev netdev.DeviceID) ([]Quarantined, error) {
	return s.rows.Quarantined(ctx, dev)
}

// ErrNotQuarantined is returned where an attempt left no text, or its time is
// over.
var ErrNotQuarantined = errors.New("no text in quarantine")

// QuarantinedText gives the bytes that an attempt left, as the device sent them.
// The caller has asked whether the reader may.
func (s *Store) QuarantinedText(ctx context.Context, attempt string) ([]byte, error) {
	q, ok, err := s.rows.QuarantinedBody(ctx, attempt)
	if err != nil {
		return nil, err
	}
	if !ok || !s.now().Before(q.Expires) {
		return nil, fmt.Errorf("%w of attempt %.40q", ErrNotQuarantined, attempt)
	}
	return blob.OpenText(s.keys, string(q.Device), quarantineAAD(q.Attempt, q.Size), q.Body, q.Size)
}
