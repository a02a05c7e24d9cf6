package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// packs loads the packs of the binary and those of the operator in dir/packs.
// A pack of the operator has to prove itself by its examples.
func packs(dir string, set *platform.Set, reader *configstore.Reader) ([]compliance.Pack, error) {
	all, err := compliance.Builtin()
	if err != nil {
		return nil, err
	}
	own := filepath.Join(dir, "packs")
	if _, err := os.Stat(own); errors.Is(err, fs.ErrNotExist) || dir == "" {
		return all, nil
	}
	mine, err := compliance.LoadFS(os.DirFS(own), ".")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", own, err)
	}
	for _, p := range mine {
		if err := p.Prove(configstore.Examples(set, reader)); err != nil {
			return nil, fmt.Errorf("%s: %w", own, err)
		}
	}
	return append(all, mine...), nil
}

// rulebook is the packs beside the store of verdicts, as the web asks for them.
type rulebook struct {
	*configstore.Store
	a *Appliance
}

func (r rulebook) Packs() []compliance.Pack { return r.a.Packs }

// Try asks one rule of a text; nothing of it is kept.
func (r rulebook) Try(rule string, id netdev.PlatformID, text []byte) (compliance.Result, error) {
	s, err := configstore.Examples(r.a.Platforms, r.a.Reader)(string(id), string(text))
	if err != nil {
		return compliance.Result{}, err
	}
	for i := range r.a.Rules {
		if r.a.Rules[i].ID == rule {
			if got := compliance.Judge(r.a.Rules[i:i+1], s); len(got) > 0 {
				return got[0], nil
			}
			return compliance.Result{}, fmt.Errorf("the rule does not speak of platform %q", id)
		}
	}
	return compliance.Result{}, fmt.Errorf("no rule has the id %.60q", rule)
}

// queueChecks queues one check for every device whose verdicts come from other
// rules than those of now. A device that is in hand already is left out.
func (w *work) queueChecks(ctx context.Context) error {
	ids, err := w.a.Store.JudgedByOther(ctx, compliance.Fingerprint(w.a.Rules))
	if err != nil || len(ids) == 0 {
		return err
	}
	w.log.InfoContext(ctx, "rules changed: judging again", "devices", len(ids))
	list := make([]jobs.Job, len(ids))
	for i, id := range ids {
		list[i] = jobs.Job{Kind: jobs.Check, Class: jobs.Local, Priority: jobs.Low, Device: id, By: "rules"}
	}
	_, _, _, err = w.board.EnqueueAll(ctx, jobs.Batch{What: string(jobs.Check), By: "rules", Title: "rules changed"}, list)
	return err
}

// judgeAgain does queueChecks once, as soon as the store lets it: one that
// cannot be written now does not keep the appliance from being read.
func (w *work) judgeAgain(ctx context.Context, pause time.Duration) error {
	for {
		err := w.queueChecks(ctx)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		w.log.WarnContext(ctx, "devices were not queued to be judged by the rules of now", "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// check judges one device again.
func (w *work) check(backup *configstore.Backup) jobs.Handler {
	return func(ctx context.Context, l jobs.Lease) jobs.Outcome {
		dev, err := w.a.DB.Device(ctx, l.Device)
		if err != nil {
			return jobs.OutcomeOf(fmt.Errorf("device of job %s: %w", l.Job, err))
		}
		if err := backup.Rejudge(ctx, dev); err != nil {
			return jobs.OutcomeOf(fmt.Errorf("judge %s again: %w", dev.ID, err))
		}
		w.publish("config", string(dev.ID))
		return jobs.OutcomeOf(nil)
	}
}

// endWaivers lets fail again what a waiver covered that is over, at once and
// then every few minutes, until ctx ends.
func (w *work) endWaivers(ctx context.Context, every time.Duration) error {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		n, err := w.a.Store.ExpireWaivers(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			w.log.WarnContext(ctx, "waivers were not looked through", "error", err)
		case n > 0:
			w.log.InfoContext(ctx, "waivers ended", "verdicts", n)
			w.publish("config", "")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}
