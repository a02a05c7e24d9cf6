package db

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"gorm.io/gorm"
)

// Pragma reads a setting of one connection.
func (d *DB) Pragma(ctx context.Context, name string) string {
	var s string
	d.conn(ctx).Raw("PRAGMA " + name).Scan(&s)
	return s
}

// ErrInjected is what FailAt makes a statement end with.
var ErrInjected = errors.New("injected fault")

// FailAt prepares the database to fail single statements: the returned function
// sets which one from now on fails, 0 for none.
func (d *DB) FailAt() func(n int) {
	left := 0
	fault := func(g *gorm.DB) {
		if left > 0 {
			if left--; left == 0 {
				_ = g.AddError(ErrInjected)
			}
		}
	}
	c := d.gorm.Callback()
	for _, err := range []error{
		c.Create().Before("gorm:create").Register("fault", fault),
		c.Query().Before("gorm:query").Register("fault", fault),
		c.Update().Before("gorm:update").Register("fault", fault),
		c.Row().Before("gorm:row").Register("fault", fault),
		c.Raw().Before("gorm:raw").Register("fault", fault),
	} {
		if err != nil {
			panic(err)
		}
	}
	return func(n int) { left = n }
}

// Counts gives the number of rows of every table.
func (d *DB) Counts(ctx context.Context) (map[string]int64, error) {
	var tables []string
	if err := d.conn(ctx).Raw("SELECT name FROM sqlite_master WHERE type = 'table'").Scan(&tables).Error; err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, t := range tables {
		var n int64
		if err := d.conn(ctx).Raw("SELECT count(*) FROM " + t).Scan(&n).Error; err != nil {
			return nil, err
		}
		out[t] = n
	}
	return out, nil
}

// Cap keeps the database from growing by more than a few pages; what it returns
// lifts that. From then on there is one connection.
func (d *DB) Cap(ctx context.Context) (lift func()) {
	d.pool.SetMaxOpenConns(1)
	n, err := strconv.Atoi(d.Pragma(ctx, "page_count"))
	if err != nil {
		panic(err)
	}
	d.Pragma(ctx, "max_page_count="+strconv.Itoa(n+8))
	return func() { d.Pragma(ctx, "max_page_count=1073741823") }
}

// QueryOnly makes the one connection that is left read-only, or not.
func (d *DB) QueryOnly(ctx context.Context, on bool) {
	d.pool.SetMaxOpenConns(1)
	d.Pragma(ctx, "query_only="+map[bool]string{true: "1", false: "0"}[on])
}

// SetPatience sets how long Pulse waits for its turn.
func (d *DB) SetPatience(p time.Duration) { d.patience = p }

// Advance moves the clock of the database.
func (d *DB) Advance(by time.Duration) {
	was := d.now
	d.now = func() time.Time { return was().Add(by) }
}

// MakeOld makes a database as it was after the first n schema steps, and gives
// how many there are in all.
func MakeOld(path string, n int) (all int, err error) {
	pool, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(0)")
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	g, err := gorm.Open(dialector{pool: pool, met: func(error) {}}, &gorm.Config{SkipDefaultTransaction: true})
	if err != nil {
		return 0, err
	}
	err = g.Exec("CREATE TABLE " + migrationTable + " (id TEXT PRIMARY KEY) STRICT").Error
	for _, m := range steps()[:n] {
		err = errors.Join(err, m.Migrate(g), g.Exec("INSERT INTO "+migrationTable+" VALUES (?)", m.ID).Error)
	}
	return len(steps()), err
}
