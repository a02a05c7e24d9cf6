// Package db is the only door to the database: it opens it, moves its schema
// forward in explicit steps, and keeps the rows of the stores that the domains
// declare (the inventory of discovery, the rows of configstore, and those of
// jobs, accounts and audit). One transaction can span them all: it travels in
// the context.
//
// It refuses to decide anything about what it keeps, to open a sealed byte, and
// to let a gorm tag or a gorm error out of its doors.
package db
