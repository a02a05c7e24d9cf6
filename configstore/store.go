package configstore

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/plumbline-net/plumbline/configstore/blob"
	"github.com/plumbline-net/plumbline/netdev"
)

// ErrNoDevice is returned for a write about a device that is not there.
var ErrNoDevice = errors.New("no such device")

// ErrDamaged is returned for a text that does not read back as it was stored.
// Nothing of it is shown.
var ErrDamaged = blob.ErrDamaged

// DefaultStaleAfter is how old the last confirmation of a text may be before
// the text counts as stale: a night's schedule and two hours of grace.
const DefaultStaleAfter = 26 * time.Hour

// Options of a store; the zero value works.
type Options struct {
	Now        func() time.Time
	Log        *slog.Logger
	StaleAfter time.Duration
}

// Store keeps configurations and what is judged on them.
type Store struct {
	rows       Rows
	keys       blob.Keys
	blobs      *blob.Store
	now        func() time.Time
	log        *slog.Logger
	staleAfter time.Duration
}

// New makes a store over rows. keys derives the keys of each device for the
// labels "text", "raw" and "hash".
func New(rows Rows, keys blob.Keys, opt Options) (*Store, error) {
	if rows == nil || keys == nil {
		return nil, errors.New("configstore: rows and keys are required")
	}
	s := &Store{rows: rows, keys: keys, blobs: blob.New(rows, keys), now: opt.Now, log: opt.Log, staleAfter: opt.StaleAfter}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.staleAfter <= 0 {
		s.staleAfter = DefaultStaleAfter
	}
	return s, nil
}

// InTx runs f in one transaction that other stores of the same database share:
// a revision, the end of a job and an audit record are kept together or not at
// all.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	return s.rows.InTx(ctx, f)
}

// BumpFence raises the device's counter and returns it: every job that holds an
// older one can no longer write.
func (s *Store) BumpFence(ctx context.Context, dev netdev.DeviceID) (int64, error) {
	return s.rows.BumpFence(ctx, dev)
}

// holds says whether a write under f may be made.
func (s *Store) holds(ctx context.Context, dev netdev.DeviceID, f Fence) (bool, error) {
	n, err := s.rows.Fence(ctx, dev)
	if err != nil {
		return false, err
	}
	return f.Job == "" || n == f.Counter, nil
}

// textHash is what decides whether two texts of a device are equal.
func (s *Store) textHash(dev netdev.DeviceID, text []byte) (string, error) {
	key, err := s.keys.Derive(string(dev), "hash")
	if err != nil {
		return "", fmt.Errorf("key for hash: %w", err)
	}
	m := hmac.New(sha256.New, key)
	m.Write(text)
	return hex.EncodeToString(m.Sum(nil)), nil
}

func sumAAD(r Revision) []byte { return blob.AAD("revision", string(r.ID), "sum") }

// seal puts the SHA-256 of the device's text into the row, sealed.
func (s *Store) seal(r *RevisionRow, raw []byte) error {
	sum := sha256.Sum256(raw)
	r.SHA256 = hex.EncodeToString(sum[:])
	var err error
	r.Sum, err = blob.Seal(s.keys, string(r.Device), "raw", sumAAD(r.Revision), sum[:])
	return err
}

// open gives the revision of a row. A sum that does not open leaves SHA256
// empty: the row is shown with what it says, the text will not be.
func (s *Store) open(r RevisionRow) Revision { return s.openAll([]RevisionRow{r})[0] }

func (s *Store) openAll(rows []RevisionRow) []Revision {
	out := make([]Revision, len(rows))
	var key *blob.Sealer
	var of netdev.DeviceID
	for i, r := range rows {
		if key == nil || of != r.Device {
			var err error
			if key, err = blob.NewSealer(s.keys, string(r.Device), "raw"); err != nil {
				s.log.Error("no key for a device", "device", r.Device, "error", err)
				out[i], key = r.Revision, nil
				continue
			}
			of = r.Device
		}
		if sum, err := key.Open(sumAAD(r.Revision), r.Sum); err == nil {
			r.SHA256 = hex.EncodeToString(sum)
		}
		out[i] = r.Revision
	}
	return out
}

// link hashes what never changes of a revision's row, and the link before it: a
// row that was deleted or edited shows in Verify.
func link(r Revision) string {
	h := sha256.Sum256(blob.AAD(string(r.ID), string(r.Device), string(r.Source), fmt.Sprint(r.Seq),
		r.FirstSeen.UTC().Format(time.RFC3339Nano), r.TextHash,
		fmt.Sprint(r.UnknownLines, r.Added, r.Removed), r.BookVersion, r.ChangedBy, r.ChangedAt, r.PrevHash))
	return hex.EncodeToString(h[:])
}
