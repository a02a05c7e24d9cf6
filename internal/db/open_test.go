package db_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/db"
)

func open(t testing.TB, dir string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{Path: filepath.Join(dir, db.FileName)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestDatabaseIsReadableByItsOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	if err := d.SaveRun(t.Context(), discovery.Run{ID: "r", State: discovery.RunDone, Started: time.Unix(1, 0)}); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, error %v: want the database and its log", files, err)
	}
	for _, f := range files {
		fi, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if got := fi.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %o, want 600", f.Name(), got)
		}
	}
}

func TestOpeningRefusesWhatItCannotServe(t *testing.T) {
	dir := t.TempDir()
	tests := map[string]struct {
		opt  db.Options
		want string
	}{
		"no-path":           {db.Options{}, "no path"},
		"database-url":      {db.Options{URL: "postgres://h/d"}, "database URL"},
		"missing-directory": {db.Options{Path: filepath.Join(dir, "no", db.FileName)}, "no such file"},
		"must-exist":        {db.Options{Path: filepath.Join(dir, db.FileName), MustExist: true}, "no database there"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			d, err := db.Open(t.Context(), tc.opt)
			if err == nil {
				_ = d.Close()
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one that says %q", err, tc.want)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, db.FileName)); err == nil {
		t.Error("a refused open left a database behind")
	}
}

func TestPathWithSpecialCharactersIsOneFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a?b%20c#d&_txlock=x ü")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if fi, err := os.Stat(filepath.Join(dir, db.FileName)); err != nil || fi.Size() == 0 {
		t.Errorf("database at its path: %v, %v", fi, err)
	}
}

func TestDatabaseOfANewerVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, db.FileName)
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec("INSERT INTO schema_migration (id) VALUES ('9999-from-the-future')"); err != nil {
		t.Fatal(err)
	}
	_ = raw.Close()
	if _, err := db.Open(t.Context(), db.Options{Path: path}); !errors.Is(err, db.ErrNewerSchema) {
		t.Errorf("error %v, want ErrNewerSchema", err)
	}
}

func TestConnectionsRunWithTheSafeSettings(t *testing.T) {
	d := open(t, t.TempDir())
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
		if got := d.Pragma(t.Context(), name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

func TestSecondServerIsNotLetIn(t *testing.T) {
	dir := t.TempDir()
	l, err := db.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.LockDir(dir); !errors.Is(err, db.ErrLocked) {
		t.Errorf("second lock: %v, want ErrLocked", err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	l, err = db.LockDir(dir)
	if err != nil {
		t.Fatalf("lock after release: %v", err)
	}
	_ = l.Release()
}

func TestTransactionIsAllOrNothing(t *testing.T) {
	d := open(t, t.TempDir())
	ctx := t.Context()
	run := func(id discovery.RunID) discovery.Run { return discovery.Run{ID: id, State: discovery.RunDone} }
	boom := errors.New("boom")
	err := d.InTx(ctx, func(ctx context.Context) error {
		if err := d.SaveRun(ctx, run("outer")); err != nil {
			return err
		}
		// A transaction inside joins: it is undone with the outer one.
		if err := d.InTx(ctx, func(ctx context.Context) error { return d.SaveRun(ctx, run("inner")) }); err != nil {
			return err
		}
		if _, err := d.Run(ctx, "inner"); err != nil {
			t.Errorf("own write not seen inside: %v", err)
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("error %v, want boom", err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = d.InTx(ctx, func(ctx context.Context) error {
			_ = d.SaveRun(ctx, run("panicked"))
			panic("boom")
		})
	}()
	runs, err := d.Runs(ctx, 10)
	if err != nil || len(runs) != 0 {
		t.Errorf("after undone transactions: %v, %v, want nothing", runs, err)
	}
	if err := d.InTx(ctx, func(ctx context.Context) error { return d.SaveRun(ctx, run("kept")) }); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Run(ctx, "kept"); err != nil {
		t.Errorf("committed run: %v", err)
	}
}

func TestFailedPartOfATransactionIsUndoneAlone(t *testing.T) {
	d := open(t, t.TempDir())
	boom := errors.New("boom")
	var told []string
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		if err := d.SaveRun(ctx, discovery.Run{ID: "before"}); err != nil {
			return err
		}
		d.AfterCommit(ctx, func() { told = append(told, "outer") })
		err := d.InTx(ctx, func(ctx context.Context) error {
			d.AfterCommit(ctx, func() { told = append(told, "part") })
			err := d.InTx(ctx, func(ctx context.Context) error { return d.SaveRun(ctx, discovery.Run{ID: "inside"}) })
			return errors.Join(err, boom)
		})
		if !errors.Is(err, boom) {
			t.Errorf("error of the part: %v, want boom", err)
		}
		if len(told) > 0 {
			t.Errorf("told %v before the end", told)
		}
		return d.SaveRun(ctx, discovery.Run{ID: "after"})
	})
	if !slices.Equal(told, []string{"outer"}) {
		t.Errorf("told %v, want the outer one alone", told)
	}
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[discovery.RunID]error{"before": nil, "inside": discovery.ErrNoRun, "after": nil} {
		if _, err := d.Run(t.Context(), id); !errors.Is(err, want) {
			t.Errorf("run %s: %v, want %v", id, err, want)
		}
	}
}

func TestCancelledContextUndoesTheTransaction(t *testing.T) {
	d := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	err := d.InTx(ctx, func(ctx context.Context) error {
		err := d.SaveRun(ctx, discovery.Run{ID: "r"})
		cancel()
		return err
	})
	if err == nil {
		t.Fatal("a cancelled transaction was committed")
	}
	if runs, err := d.Runs(t.Context(), 1); err != nil || len(runs) != 0 {
		t.Errorf("runs %v, %v, want none", runs, err)
	}
}
