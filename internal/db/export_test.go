package db

import "context"

// Pragma reads a setting of one connection.
func (d *DB) Pragma(ctx context.Context, name string) string {
	var s string
	d.conn(ctx).Raw("PRAGMA " + name).Scan(&s)
	return s
}
