package app

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/pull"
	"github.com/plumbline-net/plumbline/configstore/scrub"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/internal/vault"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// The simulated night: the real planner, board, runner, vault and store over
// SQLite, a queue in memory and devices that fail on purpose. All of it is on
// the clock of a synctest bubble, so that hours take milliseconds. What goes
// wrong follows from the seed, the device and how often it was touched.

// town is the devices of a night and the witness of what is done to them.
type town struct {
	t      *testing.T
	seed   uint64
	offset time.Duration // from the bubble's clock to the simulated one

	mu      sync.Mutex
	life    int // how many processes have died so far
	touches map[netdev.DeviceID]int
	busy    map[netdev.DeviceID]int         // life of who has it in hand
	failed  map[netdev.DeviceID][]time.Time // logins the device counted as failed
	text    map[netdev.DeviceID]string      // what it printed last
	starts  []touch
	never   map[netdev.DeviceID]bool // excluded: must not be touched
	faults  map[string]int
}

// touch is one session with a device.
type touch struct {
	device netdev.DeviceID
	job    string
	at     time.Time
}

func (w *town) now() time.Time { return time.Now().Add(w.offset).UTC() }

// dice is a number in [0,1) that the seed and the words alone decide.
func (w *town) dice(words ...any) float64 {
	h := fnv.New64a()
	fmt.Fprintln(h, append([]any{w.seed}, words...)...)
	x := h.Sum64()
	x ^= x >> 33 // the low bits of FNV of like words are alike
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}

func (w *town) wrong(format string, args ...any) {
	w.t.Errorf("seed %d, %s: "+format, append([]any{w.seed, w.now().Format("2006-01-02 15:04:05")}, args...)...)
}

// session is a Puller of one job of one process.
type session struct {
	w    *town
	dev  netdev.Device
	job  string
	life int
}

// Pull is what a device does to a visitor: it answers, or one of the faults.
func (s session) Pull(ctx context.Context, req pull.Request) (pull.Result, error) {
	n, fault, ok := s.enter()
	if !ok {
		return pull.Result{}, fail(netdev.Cancelled, "the process is gone")
	}
	defer s.leave()
	res := pull.Result{HostKey: "SHA256:x"}
	wait := func(d time.Duration) error {
		select {
		case <-ctx.Done():
			return fail(netdev.Cancelled, "stopped")
		case <-time.After(d):
			return nil
		}
	}
	if fault == "refuse" {
		return res, fail(netdev.Unreachable, "refused")
	}
	if err := wait(time.Duration(1+10*s.w.dice("connect", s.dev.Name, n)) * time.Second); err != nil {
		return res, err
	}
	cred := req.Credentials[0].Name
	if err := req.Trying(cred); err != nil {
		return res, err
	}
	if fault == "auth" || fault == "hang-up" {
		s.loginFailed() // the device counts it when the password comes, whatever becomes of the visitor
	}
	if err := wait(time.Duration(1+20*s.w.dice("login", s.dev.Name, n)) * time.Second); err != nil {
		return res, err
	}
	switch fault {
	case "auth":
		res.Refused = []string{cred}
		return res, fail(netdev.AuthFailed, "refused")
	case "hang-up": // after the password, without an answer
		return res, fail(netdev.Closed, "the device hung up")
	}
	res.Credential = cred
	if err := wait(time.Duration(2+30*s.w.dice("read", s.dev.Name, n)) * time.Second); err != nil {
		return res, err
	}
	switch fault {
	case "hang":
		if err := wait(4 * time.Minute); err != nil {
			return res, err
		}
		return res, fail(netdev.Timeout, "idle")
	case "drop":
		return res, fail(netdev.Closed, "in the middle")
	case "truncated":
		err := fail(netdev.Truncated, "EOF after 41 kB")
		res.Texts = []pull.Text{{Source: pull.Running, Err: err, Rule: "3", Quarantine: []byte("half a")}}
		return res, err
	case "panic":
		panic("a device that no test had")
	}
	res.Texts = []pull.Text{{Source: pull.Running, Raw: []byte(s.print(n))}}
	return res, nil
}

func fail(r netdev.Reason, detail string) *netdev.OpError {
	return &netdev.OpError{Reason: r, Op: "pull", Detail: detail}
}

