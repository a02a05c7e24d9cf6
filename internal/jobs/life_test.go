package jobs_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/netdev"
)

func TestAJobIsDoneAndItsDeviceFenceGrows(t *testing.T) {
	b := newBench(t)
	b.devices(1)
	q := b.queue("k")
	defer q.Close()
	leases := make(chan jobs.Lease, 1)
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(_ context.Context, l jobs.Lease) jobs.Outcome {
		leases <- l
		return jobs.Outcome{State: jobs.Done}
	}}, jobs.RunnerOptions{})
	defer stop()
	j := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.CLI, Device: "d000", Site: "berlin", By: "ann", Params: []byte(`{"a":1}`)})
	l := <-leases
	if l.Job != j.ID || l.Attempt != 1 || l.Fence != 1 || l.Site != "berlin" || l.Device != "d000" || l.By != "ann" || string(l.Params) != `{"a":1}` {
		t.Errorf("lease %+v", l)
	}
	b.until(j.ID, jobs.Done)
	eventually(t, func() bool { p, err := q.Present(t.Context()); return err == nil && len(p) == 0 }, func() string { return "the message is still there" })
	j2 := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.CLI, Device: "d000"})
	if l := <-leases; l.Fence != 2 {
		t.Errorf("second fence %d, want 2", l.Fence)
	}
	b.until(j2.ID, jobs.Done)
	tries, err := b.board.Tries(t.Context(), j.ID)
	if err != nil || len(tries) != 1 || tries[0].State != jobs.Done || tries[0].Ended.IsZero() {
		t.Errorf("tries %+v, %v", tries, err)
	}
}

func TestADeviceHasOneUnfinishedJobOfAClass(t *testing.T) {
	b := newBench(t)
	first := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.CLI, Device: "d1"})
	_, err := b.board.Enqueue(t.Context(), jobs.Job{Kind: jobs.Pull, Class: jobs.CLI, Device: "d1", By: "ann"})
	busy, ok := errors.AsType[*jobs.BusyError](err)
	if !ok || busy.Job.ID != first.ID {
		t.Fatalf("second job: %v, want busy with the first", err)
	}
	b.enqueue(jobs.Job{Kind: jobs.Walk, Class: jobs.SNMP, Device: "d1"})
	b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.CLI, Device: "d2"})
	for range 3 {
		b.enqueue(jobs.Job{Kind: jobs.Check, Device: ""})
	}
	// The database itself refuses it, whoever writes.
	clone := first
	clone.ID = "another"
	if err := b.db.AddJob(t.Context(), clone); !errors.Is(err, jobs.ErrDuplicate) {
		t.Errorf("AddJob past the board: %v, want ErrDuplicate", err)
	}
	batch, planned, skipped, err := b.board.EnqueueAll(t.Context(), jobs.Batch{What: "backup"}, []jobs.Job{{Kind: jobs.Pull, Class: jobs.CLI, Device: "d2"}, {Kind: jobs.Pull, Class: jobs.CLI, Device: "d3"}})
	if err != nil || batch.ID == "" || len(planned) != 1 || skipped != 1 {
		t.Errorf("EnqueueAll = %q, %d, %d, %v", batch.ID, len(planned), skipped, err)
	}
}

func TestWhatCannotBeQueuedIsRefused(t *testing.T) {
	b := newBench(t)
	tests := map[string]jobs.Job{
		"site-with-dot":      {Kind: jobs.Pull, Site: "a.b"},
		"site-with-wildcard": {Kind: jobs.Pull, Site: ">"},
		"site-too-long":      {Kind: jobs.Pull, Site: "aaaaaaaaaabbbbbbbbbbccccccccccddd"},
		"no-kind":            {},
		"kind-with-star":     {Kind: "*"},
		"priority":           {Kind: jobs.Pull, Priority: "urgent"},
		"class":              {Kind: jobs.Pull, Class: "telnet", Device: "d"},
		"cli-without-device": {Kind: jobs.Pull, Class: jobs.CLI},
	}
	for name, j := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := b.board.Enqueue(t.Context(), j); err == nil {
				t.Errorf("%+v was planned", j)
			}
		})
	}
}

