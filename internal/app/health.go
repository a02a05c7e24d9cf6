package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/health"
	"github.com/plumbline-net/plumbline/netdev"
)

// silentJob is how long a running job may give no sign of life; the reconciler
// takes it away then.
const silentJob = 90 * time.Second

// Health measures how the appliance fares. It only reads.
func (a *Appliance) Health(ctx context.Context) (health.Status, error) {
	now := a.now().UTC()
	f := health.Status{Now: now, Key: a.keyPath, KeyInside: filepath.Dir(a.keyPath) == filepath.Clean(a.Dir), Files: []string{}, Outage: a.Outage()}
	devices, err := a.DB.Devices(ctx)
	if err != nil {
		return f, err
	}
	states, err := a.Store.States(ctx)
	if err != nil {
		return f, err
	}
	f.Texts, f.Night = countTexts(now, devices, states)
	if f.Queue, err = a.DB.QueueState(ctx, now, now.Add(-silentJob)); err != nil {
		return f, err
	}
	if f.Checks, err = a.DB.SelfChecks(ctx); err != nil {
		return f, err
	}
	if f.Pulse, err = a.DB.LastPulse(ctx); err != nil {
		return f, err
	}
	head, err := a.DB.AuditHead(ctx)
	if err != nil {
		return f, err
	}
	f.Records = head.Seq
	if f.Revisions, err = a.DB.CountRevisions(ctx); err != nil {
		return f, err
	}
	if f.Disk, err = a.disk(ctx); err != nil {
		return f, err
	}
	f.Files, err = a.openFiles()
	return f, err
}

// countTexts counts devices by freshness and by how their newest attempt of
// the last 24 hours ended. Those whose configuration a wireless controller
// keeps are not read, and not counted.
func countTexts(now time.Time, devices []netdev.Device, states map[netdev.DeviceID]configstore.DeviceState) (health.Texts, health.Night) {
	t, n := health.Texts{}, health.Night{Reasons: map[netdev.Reason]int{}}
	for _, d := range devices {
		if d.ByController() {
			continue
		}
		t.Devices++
		st := states[d.ID]
		switch st.Freshness {
		case configstore.Fresh:
			t.Fresh++
		case configstore.Stale:
			t.Stale++
		default:
			t.Never++
		}
		a := st.LastAttempt
		if a == nil || a.Reason == netdev.Cancelled || now.Sub(a.Ended) > 24*time.Hour {
			continue
		}
		switch a.Outcome {
		case configstore.Changed:
			n.Changed++
		case configstore.UnchangedText:
			n.Unchanged++
		default:
			n.Failed++
			n.Reasons[a.Reason]++
		}
	}
	return t, n
}

// databaseSize is that of the database with its log.
func databaseSize(dir string) (int64, error) {
	var sum int64
	for _, name := range []string{db.FileName, db.FileName + "-wal"} {
		fi, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		sum += fi.Size()
	}
	return sum, nil
}

// room gives the bytes of a directory's file system that its users may still
// take, and all of them.
func room(dir string) (free, total int64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, fmt.Errorf("room on the disk: %w", err)
	}
	return int64(st.Bavail) * int64(st.Bsize), int64(st.Blocks) * int64(st.Bsize), nil
}

// disk measures the room that is left.
func (a *Appliance) disk(ctx context.Context) (d health.Disk, err error) {
	if d.Database, err = databaseSize(a.Dir); err != nil {
		return d, err
	}
	if d.Free, d.Total, err = room(a.Dir); err != nil {
		return d, err
	}
	grown, days, err := a.DB.Growth(ctx)
	d.DaysLeft = -1
	if err != nil || days == 0 {
		return d, err
	}
	if d.PerDay = grown / int64(days); d.PerDay > 0 {
		d.DaysLeft = int(min(d.Free/d.PerDay, 100_000))
	}
	return d, nil
}

// openFiles lists what others than the owner may read.
func (a *Appliance) openFiles() ([]string, error) {
	out := []string{}
	for _, path := range []string{a.Dir, filepath.Join(a.Dir, db.FileName), a.keyPath} {
		fi, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			if path == a.keyPath {
				out = append(out, path+" is gone: the next start will refuse")
			}
			continue
		}
		if err != nil {
			return out, err
		}
		if m := fi.Mode().Perm(); m&0o077 != 0 {
			out = append(out, fmt.Sprintf("%s has mode %o", path, m))
		}
	}
	return out, nil
}

// Outage says why the store cannot be written now; nil when it can.
func (a *Appliance) Outage() *health.Outage {
	o := a.DB.Outage()
	if o.Err == nil {
		return nil
	}
	return &health.Outage{Kind: outageKind(o.Err), Text: upper(o.Err.Error()), Since: o.Since.UTC()}
}

// OutageOf says in words what err has to do with an outage, "" for nothing.
func (a *Appliance) OutageOf(err error) string {
	if o := db.OutageOf(err); o != nil {
		return upper(o.Error())
	}
	return ""
}

func outageKind(err error) string {
	switch err {
	case db.ErrFull:
		return "full"
	case db.ErrReadOnly:
		return "read-only"
	case db.ErrBusy:
		return "busy"
	}
	return "disk"
}

// upper makes the first letter of an English text a capital.
func upper(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// VerifyStore reads everything that is kept and notes what came of it.
func (a *Data) VerifyStore(ctx context.Context, now time.Time) ([]string, configstore.Stats, error) {
	faults, err := a.Store.Verify(ctx)
	if err != nil {
		return nil, configstore.Stats{}, err
	}
	stats, err := a.Store.Stats(ctx)
	if err != nil {
		return nil, stats, err
	}
	c := health.SelfCheck{Kind: health.StoreCheck, At: now, Seen: int64(stats.Revisions), Faults: int64(len(faults))}
	if len(faults) > 0 {
		c.Detail = faults[0]
	}
	return faults, stats, a.DB.SaveSelfCheck(ctx, c)
}

// VerifyAudit computes the audit chain anew, tells progress how far it is, and
// notes what came of it.
func (a *Data) VerifyAudit(ctx context.Context, log *audit.Log, now time.Time, progress func(done, of int64)) (audit.Report, error) {
	rep, err := log.VerifyWith(ctx, progress)
	if err != nil {
		return rep, err
	}
	c := health.SelfCheck{Kind: health.AuditCheck, At: now, Seen: rep.Records}
	if !rep.OK() {
		c.Faults, c.Detail = 1, rep.Fault
	}
	return rep, a.DB.SaveSelfCheck(ctx, c)
}

// CanWrite finds out whether the store can be written, for a process that has
// not tried yet; Outage knows afterwards. It keeps nothing. The error is one
// that is no outage.
func (a *Appliance) CanWrite(ctx context.Context) error {
	if err := a.DB.TryWrite(ctx); err != nil && db.OutageOf(err) == nil {
		return err
	}
	return nil
}
