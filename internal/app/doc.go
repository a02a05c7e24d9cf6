// Package app holds every constructor call, in the order the data flows: the
// appliance's store for the command line, and the server with its queue, its
// discoveries, its pages and, on demand, a simulated network beside it.
//
// It refuses to decide anything: it joins packages that do not know each other.
package app
