package notify_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/db"
	. "github.com/plumbline-net/plumbline/internal/notify"
	"github.com/plumbline-net/plumbline/internal/vault"
)

// newRig opens the outbox of a data directory as a server does, with a clock
// that stands still.
func newRig(t *testing.T, dir string, opt Options) rig {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{Path: filepath.Join(dir, db.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	key := vault.FindKey(dir, "", func(string) string { return "" })
	v, err := vault.Unlock(t.Context(), d, key, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 14, 2, 0, 0, 0, time.UTC)
	list, err := d.Notices(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) > 0 { // opened again: time went on
		now = list[0].Created
	}
	r := rig{t: t, now: &now, jobs: &fakeJobs{}}
	opt.Now = func() time.Time { return *r.now }
	r.s = New(d, v, r.jobs, opt)
	return r
}
