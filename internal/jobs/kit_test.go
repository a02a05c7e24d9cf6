package jobs_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/jobs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ackWait = time.Second

// bench is a database with a board over it, and queues and runners as needed.
type bench struct {
	t     testing.TB
	dir   string
	db    *db.DB
	board *jobs.Board

	mu   sync.Mutex
	skew time.Duration // tests move the clock of the rows
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir()}
	d, err := db.Open(t.Context(), db.Options{Path: filepath.Join(b.dir, db.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	b.db = d
	b.board = jobs.NewBoard(d, jobs.Options{Now: b.now, Random: func() float64 { return 0.5 }})
	return b
}

func (b *bench) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Now().Add(b.skew)
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.skew += d
}

// devices makes n devices, d000 …
func (b *bench) devices(n int) {
	b.t.Helper()
	raw, err := sql.Open("sqlite", "file:"+filepath.Join(b.dir, db.FileName)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		b.t.Fatal(err)
	}
	defer raw.Close()
	for i := range n {
		_, err := raw.Exec(`INSERT INTO device (id, name, name_fold, name_short, address, snmp_port, ssh_port, site, role, tags, vendor, platform,
			os, kind, model, version, serial, serial_key, engine_key, chassis_key, credential, first_seen, last_seen)
			VALUES (?, ?, '', '', '', 0, 0, '', '', '', '', '', '', '', '', '', '', '', '', '', '', 0, 0)`, dev(i), dev(i))
		if err != nil {
			b.t.Fatal(err)
		}
	}
}

func dev(i int) string { return fmt.Sprintf("d%03d", i) }

func (b *bench) queue(key string) *jobs.NATS {
	b.t.Helper()
	q, err := jobs.OpenNATS(b.t.Context(), jobs.NATSOptions{Dir: filepath.Join(b.dir, "queue"), Key: key, AckWait: ackWait})
	if err != nil {
		b.t.Fatal(err)
	}
	return q
}

// run starts a runner; what it returns stops it and waits.
func (b *bench) run(q jobs.Queue, handlers map[jobs.Kind]jobs.Handler, opt jobs.RunnerOptions) (stop func()) {
	b.t.Helper()
	if opt.AckWait == 0 {
		opt.AckWait = ackWait
	}
	opt.Poll = 50 * time.Millisecond
	r := jobs.NewRunner(b.board, q, handlers, opt)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("Run = %v", err)
		}
	})
}

func (b *bench) enqueue(j jobs.Job) jobs.Job {
	b.t.Helper()
	j, err := b.board.Enqueue(b.t.Context(), j)
	if err != nil {
		b.t.Fatal(err)
	}
	return j
}

func (b *bench) job(id string) jobs.Job {
	b.t.Helper()
	j, err := b.board.Job(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return j
}

// until waits for a job to come into a state.
func (b *bench) until(id string, want jobs.State) jobs.Job {
	b.t.Helper()
	var j jobs.Job
	eventually(b.t, func() bool {
		j = b.job(id)
		return j.State == want
	}, func() string {
		return fmt.Sprintf("job %s is %s (%s %s), want %s", id, j.State, j.Reason, j.Detail, want)
	})
	return j
}

func eventually(t testing.TB, ok func() bool, what func() string) {
	t.Helper()
	for range 6000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal(what())
}

func done(context.Context, jobs.Lease) jobs.Outcome { return jobs.Outcome{State: jobs.Done} }
