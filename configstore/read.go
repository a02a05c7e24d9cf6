package configstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/plumbline-net/plumbline/configstore/blob"
	"github.com/plumbline-net/plumbline/netdev"
)

// History lists the revisions of one source, newest first.
func (s *Store) History(ctx context.Context, dev netdev.DeviceID, src Source) ([]Revision, error) {
	rows, err := s.rows.Revisions(ctx, dev, src)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", dev, err)
	}
	return s.openAll(rows), nil
}

// Recent lists revisions of all devices that were first seen at since or later,
// newest first.
func (s *Store) Recent(ctx context.Context, since time.Time, limit int) ([]Revision, error) {
	rows, err := s.rows.RecentRevisions(ctx, since, limit)
	if err != nil {
		return nil, fmt.Errorf("recent revisions: %w", err)
	}
	return s.openAll(rows), nil
}

// Head gives the newest revision of a source, or ErrNoRevision.
func (s *Store) Head(ctx context.Context, dev netdev.DeviceID, src Source) (Revision, error) {
	h, err := s.rows.Head(ctx, dev, src)
	if err != nil {
		return Revision{}, err
	}
	return s.Revision(ctx, h.Revision)
}

// At gives the revision that was the truth at t as far as is known: the newest
// that was first seen at t or before.
func (s *Store) At(ctx context.Context, dev netdev.DeviceID, src Source, t time.Time) (Revision, error) {
	r, err := s.rows.RevisionAt(ctx, dev, src, t)
	if err != nil {
		return Revision{}, err
	}
	return s.open(r), nil
}

// Revision gives one revision, or ErrNoRevision.
func (s *Store) Revision(ctx context.Context, id RevisionID) (Revision, error) {
	r, err := s.rows.Revision(ctx, id)
	if err != nil {
		return Revision{}, err
	}
	return s.open(r), nil
}

// Text gives the masked text of a revision: what is shown, compared and judged.
func (s *Store) Text(ctx context.Context, id RevisionID) ([]byte, error) {
	r, err := s.rows.Revision(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.text(ctx, r)
}

func (s *Store) text(ctx context.Context, r RevisionRow) ([]byte, error) {
	text, err := s.blobs.Text(ctx, string(r.Device), string(r.ID))
	if err != nil {
		return nil, whole(err)
	}
	if err := s.checkText(r, text); err != nil {
		return nil, err
	}
	return text, nil
}

func (s *Store) checkText(r RevisionRow, text []byte) error {
	hash, err := s.textHash(r.Device, text)
	if err == nil && hash != r.TextHash {
		err = fmt.Errorf("text of revision %s: %w: it is not the one its row tells of", r.ID, ErrDamaged)
	}
	return err
}

// Raw gives the text of a revision as the device sent it, secrets and all. The
// caller has asked whether the reader may.
func (s *Store) Raw(ctx context.Context, id RevisionID) ([]byte, error) {
	r, err := s.rows.Revision(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.raw(ctx, r)
}

func (s *Store) raw(ctx context.Context, r RevisionRow) ([]byte, error) {
	raw, err := s.blobs.Raw(ctx, string(r.Device), string(r.ID))
	if err != nil {
		return nil, whole(err)
	}
	if err := s.checkRaw(r, raw); err != nil {
		return nil, err
	}
	return raw, nil
}

func (s *Store) checkRaw(r RevisionRow, raw []byte) error {
	sum := sha256.Sum256(raw)
	if hex.EncodeToString(sum[:]) != s.open(r).SHA256 {
		return fmt.Errorf("raw of revision %s: %w: it is not the one its row tells of", r.ID, ErrDamaged)
	}
	return nil
}

// whole makes content that is missing under a revision the damage it is.
func whole(err error) error {
	if errors.Is(err, blob.ErrNone) {
		return fmt.Errorf("%w: its content is gone", ErrDamaged)
	}
	return err
}

// Attempts lists the newest attempts of a device first, of all devices when dev
// is "".
func (s *Store) Attempts(ctx context.Context, dev netdev.DeviceID, limit int) ([]Attempt, error) {
	return s.rows.Attempts(ctx, dev, limit)
}

// Sources lists the sources of which a device has a text.
func (s *Store) Sources(ctx context.Context, dev netdev.DeviceID) ([]Source, error) {
	heads, err := s.rows.Heads(ctx, dev)
	if err != nil {
		return nil, err
	}
	var out []Source
	for _, h := range heads {
		out = append(out, h.Source)
	}
	return out, nil
}

// Stats counts the store.
func (s *Store) Stats(ctx context.Context) (Stats, error) { return s.rows.Stats(ctx) }
