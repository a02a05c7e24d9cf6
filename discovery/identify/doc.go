// Package identify decides from facts what a device is: vendor, platform,
// operating system, kind, model, version and serial, each with its reason and
// with the rivals that lost.
//
// It is pure: facts and platform files in, values out. It refuses to guess: a
// field for which nothing speaks stays empty.
package identify
