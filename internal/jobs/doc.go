// Package jobs plans work, hands it to workers and keeps what became of it. It
// is the only door to the work queue. The row of a job is the truth; the queue
// carries work and decides nothing; a result counts only under the fence that
// the worker was given at its start.
//
// It refuses to know what a job does: handlers are passed in.
package jobs
