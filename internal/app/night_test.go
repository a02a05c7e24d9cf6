package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
)

// nightsOf are the sites of the town, each with its zone and window.
var nightsOf = []struct{ site, zone, closes string }{
	{"berlin", "Europe/Berlin", "04:00"},
	{"newyork", "America/New_York", "04:00"},
	{"sydney", "Australia/Sydney", "04:00"},
	{"accra", "UTC", "02:33"}, // too short for all of it
}

const aSite = 52 // devices

// TestEachDeviceOfANightHasOneOutcome runs nights of 208 devices in four zones,
// with those of clock change, and with faults of devices, queue and process
// mixed in. Three seeds share the nights; PLUMBLINE_NIGHT_SEEDS=4,7 or 1-50
// names others, each of which has every night.
func TestEachDeviceOfANightHasOneOutcome(t *testing.T) {
	for _, seed := range nightSeeds(t) {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			t.Parallel()
			dir := nightDir(t)
			synctest.Test(t, func(t *testing.T) { newNights(t, seed, dir).all() })
		})
	}
}

func nightSeeds(t *testing.T) []uint64 {
	t.Helper()
	words := os.Getenv("PLUMBLINE_NIGHT_SEEDS")
	switch {
	case words == "" && testing.Short():
		return []uint64{3}
	case words == "":
		return []uint64{1, 2, 3}
	}
	var out []uint64
	for _, w := range strings.Split(words, ",") {
		from, to, ranged := strings.Cut(w, "-")
		a, err := strconv.ParseUint(from, 10, 64)
		b := a
		if ranged && err == nil {
			b, err = strconv.ParseUint(to, 10, 64)
		}
		if err != nil {
			t.Fatalf("PLUMBLINE_NIGHT_SEEDS=%q: numbers and ranges such as 1-50", words)
		}
		for s := a; s <= b; s++ {
			out = append(out, s)
		}
	}
	return out
}

// nightDir is in memory where the machine has such a place: the test is about
// what is written, not about the disk.
func nightDir(t *testing.T) string {
	t.Helper()
	if fi, err := os.Stat("/dev/shm"); err == nil && fi.IsDir() {
		if dir, err := os.MkdirTemp("/dev/shm", "plumbline-night"); err == nil {
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			return dir
		}
	}
	return t.TempDir()
}

// year is the nights of one seed.
type year struct {
	*town
	root   string
	p      *process
	sites  []string
	plans  map[string]schedule.Schedule // by site
	nights int
	total  struct{ jobs, tries, skipped, retried, failed int }
}

func newNights(t *testing.T, seed uint64, root string) *year {
	w := &town{t: t, seed: seed, touches: map[netdev.DeviceID]int{}, busy: map[netdev.DeviceID]int{}, failed: map[netdev.DeviceID][]time.Time{},
		text: map[netdev.DeviceID]string{}, never: map[netdev.DeviceID]bool{}, faults: map[string]int{}}
	w.offset = time.Until(time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC))
	return &year{town: w, root: root, plans: map[string]schedule.Schedule{}}
}

// all runs each night from noon to noon; between them the appliance is off.
func (y *year) all() {
	t := y.t
	t.Logf("seed %d: for each night of it PLUMBLINE_NIGHT_SEEDS=%d go test ./internal/app -run TestEachDeviceOfANight -v", y.seed, y.seed)
	y.p = y.begin(filepath.Join(y.root, "life-0"))
	y.prepare()
	nights := []string{"2026-03-08", "2026-03-29", "2026-04-05", "2026-06-10", "2026-10-04", "2026-10-25", "2026-11-01"}
	for i, day := range nights {
		if os.Getenv("PLUMBLINE_NIGHT_SEEDS") == "" && uint64(i%3) != y.seed%3 {
			continue
		}
		y.nights++
		noon, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		y.p.stop()
		y.until(noon.Add(-11 * time.Hour)) // before it is 02:30 in the east
		y.p = y.begin(y.p.dir)
		y.p.resume(y.sites)
		y.night(i, noon.Add(9*time.Hour))
		y.check(day)
	}
	y.p.stop()
	t.Logf("seed %d: %d nights, %d jobs, %d tries, %d failed, %d skipped, %d tried again, %d processes died; touches by fault %v",
		y.seed, y.nights, y.total.jobs, y.total.tries, y.total.failed, y.total.skipped, y.total.retried, y.life, y.faults)
	if y.life != y.nights || y.total.retried == 0 || y.total.skipped == 0 || y.faults["hang"] == 0 || y.faults["auth"] == 0 || y.faults["hang-up"] == 0 {
		y.wrong("this seed did not bring what the test is about")
	}
}

