package configstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/configstore/blob"
	"github.com/plumbline-net/plumbline/configstore/diff"
	"github.com/plumbline-net/plumbline/netdev"
)

// MaxBytes is the largest text that is kept.
const MaxBytes = 64 << 20

// FoldAfter is how long each unchanged attempt keeps a row of its own.
const FoldAfter = 30 * 24 * time.Hour

// Put keeps a text in one transaction: blob, revision, head, attempt, or
// nothing. A masked text that equals the head's confirms the head and costs no
// content. Put again with the id of an attempt that is there changes nothing
// and says what was stored then.
//
// Under a fence that is no longer held it returns ErrSuperseded and keeps the
// attempt alone, as a note; inside a transaction of the caller the note is kept
// if that one commits.
func (s *Store) Put(ctx context.Context, c Capture, f Fence) (Stored, error) {
	if err := c.check(); err != nil {
		return Stored{}, err
	}
	a := c.Attempt
	a.Device, a.Source, a.Bytes = c.Device, c.Source, len(c.Raw)
	s.complete(&a, f)
	var out Stored
	var superseded bool
	err := s.rows.InTx(ctx, func(ctx context.Context) error {
		was, there, err := s.rows.Attempt(ctx, a.ID)
		if err != nil {
			return err
		}
		if there {
			out, superseded, err = s.repeat(ctx, c, was)
			return err
		}
		ok, err := s.holds(ctx, c.Device, f)
		if err != nil {
			return err
		}
		if !ok {
			superseded = true
			return s.rows.AddAttempt(ctx, note(a))
		}
		out, err = s.put(ctx, c, &a)
		if err != nil {
			return err
		}
		if err := s.rows.AddAttempt(ctx, a); err != nil || a.Outcome != UnchangedText {
			return err
		}
		return s.rows.FoldAttempts(ctx, c.Device, a.Ended.Add(-FoldAfter))
	})
	if err != nil {
		return Stored{}, fmt.Errorf("store %s of %s: %w", c.Source, c.Device, err)
	}
	if superseded {
		return Stored{}, ErrSuperseded
	}
	return out, nil
}

func (c Capture) check() error {
	switch {
	case c.Device == "":
		return fmt.Errorf("store a text: %w: none named", ErrNoDevice)
	case c.Source != Running && c.Source != Startup && !c.Source.extra():
		return fmt.Errorf("store a text of %s: %.40q is not a source", c.Device, c.Source)
	case len(c.Raw) > MaxBytes || len(c.Text) > MaxBytes:
		return fmt.Errorf("store %s of %s: %d bytes are more than the %d that are kept", c.Source, c.Device, max(len(c.Raw), len(c.Text)), MaxBytes)
	}
	return nil
}

// extra says whether s is the output of a command, of which only the newest
// text is kept.
func (s Source) extra() bool { return strings.HasPrefix(string(s), "command:") }

// complete fills what the caller left out of an attempt.
func (s *Store) complete(a *Attempt, f Fence) {
	if a.ID == "" {
		a.ID = s.rows.NewID()
	}
	if a.Job == "" {
		a.Job = f.Job
	}
	if a.Try == 0 {
		a.Try = f.Attempt
	}
	if a.Ended.IsZero() {
		a.Ended = s.now()
	}
	a.Checks = max(a.Checks, 1)
	if a.Started.IsZero() {
		a.Started = a.Ended
	}
}

// superseded marks an attempt whose job had lost the device.
const superseded = "superseded"

// note is what is kept of an attempt that came too late.
func note(a Attempt) Attempt {
	if a.Outcome == Changed || a.Outcome == UnchangedText || a.Outcome == "" {
		a.Outcome, a.Reason = Failed, netdev.Cancelled
	}
	a.Detail = strings.TrimSuffix("superseded: another job has the device now; "+a.Detail, "; ")
	a.Flags = append(slices.Clone(a.Flags), superseded)
	a.Revision = ""
	return a
}

// put decides between confirming the head and a new revision, and fills the
// outcome of a.
func (s *Store) put(ctx context.Context, c Capture, a *Attempt) (Stored, error) {
	head, err := s.rows.Head(ctx, c.Device, c.Source)
	first := errors.Is(err, ErrNoRevision)
	if err != nil && !first {
		return Stored{}, err
	}
	var prev RevisionRow
	if !first {
		if prev, err = s.rows.Revision(ctx, head.Revision); err != nil {
			return Stored{}, err
		}
		prev.Revision = s.open(prev)
	}
	hash, err := s.textHash(c.Device, c.Text)
	if err != nil {
		return Stored{}, err
	}
	a.Reason = ""
	if !first && prev.TextHash == hash {
		a.Outcome, a.Revision = UnchangedText, prev.ID
		return s.confirm(ctx, c, head, prev, a.Ended)
	}
	r := RevisionRow{Revision: Revision{
		ID: RevisionID(s.rows.NewID()), Device: c.Device, Source: c.Source, Seq: head.Seq + 1,
		FirstSeen: a.Ended.UTC(), LastSeen: a.Ended.UTC(), TextHash: hash, PrevHash: head.Link,
		UnknownLines: c.UnknownLines, BookVersion: c.BookVersion, Flags: c.Flags, ChangedBy: c.ChangedBy, ChangedAt: c.ChangedAt,
	}}
	a.Outcome, a.Revision = Changed, r.ID
	return s.add(ctx, c, r, head, prev, first)
}

