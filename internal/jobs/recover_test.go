package jobs_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/netdev"
)

func (b *bench) plan(n int) []jobs.Job {
	b.t.Helper()
	var list []jobs.Job
	for i := range n {
		list = append(list, jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: netdev.DeviceID(dev(i))})
	}
	_, planned, _, err := b.board.EnqueueAll(b.t.Context(), jobs.Batch{What: "backup"}, list)
	if err != nil {
		b.t.Fatal(err)
	}
	return planned
}

func (b *bench) allDone(list []jobs.Job) {
	b.t.Helper()
	for _, j := range list {
		b.until(j.ID, jobs.Done)
	}
}

func TestWhateverHappensToTheQueueNoJobIsLost(t *testing.T) {
	const n = 30
	tests := map[string]struct {
		damage func(t *testing.T, dir string)
		key    string
	}{
		"closed-and-opened": {func(*testing.T, string) {}, "k"},
		"directory-removed": {func(t *testing.T, dir string) { noError(t, os.RemoveAll(dir)) }, "k"},
		"another-key":       {func(*testing.T, string) {}, "another"},
		"flipped-bytes": {func(t *testing.T, dir string) {
			each(t, dir, ".blk", func(b []byte) []byte { b[len(b)/2] ^= 0xff; return b })
		}, "k"},
		"torn-tail":  {func(t *testing.T, dir string) { each(t, dir, ".blk", func(b []byte) []byte { return b[:len(b)-20] }) }, "k"},
		"meta-empty": {func(t *testing.T, dir string) { each(t, dir, "meta.inf", func([]byte) []byte { return nil }) }, "k"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			q := b.queue("k")
			hold := make(chan struct{})
			stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(ctx context.Context, _ jobs.Lease) jobs.Outcome {
				select {
				case <-hold:
					return jobs.Outcome{State: jobs.Done}
				case <-ctx.Done():
					return jobs.OutcomeOf(ctx.Err())
				}
			}}, jobs.RunnerOptions{PerSite: 2})
			list := b.plan(n)
			eventually(t, func() bool {
				p, err := q.Present(t.Context())
				return err == nil && len(p) == n
			}, func() string { return "not all were published" })
			stop()
			noError(t, q.Close())
			tc.damage(t, filepath.Join(b.dir, "queue"))

			q = b.queue(tc.key)
			var mu sync.Mutex
			ran := map[string]int{}
			stop = b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(_ context.Context, l jobs.Lease) jobs.Outcome {
				mu.Lock()
				defer mu.Unlock()
				ran[l.Job]++
				return jobs.Outcome{State: jobs.Done}
			}}, jobs.RunnerOptions{})
			b.allDone(list)
			stop()
			noError(t, q.Close())
			for id, times := range ran {
				if times != 1 {
					t.Errorf("job %s ran %d times", id, times)
				}
			}
			if len(ran) != n {
				t.Errorf("%d jobs ran, want %d", len(ran), n)
			}
		})
	}
}

func each(t *testing.T, dir, suffix string, f func([]byte) []byte) {
	t.Helper()
	n := 0
	noError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, suffix) || !strings.Contains(path, "/JOBS/") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil || len(b) < 20 {
			return err
		}
		n++
		return os.WriteFile(path, f(b), 0o600)
	}))
	if n == 0 {
		t.Fatalf("no %s file to damage", suffix)
	}
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A server that is killed acknowledges nothing and writes nothing more. Its
// workers are still there here, so the test also shows that they cannot do
// harm when they wake up.
func TestAServerThatDiesLosesNothingAndItsWorkersCannotWrite(t *testing.T) {
	b := newBench(t)
	b.devices(5)
	q := b.queue("k")
	awake, woke := make(chan struct{}), make(chan error, 5)
	began := make(chan struct{}, 5)
	stopDead := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(ctx context.Context, l jobs.Lease) jobs.Outcome {
		began <- struct{}{}
		<-awake
		woke <- b.board.Finish(context.WithoutCancel(ctx), l, jobs.Outcome{State: jobs.Done})
		return jobs.Outcome{State: jobs.Done}
	}}, jobs.RunnerOptions{Beat: time.Hour})
	var list []jobs.Job
	for i := range 5 {
		list = append(list, b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.CLI, Device: netdev.DeviceID(dev(i))}))
	}
	for range 5 {
		<-began
	}
	noError(t, q.Close())

	q = b.queue("k")
	defer q.Close()
	var fences atomic.Int64
	start := time.Now()
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(_ context.Context, l jobs.Lease) jobs.Outcome {
		fences.Add(l.Fence)
		return jobs.Outcome{State: jobs.Done}
	}}, jobs.RunnerOptions{})
	defer stop()
	b.allDone(list)
	if took := time.Since(start); took > ackWait {
		t.Errorf("taken over after %s: the new server waited for the queue", took)
	}
	if fences.Load() != 10 {
		t.Errorf("sum of fences %d, want 5 × 2", fences.Load())
	}
	close(awake)
	for range 5 {
		if err := <-woke; err == nil {
			t.Error("a worker of the dead server finished a job that was done elsewhere")
		}
	}
	stopDead()
}

