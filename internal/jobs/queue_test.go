package jobs_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/queuetest"
)

func TestTheEmbeddedQueueKeepsItsPromises(t *testing.T) {
	queuetest.Run(t, func(t *testing.T, ackWait time.Duration) (jobs.Queue, func(time.Duration)) {
		q, err := jobs.OpenNATS(t.Context(), jobs.NATSOptions{Dir: filepath.Join(t.TempDir(), "queue"), Key: "k", AckWait: ackWait})
		noError(t, err)
		t.Cleanup(func() { noError(t, q.Close()) })
		return q, time.Sleep
	})
}

func TestTheQueueInMemoryKeepsTheSamePromises(t *testing.T) {
	queuetest.Run(t, func(_ *testing.T, ackWait time.Duration) (jobs.Queue, func(time.Duration)) {
		at := time.Now()
		return jobs.NewMemory(func() time.Time { return at }, ackWait), func(d time.Duration) { at = at.Add(d) }
	})
}

func TestJobsRunOverTheQueueInMemory(t *testing.T) {
	b := newBench(t)
	stop := b.run(jobs.NewMemory(b.now, ackWait), map[jobs.Kind]jobs.Handler{jobs.Pull: done}, jobs.RunnerOptions{})
	defer stop()
	b.allDone(b.plan(20))
}