// enter is the witness: nobody else may have the device in hand.
func (s session) enter() (n int, fault string, ok bool) {
	w := s.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.life != w.life {
		return 0, "", false
	}
	if life, taken := w.busy[s.dev.ID]; taken && life == w.life {
		w.wrong("%s is touched twice at once", s.dev.Name)
	}
	if w.never[s.dev.ID] {
		w.wrong("%s is excluded and was touched", s.dev.Name)
	}
	w.busy[s.dev.ID] = w.life
	w.touches[s.dev.ID]++
	w.starts = append(w.starts, touch{s.dev.ID, s.job, w.now()})
	n = w.touches[s.dev.ID]
	d := w.dice("fault", s.dev.Name, n)
	for _, f := range []struct {
		name  string
		share float64
	}{{"refuse", .05}, {"auth", .05}, {"hang-up", .04}, {"hang", .04}, {"drop", .05}, {"truncated", .03}, {"panic", .01}} {
		if d -= f.share; d < 0 {
			fault = f.name
			break
		}
	}
	if w.dice("locked", s.dev.Name) < .04 { // whose password somebody changed for good
		fault = "auth"
	}
	w.faults[fault]++
	return n, fault, true
}

func (s session) leave() {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.life == s.w.life {
		delete(s.w.busy, s.dev.ID)
	}
}

// loginFailed counts as the device does: more than two an hour locks accounts.
func (s session) loginFailed() {
	w := s.w
	w.mu.Lock()
	defer w.mu.Unlock()
	list := append(w.failed[s.dev.ID], w.now())
	w.failed[s.dev.ID] = list
	if k := len(list); k > 2 && list[k-1].Sub(list[k-3]) < time.Hour {
		w.wrong("%s counts three failed logins within an hour: %v", s.dev.Name, list[k-3:])
	}
}

// print gives the configuration, which somebody changes now and then.
func (s session) print(n int) string {
	w := s.w
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.life != w.life {
		return "hostname dead\nend\n"
	}
	if w.text[s.dev.ID] == "" || w.dice("change", s.dev.Name, n) < .1 {
		w.text[s.dev.ID] = fmt.Sprintf("hostname %s\n!\ninterface GigabitEthernet0/1\n description change %d\n!\nend\n", s.dev.Name, n)
	}
	return w.text[s.dev.ID]
}

// shaky is a queue that loses acknowledgements and messages, and doubles some.
type shaky struct {
	jobs.Queue
	w *town
}

func (q shaky) Publish(ctx context.Context, m jobs.Message) error {
	if m.Again == "" && q.w.lost(m.Job, netdev.DeviceID(m.Device), m.Attempt) {
		return nil
	}
	if err := q.Queue.Publish(ctx, m); err != nil {
		return err
	}
	if q.w.dice("doubled", m.Device, m.Attempt) < .1 {
		m.Again = "double" + m.Again
		return q.Queue.Publish(ctx, m)
	}
	return nil
}

// lost says whether the first message of an attempt never arrives. The start of
// a job's id is its time.
func (w *town) lost(job string, dev netdev.DeviceID, attempt int) bool {
	return w.dice("lost message", dev, attempt, job[:10]) < .02
}

func (q shaky) Next(ctx context.Context, site string, fromBottom bool) (jobs.Delivery, error) {
	d, err := q.Queue.Next(ctx, site, fromBottom)
	if err != nil || d == nil {
		return d, err
	}
	return shakyDelivery{d, q.w}, nil
}

type shakyDelivery struct {
	jobs.Delivery
	w *town
}

func (d shakyDelivery) Ack(ctx context.Context) error {
	m := d.Message()
	if d.w.dice("lost ack", m.Device, m.Attempt) < .1 {
		return errors.New("no answer to the acknowledgement")
	}
	return d.Delivery.Ack(ctx)
}

// deaf keeps some workers from writing their heartbeat, as a database that
// does not answer does.
type deaf struct {
	*db.DB
	w *town
}

func (d deaf) Beat(ctx context.Context, l jobs.Lease, at time.Time) (jobs.State, bool, error) {
	if d.w.dice("deaf", l.Device, l.Attempt, l.Fence) < .02 {
		return "", false, errors.New("the database does not answer")
	}
	return d.DB.Beat(ctx, l, at)
}

