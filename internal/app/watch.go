package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/health"
)

// How often the server looks after itself.
const (
	pulseEvery  = 5 * time.Second
	selfEvery   = 10 * time.Minute
	storeEvery  = 7 * 24 * time.Hour
	auditEvery  = 24 * time.Hour
	firstChecks = time.Minute // after the start: what waits for a start comes first
)

// watch keeps an eye on the appliance from inside: that the store can be
// written, and that what is kept is what was kept.
type watch struct {
	a     *Appliance
	audit *audit.Log
	log   *slog.Logger
	every time.Duration // between two pulses
}

// run works until ctx ends.
func (w *watch) run(ctx context.Context) error {
	pulse := time.NewTicker(w.every)
	defer pulse.Stop()
	self := time.NewTimer(firstChecks)
	defer self.Stop()
	checks := make(chan struct{}, 1)
	checks <- struct{}{}
	defer func() { <-checks }() // the one that runs is waited for
	down := false
	for {
		err := w.a.DB.Pulse(ctx)
		switch {
		case err != nil && ctx.Err() == nil && !down:
			down = true
			w.log.ErrorContext(ctx, "the store cannot be written", "error", err)
		case err == nil && down:
			down = false
			w.log.InfoContext(ctx, "the store can be written again")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-pulse.C:
		case <-self.C:
			self.Reset(selfEvery)
			select {
			case <-checks:
				go func() {
					defer func() { checks <- struct{}{} }()
					if err := w.selfChecks(ctx); err != nil && ctx.Err() == nil {
						w.log.ErrorContext(ctx, "self-check", "error", err)
					}
				}()
			default: // a long one runs still
			}
		}
	}
}

// selfChecks does what is due.
func (w *watch) selfChecks(ctx context.Context) error {
	now := w.a.now().UTC()
	size, err := databaseSize(w.a.Dir)
	if err == nil {
		err = w.a.DB.SaveSize(ctx, now, size)
	}
	done, cerr := w.a.DB.SelfChecks(ctx)
	if cerr != nil {
		return errors.Join(err, cerr)
	}
	if now.Sub(done[health.AuditCheck].At) >= auditEvery {
		rep, verr := w.a.VerifyAudit(ctx, w.audit, now, nil)
		if err = errors.Join(err, verr); verr == nil && !rep.OK() {
			w.log.ErrorContext(ctx, "the audit chain is broken", "fault", rep.Fault)
		}
	}
	if now.Sub(done[health.StoreCheck].At) >= storeEvery {
		faults, _, verr := w.a.VerifyStore(ctx, now)
		if err = errors.Join(err, verr); len(faults) > 0 {
			w.log.ErrorContext(ctx, "what is kept is damaged", "faults", len(faults), "first", faults[0])
		}
	}
	return err
}
