// Package pull reads a device's configuration: each text either provably
// complete or a reason of the closed list. It decides which credential is
// tried, what proves a text whole, and when a doubt calls for a second read in
// a fresh session.
//
// It refuses to know where texts are kept, what is noise or secret in them for
// people, and when to pull: it is a stage that takes a request and gives a
// result.
package pull