func (s *Store) add(ctx context.Context, c Capture, r RevisionRow, head Head, prev RevisionRow, first bool) (Stored, error) {
	out := Stored{Outcome: Changed}
	content := blob.Content{Device: string(c.Device), Revision: string(r.ID), Text: c.Text, Raw: c.Raw}
	if !first {
		// A clock that went back must not make ranges that end before they begin.
		r.FirstSeen = later(r.FirstSeen, prev.LastSeen)
		r.LastSeen = later(r.LastSeen, r.FirstSeen)
		old, err := s.blobs.Text(ctx, string(c.Device), string(prev.ID))
		switch {
		case err == nil:
			d := diff.Text(old, c.Text, diff.Options{Context: -1})
			r.Added, r.Removed = d.Added, d.Removed
		case !errors.Is(err, blob.ErrDamaged) && !errors.Is(err, blob.ErrNone):
			return Stored{}, err
		}
		was := prev.Revision
		out.Previous, content.Previous = &was, string(prev.ID)
	}
	if err := s.describe(&r, c); err != nil {
		return Stored{}, err
	}
	if err := s.rows.AddRevision(ctx, r); err != nil {
		return Stored{}, err
	}
	if c.Source.extra() {
		content.Previous = ""
	}
	if err := s.blobs.Put(ctx, content); err != nil {
		return Stored{}, err
	}
	err := s.rows.SaveHead(ctx, Head{Device: c.Device, Source: c.Source, Revision: r.ID, Seq: r.Seq, Link: link(r.Revision),
		ConfirmedAt: later(r.LastSeen, head.ConfirmedAt)})
	if err == nil && c.Source.extra() && !first {
		err = s.rows.DropRevision(ctx, prev.ID)
	}
	if err != nil {
		return Stored{}, err
	}
	out.Revision = r.Revision
	return out, nil
}

// describe fills what follows from the text of the device.
func (s *Store) describe(r *RevisionRow, c Capture) error {
	r.Bytes, r.Lines = len(c.Raw), lines(c.Raw)
	return s.seal(r, c.Raw)
}

// lines counts lines; a last one without its end counts too.
func lines(b []byte) int {
	n := bytes.Count(b, []byte{'\n'})
	if len(b) > 0 && b[len(b)-1] != '\n' {
		n++
	}
	return n
}

// confirm writes that the head is still the truth. Where only secrets differ
// that the device encrypts anew at each read, the newest text of the device
// takes the place of the kept one.
func (s *Store) confirm(ctx context.Context, c Capture, head Head, prev RevisionRow, at time.Time) (Stored, error) {
	prev.LastSeen = later(prev.LastSeen, at.UTC())
	if c.SecretsMoved {
		if sum := sha256.Sum256(c.Raw); hex.EncodeToString(sum[:]) != prev.SHA256 {
			if err := s.describe(&prev, c); err != nil {
				return Stored{}, err
			}
			if err := s.blobs.PutRaw(ctx, string(c.Device), string(prev.ID), c.Text, c.Raw); err != nil {
				return Stored{}, err
			}
		}
	}
	if err := s.rows.SaveRevision(ctx, prev); err != nil {
		return Stored{}, err
	}
	head.ConfirmedAt = later(head.ConfirmedAt, at.UTC())
	if err := s.rows.SaveHead(ctx, head); err != nil {
		return Stored{}, err
	}
	was := prev.Revision
	return Stored{Revision: prev.Revision, Previous: &was, Outcome: UnchangedText}, nil
}

// repeat answers a Put whose attempt is there already.
func (s *Store) repeat(ctx context.Context, c Capture, was Attempt) (Stored, bool, error) {
	if slices.Contains(was.Flags, superseded) {
		return Stored{}, true, nil
	}
	if was.Device != c.Device || was.Source != c.Source || was.Revision == "" {
		return Stored{}, false, fmt.Errorf("attempt %s is kept already, and is another one", was.ID)
	}
	row, err := s.rows.Revision(ctx, was.Revision)
	if err != nil {
		return Stored{}, false, err
	}
	return Stored{Revision: s.open(row), Outcome: was.Outcome}, false, nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