func TestFailuresThatGoAwayAreTriedAgainLater(t *testing.T) {
	tests := map[string]struct {
		kind   jobs.Kind
		reason netdev.Reason
		again  time.Duration // 0: not at all
		ours   bool          // the outcome says that it passes
	}{
		"timeout":          {jobs.Pull, netdev.Timeout, time.Minute, false},
		"truncated":        {jobs.Pull, netdev.Truncated, time.Minute, false},
		"walk-timeout":     {jobs.Walk, netdev.Timeout, time.Minute, false},
		"auth-failed":      {jobs.Pull, netdev.AuthFailed, 0, false},
		"host-key-changed": {jobs.Pull, netdev.HostKeyChanged, 0, false},
		"out-of-scope":     {jobs.Pull, netdev.OutOfScope, 0, false},
		"internal":         {jobs.Pull, netdev.Internal, 0, false},
		"store-full":       {jobs.Pull, netdev.Internal, time.Minute, true},
		"sweep-timeout":    {jobs.Sweep, netdev.Timeout, 0, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			q := b.queue("k")
			defer q.Close()
			stop := b.run(q, map[jobs.Kind]jobs.Handler{tc.kind: func(context.Context, jobs.Lease) jobs.Outcome {
				o := jobs.OutcomeOf(&netdev.OpError{Reason: tc.reason, Op: "connect"})
				o.Again = tc.ours
				return o
			}}, jobs.RunnerOptions{})
			defer stop()
			j := b.enqueue(jobs.Job{Kind: tc.kind, Class: jobs.SNMP, Device: "d1"})
			if tc.again == 0 {
				if got := b.until(j.ID, jobs.Failed); got.Reason != tc.reason || got.Attempt != 1 {
					t.Errorf("ended %+v", got)
				}
				return
			}
			var got jobs.Job
			eventually(t, func() bool { got = b.job(j.ID); return got.Attempt == 2 }, func() string { return "no second attempt was planned" })
			if wait := got.NotBefore.Sub(b.now()); got.State != jobs.Planned || wait < tc.again-5*time.Second || wait > tc.again {
				t.Errorf("state %s, due in %s, want planned in %s", got.State, wait, tc.again)
			}
			// Then 5 and 20 minutes, then it is given up.
			for _, wait := range []time.Duration{time.Minute, 5 * time.Minute, 20 * time.Minute} {
				b.pass(wait)
				at := got.Attempt
				eventually(t, func() bool { got = b.job(j.ID); return got.Attempt > at || got.State == jobs.Failed }, func() string { return "not tried again" })
			}
			if got.State != jobs.Failed || got.Attempt != 4 || got.Reason != tc.reason {
				t.Errorf("at the end: %s after attempt %d (%s)", got.State, got.Attempt, got.Reason)
			}
		})
	}
}

func TestANewJobTakesThePlaceOfAWaitingRetry(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	defer q.Close()
	var fail atomic.Bool
	fail.Store(true)
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(context.Context, jobs.Lease) jobs.Outcome {
		if fail.Load() {
			return jobs.Outcome{State: jobs.Failed, Reason: netdev.Timeout}
		}
		return jobs.Outcome{State: jobs.Done}
	}}, jobs.RunnerOptions{})
	defer stop()
	j := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "d1"})
	eventually(t, func() bool { return b.job(j.ID).Attempt == 2 }, func() string { return "no retry" })
	fail.Store(false)
	now := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "d1", By: "ann"})
	b.until(now.ID, jobs.Done)
	if got := b.job(j.ID); got.State != jobs.Cancelled {
		t.Errorf("the waiting retry is %s", got.State)
	}
}

func TestStaleFenceIsRefused(t *testing.T) {
	b := newBench(t)
	b.devices(1)
	q := b.queue("k")
	defer q.Close()
	var mu sync.Mutex
	var got []error
	release := make(chan struct{})
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(ctx context.Context, l jobs.Lease) jobs.Outcome {
		<-release
		err := b.board.Finish(context.WithoutCancel(ctx), l, jobs.Outcome{State: jobs.Done})
		mu.Lock()
		defer mu.Unlock()
		got = append(got, err)
		return jobs.OutcomeOf(err)
	}}, jobs.RunnerOptions{Beat: time.Hour})
	j := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.CLI, Device: "d000"})
	b.until(j.ID, jobs.Running)
	// Somebody else takes the device.
	if _, err := b.db.BumpFence(t.Context(), "d000"); err != nil {
		t.Fatal(err)
	}
	close(release)
	eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(got) > 0 }, func() string { return "the handler never ended" })
	mu.Lock()
	if !errors.Is(got[0], jobs.ErrSuperseded) {
		t.Errorf("Finish under a stale fence = %v, want ErrSuperseded", got[0])
	}
	mu.Unlock()
	if s := b.job(j.ID).State; s == jobs.Done {
		t.Error("the result counted all the same")
	}
	stop()
}

