package notify

import (
	"context"
	"time"
)

// What the tests reach into: one round of Run, its first half, and the rows.
const (
	Gather  = gather
	MaxText = maxText
)

func (s *Service) Round(ctx context.Context) error  { return s.round(ctx) }
func (s *Service) Digest(ctx context.Context) error { return s.digest(ctx, s.jobs) }
func (s *Service) Rows() Rows                       { return s.rows }

func Compose(id string, kind Kind, batch string, at time.Time, events []Event) Message {
	return compose(id, kind, batch, at, events)
}

func FailedWords(err error) (words string, given bool) {
	out := failed(err)
	return out.words, out.ok || out.permanent
}
