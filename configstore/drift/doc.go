// Package drift says what differs between a text and its reference, path by
// path, so that a difference keeps one identity however often it is seen; in
// which state it is, who said what of it, and on which devices it is the same.
//
// It is pure. It refuses to judge whether a difference is wrong: that is for
// people (approvals) and for compliance.
package drift
