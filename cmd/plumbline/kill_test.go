package main

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
)

const readyWithin = 5 * time.Second

// shownRevision is what `history --json` says of a revision.
type shownRevision struct {
	ID     string
	SHA256 string
}

// chain names the history of one text of one device.
type chain struct {
	device netdev.DeviceID
	source configstore.Source
}

// histories asks `history --json` for everything that is kept.
func histories(t *testing.T, dir string, devs []netdev.Device) map[chain][]shownRevision {
	t.Helper()
	got := map[chain][]shownRevision{}
	for _, d := range devs {
		for _, src := range []configstore.Source{configstore.Running, configstore.Startup} {
			out, code, err := ask(t, "history", string(d.ID), "--data", dir, "--source", string(src), "--json")
			if code != 0 {
				t.Fatalf("history of %s: exit %d, %v", d.Name, code, err)
			}
			var h struct{ Revisions []shownRevision }
			if err := json.Unmarshal([]byte(out), &h); err != nil {
				t.Fatal(err)
			}
			got[chain{d.ID, src}] = h.Revisions
		}
	}
	return got
}

// looked is what is seen of a data directory from beside the server.
type looked struct {
	devs []netdev.Device
	kept map[chain][]shownRevision
}

func (l looked) revisions() (n int) {
	for _, h := range l.kept {
		n += len(h)
	}
	return n
}