func TestARepeatedFinishIsWelcome(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	defer q.Close()
	errs := make(chan error, 2)
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(ctx context.Context, l jobs.Lease) jobs.Outcome {
		errs <- b.board.Finish(ctx, l, jobs.Outcome{State: jobs.Failed, Reason: netdev.Timeout})
		errs <- b.board.Finish(ctx, l, jobs.Outcome{State: jobs.Failed, Reason: netdev.Timeout})
		return jobs.Outcome{State: jobs.Failed, Reason: netdev.Timeout}
	}}, jobs.RunnerOptions{})
	defer stop()
	j := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "d1"})
	for range 2 {
		if err := <-errs; err != nil {
			t.Errorf("Finish = %v", err)
		}
	}
	eventually(t, func() bool { p, err := q.Present(t.Context()); return err == nil && len(p) == 0 }, func() string { return "the message is still there" })
	if got := b.job(j.ID); got.Attempt != 2 || got.State != jobs.Planned {
		t.Errorf("after three ends of one attempt: %s, attempt %d", got.State, got.Attempt)
	}
}

func TestCancelEndsAWaitingJobAtOnceAndARunningOneSoon(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	defer q.Close()
	began := make(chan struct{}, 2)
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(ctx context.Context, _ jobs.Lease) jobs.Outcome {
		began <- struct{}{}
		<-ctx.Done()
		return jobs.OutcomeOf(ctx.Err())
	}}, jobs.RunnerOptions{PerSite: 1})
	defer stop()
	run := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "d1"})
	<-began
	wait := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "d2"})
	if j, err := b.board.Cancel(t.Context(), wait.ID, "ann"); err != nil || j.State != jobs.Cancelled {
		t.Errorf("Cancel of a waiting job = %s, %v", j.State, err)
	}
	start := time.Now()
	if j, err := b.board.Cancel(t.Context(), run.ID, "ann"); err != nil || j.State != jobs.Cancelling {
		t.Errorf("Cancel of a running job = %s, %v", j.State, err)
	}
	if got := b.until(run.ID, jobs.Cancelled); got.Reason != netdev.Cancelled {
		t.Errorf("reason %q", got.Reason)
	}
	if took := time.Since(start); took > 500*time.Millisecond {
		t.Errorf("cancelled after %s", took)
	}
	if j, err := b.board.Cancel(t.Context(), run.ID, "ann"); err != nil || j.State != jobs.Cancelled {
		t.Errorf("second Cancel = %s, %v", j.State, err)
	}
}

func TestCancelOfAnotherProcessIsSeenByTheNextHeartbeat(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	defer q.Close()
	began := make(chan struct{})
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(ctx context.Context, _ jobs.Lease) jobs.Outcome {
		close(began)
		<-ctx.Done()
		return jobs.OutcomeOf(ctx.Err())
	}}, jobs.RunnerOptions{Beat: 50 * time.Millisecond})
	defer stop()
	j := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "d1"})
	<-began
	other := jobs.NewBoard(b.db, jobs.Options{})
	if _, err := other.Cancel(t.Context(), j.ID, "ann"); err != nil {
		t.Fatal(err)
	}
	b.until(j.ID, jobs.Cancelled)
}

func TestAPanicOfAHandlerIsOneFailedJob(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	defer q.Close()
	stop := b.run(q, map[jobs.Kind]jobs.Handler{
		jobs.Pull:  func(context.Context, jobs.Lease) jobs.Outcome { panic("boom") },
		jobs.Walk:  func(context.Context, jobs.Lease) jobs.Outcome { return jobs.Outcome{} },
		jobs.Check: done,
	}, jobs.RunnerOptions{})
	defer stop()
	for kind, want := range map[jobs.Kind]netdev.Reason{jobs.Pull: netdev.Internal, jobs.Walk: netdev.Internal, jobs.Report: netdev.Unsupported} {
		if got := b.until(b.enqueue(jobs.Job{Kind: kind}).ID, jobs.Failed); got.Reason != want {
			t.Errorf("%s: reason %q, want %q", kind, got.Reason, want)
		}
	}
	b.until(b.enqueue(jobs.Job{Kind: jobs.Check}).ID, jobs.Done)
}

