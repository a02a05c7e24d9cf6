package db_test

import (
	"database/sql"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/internal/db"
)

// rowsOf asks for rows of one text.
func rowsOf(t *testing.T, raw *sql.DB, query string) []string {
	t.Helper()
	rows, err := raw.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

const ownTables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'schema_migration' ORDER BY name"

// oneRowEach puts one row into every table. Equal fillers make every reference lead
// to a row.
func oneRowEach(t *testing.T, raw *sql.DB) []string {
	t.Helper()
	tables := rowsOf(t, raw, ownTables)
	for _, table := range tables {
		var columns, values []string
		for _, c := range rowsOf(t, raw, "SELECT name || ' ' || type FROM pragma_table_info('"+table+"')") {
			name, kind, _ := strings.Cut(c, " ")
			columns = append(columns, `"`+name+`"`)
			values = append(values, map[string]string{"INTEGER": "1", "BLOB": "x'01'", "REAL": "1.5"}[kind])
			if kind == "TEXT" {
				values[len(values)-1] = "'x'"
			}
		}
		if _, err := raw.Exec(fmt.Sprintf("INSERT OR REPLACE INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ", "), strings.Join(values, ", "))); err != nil {
			t.Fatalf("a row of %s: %v", table, err)
		}
	}
	return tables
}

// schema is the statements that made a database, in an order of their own.
func schema(t *testing.T, path string) []string {
	t.Helper()
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	return rowsOf(t, raw, "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name")
}

func TestDatabaseOfEveryEarlierSchemaIsTakenOverWithItsRows(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	want := schema(t, filepath.Join(dir, db.FileName))
	for n, all := 1, 2; n < all; n++ {
		t.Run(fmt.Sprintf("step-%02d", n), func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, db.FileName)
			var err error
			if all, err = db.MakeOld(path, n); err != nil {
				t.Fatal(err)
			}
			raw, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			before := map[string]string{}
			for _, table := range oneRowEach(t, raw) {
				before[table] = rowsOf(t, raw, "SELECT count(*) FROM "+table)[0]
			}
			if err := open(t, dir).Close(); err != nil {
				t.Fatal(err)
			}
			for _, table := range slices.Sorted(maps.Keys(before)) {
				if got := rowsOf(t, raw, "SELECT count(*) FROM "+table)[0]; got != before[table] {
					t.Errorf("%s has %s rows, want %s", table, got, before[table])
				}
			}
			if bad := rowsOf(t, raw, `SELECT "table" FROM pragma_foreign_key_check`); len(bad) > 0 {
				t.Errorf("rows of %v lead nowhere", bad)
			}
			if got := schema(t, path); !slices.Equal(got, want) {
				t.Errorf("schema\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}