func TestDoubledMessagesAreHarmless(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	defer q.Close()
	var runs atomic.Int32
	hold := make(chan struct{})
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(context.Context, jobs.Lease) jobs.Outcome {
		runs.Add(1)
		<-hold
		return jobs.Outcome{State: jobs.Done}
	}}, jobs.RunnerOptions{})
	defer stop()
	j := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "d1", Site: "s"})
	b.until(j.ID, jobs.Running)
	double := func(attempt int) {
		for i := range 3 {
			noError(t, q.Publish(t.Context(), jobs.Message{Job: j.ID, Attempt: attempt, Kind: j.Kind, Site: "s", Priority: jobs.High, Again: fmt.Sprint(attempt, i)}))
		}
	}
	double(1)
	double(7)
	noError(t, q.Publish(t.Context(), jobs.Message{Job: "unknown", Attempt: 1, Kind: j.Kind, Site: "s", Priority: jobs.Low}))
	time.Sleep(100 * time.Millisecond)
	close(hold)
	b.until(j.ID, jobs.Done)
	double(1)
	b.until(b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "d2", Site: "s", Priority: jobs.Low}).ID, jobs.Done)
	eventually(t, func() bool { p, err := q.Present(t.Context()); return err == nil && len(p) == 0 }, func() string { return "messages were left" })
	if n := runs.Load(); n != 2 {
		t.Errorf("%d runs, want one a job", n)
	}
}

func TestAJobThatTakesThreeWorkersDownIsDead(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	defer q.Close()
	hang := make(chan struct{})
	var runs atomic.Int32
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(context.Context, jobs.Lease) jobs.Outcome {
		runs.Add(1)
		<-hang
		return jobs.Outcome{State: jobs.Done}
	}}, jobs.RunnerOptions{Beat: time.Hour, Reconcile: 50 * time.Millisecond})
	j := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "d1"})
	for want := int32(1); want <= 3; want++ {
		eventually(t, func() bool { return runs.Load() == want }, func() string { return fmt.Sprintf("%d runs, want %d", runs.Load(), want) })
		b.until(j.ID, jobs.Running)
		b.pass(4 * ackWait)
	}
	got := b.until(j.ID, jobs.Dead)
	if got.Reason != netdev.Internal || !strings.Contains(got.Detail, "worker lost 3 times") {
		t.Errorf("dead with %q, %q", got.Reason, got.Detail)
	}
	close(hang)
	stop()
	if s := b.job(j.ID).State; s != jobs.Dead {
		t.Errorf("a lost worker that came back made it %s", s)
	}
	// The device is free for a new one.
	b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "d1"})
}

