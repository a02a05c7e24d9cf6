// Package audit keeps a chain of who did what: each record is authenticated
// together with the one before it, so that a change, a gap, a new order or a
// cut shows.
//
// It refuses to decide who may do something, and it offers no way to change or
// remove a record.
package audit
