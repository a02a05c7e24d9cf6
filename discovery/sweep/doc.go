// Package sweep finds out who answers: one socket, a paced stream of requests
// of which only the request-id differs, answers matched by that id and by
// their source. No goroutine and no allocation belongs to an address.
//
// It refuses to walk, to decide what a device is, and to send a credential
// outside of its scope or before an agent of version 3 was asked without one.
package sweep
