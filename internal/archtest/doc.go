// Package archtest holds the rules of the house: who may import whom, which
// package is the one door to a library, what no file may contain. It parses
// the sources itself.
package archtest
