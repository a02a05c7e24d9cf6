// Package notify tells one receiver, by webhook, what somebody should look at:
// an outbox that is written in the transaction of what happened, digests of one
// message a batch, and a worker that delivers them at least once under the same
// id (the headers are those of the Standard Webhooks specification).
//
// It refuses to know devices, jobs and pages, and what a message means to its
// receiver: answers are counted by their status and never read.
package notify
