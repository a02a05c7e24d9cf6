package configstore

import (
	"context"
	"fmt"
	"slices"
)

// Verify reads everything and lists what is wrong, one line a fault with what
// is lost by it; nil when all is well. Every chain must open, every hash fit,
// every head be the newest of its revisions, and every revision chain on the
// one before it.
func (s *Store) Verify(ctx context.Context) ([]string, error) {
	heads, err := s.rows.Heads(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	var faults []string
	for _, h := range heads {
		wrong, err := s.verifySource(ctx, h)
		if err == nil && len(wrong) > 0 {
			wrong, err = s.verifyAgain(ctx, h)
		}
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", h.Device, err)
		}
		for _, f := range wrong {
			faults = append(faults, fmt.Sprintf("device %s %s: %s", h.Device, h.Source, f))
		}
	}
	more, err := s.rows.Orphans(ctx)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return append(faults, more...), nil
}

func (s *Store) verifySource(ctx context.Context, h Head) ([]string, error) {
	rows, err := s.rows.Revisions(ctx, h.Device, h.Source)
	if err != nil {
		return nil, err
	}
	lost, err := s.verifyTexts(ctx, h, rows)
	slices.Reverse(rows)
	return append(verifyChain(h, rows), lost...), err
}

// verifyAgain looks at a source once more while nothing is written: a backup
// that was stored between the reads of the first look is no fault.
func (s *Store) verifyAgain(ctx context.Context, h Head) (faults []string, err error) {
	err = s.rows.InTx(ctx, func(ctx context.Context) error {
		now, err := s.rows.Heads(ctx, h.Device)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(now, func(x Head) bool { return x.Source == h.Source })
		if i < 0 {
			return nil // it went with its device; what it left behind is an orphan
		}
		faults, err = s.verifySource(ctx, now[i])
		return err
	})
	return faults, err
}

// verifyTexts reads the texts of one source, newest first.
func (s *Store) verifyTexts(ctx context.Context, h Head, rows []RevisionRow) ([]string, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = string(r.ID)
	}
	var faults []string
	err := s.blobs.Walk(ctx, string(h.Device), ids, func(i int, text, raw []byte, textErr, rawErr error) {
		r := rows[i]
		if textErr == nil {
			textErr = s.checkText(r, text)
		}
		if rawErr == nil {
			rawErr = s.checkRaw(r, raw)
		}
		switch {
		case textErr != nil:
			faults = append(faults, fmt.Sprintf("revision %d (%s) is lost: %v", r.Seq, r.ID, textErr))
		case rawErr != nil:
			faults = append(faults, fmt.Sprintf("raw text of revision %d (%s) is lost: %v", r.Seq, r.ID, rawErr))
		}
	})
	return faults, err
}

// verifyChain checks the rows of one source, oldest first, against its head.
func verifyChain(h Head, rows []RevisionRow) []string {
	if len(rows) == 0 {
		return []string{"the head has no revision"}
	}
	var faults []string
	for i, r := range rows {
		switch {
		case i == 0 && h.Source.extra(): // only the newest is kept
		case i == 0 && (r.Seq != 1 || r.PrevHash != ""):
			faults = append(faults, fmt.Sprintf("revisions before %d (%s) are gone", r.Seq, r.ID))
		case i > 0 && r.Seq != rows[i-1].Seq+1:
			faults = append(faults, fmt.Sprintf("revisions between %d and %d are gone", rows[i-1].Seq, r.Seq))
		case i > 0 && r.PrevHash != link(rows[i-1].Revision):
			faults = append(faults, fmt.Sprintf("the row of revision %d (%s) was changed", rows[i-1].Seq, rows[i-1].ID))
		}
		if r.LastSeen.Before(r.FirstSeen) {
			faults = append(faults, fmt.Sprintf("revision %d (%s) ends before it begins", r.Seq, r.ID))
		}
	}
	last := rows[len(rows)-1]
	switch {
	case h.Seq != last.Seq || h.Revision != last.ID:
		faults = append(faults, fmt.Sprintf("the head names revision %d (%s), the newest is %d (%s)", h.Seq, h.Revision, last.Seq, last.ID))
	case h.Link != link(last.Revision):
		faults = append(faults, fmt.Sprintf("the row of revision %d (%s) was changed", last.Seq, last.ID))
	}
	return faults
}
