package blob

import (
	"context"
	"errors"
	"fmt"
)

// ErrNone is returned where no content is kept.
var ErrNone = errors.New("no content kept")

// ErrDamaged is returned for content whose seal does not open or whose hash
// does not fit. Nothing of it is given out.
var ErrDamaged = errors.New("damaged")

// Class says which of the two texts of a revision a blob holds.
type Class string

// The classes; each has a key of its own.
const (
	Text Class = "text" // masked, without noise
	Raw  Class = "raw"  // as the device sent it
)

// Kind says how a blob is kept.
type Kind string

// The kinds of blob.
const (
	Whole Kind = "whole" // compressed alone
	Delta Kind = "delta" // text: against the text of Base; raw: against the text of the same revision
	Same  Kind = "same"  // raw that equals the text
)

// MaxChain is how many deltas may stand between a text and its whole copy.
const MaxChain = 64

// Row is one blob. Tail counts the older deltas that need this row to be read.
type Row struct {
	Revision string
	Class    Class
	Kind     Kind
	Base     string // revision, of a delta
	Tail     int
	Size     int    // of the content, bytes
	Body     []byte // nonce, sealed bytes, tag
}

// Rows keeps blobs. Writes are made inside the caller's transaction.
type Rows interface {
	// Blob gives one row, or ErrNone.
	Blob(ctx context.Context, revision string, class Class) (Row, error)
	// SaveBlob inserts a row or takes the place of the one that is there.
	SaveBlob(ctx context.Context, r Row) error
}

// Keys derives the keys of one device; the vault does. The key for a label
// must stay the same as long as anything is sealed under it.
type Keys interface {
	Derive(device, label string) ([]byte, error)
}

// Store writes and reads blobs.
type Store struct {
	rows Rows
	keys Keys
}

// New makes a store over rows.
func New(rows Rows, keys Keys) *Store { return &Store{rows: rows, keys: keys} }

// Content is what one revision holds.
type Content struct {
	Device   string
	Revision string
	Previous string // the revision before, "" for the first
	Text     []byte
	Raw      []byte
}

// Put keeps the texts of a new revision and turns the text of the revision
// before it into a delta. A revision before it that is damaged stays as it is.
func (s *Store) Put(ctx context.Context, c Content) error {
	tail := 0
	if c.Previous != "" {
		n, err := s.rebase(ctx, c)
		if err != nil {
			return err
		}
		tail = n
	}
	err := s.save(ctx, c.Device, Row{Revision: c.Revision, Class: Text, Kind: Whole, Tail: tail}, c.Text, nil)
	if err != nil {
		return err
	}
	return s.PutRaw(ctx, c.Device, c.Revision, c.Text, c.Raw)
}

// rebase makes the text of c.Previous a delta to c.Text, and says how many
// deltas then end in c's whole copy. Where the chain would grow too long the
// previous text stays whole, and a new chain begins.
func (s *Store) rebase(ctx context.Context, c Content) (int, error) {
	row, err := s.rows.Blob(ctx, c.Previous, Text)
	if errors.Is(err, ErrNone) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if row.Kind != Whole || row.Tail >= MaxChain {
		return 0, nil
	}
	old, err := s.decode(c.Device, row, nil)
	if errors.Is(err, ErrDamaged) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	delta := Row{Revision: c.Previous, Class: Text, Kind: Delta, Base: c.Revision, Tail: row.Tail}
	if err := s.save(ctx, c.Device, delta, old, c.Text); err != nil {
		return 0, err
	}
	return row.Tail + 1, nil
}

// PutRaw keeps raw as the device's text of a revision whose masked text is
// text, in place of the one that was there.
func (s *Store) PutRaw(ctx context.Context, device, revision string, text, raw []byte) error {
	row := Row{Revision: revision, Class: Raw, Kind: Delta, Base: revision}
	if string(raw) == string(text) {
		row.Kind = Same
	}
	return s.save(ctx, device, row, raw, text)
}

// Text gives the masked text of a revision, or ErrNone, or ErrDamaged.
func (s *Store) Text(ctx context.Context, device, revision string) ([]byte, error) {
	var chain []Row
	for id := revision; ; {
		row, err := s.rows.Blob(ctx, id, Text)
		if errors.Is(err, ErrNone) && len(chain) > 0 {
			return nil, damaged(chain[len(chain)-1], "the text it is a delta to is gone")
		}
		if err != nil {
			return nil, err
		}
		chain = append(chain, row)
		if row.Kind == Whole {
			break
		}
		if len(chain) > MaxChain+1 {
			return nil, damaged(chain[0], "its chain of deltas has no end")
		}
		id = row.Base
	}
	var text []byte
	for i := len(chain) - 1; i >= 0; i-- {
		var err error
		if text, err = s.decode(device, chain[i], text); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// Walk reads every revision of one source, given newest first, and hands its
// texts or what is wrong with them to f. Each text is decoded once, where Text
// would begin each time at the nearest whole copy.
func (s *Store) Walk(ctx context.Context, device string, revisions []string, f func(i int, text, raw []byte, textErr, rawErr error)) error {
	var newer []byte
	var newerID string
	for i, id := range revisions {
		if err := ctx.Err(); err != nil {
			return err
		}
		row, err := s.rows.Blob(ctx, id, Text)
		var text []byte
		switch {
		case err != nil:
		case row.Kind == Delta && newer != nil && row.Base == newerID:
			text, err = s.decode(device, row, newer)
		default:
			text, err = s.Text(ctx, device, id)
		}
		var raw []byte
		rawErr := err
		if err == nil {
			if row, rawErr = s.rows.Blob(ctx, id, Raw); rawErr == nil {
				raw, rawErr = s.decode(device, row, text)
			}
		}
		f(i, text, raw, err, rawErr)
		newer, newerID = text, id
	}
	return nil
}

// Raw gives the text as the device sent it, or ErrNone, or ErrDamaged.
func (s *Store) Raw(ctx context.Context, device, revision string) ([]byte, error) {
	row, err := s.rows.Blob(ctx, revision, Raw)
	if err != nil {
		return nil, err
	}
	text, err := s.Text(ctx, device, revision)
	if errors.Is(err, ErrNone) {
		return nil, damaged(row, "the text it is a delta to is gone")
	}
	if err != nil {
		return nil, err
	}
	return s.decode(device, row, text)
}

func damaged(r Row, why string) error {
	return fmt.Errorf("%s of revision %s: %w: %s", r.Class, r.Revision, ErrDamaged, why)
}
