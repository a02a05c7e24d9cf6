//go:build race

package main

// slower is how much longer things may take under the race detector, which
// makes a program five to fifteen times slower.
const slower = 10
