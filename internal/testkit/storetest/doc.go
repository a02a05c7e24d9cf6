// Package storetest is what every database behind configstore must do: one
// suite, run by each of them.
//
// It refuses to know which database it runs on.
package storetest
