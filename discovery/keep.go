package discovery

import (
	"context"
	"fmt"
	"time"
)

// Keep enters a report into the inventory, and how the scan went into its run.
// The run's id, targets, who started it and when are the caller's.
func (r Report) Keep(ctx context.Context, inv Inventory, run Run, now time.Time) (Run, error) {
	run.Count(r.Counters)
	run.Links, run.Errors, run.Ended = len(r.Graph.Links), r.Errors, now
	run.State = RunDone
	if r.Incomplete != "" {
		run.State, run.Error = RunCancelled, "ended before its end: "+string(r.Incomplete)
	}
	_, fresh, err := inv.SaveScan(ctx, run.ID, r.Answers, r.Graph)
	if err != nil {
		return run, err
	}
	run.New = fresh
	if err := inv.SaveRun(ctx, run); err != nil {
		return run, fmt.Errorf("keep the run: %w", err)
	}
	return run, nil
}
