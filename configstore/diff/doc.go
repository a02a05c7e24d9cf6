// Package diff says what differs between two texts, by line and by meaning,
// in the direction old to new. Both views carry line numbers of the same two
// texts, so that they cannot tell different stories.
//
// It is pure and total: never an error, never a panic. It refuses to judge
// whether a difference is wrong, and to repair it.
package diff