func look(t *testing.T, dir string) looked {
	t.Helper()
	d, err := app.OpenData(t.Context(), app.DataOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	devs, err := d.DB.Devices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return looked{devs, histories(t, dir, devs)}
}

// inHand counts the jobs that a killed process left as running.
func inHand(t *testing.T, dir string) (n int) {
	t.Helper()
	d, err := app.OpenData(t.Context(), app.DataOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	list, err := jobs.NewBoard(d.DB, jobs.Options{}).Jobs(t.Context(), jobs.Filter{Limit: 10000})
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range list {
		if j.Kind == jobs.Pull && j.State == jobs.Running {
			n++
		}
	}
	return n
}

// checkChains holds the rows to what is promised of them: numbers that only
// grow, no revision twice, and one head, which is the newest.
func checkChains(t *testing.T, dir string) {
	t.Helper()
	d, err := app.OpenData(t.Context(), app.DataOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	devs, err := d.DB.Devices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names, ids := map[string]bool{}, map[configstore.RevisionID]bool{}
	for _, dev := range devs {
		if names[dev.Name] {
			t.Errorf("%s is there twice", dev.Name)
		}
		names[dev.Name] = true
		for _, src := range []configstore.Source{configstore.Running, configstore.Startup} {
			h, err := d.Store.History(t.Context(), dev.ID, src) // newest first
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range h {
				if ids[r.ID] {
					t.Errorf("%s %s: revision %s is there twice", dev.Name, src, r.ID)
				}
				ids[r.ID] = true
				if i > 0 && r.Seq >= h[i-1].Seq {
					t.Errorf("%s %s: number %d follows %d", dev.Name, src, h[i-1].Seq, r.Seq)
				}
				if i > 0 && r.SHA256 == h[i-1].SHA256 {
					t.Errorf("%s %s: %s and the revision before it are the same text", dev.Name, src, h[i-1].ID)
				}
			}
			if len(h) == 0 {
				continue
			}
			if head, err := d.Store.Head(t.Context(), dev.ID, src); err != nil || head.ID != h[0].ID {
				t.Errorf("%s %s: the head is %s (%v), the newest %s", dev.Name, src, head.ID, err, h[0].ID)
			}
		}
	}
}

// reencrypts is the platform whose devices encrypt their secrets anew at each
// read: where nothing else differs, the newest text takes the place of the kept
// one and the revision stays, under the hash of the new text.
const reencrypts = netdev.PlatformID("fortinet_fortios")

// nothingLost compares what was seen before a kill with what is there now.
func nothingLost(t *testing.T, before, now looked) {
	t.Helper()
	platform := map[netdev.DeviceID]netdev.PlatformID{}
	for _, d := range now.devs {
		platform[d.ID] = d.Platform
	}
	for c, h := range before.kept {
		there := map[string]string{}
		for _, r := range now.kept[c] {
			there[r.ID] = r.SHA256
		}
		for i, r := range h {
			switch sum, ok := there[r.ID]; {
			case !ok:
				t.Errorf("%s %s: revision %s was shown before the kill and is gone", c.device, c.source, r.ID)
			case sum != r.SHA256 && (platform[c.device] != reencrypts || i > 0):
				t.Errorf("%s %s: revision %s was %s before the kill and is %s", c.device, c.source, r.ID, r.SHA256, sum)
			}
		}
	}
}

// press asks the server for a backup of every device, over and over.
func press(base, token string, devs []netdev.Device, stop <-chan struct{}, asked *atomic.Int64) {
	client := &http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	for {
		for _, d := range devs {
			req, err := http.NewRequest(http.MethodPost, base+"/api/v1/devices/"+string(d.ID)+"/backup", nil)
			if err != nil {
				return
			}
			req.Header.Set("Authorization", "Bearer "+token)
			if res, err := client.Do(req); err == nil {
				if res.StatusCode < 300 {
					asked.Add(1)
				}
				_ = res.Body.Close()
			}
			select {
			case <-stop:
				return
			case <-time.After(30 * time.Millisecond):
			}
		}
	}
}

// beside skips a trial of whole servers in a short run: they are processes of
// their own, of which the race detector sees nothing.
func beside(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("a short run leaves whole servers out")
	}
}

// fromEnv gives a number of the environment.
func fromEnv(t *testing.T, name string, fallback uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return fallback
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestNothingIsLostWhenTheServerIsKilled kills a server in the middle of its
// backups, many times over, and holds what is there afterwards to what the
// command line showed before. PLUMBLINE_KILLS and PLUMBLINE_SEED choose how
// often and when.
func TestNothingIsLostWhenTheServerIsKilled(t *testing.T) {
	beside(t)
	t.Parallel()
	kills := fromEnv(t, "PLUMBLINE_KILLS", 10)
	seed := fromEnv(t, "PLUMBLINE_SEED", rand.Uint64N(1e6))
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	dir := filepath.Join(t.TempDir(), "data")

	p := serve(t, "--demo", "--data", dir)
	token, code, err := ask(t, "admin", "token", "--data", dir, "--user", "ci", "--role", "operator", "--for", "1h")
	if code != 0 {
		t.Fatal(err)
	}
	token = token[:len(token)-1]
	for limit := time.Now().Add(30 * time.Second); look(t, dir).revisions() == 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("nothing was backed up within 30 s\n%s", p.stderr())
		}
	}
	var asked atomic.Int64
	var slowest time.Duration
	busy, jobsLost, late := 0, 0, 0
	before := look(t, dir)
	for range kills {
		stop := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() { press(p.base, token, before.devs, stop, &asked) })
		time.Sleep(time.Duration(100+r.IntN(3900)) * time.Millisecond)
		before = look(t, dir)
		time.Sleep(time.Duration(r.IntN(200)) * time.Millisecond)
		p.end(syscall.SIGKILL)
		close(stop)
		wg.Wait()
		if n := inHand(t, dir); n > 0 {
			busy++
			jobsLost += n
		}

		p = serve(t, "--demo", "--data", dir)
		slowest = max(slowest, p.ready)
		if p.ready > readyWithin {
			late++
		}
		after := look(t, dir)
		nothingLost(t, before, after)
		checkChains(t, dir)
		if out, code, err := ask(t, "admin", "verify", "--data", dir); code != 0 {
			t.Errorf("admin verify: exit %d, %v\n%s", code, err, out)
		}
		if t.Failed() {
			t.Fatalf("seed %d; what the server said last:\n%s", seed, p.stderr())
		}
		before = after
	}
	if code := p.end(syscall.SIGTERM); code != 0 {
		t.Errorf("stopped with SIGTERM: exit %d\n%s", code, p.stderr())
	}
	end := look(t, dir)
	t.Logf("%d kills, %d of them with backups in hand (%d in all); %d backups asked for over the API; %d devices, %d revisions at the end; ready again after at most %v",
		kills, busy, jobsLost, asked.Load(), len(end.devs), end.revisions(), slowest.Round(time.Millisecond))
	if late > 0 {
		t.Errorf("%d times ready only after more than %v", late, readyWithin)
	}
	lab, err := sim.New(sim.Options{Seed: 1, Plan: "campus"})
	if err != nil {
		t.Fatal(err)
	}
	ours := slices.DeleteFunc(slices.Clone(end.devs), netdev.Device.ByController)
	if len(ours) != len(lab.Devices()) || len(end.devs)-len(ours) != len(lab.AccessPoints()) {
		t.Errorf("%d devices and %d access points at the end, want the %d and %d of the demo", len(ours), len(end.devs)-len(ours), len(lab.Devices()), len(lab.AccessPoints()))
	}
	if uint64(busy)*2 < kills {
		t.Errorf("only %d of %d kills met a backup that was under way", busy, kills)
	}
}
