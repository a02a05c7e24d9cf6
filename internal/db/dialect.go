package db

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/logger"
	"gorm.io/gorm/migrator"
	"gorm.io/gorm/schema"
	"modernc.org/sqlite"
)

// dialector tells gorm how SQLite wants its statements. It is ours because the
// ready ones bring a second SQLite into the binary. Tables are made by explicit
// steps (migrate.go), so it knows types only as far as gorm asks.
type dialector struct {
	pool *sql.DB
	met  func(outage error) // told of what keeps the database from being written
}

func (d dialector) Name() string { return "sqlite" }

func (d dialector) Initialize(g *gorm.DB) error {
	g.ConnPool = d.pool
	callbacks.RegisterDefaultCallbacks(g, &callbacks.Config{
		CreateClauses:        []string{"INSERT", "VALUES", "ON CONFLICT", "RETURNING"},
		UpdateClauses:        []string{"UPDATE", "SET", "FROM", "WHERE", "RETURNING"},
		DeleteClauses:        []string{"DELETE", "FROM", "WHERE", "RETURNING"},
		LastInsertIDReversed: true,
	})
	g.ClauseBuilders["LIMIT"] = buildLimit
	// Row locks do not exist: a transaction here is the only writer.
	g.ClauseBuilders["FOR"] = func(clause.Clause, clause.Builder) {}
	return nil
}

// buildLimit writes LIMIT -1 before a lone OFFSET, which SQLite requires.
func buildLimit(c clause.Clause, b clause.Builder) {
	l, ok := c.Expression.(clause.Limit)
	if !ok {
		return
	}
	n := -1
	if l.Limit != nil && *l.Limit >= 0 {
		n = *l.Limit
	}
	if n < 0 && l.Offset <= 0 {
		return
	}
	_, _ = b.WriteString("LIMIT " + strconv.Itoa(n))
	if l.Offset > 0 {
		_, _ = b.WriteString(" OFFSET " + strconv.Itoa(l.Offset))
	}
}

func (d dialector) Migrator(g *gorm.DB) gorm.Migrator {
	return tables{migrator.Migrator{Config: migrator.Config{DB: g, Dialector: d}}}
}

func (d dialector) DataTypeOf(f *schema.Field) string {
	switch f.DataType {
	case schema.Bool, schema.Int, schema.Uint, schema.Time:
		return "INTEGER"
	case schema.Float:
		return "REAL"
	case schema.Bytes:
		return "BLOB"
	}
	return "TEXT"
}

func (d dialector) DefaultValueOf(*schema.Field) clause.Expression {
	return clause.Expr{SQL: "NULL"}
}

func (d dialector) BindVarTo(w clause.Writer, _ *gorm.Statement, _ any) { _ = w.WriteByte('?') }

// QuoteTo writes a name, or a table and a column, in double quotes.
func (d dialector) QuoteTo(w clause.Writer, name string) {
	for i, part := range strings.Split(name, ".") {
		if i > 0 {
			_ = w.WriteByte('.')
		}
		_, _ = w.WriteString(`"` + strings.ReplaceAll(part, `"`, `""`) + `"`)
	}
}

func (d dialector) Explain(sql string, vars ...any) string {
	return logger.ExplainSQL(sql, nil, `"`, vars...)
}

// SavePoint and RollbackTo serve gorm's nested transactions.
func (d dialector) SavePoint(tx *gorm.DB, name string) error {
	return tx.Exec("SAVEPOINT " + name).Error
}

func (d dialector) RollbackTo(tx *gorm.DB, name string) error {
	return tx.Exec("ROLLBACK TO SAVEPOINT " + name).Error
}

// Extended result codes of SQLite (sqlite.org/rescode.html).
const (
	constraintForeignKey = 787
	constraintPrimaryKey = 1555
	constraintUnique     = 2067
)

// Translate gives the errors that callers branch on gorm's names.
func (d dialector) Translate(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() {
	case constraintUnique, constraintPrimaryKey:
		return gorm.ErrDuplicatedKey
	case constraintForeignKey:
		return gorm.ErrForeignKeyViolated
	}
	if o := outageOf(e); o != nil && !errors.Is(err, o) {
		d.met(o)
		return fmt.Errorf("%w: %w", o, err)
	}
	return err
}

// tables answers the one question gormigrate has about the schema.
type tables struct{ migrator.Migrator }

func (t tables) HasTable(value any) bool {
	name, ok := value.(string)
	if !ok {
		return t.Migrator.HasTable(value)
	}
	var n int64
	err := t.DB.Raw("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", name).Scan(&n).Error
	return err == nil && n > 0
}
