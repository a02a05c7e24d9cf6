// Package app joins the parts: every constructor call is here, in the order the
// data flows, and the order in which things start and stop.
//
// It refuses to decide anything the parts could decide, and to read flags.
package app
