package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

type txKey struct{ d *DB }

// afterKey holds what is to be done when the transaction has been committed.
type afterKey struct{ d *DB }

// patience is how long a transaction waits for its turn when its context says
// nothing shorter. A caller inside a transaction that forgot to pass its context
// on waits for itself: this ends it with a word.
const patience = 30 * time.Second

// ErrBusy is returned where another process kept the database for too long.
var ErrBusy = errors.New("database is busy")

// InTx runs f in one transaction that is committed when f returns nil, and is
// on disk then. The transaction travels in the context that f gets: every store
// of this package uses it, so that what several of them do is done together or
// not at all. Called inside a transaction it joins that one: what f did is undone
// when f returns an error, and with the outer one whenever that is undone.
func (d *DB) InTx(ctx context.Context, f func(ctx context.Context) error) error {
	if tx, ok := ctx.Value(txKey{d}).(*gorm.DB); ok {
		return d.joined(ctx, tx, f)
	}
	var after []func()
	if err := d.transact(context.WithValue(ctx, afterKey{d}, &after), f); err != nil {
		return err
	}
	for _, f := range after { // the writer's turn is given back by now
		f()
	}
	return nil
}

func (d *DB) transact(ctx context.Context, f func(ctx context.Context) error) (err error) {
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case d.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return fmt.Errorf("%w: waited %s for another transaction of this process", ErrBusy, patience)
	}
	defer func() { <-d.writing }()
	tx, err := d.begin(ctx)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // f panicked, or ended with an error
			if rerr := tx.Rollback().Error; rerr != nil && err != nil && ctx.Err() == nil {
				err = errors.Join(err, fmt.Errorf("roll back: %w", rerr))
			}
		}
	}()
	if err := f(context.WithValue(ctx, txKey{d}, tx)); err != nil {
		return err
	}
	if err := tx.Commit().Error; err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	done = true
	return nil
}

// joined runs f inside tx. Half of what an operation does must not be committed
// by a caller that goes on after its error, so it is undone here.
func (d *DB) joined(ctx context.Context, tx *gorm.DB, f func(ctx context.Context) error) error {
	tx = tx.WithContext(ctx)
	if err := tx.Exec("SAVEPOINT joined").Error; err != nil {
		return fmt.Errorf("join a transaction: %w", err)
	}
	after := d.after(ctx)
	promised := len(*after)
	err := f(ctx)
	if err != nil {
		*after = (*after)[:promised]
		if rerr := tx.Exec("ROLLBACK TO joined").Error; rerr != nil && ctx.Err() == nil {
			return errors.Join(err, fmt.Errorf("undo a part: %w", rerr))
		}
	}
	if rerr := tx.Exec("RELEASE joined").Error; rerr != nil && err == nil {
		return fmt.Errorf("end a part: %w", rerr)
	}
	return err
}

// AfterCommit does f when the transaction of the context has been committed,
// and never if it is not; without a transaction at once. For telling others of
// what they may then read. f must not block.
func (d *DB) AfterCommit(ctx context.Context, f func()) {
	if after := d.after(ctx); after != nil {
		*after = append(*after, f)
		return
	}
	f()
}

func (d *DB) after(ctx context.Context) *[]func() {
	after, _ := ctx.Value(afterKey{d}).(*[]func())
	return after
}

// begin retries where another process holds the writer's lock: nothing was done
// yet, so trying again is safe.
func (d *DB) begin(ctx context.Context) (*gorm.DB, error) {
	for try := 1; ; try++ {
		tx := d.gorm.WithContext(ctx).Begin()
		switch {
		case tx.Error == nil:
			return tx, nil
		case !errors.Is(tx.Error, ErrBusy):
			return nil, fmt.Errorf("begin: %w", tx.Error)
		case try == 6 || ctx.Err() != nil: // each try waited for busy_timeout
			return nil, fmt.Errorf("begin: %w", tx.Error)
		}
	}
}

// conn is the transaction of the context, else the pool.
func (d *DB) conn(ctx context.Context) *gorm.DB {
	if tx, ok := ctx.Value(txKey{d}).(*gorm.DB); ok {
		return tx.WithContext(ctx)
	}
	return d.gorm.WithContext(ctx)
}