func TestABatchCountsEachJobOnce(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	defer q.Close()
	hold := make(chan struct{})
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(ctx context.Context, l jobs.Lease) jobs.Outcome {
		switch l.Device {
		case "d0":
			select {
			case <-hold:
			case <-ctx.Done():
			}
			return jobs.Outcome{State: jobs.Done}
		case "d1":
			return jobs.Outcome{State: jobs.Failed, Reason: netdev.AuthFailed}
		case "d2":
			return jobs.Outcome{State: jobs.Failed, Reason: netdev.Timeout}
		}
		return jobs.Outcome{State: jobs.Done}
	}}, jobs.RunnerOptions{})
	defer stop()
	var list []jobs.Job
	for _, d := range []netdev.DeviceID{"d0", "d1", "d2", "d3", "d4"} {
		list = append(list, jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: d})
	}
	group, _, _, err := b.board.EnqueueAll(t.Context(), jobs.Batch{What: "backup"}, list)
	if err != nil {
		t.Fatal(err)
	}
	var got jobs.Batch
	eventually(t, func() bool {
		got, err = b.board.Batch(t.Context(), group.ID)
		return err == nil && got.Done == 2 && got.Failed == 1 && got.Retrying == 1 && got.Running == 1
	}, func() string { return "batch never settled" })
	if got.Total != 5 || got.Waiting != 0 || got.Reasons[netdev.AuthFailed] != 1 || len(got.Reasons) != 1 || got.Finished() {
		t.Errorf("batch %+v", got)
	}
	close(hold)
	eventually(t, func() bool { got, err = b.board.Batch(t.Context(), group.ID); return got.Done == 3 }, func() string { return "the last one never ended" })
	if _, err := b.board.Batch(t.Context(), ""); !errors.Is(err, jobs.ErrNoJob) {
		t.Errorf("no batch: %v", err)
	}
}

func TestQueueFilesAreForTheirOwnerAlone(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	b.enqueue(jobs.Job{Kind: jobs.Pull})
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(filepath.Join(b.dir, "queue"), func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := e.Info()
		if err == nil && st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", path, st.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOthersAreToldOfAJobOnceItsRowIsThere(t *testing.T) {
	b := newBench(t)
	var mu sync.Mutex
	var told []string
	b.board = jobs.NewBoard(b.db, jobs.Options{Changed: func(j jobs.Job) {
		_, err := b.db.Job(context.Background(), j.ID)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			told = append(told, "not there")
			return
		}
		told = append(told, string(j.State))
	}})
	undone := errors.New("the page could not be audited")
	err := b.db.InTx(t.Context(), func(ctx context.Context) error {
		if _, err := b.board.Enqueue(ctx, jobs.Job{Kind: jobs.Pull}); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	q := b.queue("k")
	defer q.Close()
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: done}, jobs.RunnerOptions{})
	j := b.enqueue(jobs.Job{Kind: jobs.Pull})
	b.until(j.ID, jobs.Done)
	stop()
	mu.Lock()
	defer mu.Unlock()
	// Two transactions that follow each other closely may be told the other way
	// round; what counts is that each was readable, and told once.
	slices.Sort(told)
	got := strings.Join(told, " ")
	if got != "done planned queued running" && got != "done planned running" {
		t.Errorf("told %q", got)
	}
}

func TestNothingBeginsWhileTheRunnerIsHeld(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	defer q.Close()
	var held, begun atomic.Bool
	held.Store(true)
	asked := make(chan struct{}, 1000)
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Check: func(context.Context, jobs.Lease) jobs.Outcome {
		begun.Store(true)
		return jobs.Outcome{State: jobs.Done}
	}}, jobs.RunnerOptions{Hold: func() bool {
		select {
		case asked <- struct{}{}:
		default:
		}
		return held.Load()
	}})
	defer stop()
	j := b.enqueue(jobs.Job{Kind: jobs.Check})
	for range 10 { // it looked several times
		<-asked
	}
	if got := b.job(j.ID); begun.Load() || got.State != jobs.Planned || got.Attempt != 1 {
		t.Errorf("while held: begun %v, %+v", begun.Load(), got)
	}
	held.Store(false)
	b.until(j.ID, jobs.Done)
}
