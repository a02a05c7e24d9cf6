// Package scrub takes out of a configuration what changes by itself (noise)
// and what must not be seen (secrets), line by line, before anything compares,
// judges or shows it. A secret becomes a mask that shows equality and not the
// value.
//
// It is pure and total: never an error, never a panic. It refuses to parse:
// what it knows of scope is a stack of open headers, and what it knows of a
// language comes with the rulebook.
package scrub
