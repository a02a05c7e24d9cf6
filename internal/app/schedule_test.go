package app

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/web"
)

var _ web.Jobs = nights{}

func TestACancelledDiscoveryEndsItsRunAndCanBeTakenUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.67.0.1")
	n := nights{b.w.board, b.w.planner(), b.w}
	id, err := b.w.StartDiscovery(t.Context(), "anna", web.DiscoveryRequest{Targets: []string{b.net.Prefixes()[0].String()}})
	if err != nil {
		t.Fatal(err)
	}
	if k, err := n.CancelBatch(t.Context(), string(id), "anna"); err != nil || k != 1 {
		t.Fatalf("%d cancelled, %v", k, err)
	}
	if r := b.run(id); r.State != discovery.RunCancelled || r.Ended.IsZero() {
		t.Errorf("the run is %+v, want cancelled", r)
	}
	again, planned, _, err := n.RetryBatch(t.Context(), string(id), "bob", "")
	if err != nil || planned != 1 || again.RetryOf != string(id) {
		t.Fatalf("taken up: %+v, %d, %v", again, planned, err)
	}
	if r := b.run(discovery.RunID(again.ID)); r.State != discovery.RunRunning || r.By != "bob" || r.Total != 256 {
		t.Errorf("the new run: %+v", r)
	}
}

func TestASchedulesChoiceIsCheckedWhenItIsKept(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.68.0.1")
	n := nights{b.w.board, b.w.planner(), b.w}
	tests := map[string]struct {
		what   schedule.What
		choice string
		good   bool
	}{
		"words":            {schedule.Backup, "site:berlin not:role:core", true},
		"every-device":     {schedule.Backup, "", true},
		"no-such-key":      {schedule.Backup, "city:berlin", false},
		"ranges":           {schedule.Discovery, "192.0.2.0/24, -192.0.2.7", true},
		"no-range":         {schedule.Discovery, "site:berlin", false},
		"file-of-a-server": {schedule.Discovery, "@/etc/passwd", false},
	}
	for name, tc := range tests {
		s, err := n.SaveSchedule(t.Context(), schedule.Schedule{Name: name, What: tc.what, Choice: tc.choice, Cron: "0 2 * * *", Zone: "UTC"}, "anna")
		fault, ok := errors.AsType[*schedule.FieldError](err)
		if tc.good != (err == nil) || !tc.good && (!ok || fault.Field != "choice") {
			t.Errorf("%s: kept as %q, %v", name, s.ID, err)
		}
	}
	batch, err := n.RunNow(t.Context(), "nightly", "anna")
	if err != nil || batch != "" {
		t.Errorf("a backup of an empty inventory: %q, %v; want nothing to do", batch, err)
	}
	if list, err := n.Batches(t.Context(), jobs.BatchFilter{}); err != nil || len(list) != 0 {
		t.Errorf("jobs of nothing: %+v, %v", list, err)
	}
}

func TestADevicesPlaceInARampIsTheSameEachNight(t *testing.T) {
	seen := map[time.Duration]int{}
	for i := range 400 {
		id := netdev.DeviceID(fmt.Sprintf("01DEVICE%04d", i))
		d := spread(id, 10*time.Minute)
		if d != spread(id, 10*time.Minute) || d < 0 || d >= 10*time.Minute {
			t.Fatalf("%s begins after %s", id, d)
		}
		seen[d.Truncate(time.Minute)]++
	}
	for m, n := range seen {
		if n < 20 || n > 65 {
			t.Errorf("%d of 400 devices begin in minute %s of 10", n, m)
		}
	}
	if spread("x", 0) != 0 {
		t.Error("without a ramp a device waits")
	}
}
