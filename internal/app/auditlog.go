package app

import (
	"context"
	"log/slog"
	"sync"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/health"
	"github.com/plumbline-net/plumbline/web"
)

// auditLog is the audit chain for the pages: records, and a check that runs
// beside them.
type auditLog struct {
	*audit.Log
	a   *Appliance
	log *slog.Logger

	life context.Context // of the server: a check outlives the request that began it
	wg   sync.WaitGroup

	mu      sync.Mutex
	running bool
	done    int64
}

// Chain says what is known of the chain.
func (l *auditLog) Chain(ctx context.Context) (web.AuditChain, error) {
	head, err := l.Head(ctx)
	if err != nil {
		return web.AuditChain{}, err
	}
	checks, err := l.a.DB.SelfChecks(ctx)
	if err != nil {
		return web.AuditChain{}, err
	}
	c := web.AuditChain{Records: head.Seq}
	if k, ok := checks[health.AuditCheck]; ok {
		c.Verified, c.Seen = k.At, k.Seen
		if k.Faults > 0 {
			c.Fault = k.Detail
		}
	}
	if k, ok := checks[health.AnchorCheck]; ok {
		c.Anchored, c.Anchor = k.At, k.Seen
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c.Running, c.Done = l.running, l.done
	return c, nil
}

// StartVerify begins to compute the chain anew unless that is under way.
func (l *auditLog) StartVerify(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running {
		return nil
	}
	l.running, l.done = true, 0
	l.wg.Go(func() {
		rep, err := l.a.VerifyAudit(l.life, l.Log, l.a.now().UTC(), func(done, _ int64) {
			l.mu.Lock()
			l.done = done
			l.mu.Unlock()
		})
		switch {
		case err != nil && l.life.Err() == nil:
			l.log.ErrorContext(l.life, "verify the audit chain", "error", err)
		case err == nil && !rep.OK():
			l.log.ErrorContext(l.life, "the audit chain is broken", "fault", rep.Fault)
		}
		l.mu.Lock()
		l.running = false
		l.mu.Unlock()
	})
	return nil
}

// wait waits for a check that runs.
func (l *auditLog) wait() { l.wg.Wait() }

// anchored notes when and where the chain was anchored.
func (a *Appliance) anchored(ctx context.Context, h audit.Head) error {
	return a.DB.SaveSelfCheck(ctx, health.SelfCheck{Kind: health.AnchorCheck, At: a.now().UTC(), Seen: h.Seq})
}
