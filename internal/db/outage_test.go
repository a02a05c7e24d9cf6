package db_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/testkit/storetest"
)

// smallDisk gives a directory on a file system of its own with size bytes.
// Where the test may not mount one, it says so.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("plumbline-test", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no small file system can be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// fill takes all room that is left.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "fill")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 64<<10)
	for n := len(block); n > 0; {
		if _, err := f.Write(block[:n]); err != nil {
			n /= 2
		}
	}
	_ = f.Close()
	return func() { _ = os.Remove(path) }
}

// random is a text that does not compress.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func TestAFullDiskLosesNothingAndPassesByItself(t *testing.T) {
	dir := smallDisk(t, "8m")
	d := open(t, dir)
	fullDisk(t, d, func() func() { return fill(t, dir) })
}

// Where no disk can be filled, the database is told to grow no more.
func TestADatabaseThatMayNotGrowIsFull(t *testing.T) {
	d := open(t, t.TempDir())
	fullDisk(t, d, func() func() { return d.Cap(t.Context()) })
}

func fullDisk(t *testing.T, d *db.DB, fill func() func()) {
	t.Helper()
	s, err := configstore.New(d, storetest.Keys{}, configstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dev := addDevice(t, d, "core1")
	put := func(text []byte) (configstore.Stored, error) {
		return s.Put(t.Context(), configstore.Capture{Device: dev, Source: configstore.Running, Raw: text, Text: text}, configstore.Fence{})
	}
	var kept []configstore.RevisionID
	for range 3 {
		st, err := put(random(40 << 10))
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, st.Revision.ID)
	}
	free := fill()
	failed := 0
	for range 60 { // what the log of the database has room for is still kept
		st, err := put(random(100 << 10))
		if err == nil {
			kept = append(kept, st.Revision.ID)
			continue
		}
		failed++
		if db.OutageOf(err) != db.ErrFull {
			t.Fatalf("a put on a full disk: %v, want %v", err, db.ErrFull)
		}
	}
	if o := d.Outage(); failed == 0 || o.Err != db.ErrFull {
		t.Fatalf("%d failed, outage %v", failed, o)
	}
	if err := d.Pulse(t.Context()); !errors.Is(err, db.ErrFull) || d.Outage().Err == nil {
		t.Errorf("pulse on a full disk: %v, outage %v", err, d.Outage())
	}
	all := func() {
		t.Helper()
		for _, id := range kept {
			if _, err := s.Text(t.Context(), id); err != nil {
				t.Errorf("revision %s was acknowledged: %v", id, err)
			}
		}
	}
	all() // pages are read meanwhile
	free()
	if err := d.Pulse(t.Context()); err != nil || d.Outage().Err != nil {
		t.Fatalf("pulse with room again: %v, outage %v", err, d.Outage())
	}
	st, err := put(random(100 << 10))
	if err != nil {
		t.Fatalf("put with room again: %v", err)
	}
	kept = append(kept, st.Revision.ID)
	all()
	if faults, err := s.Verify(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("verify: %q, %v", faults, err)
	}
}

func TestADatabaseThatAnotherHoldsIsBusyAndPassesByItself(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	s, err := configstore.New(d, storetest.Keys{}, configstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dev := addDevice(t, d, "core1")
	first, err := s.Put(t.Context(), configstore.Capture{Device: dev, Source: configstore.Running, Raw: []byte("a"), Text: []byte("a")}, configstore.Fence{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", "file:"+filepath.Join(dir, db.FileName)+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	d.SetPatience(300 * time.Millisecond)
	if err := d.Pulse(t.Context()); !errors.Is(err, db.ErrBusy) {
		t.Fatalf("pulse while another holds the lock: %v", err)
	}
	if o := d.Outage(); o.Err != nil {
		t.Errorf("outage %v at once: others write too, for a moment", o)
	}
	d.Advance(time.Minute)
	if o := d.Outage(); o.Err != db.ErrBusy {
		t.Errorf("outage %v after a minute, want busy", o)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := s.Put(ctx, configstore.Capture{Device: dev, Source: configstore.Running, Raw: []byte("b"), Text: []byte("b")}, configstore.Fence{}); err == nil {
		t.Error("a put was acknowledged while another held the lock")
	}
	if text, err := s.Text(t.Context(), first.Revision.ID); err != nil || string(text) != "a" {
		t.Errorf("reading meanwhile: %q, %v", text, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := d.Pulse(t.Context()); err != nil || d.Outage().Err != nil {
		t.Errorf("afterwards: %v, %v", err, d.Outage())
	}
	if st, err := s.Put(t.Context(), configstore.Capture{Device: dev, Source: configstore.Running, Raw: []byte("b"), Text: []byte("b")}, configstore.Fence{}); err != nil || st.Revision.Seq != 2 {
		t.Errorf("put afterwards: %+v, %v", st, err)
	}
}

func TestADatabaseThatMayOnlyBeReadSaysSo(t *testing.T) {
	d := open(t, t.TempDir())
	if err := d.Pulse(t.Context()); err != nil {
		t.Fatal(err)
	}
	at, _ := d.LastPulse(t.Context())
	d.QueryOnly(t.Context(), true)
	if err := d.Pulse(t.Context()); !errors.Is(err, db.ErrReadOnly) || d.Outage().Err != db.ErrReadOnly {
		t.Errorf("pulse: %v, outage %v", err, d.Outage())
	}
	if again, err := d.LastPulse(t.Context()); err != nil || !again.Equal(at) {
		t.Errorf("reading: %v, %v", again, err)
	}
	d.QueryOnly(t.Context(), false)
	if err := d.Pulse(t.Context()); err != nil || d.Outage().Err != nil {
		t.Errorf("afterwards: %v, %v", err, d.Outage())
	}
}