func (y *year) prepare() {
	t := y.t
	for _, n := range nightsOf {
		y.sites = append(y.sites, n.site)
	}
	y.p.settle(y.sites, aSite)
	if err := y.p.plan.DeleteSchedule(t.Context(), "nightly"); err != nil {
		t.Fatal(err)
	}
	for _, n := range nightsOf {
		out, err := y.p.a.DB.FindDevice(t.Context(), n.site+"-007")
		if err != nil {
			t.Fatal(err)
		}
		y.never[out.ID] = true
		s, err := y.p.plan.SaveSchedule(t.Context(), schedule.Schedule{Name: n.site, What: schedule.Backup, Choice: "site:" + n.site, Exclude: []netdev.DeviceID{out.ID},
			Cron: "30 2 * * *", Zone: n.zone, Closes: n.closes, Ramp: 2 * time.Minute, Enabled: true}, "mara")
		if err != nil {
			t.Fatal(err)
		}
		y.plans[n.site] = s
	}
}

// night lets the clock run until noon; on the way a person asks for backups,
// the process dies, and is stopped and started.
func (y *year) night(i int, noon time.Time) {
	t := y.t
	site := nightsOf[i%3].site
	plan, err := schedule.Compile(y.plans[site])
	if err != nil {
		t.Fatal(err)
	}
	f, _ := plan.Next(y.now())
	y.until(f.Planned.Add(100 * time.Second)) // the site's queue is full
	y.manualFirst(site)
	y.until(f.Planned.Add(time.Duration(5+8*y.dice("crash", i)) * time.Minute))
	y.p = y.p.crash(filepath.Join(y.root, fmt.Sprintf("life-%d", i+1)))
	y.until(f.Planned.Add(time.Duration(14+20*y.dice("restart", i)) * time.Minute))
	y.p.stop()
	time.Sleep(90 * time.Second)
	y.p = y.begin(y.p.dir)
	y.until(noon)
}

func (y *year) until(at time.Time) {
	if d := at.Sub(y.now()); d > 0 {
		time.Sleep(d)
	}
}

// manualFirst asks for backups of devices that wait in the night's batch, and
// sees that they come before what else waits at the site.
func (y *year) manualFirst(site string) {
	t := y.t
	synctest.Wait()
	last, err := y.p.work.board.Batches(t.Context(), jobs.BatchFilter{Schedule: y.plans[site].ID, Limit: 1})
	if err != nil || len(last) != 1 {
		y.wrong("the batch of %s: %v, %v", site, last, err)
		return
	}
	wait, err := y.p.work.board.Jobs(t.Context(), jobs.Filter{Batch: last[0].ID, States: []jobs.State{jobs.Planned, jobs.Queued}, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	wait = slices.DeleteFunc(wait, func(j jobs.Job) bool { return j.Attempt > 1 })
	if len(wait) < 12 {
		y.wrong("%d devices wait at %s: too few to tell who goes first", len(wait), site)
		return
	}
	var ids []netdev.DeviceID
	for _, j := range wait[:4] { // those that were planned last
		ids = append(ids, j.Device)
	}
	before := len(y.starts)
	id, err := y.p.work.BackupDevices(t.Context(), "mara", ids)
	if err != nil {
		y.wrong("back up now: %v", err)
		return
	}
	y.until(y.now().Add(3 * time.Minute))
	synctest.Wait()
	y.mu.Lock()
	defer y.mu.Unlock()
	began, others, ahead := 0, 0, 0
	seen := map[string]bool{}
	for _, s := range y.starts[before:] {
		if seen[s.job] {
			continue // a later try of it
		}
		seen[s.job] = true
		j, err := y.p.work.board.Job(t.Context(), s.job)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case j.Batch == id && y.lost(j.ID, j.Device, 1):
			began++ // it began when the rows were compared with the queue
		case j.Batch == id:
			began, ahead = began+1, others
		case j.Site == site:
			others++
		}
	}
	// One of ten comes from below, so that nothing starves; one may have been on
	// its way to a worker.
	if began < len(ids) || ahead > 2 {
		y.wrong("of %d backups that a person asked for %d began, after %d of the night's", len(ids), began, ahead)
	}
}

// check holds the night against what was promised.
func (y *year) check(day string) {
	t := y.t
	synctest.Wait()
	board := y.p.work.board
	for _, n := range nightsOf {
		past, err := y.p.plan.Firings(t.Context(), y.plans[n.site].ID, 2)
		if err != nil {
			t.Fatal(err)
		}
		f := past[0]
		want := wantFiring(day, n.site)
		if f.Outcome != jobs.Fired || f.Planned.Format(time.RFC3339) != want {
			y.wrong("%s fired %s as %s, want %s", n.site, f.Planned.Format(time.RFC3339), f.Outcome, want)
		}
		if len(past) > 1 && f.Planned.Sub(past[1].Planned) < 22*time.Hour {
			y.wrong("%s has two times within a night: %v and %v", n.site, past[1].Planned, f.Planned)
		}
		b, err := board.Batch(t.Context(), f.Batch)
		if err != nil {
			t.Fatal(err)
		}
		if sum := b.Done + b.Failed + b.Cancelled + b.Skipped; b.Total != aSite-1 || sum != b.Total || !b.Finished() {
			y.wrong("%s: %+v does not add up to %d", n.site, b, aSite-1)
		}
	}
	all, err := board.Batches(t.Context(), jobs.BatchFilter{Limit: 5}) // four nights and the person's
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range all {
		y.checkBatch(b)
	}
	y.starts = nil
}

// wantFiring is the instant of 02:30 by the clock of a site, worked out by
// hand from the rules of its country.
func wantFiring(day, site string) string {
	special := map[string]string{
		"2026-03-08 newyork": "2026-03-08T07:00:00Z", // skipped: 03:00 EDT
		"2026-03-29 berlin":  "2026-03-29T01:00:00Z", // skipped: 03:00 CEST
		"2026-04-05 sydney":  "2026-04-04T15:30:00Z", // twice: the first, AEDT
		"2026-10-04 sydney":  "2026-10-03T16:00:00Z", // skipped: 03:00 AEDT
		"2026-10-25 berlin":  "2026-10-25T00:30:00Z", // twice: the first, CEST
		"2026-11-01 newyork": "2026-11-01T07:30:00Z", // EST: only 01:30 comes twice there
	}
	if s := special[day+" "+site]; s != "" {
		return s
	}
	hours := map[string]map[string]time.Duration{ // before UTC, by day
		"berlin":  {"2026-03-08": 1, "2026-04-05": 2, "2026-06-10": 2, "2026-10-04": 2, "2026-11-01": 1},
		"newyork": {"2026-03-29": -4, "2026-04-05": -4, "2026-06-10": -4, "2026-10-04": -4, "2026-10-25": -4},
		"sydney":  {"2026-03-08": 11, "2026-03-29": 11, "2026-06-10": 10, "2026-10-25": 11, "2026-11-01": 11},
	}[site][day]
	local, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return err.Error()
	}
	return local.Add(2*time.Hour + 30*time.Minute - hours*time.Hour).Format(time.RFC3339)
}

