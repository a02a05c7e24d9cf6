// Package event tells pages of this process that something changed: a topic
// and an id, nothing more. What became of it is read from the store, under the
// reader's permissions.
//
// It refuses to wait: a reader who is slow misses events and is told so.
package event
