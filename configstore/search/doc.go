// Package search reads the language in which people look through
// configurations, and says which lines of a text a query finds.
//
// It is pure: it knows one masked text at a time. It refuses to know devices,
// revisions and secrets.
package search
