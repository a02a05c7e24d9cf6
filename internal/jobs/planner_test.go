package jobs_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
)

// almanac is a planner on a clock of the test, that notes what it starts.
type almanac struct {
	*bench
	*jobs.Planner
	at      time.Time
	started []string
	err     error // of the next start
}

func newAlmanac(t *testing.T) *almanac {
	t.Helper()
	a := &almanac{bench: newBench(t), at: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	a.Planner = a.planner()
	if err := a.DeleteSchedule(t.Context(), "nightly"); err != nil {
		t.Fatal(err)
	}
	return a
}

// planner is another server over the same database.
func (a *almanac) planner() *jobs.Planner {
	return jobs.NewPlanner(a.db, map[schedule.What]jobs.Start{schedule.Backup: func(ctx context.Context, s schedule.Schedule, f schedule.Firing) (string, error) {
		if a.err != nil {
			return "", a.err
		}
		b, _, _, err := a.board.EnqueueAll(ctx, jobs.Batch{What: "backup", Schedule: s.ID, Title: s.Name, Planned: f.Planned, Until: f.Until, By: "schedule"}, []jobs.Job{{Kind: jobs.Check}})
		if err == nil {
			a.started = append(a.started, f.Planned.Format(time.RFC3339))
		}
		return b.ID, err
	}}, jobs.PlannerOptions{Now: func() time.Time { return a.at }})
}

func (a *almanac) save(s schedule.Schedule) schedule.Schedule {
	a.t.Helper()
	s.What = schedule.Backup
	s, err := a.SaveSchedule(a.t.Context(), s, "ann")
	if err != nil {
		a.t.Fatal(err)
	}
	return s
}

func (a *almanac) tick(at string) {
	a.t.Helper()
	var err error
	if a.at, err = time.Parse(time.RFC3339, at); err != nil {
		a.t.Fatal(err)
	}
	if err := a.Tick(a.t.Context()); err != nil {
		a.t.Fatal(err)
	}
}

func (a *almanac) want(id string, started string, outcomes string) {
	a.t.Helper()
	past, err := a.Firings(a.t.Context(), id, 100)
	if err != nil {
		a.t.Fatal(err)
	}
	var told []string
	for _, f := range past {
		told = append(told, string(f.Outcome))
	}
	if got := strings.Join(a.started, " "); got != started {
		a.t.Errorf("started %q, want %q", got, started)
	}
	if got := strings.Join(told, " "); got != outcomes {
		a.t.Errorf("its times, newest first: %q, want %q", got, outcomes)
	}
}

func TestAScheduleStartsOnceAtItsTime(t *testing.T) {
	a := newAlmanac(t)
	s := a.save(schedule.Schedule{Name: "nightly", Cron: "0 2 * * *", Zone: "UTC", Closes: "06:00", Enabled: true})
	a.tick("2026-05-02T01:59:59Z")
	a.want(s.ID, "", "")
	a.tick("2026-05-02T02:00:01Z")
	a.tick("2026-05-02T02:00:06Z")
	a.tick("2026-05-02T05:00:00Z")
	a.want(s.ID, "2026-05-02T02:00:00Z", "fired")
	a.tick("2026-05-03T02:00:00Z")
	a.want(s.ID, "2026-05-02T02:00:00Z 2026-05-03T02:00:00Z", "fired fired")
}

func TestTwoServersStartNothingTwice(t *testing.T) {
	a := newAlmanac(t)
	s := a.save(schedule.Schedule{Name: "nightly", Cron: "0 2 * * *", Zone: "UTC", Enabled: true})
	other := a.planner()
	a.at = time.Date(2026, 5, 2, 2, 0, 1, 0, time.UTC)
	errs := make(chan error, 8)
	for i := range 8 {
		go func() { errs <- []*jobs.Planner{a.Planner, other}[i%2].Tick(context.Background()) }()
	}
	for range 8 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	a.want(s.ID, "2026-05-02T02:00:00Z", "fired")
	// A clock that was set back, and a schedule saved meanwhile: the time has
	// its row and is not started again.
	a.at = time.Date(2026, 5, 2, 1, 0, 0, 0, time.UTC)
	a.save(s)
	a.tick("2026-05-02T02:00:01Z")
	a.want(s.ID, "2026-05-02T02:00:00Z", "fired")
}

func TestACrashBetweenJobsAndCursorLeavesNeither(t *testing.T) {
	a := newAlmanac(t)
	s := a.save(schedule.Schedule{Name: "nightly", Cron: "0 2 * * *", Zone: "UTC", Closes: "06:00", Enabled: true})
	a.err = errors.New("the disk is full")
	a.at = time.Date(2026, 5, 2, 2, 0, 1, 0, time.UTC)
	if err := a.Tick(t.Context()); !errors.Is(err, a.err) || !strings.Contains(err.Error(), "nightly") {
		t.Errorf("the tick: %v, want the cause and the schedule's name", err)
	}
	a.want(s.ID, "", "")
	a.err = nil
	a.tick("2026-05-02T02:30:00Z")
	a.want(s.ID, "2026-05-02T02:00:00Z", "late")
}

func TestWhatPassedWhileTheApplianceWasDownIsRunOnceOrTold(t *testing.T) {
	a := newAlmanac(t)
	s := a.save(schedule.Schedule{Name: "nightly", Cron: "0 2 * * *", Zone: "UTC", Closes: "06:00", Enabled: true, Blackouts: []string{"2026-05-03 – 2026-05-03"}})
	a.tick("2026-05-05T05:00:00Z")
	a.want(s.ID, "2026-05-05T02:00:00Z", "late missed blackout missed")
	a.tick("2026-05-06T07:00:00Z")
	a.want(s.ID, "2026-05-05T02:00:00Z", "missed late missed blackout missed")
}

func TestAScheduleThatIsOffStartsNothingAndOwesNothing(t *testing.T) {
	a := newAlmanac(t)
	s := a.save(schedule.Schedule{Name: "nightly", Cron: "0 2 * * *", Zone: "UTC", Enabled: false})
	a.tick("2026-05-02T02:00:01Z")
	s.Enabled = true
	s = a.save(s)
	a.tick("2026-05-02T02:00:30Z")
	a.want(s.ID, "", "")
	_, err := a.SaveSchedule(t.Context(), schedule.Schedule{Name: "nightly", What: schedule.Backup, Cron: "0 2 * * *", Zone: "UTC"}, "ann")
	if e, ok := errors.AsType[*schedule.FieldError](err); !ok || e.Field != "name" {
		t.Errorf("a second one of that name: %v", err)
	}
	if err := a.DeleteSchedule(t.Context(), s.ID); err != nil {
		t.Error(err)
	}
	if err := a.DeleteSchedule(t.Context(), s.ID); !errors.Is(err, schedule.ErrNone) {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestANewDatabaseHasANightlyBackupThatBeginsNow(t *testing.T) {
	b := newBench(t)
	if err := b.db.SetFirstZone(t.Context(), "Europe/Berlin"); err != nil {
		t.Fatal(err)
	}
	p := jobs.NewPlanner(b.db, nil, jobs.PlannerOptions{})
	list, err := p.Schedules(t.Context())
	if err != nil || len(list) != 1 || !list[0].Enabled || list[0].Zone != "Europe/Berlin" || list[0].What != schedule.Backup {
		t.Fatalf("schedules %+v, %v", list, err)
	}
	if _, err := schedule.Compile(list[0]); err != nil {
		t.Errorf("it cannot run: %v", err)
	}
	if err := p.Tick(t.Context()); err != nil {
		t.Error(err)
	}
	if past, err := p.Firings(t.Context(), "nightly", 10); err != nil || len(past) != 0 {
		t.Errorf("told of times before it was there: %v, %v", past, err)
	}
}

func TestABatchIsCancelledAndItsFailuresAreTakenUpAgain(t *testing.T) {
	b := newBench(t)
	q := jobs.NewMemory(b.now, ackWait)
	began := make(chan string, 10)
	stop := b.run(q, map[jobs.Kind]jobs.Handler{jobs.Pull: func(ctx context.Context, l jobs.Lease) jobs.Outcome {
		switch l.Device {
		case "d0", "d1":
			return jobs.Outcome{State: jobs.Failed, Reason: netdev.AuthFailed}
		case "d2":
			return jobs.Outcome{State: jobs.Done}
		}
		began <- string(l.Device)
		<-ctx.Done()
		return jobs.Outcome{State: jobs.Failed, Reason: netdev.Closed}
	}}, jobs.RunnerOptions{PerSite: 2, Workers: 2})
	var list []jobs.Job
	for _, d := range []netdev.DeviceID{"d0", "d1", "d2", "d3", "d4", "d5"} {
		list = append(list, jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: d, Params: []byte(`{"x":1}`)})
	}
	group, _, _, err := b.board.EnqueueAll(t.Context(), jobs.Batch{What: "backup", By: "ann", Title: "six"}, list)
	noError(t, err)
	<-began
	<-began
	var got jobs.Batch
	eventually(t, func() bool {
		got, err = b.board.Batch(t.Context(), group.ID)
		return err == nil && got.Failed == 2 && got.Done == 1
	}, func() string { return "never came so far" })
	n, err := b.board.CancelBatch(t.Context(), group.ID, "ann")
	if err != nil || n != 3 {
		t.Errorf("%d were cancelled, %v; want the two that run and the one that waits", n, err)
	}
	eventually(t, func() bool { got, err = b.board.Batch(t.Context(), group.ID); return err == nil && got.Finished() }, func() string { return "never ended" })
	if got.Total != 6 || got.Cancelled != 3 || got.Failed != 2 || got.Done != 1 || got.Over() != 6 {
		t.Errorf("after the cancelling: %+v", got)
	}
	stop()
	again, planned, busy, err := b.board.RetryBatch(t.Context(), group.ID, "bob", "")
	if err != nil || planned != 2 || busy != 0 || again.RetryOf != group.ID || again.Title != "six" {
		t.Fatalf("taken up: %+v, %d, %d, %v", again, planned, busy, err)
	}
	rows, err := b.board.Jobs(t.Context(), jobs.Filter{Batch: again.ID})
	noError(t, err)
	for i, want := range []netdev.DeviceID{"d1", "d0"} { // newest first
		if rows[i].Device != want || rows[i].Priority != jobs.High || rows[i].By != "bob" || string(rows[i].Params) != `{"x":1}` {
			t.Errorf("taken up: %+v, want %s", rows[i], want)
		}
	}
	if _, planned, busy, err := b.board.RetryBatch(t.Context(), group.ID, "bob", ""); err != nil || planned != 0 || busy != 2 {
		t.Errorf("taken up twice: %d planned, %d busy, %v", planned, busy, err)
	}
	if _, planned, _, err := b.board.RetryBatch(t.Context(), group.ID, "bob", netdev.Truncated); err != nil || planned != 0 {
		t.Errorf("taken up for a reason that none had: %d, %v", planned, err)
	}
	linked, err := b.board.Batches(t.Context(), jobs.BatchFilter{RetryOf: group.ID})
	if err != nil || len(linked) == 0 || linked[len(linked)-1].ID != again.ID {
		t.Errorf("linked batches %+v, %v", linked, err)
	}
	for i := range 6 {
		tries := b.tries(group.ID, i)
		for _, tr := range tries {
			if !tr.State.Finished() || tr.Ended.IsZero() {
				t.Errorf("an attempt without an outcome: %+v", tr)
			}
		}
		if len(tries) != 1 {
			t.Errorf("%d outcomes of one attempt", len(tries))
		}
	}
}

// tries are those of the i-th newest job of a batch.
func (b *bench) tries(batch string, i int) []jobs.Try {
	b.t.Helper()
	list, err := b.board.Jobs(b.t.Context(), jobs.Filter{Batch: batch})
	noError(b.t, err)
	tries, err := b.board.Tries(b.t.Context(), list[i].ID)
	noError(b.t, err)
	return tries
}

func TestAPersonsBackupTakesAWaitingDeviceOutOfTheNight(t *testing.T) {
	b := newBench(t)
	night := jobs.Batch{What: "backup", By: "schedule", Schedule: "nightly", Title: "night"}
	var list []jobs.Job
	for i := range 50 {
		list = append(list, jobs.Job{Kind: jobs.Pull, Class: jobs.SNMP, Device: netdev.DeviceID(dev(i)), By: "schedule"})
	}
	night, _, _, err := b.board.EnqueueAll(t.Context(), night, list)
	noError(t, err)
	first := make(chan netdev.DeviceID, 100)
	hold := make(chan struct{})
	stop := b.run(jobs.NewMemory(b.now, time.Minute), map[jobs.Kind]jobs.Handler{jobs.Pull: func(ctx context.Context, l jobs.Lease) jobs.Outcome {
		first <- l.Device
		select {
		case <-hold:
		case <-ctx.Done():
		}
		return jobs.Outcome{State: jobs.Done}
	}}, jobs.RunnerOptions{PerSite: 1, Workers: 1})
	defer stop()
	busyOne := <-first // the only worker has it
	mine, planned, busy, err := b.board.EnqueueAll(t.Context(), jobs.Batch{What: "backup", By: "ann"}, []jobs.Job{
		{Kind: jobs.Pull, Class: jobs.SNMP, Device: netdev.DeviceID(dev(49)), Priority: jobs.High, By: "ann"},
		{Kind: jobs.Pull, Class: jobs.SNMP, Device: busyOne, Priority: jobs.High, By: "ann"}})
	noError(t, err)
	if len(planned) != 1 || busy != 1 {
		t.Fatalf("%d planned, %d busy; want the waiting one planned and the running one left alone", len(planned), busy)
	}
	b.until(planned[0].ID, jobs.Queued)
	close(hold)
	if got := <-first; got != netdev.DeviceID(dev(49)) {
		t.Errorf("next was %s, want what a person asked for", got)
	}
	var got jobs.Batch
	eventually(t, func() bool { got, err = b.board.Batch(t.Context(), night.ID); return err == nil && got.Finished() }, func() string { return "the night never ended" })
	if got.Total != 50 || got.Done != 49 || got.Cancelled != 1 {
		t.Errorf("the night: %+v", got)
	}
	if m, err := b.board.Batch(t.Context(), mine.ID); err != nil || m.Done != 1 || m.Total != 1 {
		t.Errorf("the person's: %+v, %v", m, err)
	}
	// A night over a device that a person has in hand tells of it.
	held := b.enqueue(jobs.Job{Kind: jobs.Pull, Class: jobs.CLI, Device: "x", By: "ann", NotBefore: b.now()})
	again, _, busy, err := b.board.EnqueueAll(t.Context(), jobs.Batch{What: "backup", Schedule: "nightly"}, []jobs.Job{{Kind: jobs.Pull, Class: jobs.CLI, Device: "x"}})
	noError(t, err)
	got, err = b.board.Batch(t.Context(), again.ID)
	if err != nil || busy != 1 || got.Total != 1 || got.Skipped != 1 || got.Reasons[netdev.DeviceBusy] != 1 {
		t.Errorf("a night over a busy device: %+v, %d, %v", got, busy, err)
	}
	if tr := b.tries(again.ID, 0); len(tr) != 1 || tr[0].State != jobs.Skipped || !strings.Contains(tr[0].Detail, held.ID) {
		t.Errorf("its outcome %+v, want skipped, with the job that has it", tr)
	}
}

func TestNothingStartsAfterItsWindow(t *testing.T) {
	b := newBench(t)
	touched := make(chan string, 10)
	until := b.now().Add(2 * time.Hour)
	group, _, _, err := b.board.EnqueueAll(t.Context(), jobs.Batch{What: "backup", Schedule: "s", Until: until}, []jobs.Job{
		{Kind: jobs.Pull, Class: jobs.SNMP, Device: "due-later", NotBefore: b.now().Add(3 * time.Hour)},
		{Kind: jobs.Pull, Class: jobs.SNMP, Device: "fails"},
	})
	noError(t, err)
	stop := b.run(jobs.NewMemory(b.now, ackWait), map[jobs.Kind]jobs.Handler{jobs.Pull: func(_ context.Context, l jobs.Lease) jobs.Outcome {
		touched <- string(l.Device)
		return jobs.Outcome{State: jobs.Failed, Reason: netdev.Timeout, Detail: "connect"}
	}}, jobs.RunnerOptions{})
	<-touched
	var got jobs.Batch
	eventually(t, func() bool {
		got, err = b.board.Batch(t.Context(), group.ID)
		return err == nil && got.Retrying == 1 && got.Waiting == 1
	}, func() string { return "not planned again" })
	b.pass(115 * time.Minute) // the second try fails so late that the third would come after the window
	<-touched
	eventually(t, func() bool { got, err = b.board.Batch(t.Context(), group.ID); return err == nil && got.Failed == 1 }, func() string { return "planned past its window" })
	b.pass(10 * time.Minute)
	eventually(t, func() bool { got, err = b.board.Batch(t.Context(), group.ID); return err == nil && got.Finished() }, func() string { return "never ended" })
	stop()
	if got.Skipped != 1 || got.Failed != 1 || got.Reasons[netdev.WindowClosed] != 1 || got.Reasons[netdev.Timeout] != 1 || len(touched) != 0 {
		t.Errorf("after the window: %+v, %d more touches", got, len(touched))
	}
	for i, want := range []int{2, 1} { // newest first
		tr := b.tries(group.ID, i)
		if len(tr) != want || !tr[want-1].State.Finished() {
			t.Errorf("tries %+v, want %d", tr, want)
		}
	}
	if d, ok := got.Left(b.now()); ok {
		t.Errorf("%s left of a batch that is over", d)
	}
}