func TestStopGivesUnfinishedWorkBack(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	began := make(chan struct{})
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(ctx context.Context, _ jobs.Lease) jobs.Outcome {
		close(began)
		<-ctx.Done()
		return jobs.OutcomeOf(&netdev.OpError{Reason: netdev.Cancelled})
	}}, jobs.RunnerOptions{})
	j := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "d1"})
	<-began
	start := time.Now()
	stop()
	noError(t, q.Close())
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("stopped after %s", took)
	}
	if got := b.job(j.ID); got.State != jobs.Queued || got.Attempt != 1 || got.Delivered != 0 {
		t.Errorf("after the stop: %s, attempt %d, delivered %d", got.State, got.Attempt, got.Delivered)
	}
	q = b.queue("k")
	defer q.Close()
	stop = b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: done}, jobs.RunnerOptions{})
	defer stop()
	start = time.Now()
	b.until(j.ID, jobs.Done)
	if took := time.Since(start); took > ackWait {
		t.Errorf("done %s after the start", took)
	}
}

func TestAStuckQueueIsReplacedAndFilledFromTheRows(t *testing.T) {
	b := newBench(t)
	q := &stuck{NATS: b.queue("k")}
	defer func() { _ = q.Close() }()
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: done}, jobs.RunnerOptions{})
	defer stop()
	b.allDone(b.plan(3))
	q.on.Store(true)
	b.allDone(b.plan(3))
	if n := q.resets.Load(); n != 1 {
		t.Errorf("%d resets, want 1", n)
	}
}

// stuck is a queue whose disk failed until it is reset.
type stuck struct {
	*jobs.NATS
	on     atomic.Bool
	resets atomic.Int32
}

func (s *stuck) Publish(ctx context.Context, m jobs.Message) error {
	if s.on.Load() {
		return fmt.Errorf("publish: %w", jobs.ErrStuck)
	}
	return s.NATS.Publish(ctx, m)
}

func (s *stuck) Reset(ctx context.Context) error {
	s.on.Store(false)
	s.resets.Add(1)
	return s.NATS.Reset(ctx)
}

func TestRoomIsSharedBySitesAndPriorities(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	defer q.Close()
	var mu sync.Mutex
	at, most, order := map[string]int{}, map[string]int{}, []string{}
	total, mostTotal := 0, 0
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(_ context.Context, l jobs.Lease) jobs.Outcome {
		mu.Lock()
		at[l.Site]++
		total++
		most[l.Site], mostTotal = max(most[l.Site], at[l.Site]), max(mostTotal, total)
		order = append(order, l.Site)
		mu.Unlock()
		time.Sleep(2 * time.Millisecond)
		mu.Lock()
		at[l.Site]--
		total--
		mu.Unlock()
		return jobs.Outcome{State: jobs.Done}
	}}, jobs.RunnerOptions{Workers: 6, PerSite: 4})
	defer stop()
	var list []jobs.Job
	for i := range 60 {
		list = append(list, jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: netdev.DeviceID(dev(i)), Site: "big"})
	}
	list = append(list, jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "lone", Site: "small"})
	_, planned, _, err := b.board.EnqueueAll(t.Context(), jobs.Batch{What: "backup"}, list)
	noError(t, err)
	b.allDone(planned)
	mu.Lock()
	defer mu.Unlock()
	if most["big"] > 4 || mostTotal > 6 {
		t.Errorf("%d at once at one site, %d in all; at most 4 and 6 are allowed", most["big"], mostTotal)
	}
	for i, site := range order {
		if site == "small" && i > 50 {
			t.Errorf("the small site's only job was number %d of 61", i+1)
		}
	}
}

func TestUrgentWorkGoesFirst(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	defer q.Close()
	var mu sync.Mutex
	var order []string
	gate := make(chan struct{})
	stop := b.run(q, map[jobs.Kind]jobs.Handler{
		jobs.Notify: func(context.Context, jobs.Lease) jobs.Outcome { <-gate; return jobs.Outcome{State: jobs.Done} },
		jobs.Pull: func(_ context.Context, l jobs.Lease) jobs.Outcome {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, l.By)
			return jobs.Outcome{State: jobs.Done}
		}}, jobs.RunnerOptions{Workers: 1})
	defer stop()
	b.until(b.enqueue(jobs.Job{Kind: jobs.Notify}).ID, jobs.Running)
	var list []jobs.Job
	for _, p := range []jobs.Priority{jobs.Low, jobs.Normal, jobs.High} {
		list = append(list, b.enqueue(jobs.Job{Kind: jobs.Pull, Priority: p, By: string(p)}))
	}
	for _, j := range list {
		b.until(j.ID, jobs.Queued)
	}
	close(gate)
	b.allDone(list)
	if got := strings.Join(order, " "); got != "high normal low" {
		t.Errorf("order %q", got)
	}
}

