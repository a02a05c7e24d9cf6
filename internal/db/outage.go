package db

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"modernc.org/sqlite"
)

// Why the database cannot be written now. Each passes with its cause: nothing
// of the transaction was kept, and reading goes on. ErrBusy is one of them.
var (
	ErrFull     = errors.New("the disk of the database is full")
	ErrReadOnly = errors.New("the database can only be read")
	ErrDisk     = errors.New("the disk of the database fails")
)

// Result codes of SQLite (sqlite.org/rescode.html).
const (
	codeBusy     = 5
	codeLocked   = 6
	codeReadOnly = 8
	codeIO       = 10
	codeFull     = 13
	codeCantOpen = 14
	// The index of the write-ahead log could not be made larger: there is no room.
	codeShmSize = 4874
)

// outageOf names why a statement could not be done, nil for other reasons.
func outageOf(e *sqlite.Error) error {
	if e.Code() == codeShmSize {
		return ErrFull
	}
	switch e.Code() & 0xff {
	case codeBusy, codeLocked:
		return ErrBusy
	case codeReadOnly:
		return ErrReadOnly
	case codeIO, codeCantOpen:
		return ErrDisk
	case codeFull:
		return ErrFull
	}
	return nil
}

// OutageOf gives the one of ErrFull, ErrReadOnly, ErrDisk and ErrBusy that err
// is; nil for others.
func OutageOf(err error) error {
	for _, o := range []error{ErrFull, ErrReadOnly, ErrDisk, ErrBusy} {
		if errors.Is(err, o) {
			return o
		}
	}
	return nil
}

// Outage says since when and why the database cannot be written.
type Outage struct {
	Err   error // one of the outages; nil: it can be written as far as is known
	Since time.Time
}

// busyAfter is how long another writer may hold the database before that is an
// outage: work waits for much longer, but somebody should look.
const busyAfter = 10 * time.Second

// outages remembers the present one.
type outages struct {
	mu  sync.Mutex
	now Outage
}

// note enters what a statement met.
func (o *outages) note(err error, at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.now.Err == nil || at.Before(o.now.Since) {
		o.now.Since = at
	}
	if o.now.Err == nil || err != ErrBusy {
		o.now.Err = err
	}
}

func (o *outages) clear() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = Outage{}
}

// Outage gives what keeps the database from being written. It is there from the
// first statement that failed until Pulse could write again.
func (d *DB) Outage() Outage {
	d.outages.mu.Lock()
	defer d.outages.mu.Unlock()
	o := d.outages.now
	if o.Err == ErrBusy && d.now().Sub(o.Since) < busyAfter {
		return Outage{}
	}
	return o
}

// ballast is what Pulse writes before it believes that there is room again: as
// much as a configuration needs.
const ballast = 64 << 10

// pulsePatience is how long Pulse waits for its turn; that long is an outage.
const pulsePatience = busyAfter

// Pulse writes the time into the database, and so finds out whether it can be
// written. After an outage it writes as much as a configuration needs: there
// may be room for a few bytes and for nothing else.
func (d *DB) Pulse(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	d.outages.mu.Lock()
	after := d.outages.now.Err != nil
	d.outages.mu.Unlock()
	n := 0
	if after {
		n = ballast
	}
	for _, size := range []int{n, 0} {
		err := d.InTx(ctx, func(ctx context.Context) error {
			return d.conn(ctx).Exec(`INSERT INTO pulse (id, at, ballast) VALUES (1, ?, randomblob(?))
				ON CONFLICT (id) DO UPDATE SET at = excluded.at, ballast = excluded.ballast`, stamp(d.now()), size).Error
		})
		if err != nil {
			return fmt.Errorf("pulse: %w", d.tooLong(ctx, err))
		}
		if n == 0 {
			break
		}
	}
	d.outages.clear()
	return nil
}

// LastPulse says when a server last wrote that it lives; the zero time for
// never.
func (d *DB) LastPulse(ctx context.Context) (time.Time, error) {
	var at []int64
	if err := d.conn(ctx).Raw(`SELECT at FROM pulse`).Scan(&at).Error; err != nil {
		return time.Time{}, fmt.Errorf("pulse: %w", err)
	}
	if len(at) == 0 {
		return time.Time{}, nil
	}
	return unstamp(at[0]), nil
}

// errUndone takes a try back.
var errUndone = errors.New("undone")

// TryWrite does what a write does up to its commit, and takes it back.
func (d *DB) TryWrite(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	err := d.InTx(ctx, func(ctx context.Context) error {
		if err := d.conn(ctx).Exec(`INSERT INTO pulse (id, at, ballast) VALUES (1, 0, randomblob(?)) ON CONFLICT (id) DO UPDATE SET ballast = excluded.ballast`, ballast).Error; err != nil {
			return err
		}
		return errUndone
	})
	if errors.Is(err, errUndone) {
		return nil
	}
	return d.tooLong(ctx, err)
}

// tooLong makes an outage of having waited for the whole of the patience.
func (d *DB) tooLong(ctx context.Context, err error) error {
	if o := OutageOf(err); !errors.Is(ctx.Err(), context.DeadlineExceeded) || o != nil && o != ErrBusy {
		return err
	}
	d.outages.note(ErrBusy, d.now().Add(-d.patience))
	return fmt.Errorf("%w: no turn to write within %s", ErrBusy, d.patience)
}
