package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// ActorKind is what somebody is.
type ActorKind string

// The kinds of actor.
const (
	User    ActorKind = "user"
	Token   ActorKind = "token"
	JobRun  ActorKind = "job"
	System  ActorKind = "system"
	Console ActorKind = "console" // the command line beside the data directory
)

// Record is one thing that was done. Secrets appear in it as fingerprints, if
// at all.
type Record struct {
	Seq       int64 // 1…, without a gap
	At        time.Time
	ActorKind ActorKind
	Actor     string
	Address   string
	Request   string // id of the request
	Verb      Verb
	Object    string
	Site      string
	Before    string
	After     string
	Outcome   string // "" for done, else what became of it

	Prev []byte // mac of the record before; 32 zero bytes for the first
	MAC  []byte // HMAC-SHA-256(audit key, canonical bytes | prev)
}

// Head is the end of the chain. Kept elsewhere, it shows a cut.
type Head struct {
	Seq int64
	MAC []byte
}

// Rows keeps the chain; internal/db implements it, and offers no way to change
// or remove a record.
type Rows interface {
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
	// AuditHead gives the head and holds it until the transaction ends; the
	// zero Head where nothing was recorded.
	AuditHead(ctx context.Context) (Head, error)
	AppendAudit(ctx context.Context, r Record) error
	SaveAuditHead(ctx context.Context, h Head) error
	// AuditRecords lists records in their order, from a number on.
	AuditRecords(ctx context.Context, from int64, limit int) ([]Record, error)
	// FindAudit lists the newest first; before 0 from the end.
	FindAudit(ctx context.Context, f Filter, before int64, limit int) ([]Record, error)
	// CountAudit counts what the filter takes of the records from a number on.
	CountAudit(ctx context.Context, f Filter, from int64) (int, error)
}

// Options of New; the zero value works.
type Options struct {
	Now func() time.Time
	Log *slog.Logger
	// Anchored is told of each head that was written to the log.
	Anchored func(ctx context.Context, h Head) error
}

// Log appends to the chain and checks it.
type Log struct {
	rows Rows
	key  []byte
	now  func() time.Time
	log  *slog.Logger

	anchored func(ctx context.Context, h Head) error
}

// New makes a Log; key is the vault's audit key.
func New(rows Rows, key []byte, opt Options) *Log {
	l := &Log{rows: rows, key: key, now: opt.Now, log: opt.Log, anchored: opt.Anchored}
	if l.now == nil {
		l.now = time.Now
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	return l
}

const maxField = 2000

// Append records what is done in the transaction of ctx: when it fails, the
// action must not happen. Seq, At, Prev and MAC are filled in.
func (l *Log) Append(ctx context.Context, r Record) error {
	if !r.Verb.Known() {
		return fmt.Errorf("audit: %q is not a verb", r.Verb)
	}
	if r.ActorKind == "" || r.Actor == "" {
		return fmt.Errorf("audit %s: nobody did it", r.Verb)
	}
	err := l.rows.InTx(ctx, func(ctx context.Context) error {
		head, err := l.rows.AuditHead(ctx)
		if err != nil {
			return err
		}
		r.Seq, r.At, r.Prev = head.Seq+1, l.now().UTC(), head.MAC
		if head.Seq == 0 {
			r.Prev = make([]byte, sha256.Size)
		}
		for _, f := range r.fields() {
			*f = clean(*f)
		}
		r.MAC = r.mac(l.key)
		if err := l.rows.AppendAudit(ctx, r); err != nil {
			return err
		}
		return l.rows.SaveAuditHead(ctx, Head{Seq: r.Seq, MAC: r.MAC})
	})
	if err != nil {
		return fmt.Errorf("audit %s: %w", r.Verb, err)
	}
	return nil
}

func clean(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s[:min(len(s), maxField)], "\x00", ""), "\ufffd")
}

func (r *Record) fields() []*string {
	return []*string{&r.Actor, &r.Address, &r.Request, &r.Object, &r.Site, &r.Before, &r.After, &r.Outcome}
}

// mac covers every field with its length before it, so that no two records
// have the same bytes.
func (r Record) mac(key []byte) []byte {
	m := hmac.New(sha256.New, key)
	var n [8]byte
	put := func(b []byte) {
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		m.Write(n[:])
		m.Write(b)
	}
	put([]byte("plumbline/1|audit"))
	put(binary.BigEndian.AppendUint64(nil, uint64(r.Seq)))
	put(binary.BigEndian.AppendUint64(nil, uint64(r.At.UnixNano())))
	put([]byte(r.ActorKind))
	put([]byte(r.Verb))
	for _, f := range r.fields() {
		put([]byte(*f))
	}
	put(r.Prev)
	return m.Sum(nil)
}

// Filter chooses records; the zero Filter takes all. Texts are parts, in any
// case.
type Filter struct {
	Who    string // actor or address
	Verb   string // begins so
	Object string // also what was before and after
	Since  time.Time
	Until  time.Time
}

// Find lists records, the newest first; before 0 starts at the end.
func (l *Log) Find(ctx context.Context, f Filter, before int64, limit int) ([]Record, error) {
	return l.rows.FindAudit(ctx, f, before, limit)
}

// Count counts what the filter takes of the records from a number on.
func (l *Log) Count(ctx context.Context, f Filter, from int64) (int, error) {
	return l.rows.CountAudit(ctx, f, from)
}

// Head gives the end of the chain, to be kept elsewhere.
func (l *Log) Head(ctx context.Context) (Head, error) { return l.rows.AuditHead(ctx) }

// Anchor writes the head to the log of the process, which a thief of the
// database cannot rewrite.
func (l *Log) Anchor(ctx context.Context) error {
	h, err := l.Head(ctx)
	if err != nil {
		return err
	}
	l.log.InfoContext(ctx, "audit anchor", "seq", h.Seq, "mac", fmt.Sprintf("%x", h.MAC))
	if l.anchored != nil {
		return l.anchored(ctx, h)
	}
	return nil
}

// AnchorEvery anchors at once and each period until ctx ends, and once more
// then.
func (l *Log) AnchorEvery(ctx context.Context, period time.Duration) error {
	tick := time.NewTicker(period)
	defer tick.Stop()
	if err := l.Anchor(ctx); err != nil && ctx.Err() == nil {
		l.log.ErrorContext(ctx, "audit anchor", "error", err)
	}
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return l.Anchor(last)
		case <-tick.C:
			if err := l.Anchor(ctx); err != nil && !errors.Is(err, context.Canceled) {
				l.log.ErrorContext(ctx, "audit anchor", "error", err)
			}
		}
	}
}