func TestWhatMayWaitDoesNotStarve(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	defer q.Close()
	var ran atomic.Int32
	place := make(chan int32, 1)
	gate := make(chan struct{})
	stop := b.run(q, map[jobs.Kind]jobs.Handler{
		jobs.Notify: func(context.Context, jobs.Lease) jobs.Outcome { <-gate; return jobs.Outcome{State: jobs.Done} },
		jobs.Pull: func(_ context.Context, l jobs.Lease) jobs.Outcome {
			if n := ran.Add(1); l.By == "patient" {
				place <- n
			}
			return jobs.Outcome{State: jobs.Done}
		}}, jobs.RunnerOptions{Workers: 1})
	defer stop()
	b.until(b.enqueue(jobs.Job{Kind: jobs.Notify}).ID, jobs.Running)
	var list []jobs.Job
	for range 40 {
		list = append(list, jobs.Job{Kind: jobs.Pull, Priority: jobs.High})
	}
	list = append(list, jobs.Job{Kind: jobs.Pull, Priority: jobs.Low, By: "patient"})
	_, planned, _, err := b.board.EnqueueAll(t.Context(), jobs.Batch{What: "backup"}, list)
	noError(t, err)
	b.until(planned[40].ID, jobs.Queued)
	close(gate)
	if n := <-place; n > 12 {
		t.Errorf("the low one ran as number %d of 41", n)
	}
	b.allDone(planned)
}

// Control E38, the queue's half.
func TestE38QueueFilesTellNothing(t *testing.T) {
	b := newBench(t)
	q := b.queue("k")
	list := b.plan(3)
	for _, j := range list {
		noError(t, q.Publish(t.Context(), jobs.Message{Job: j.ID, Attempt: 1, Kind: jobs.Pull, Device: "canary-device", Site: "canary-site", Priority: jobs.High}))
	}
	noError(t, q.Close())
	files := 0
	noError(t, filepath.WalkDir(filepath.Join(b.dir, "queue"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		raw, err := os.ReadFile(path)
		for _, canary := range []string{"canary-device", "canary-site", list[0].ID} {
			if bytes.Contains(raw, []byte(canary)) {
				t.Errorf("%s holds %q", path, canary)
			}
		}
		return err
	}))
	if files == 0 {
		t.Error("no file was looked at")
	}
}

// liar names messages that it never delivers, as a stream with a damaged block
// does.
type liar struct {
	*jobs.NATS
	mu  sync.Mutex
	has map[string]bool
}

func (l *liar) Publish(ctx context.Context, m jobs.Message) error {
	if m.Again != "" {
		return l.NATS.Publish(ctx, m)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.has[m.Job] = true
	return nil
}

func (l *liar) Present(ctx context.Context) (map[string]bool, error) {
	out, err := l.NATS.Present(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	for id := range l.has {
		out[id] = true
	}
	return out, err
}

func (l *liar) Drop(ctx context.Context, job string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.has, job)
	return l.NATS.Drop(ctx, job)
}

func TestAMessageThatIsNeverDeliveredIsSentAnew(t *testing.T) {
	b := newBench(t)
	q := &liar{NATS: b.queue("k"), has: map[string]bool{}}
	defer q.Close()
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: done}, jobs.RunnerOptions{Reconcile: 50 * time.Millisecond})
	defer stop()
	j := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: "d1"})
	b.until(j.ID, jobs.Queued)
	time.Sleep(150 * time.Millisecond)
	if s := b.job(j.ID).State; s != jobs.Queued {
		t.Errorf("state %s: it should not be sent anew before its time", s)
	}
	b.pass(4 * ackWait)
	b.until(j.ID, jobs.Done)
}