// process is one life of the appliance over a data directory.
type process struct {
	w    *town
	dir  string
	a    *Appliance
	work *work
	plan *jobs.Planner
	stop func()
}

const nightAck = 30 * time.Second

// onePlatform reads the platform files once for all lives.
var onePlatform = sync.OnceValues(platform.Builtin)

// begin starts the appliance as serve does.
func (w *town) begin(dir string) *process {
	t := w.t
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	data, err := OpenData(t.Context(), DataOptions{Dir: dir, Create: true, Log: log, Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	set, err := onePlatform()
	if err != nil {
		t.Fatal(err)
	}
	a := &Appliance{Data: data, Platforms: set, log: log, now: w.now, Reader: configstore.NewReader(set.Get, scrub.KeyMasker(data.Vault.FingerprintKey())),
		Credentials: vault.NewCredentials(data.Vault, data.DB, vault.CredentialOptions{Now: w.now, Log: log})}
	p := &process{w: w, dir: dir, a: a}
	board := jobs.NewBoard(deaf{a.DB, w}, jobs.Options{Now: w.now, Log: log, Random: func() float64 { return 0.5 }})
	p.work = &work{a: a, board: board, publish: func(string, string) {}, log: log, now: w.now}
	life := w.life
	backup, err := configstore.NewBackup(configstore.BackupOptions{Store: a.Store, Reader: a.Reader, Platforms: a.Platforms, Credentials: sshCredentials{a.Credentials}, Log: log, Now: w.now,
		Puller: func(_ context.Context, dev netdev.Device, job string) (configstore.Puller, error) {
			return session{w, dev, job, life}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	p.plan = jobs.NewPlanner(a.DB, map[schedule.What]jobs.Start{schedule.Backup: p.work.startBackup}, jobs.PlannerOptions{Now: w.now, Log: log, Poll: time.Minute})
	r := jobs.NewRunner(board, shaky{jobs.NewMemory(w.now, nightAck), w}, map[jobs.Kind]jobs.Handler{jobs.Pull: p.work.pull(backup)},
		jobs.RunnerOptions{Workers: 20, PerSite: 6, AckWait: nightAck, Poll: time.Minute, MaxTime: 10 * time.Minute, Log: log})
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, run := range []func(context.Context) error{r.Run, p.plan.Run} {
		wg.Go(func() {
			if err := run(ctx); err != nil {
				w.wrong("the appliance ended: %v", err)
			}
		})
	}
	p.stop = func() {
		cancel()
		wg.Wait()
		if err := a.Close(); err != nil {
			w.wrong("close: %v", err)
		}
	}
	return p
}

// crash ends a process as a power cut does: what it wrote until now is there,
// what it does from now on nobody sees.
func (p *process) crash(to string) *process {
	w := p.w
	w.t.Helper()
	synctest.Wait() // nobody is in the middle of writing
	if err := os.CopyFS(to, os.DirFS(p.dir)); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(to, db.FileName+"-shm")); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(to, "master.key"), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.life++
	w.mu.Unlock()
	p.stop()
	return w.begin(to)
}

// settle fills the inventory: n devices a site, one credential a site.
func (p *process) settle(sites []string, n int) {
	t := p.w.t
	t.Helper()
	for i, site := range sites {
		for k := range n {
			d := netdev.Device{Name: fmt.Sprintf("%s-%03d", site, k), Address: netip.AddrFrom4([4]byte{127, 90, byte(i), byte(k + 1)}), Site: site,
				Vendor: "cisco", Platform: "cisco_ios", Kind: netdev.Switch}
			if _, err := p.a.DB.AddDevice(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.resume(sites)
}

// resume is a person who looks at the credentials in the evening and saves
// them again.
func (p *process) resume(sites []string) {
	t := p.w.t
	t.Helper()
	for i, site := range sites {
		c := netdev.Credential{Name: site, Scope: []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{127, 90, byte(i), 0}), 24)},
			SSH: &netdev.SSHLogin{User: "netops", Password: netdev.NewSecret("canary")}}
		if err := p.a.Credentials.Save(t.Context(), c, "mara"); err != nil {
			t.Fatal(err)
		}
	}
}