// checkBatch looks at each job and each attempt of a batch.
func (y *year) checkBatch(b jobs.Batch) {
	t := y.t
	list, err := y.p.work.board.Jobs(t.Context(), jobs.Filter{Batch: b.ID, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	states := map[jobs.State]int{}
	devices := map[netdev.DeviceID]bool{}
	for _, j := range list {
		if devices[j.Device] {
			y.wrong("device %s stands twice in batch %s", j.Device, b.ID)
		}
		devices[j.Device] = true
		states[j.State]++
		y.total.jobs++
		if !j.State.Finished() || j.Ended.IsZero() {
			y.wrong("job %s of %s is %s in the morning", j.ID, j.Device, j.State)
		}
		y.checkTries(b, j)
	}
	if b.Done != states[jobs.Done] || b.Failed != states[jobs.Failed]+states[jobs.Dead] || b.Skipped != states[jobs.Skipped] || b.Cancelled != states[jobs.Cancelled] || len(list) != b.Total {
		y.wrong("the counts of %s say %+v, its rows %v", b.Title, b, states)
	}
	y.total.failed += b.Failed
	y.total.skipped += b.Skipped
}

func (y *year) checkTries(b jobs.Batch, j jobs.Job) {
	t := y.t
	tries, err := y.p.work.board.Tries(t.Context(), j.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(tries) != j.Attempt {
		y.wrong("job %s has %d attempts and %d outcomes", j.ID, j.Attempt, len(tries))
	}
	for i, tr := range tries {
		y.total.tries++
		if tr.Attempt != i+1 || !tr.State.Finished() || tr.Ended.IsZero() || tr.State != jobs.Done && tr.Reason == "" && tr.State != jobs.Cancelled {
			y.wrong("attempt %d of job %s has no outcome: %+v", i+1, j.ID, tr)
		}
		if !tr.Started.IsZero() && !b.Until.IsZero() && !tr.Started.Before(b.Until) {
			y.wrong("attempt %d of job %s began at %s, the window closed at %s", tr.Attempt, j.ID, tr.Started, b.Until)
		}
		if i > 0 {
			y.total.retried++
			if was := tries[i-1].Reason; was == netdev.AuthFailed || was == netdev.LockoutGuard {
				y.wrong("job %s was tried again by itself after %s", j.ID, was)
			}
		}
	}
	if last := tries[len(tries)-1]; j.State == jobs.Done && last.State != jobs.Done {
		y.wrong("job %s is done, its last attempt %s", j.ID, last.State)
	}
	for _, s := range y.starts {
		if s.job == j.ID && !b.Until.IsZero() && !s.at.Before(b.Until.Add(time.Second)) {
			y.wrong("device %s was opened at %s, the window closed at %s", s.device, s.at, b.Until)
		}
	}
	if j.State == jobs.Done {
		y.checkStored(j)
	}
}

// checkStored: what is kept of a device is what it printed last.
func (y *year) checkStored(j jobs.Job) {
	head, err := y.p.a.Store.Head(y.t.Context(), j.Device, configstore.Running)
	if errors.Is(err, configstore.ErrNoRevision) {
		y.wrong("job %s is done and nothing is kept", j.ID)
		return
	}
	if err != nil {
		y.t.Fatal(err)
	}
	raw, err := y.p.a.Store.Raw(y.t.Context(), head.ID)
	if err != nil {
		y.t.Fatal(err)
	}
	if want := y.text[j.Device]; string(raw) != want {
		y.wrong("of %s is kept %q, it printed %q", j.Device, raw, want)
	}
}
