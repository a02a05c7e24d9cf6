// Package blob keeps the bytes of configurations small and sealed: of every
// revision the masked text and the text as the device sent it, each under its
// own key, the newest whole and the older ones as deltas to the next newer.
//
// It refuses to know what a text means, which database holds the rows, and to
// give out a byte whose seal or hash does not fit.
package blob
