package db_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/testkit/storetest"
	"github.com/plumbline-net/plumbline/netdev"
)

// childVariable makes this test binary a process that stores texts until it is
// killed, in the directory it names.
const childVariable = "PLUMBLINE_TEST_STORE_UNTIL_KILLED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		if err := storeUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// storeUntilKilled prints one line for each text that was acknowledged.
func storeUntilKilled(dir string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{Path: filepath.Join(dir, db.FileName)})
	if err != nil {
		return err
	}
	s, err := configstore.New(d, storetest.Keys{}, configstore.Options{})
	if err != nil {
		return err
	}
	devs, err := d.Devices(ctx)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		dev := devs[i%len(devs)].ID
		src := []configstore.Source{configstore.Running, configstore.Startup}[i/len(devs)%2]
		raw := fmt.Sprintf("pid %d\n%s\ntext %d\n", os.Getpid(), strings.Repeat("interface x\n", 200), i)
		st, err := s.Put(ctx, configstore.Capture{Device: dev, Source: src, Raw: []byte(raw), Text: []byte(raw)}, configstore.Fence{})
		if err != nil {
			return err
		}
		fmt.Printf("%s %s %d\n", st.Revision.ID, st.Revision.SHA256, st.Revision.Seq)
	}
}

func TestKilledProcessLosesNothingItAcknowledged(t *testing.T) {
	const seed, kills = 3, 12
	rnd := rand.New(rand.NewPCG(seed, seed))
	dir := t.TempDir()
	d := open(t, dir)
	for i := range 3 {
		addDevice(t, d, fmt.Sprintf("dev%d", i))
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	told := map[configstore.RevisionID]string{}
	for range kills {
		storeAndKill(t, dir, time.Duration(20+rnd.IntN(150))*time.Millisecond, told)
	}
	if len(told) < kills {
		t.Fatalf("only %d texts were acknowledged in %d lives", len(told), kills)
	}
	d = open(t, dir)
	s, err := configstore.New(d, storetest.Keys{}, configstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	faults, err := s.Verify(t.Context())
	if err != nil || len(faults) > 0 {
		t.Errorf("verify: %q, %v", faults, err)
	}
	kept := 0
	devs, err := d.Devices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, dev := range devs {
		for _, src := range []configstore.Source{configstore.Running, configstore.Startup} {
			kept += oneLine(t, s, dev.ID, src)
		}
	}
	for id, sum := range told {
		raw, err := s.Raw(t.Context(), id)
		if got := fmt.Sprintf("%x", sha256.Sum256(raw)); err != nil || got != sum {
			t.Errorf("acknowledged revision %s: %v, hash %s, want %s", id, err, got, sum)
		}
	}
	t.Logf("%d kills, %d acknowledged, %d kept", kills, len(told), kept)
}

// storeAndKill starts a process that stores texts, kills it after a while, and
// adds what it acknowledged to told.
func storeAndKill(t *testing.T, dir string, after time.Duration, told map[configstore.RevisionID]string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), childVariable+"="+dir)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for first := true; lines.Scan(); first = false {
		if first { // it has begun to store; let it work for a while
			time.AfterFunc(after, func() { _ = c.Process.Kill() })
		}
		var id, sum string
		var seq int
		if n, _ := fmt.Sscanf(lines.Text(), "%s %s %d", &id, &sum, &seq); n == 3 && len(sum) == 64 {
			told[configstore.RevisionID(id)] = sum
		}
	}
	_ = c.Wait()
	if c.ProcessState.Exited() {
		t.Fatalf("the process ended by itself: %s", c.ProcessState)
	}
}

// oneLine checks that revisions follow one another without a gap up to the one
// head, and counts them.
func oneLine(t *testing.T, s *configstore.Store, dev netdev.DeviceID, src configstore.Source) int {
	t.Helper()
	revs, err := s.History(t.Context(), dev, src)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range revs {
		if want := len(revs) - i; r.Seq != want {
			t.Errorf("%s %s: revision %d where %d should be", dev, src, r.Seq, want)
		}
	}
	if head, err := s.Head(t.Context(), dev, src); len(revs) > 0 && (err != nil || head.ID != revs[0].ID) {
		t.Errorf("%s %s: head %s, %v, want the newest %s", dev, src, head.ID, err, revs[0].ID)
	}
	return len(revs)
}

func TestTwoProcessesWriteBesideEachOther(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	dev := addDevice(t, d, "shared")
	s, err := configstore.New(d, storetest.Keys{}, configstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	told := map[configstore.RevisionID]string{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		storeAndKill(t, dir, 700*time.Millisecond, told)
	}()
	mine, worst := 0, time.Duration(0)
	for running := true; running; mine++ {
		select {
		case <-done:
			running = false
		default:
		}
		raw := []byte(fmt.Sprintf("mine %d\n", mine))
		begun := time.Now()
		if _, err := s.Put(t.Context(), configstore.Capture{Device: dev, Source: configstore.Running, Raw: raw, Text: raw}, configstore.Fence{}); err != nil {
			t.Fatalf("put beside another process: %v", err)
		}
		worst = max(worst, time.Since(begun))
		time.Sleep(5 * time.Millisecond) // a command line does not hammer
	}
	if len(told) == 0 {
		t.Error("the other process stored nothing")
	}
	total := oneLine(t, s, dev, configstore.Running) + oneLine(t, s, dev, configstore.Startup)
	if total < mine+len(told) {
		t.Errorf("%d revisions, want the %d of this process and the %d of the other", total, mine, len(told))
	}
	if faults, err := s.Verify(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("verify: %q, %v", faults, err)
	}
	t.Logf("%d here, %d there, longest wait %s", mine, len(told), worst)
}
