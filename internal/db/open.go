package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	"modernc.org/sqlite"
)

// FileName is the database's file in a data directory.
const FileName = "plumbline.db"

// ErrNoDatabase is returned by Open with MustExist where there is none.
var ErrNoDatabase = errors.New("no database there")

// Options say which database to open. The zero values of the rest work.
type Options struct {
	Path      string // DIR/plumbline.db; its directory must exist
	URL       string // of a database server
	MustExist bool   // refuse to make a new one
	Log       *slog.Logger
	Now       func() time.Time // default time.Now
	Rand      io.Reader        // default crypto/rand
}

// DB is an open database.
type DB struct {
	gorm *gorm.DB
	pool *sql.DB
	log  *slog.Logger
	now  func() time.Time

	// writing holds one token: SQLite has one writer, and waiting here is fair
	// and ends with the context, where SQLite's own waiting is neither.
	writing chan struct{}

	outages  outages
	patience time.Duration // of Pulse

	idMu    sync.Mutex
	entropy io.Reader
}

// Open opens the database, makes it where there is none, and moves its schema
// forward. The file is readable by its owner alone.
func Open(ctx context.Context, opt Options) (*DB, error) {
	if opt.URL != "" {
		return nil, errors.New("open database: a database URL is given, and this build keeps its data in DIR/" + FileName + " only")
	}
	if opt.Path == "" {
		return nil, errors.New("open database: no path given")
	}
	path, err := filepath.Abs(opt.Path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := prepareFile(path, opt.MustExist); err != nil {
		return nil, err
	}
	conn, err := sqlite.NewConnector(dsn(path))
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	d := &DB{pool: sql.OpenDB(conn), log: opt.Log, now: opt.Now, writing: make(chan struct{}, 1), patience: pulsePatience}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.now == nil {
		d.now = time.Now
	}
	if opt.Rand == nil {
		opt.Rand = rand.Reader
	}
	d.entropy = ulid.Monotonic(opt.Rand, 0)
	d.pool.SetMaxOpenConns(8)
	d.pool.SetMaxIdleConns(8)
	d.gorm, err = gorm.Open(dialector{pool: d.pool, met: func(o error) { d.outages.note(o, d.now()) }}, &gorm.Config{
		// gorm's logger prints statements with their values; values are device data.
		Logger:                 logger.Discard,
		SkipDefaultTransaction: true,
		TranslateError:         true,
		NowFunc:                d.now,
	})
	if err == nil {
		err = d.migrate(ctx)
	}
	if err != nil {
		_ = d.pool.Close()
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	return d, nil
}

// prepareFile makes the file before SQLite does, so that it (and the files
// SQLite puts beside it, which take its mode) is never readable by others. A
// file that is there is not opened: closing it would take away the locks that
// another connection of this process has on it (sqlite.org/howtocorrupt.html §2.2).
func prepareFile(path string, mustExist bool) error {
	fi, err := os.Stat(path)
	switch {
	case err == nil && !fi.IsDir():
		if fi.Mode().Perm() == 0o600 {
			return nil
		}
		if err := os.Chmod(path, 0o600); err != nil {
			return fmt.Errorf("open database: %w", err)
		}
		return nil
	case mustExist && (err == nil || errors.Is(err, fs.ErrNotExist)):
		return fmt.Errorf("open database %s: %w", path, ErrNoDatabase)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	err = f.Chmod(0o600)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	return nil
}

// dsn is path as a URI with the settings every connection starts with. A commit
// is on disk when it returns (synchronous=FULL); a transaction takes the
// writer's lock at its start, so that it never has to give up in the middle.
func dsn(path string) string {
	q := url.Values{
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
		"_txlock": {"immediate"},
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// Close closes the database. Transactions that run are waited for.
func (d *DB) Close() error {
	d.writing <- struct{}{}
	defer func() { <-d.writing }()
	if err := d.pool.Close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}

// NewID makes a ULID: ids made later sort later.
func (d *DB) NewID() string {
	d.idMu.Lock()
	defer d.idMu.Unlock()
	id, err := ulid.New(ulid.Timestamp(d.now()), d.entropy)
	if err != nil {
		// Only a clock behind 1970 or a random source that ends gets here.
		panic(fmt.Sprintf("db: new id: %v", err))
	}
	return id.String()
}
